"""Routes of this room, by audience."""

from __future__ import annotations

from market.calendar.views import days as days
