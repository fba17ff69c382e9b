"""Venues, permits, and the stall plan."""

from __future__ import annotations

from market.places.service.stalls import (
    MAX_STALL_DM,
    MISDRAWN_SENTENCES,
    StallDraft,
    check_drawing,
    draw_stalls,
    find_stall,
    ground_of,
    live_stalls,
    retire_stall,
)
from market.places.service.standard import (
    AISLE_DM,
    MARGIN_DM,
    NewStall,
    PlanLane,
    new_row,
    plan_lanes,
    standard_plan,
    suggested_start,
)
from market.places.service.venue import (
    VenueDraft,
    add_circuit,
    add_lane,
    add_permit,
    create_venue,
    edit_venue,
    find_venue,
    permits_on,
    remove_lane,
    venues,
)

__all__ = [
    "AISLE_DM",
    "MARGIN_DM",
    "MAX_STALL_DM",
    "MISDRAWN_SENTENCES",
    "NewStall",
    "PlanLane",
    "StallDraft",
    "VenueDraft",
    "add_circuit",
    "add_lane",
    "add_permit",
    "check_drawing",
    "create_venue",
    "draw_stalls",
    "edit_venue",
    "find_stall",
    "find_venue",
    "ground_of",
    "live_stalls",
    "new_row",
    "permits_on",
    "plan_lanes",
    "remove_lane",
    "retire_stall",
    "standard_plan",
    "suggested_start",
    "venues",
]
