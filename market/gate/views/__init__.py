"""Routes of this room, by audience."""

from __future__ import annotations

from market.gate.views import (
    absences as absences,
    gate as gate,
    pass_list as pass_list,
    sign_in as sign_in,
)
