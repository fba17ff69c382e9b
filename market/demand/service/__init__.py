"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.demand.marks import forget_marks
from market.demand.service.entries import (
    VotesDraft,
    add_votes,
    answer,
    find_entry,
    list_wish,
    merge,
    say_of_network,
    undo,
)
from market.demand.service.ranking import (
    BusyNetwork,
    Wanted,
    find_wish,
    history,
    networks_aside,
    places_of_votes,
    suggestions,
    wanted,
    wish_meant,
)
from market.demand.service.voices import Said, ask, is_listed, said_by, take_back

__all__ = [
    "BusyNetwork", "Said", "VotesDraft", "Wanted", "add_votes", "answer", "ask", "find_entry", "find_wish",
    "forget_marks", "history", "is_listed", "list_wish", "merge", "networks_aside", "places_of_votes",
    "said_by", "say_of_network", "suggestions", "take_back", "undo", "wanted", "wish_meant",
]  # fmt: skip
