"""Routes of this room: registration, the vendor's own pages, the register and the review of the staff."""

from __future__ import annotations

from market.vendors.views import public, review, staff, vendor
from market.vendors.views.blueprint import bp

__all__ = ["bp", "public", "review", "staff", "vendor"]
