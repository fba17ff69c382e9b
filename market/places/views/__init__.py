"""Routes of this room: plazas and their plan for staff."""

from __future__ import annotations

from market.places.views import plan as plan, venues as venues
