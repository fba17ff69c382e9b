"""What a stall must offer, what a place is worth, and which hard rules a plan may not break."""

from market.allocation.rules.conflicts import check_layout, check_move
from market.allocation.rules.facts import (
    Applicant,
    Blame,
    Circuit,
    Conflict,
    Layout,
    Param,
    Reason,
    StallFacts,
    circuit_loads,
    queue_order,
    waiting_list,
    walking_order,
)
from market.allocation.rules.needs import fitting, misfit, misfits, misfits_beside, needs
from market.allocation.rules.ways import Method, SeedKind
from market.allocation.rules.worth import (
    PUBLISHED_WEIGHTS,
    ZONES_BY_CATEGORY,
    person_score,
    place_score,
    score,
    turn_worth,
    wish_score,
)

__all__ = [
    "PUBLISHED_WEIGHTS", "ZONES_BY_CATEGORY", "Applicant", "Blame", "Circuit", "Conflict",
    "Layout", "Method", "Param", "Reason", "SeedKind", "StallFacts", "check_layout", "check_move",
    "circuit_loads", "fitting", "misfit", "misfits", "misfits_beside", "needs", "person_score",
    "place_score", "queue_order", "score", "turn_worth", "waiting_list", "walking_order", "wish_score",
]  # fmt: skip
