"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.inspection.service.findings import (
    add_photo,
    find_finding,
    findings_of,
    follow_up,
    open_findings,
    photo_of,
)
from market.inspection.service.forgetting import forget_old, forget_texts
from market.inspection.service.incidents import (
    NOTING_STATES,
    IncidentDraft,
    end_incident,
    find_incident,
    incidents_of,
    note_incident,
)
from market.inspection.service.links import (
    InspectedStall,
    find_link,
    inspected_stalls,
    linked_day,
    links_of,
    make_link,
    open_link,
    opened_page,
    revoke_link,
    state_of,
)
from market.inspection.service.rounds import (
    INSPECTING_STATES,
    Problem,
    Spot,
    check_spot,
    items_at,
    round_now,
    round_of,
)

__all__ = [
    "INSPECTING_STATES", "NOTING_STATES", "IncidentDraft", "InspectedStall", "Problem", "Spot", "add_photo",
    "check_spot", "end_incident", "find_finding", "find_incident", "find_link", "findings_of", "follow_up",
    "forget_old", "forget_texts", "incidents_of", "inspected_stalls", "items_at", "linked_day", "links_of",
    "make_link", "note_incident", "open_findings", "open_link", "opened_page", "photo_of", "revoke_link",
    "round_now", "round_of", "state_of",
]  # fmt: skip
