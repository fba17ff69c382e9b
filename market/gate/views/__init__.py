"""Routes of this room, by audience."""

from __future__ import annotations

from market.gate.views import (
    absences as absences,
    door as door,
    gate as gate,
    pass_list as pass_list,
    phones as phones,
    sign_in as sign_in,
    volunteers as volunteers,
)
