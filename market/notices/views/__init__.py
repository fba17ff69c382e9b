"""Routes of this room, by audience."""

from __future__ import annotations

from market.notices.views import staff as staff, vendor as vendor, wording as wording
