"""Routes of this room: registration, the vendor's own pages, and the register and review of the staff."""

from __future__ import annotations

from market.vendors.views import public, staff, vendor
from market.vendors.views.blueprint import bp

__all__ = ["bp", "public", "staff", "vendor"]
