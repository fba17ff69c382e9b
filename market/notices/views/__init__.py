"""Routes of this room, by audience."""

from __future__ import annotations

from market.notices.views import vendor as vendor
