"""Routes of this room: registration, and the register of the staff."""

from __future__ import annotations

from market.vendors.views import public, staff
from market.vendors.views.blueprint import bp

__all__ = ["bp", "public", "staff"]
