"""Routes of this room: registration, the vendor's own pages, the register and the review of the staff."""

from __future__ import annotations

from market.vendors.views import public as public, review as review, staff as staff, vendor as vendor
