"""Routes of this room, by audience."""

from __future__ import annotations

from market.calendar.views import paper as paper, public as public, staff as staff
