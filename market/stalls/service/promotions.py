"""Who comes up from the waiting list, and to which stall."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from market.allocation.pairs import find_spot, free_stalls
from market.allocation.rules import Applicant, Spot, State, queue_order, score, walking_order
from market.calendar.models import MarketDay
from market.db import race_point
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.service.facts import PlanState
from market.stalls.service.guards import begin
from market.stalls.service.holds import put
from market.vendors.models import Application

ON_EVERY_STALL = ("limit_reached", "category_full")
"""What keeps somebody off one stall and off all others too: no need to ask three hundred times."""


class NextInLine(NamedTuple):
    """The first of the waiting list for whom a free stall fits."""

    application: Application
    stall: Stall
    spot: Spot
    passed_over: int
    """So many wait longer, and no free stall fits them."""
    label: str


def next_in_line(day: MarketDay, current: PlanState) -> NextInLine | None:
    """Who would come up from the waiting list now, and to which stall; nobody who may not stand, and
    neighbours that disturb each other are kept apart as in a whole plan."""
    state, stopped = current.strict, current.barred(day)
    waiting = (a for a in state.applicants if a.id not in state.assignment and a.vendor_id not in stopped)
    for passed_over, applicant in enumerate(sorted(waiting, key=queue_order)):
        spot = _best_spot(current, state, applicant)
        if spot is not None:
            stall, label = current.stalls[spot.stall_id], current.label_of(spot)
            return NextInLine(current.applications[applicant.id], stall, spot, passed_over, label)
    return None


def _best_spot(current: PlanState, state: State, applicant: Applicant) -> Spot | None:
    free = free_stalls(state)
    for stall in sorted(free, key=lambda s: (-score(applicant, s, current.weights), walking_order(s))):
        spot, conflicts = find_spot(state, applicant.id, stall.id)
        if not conflicts:
            return spot
        if any(conflict.code in ON_EVERY_STALL for conflict in conflicts):
            return None
    return None


def promote_next(day: MarketDay, *, by: User, at: datetime) -> Assignment | None:
    """The first in the waiting list who may stand and for whom a free stall fits gets the best one; None when
    there is nobody."""
    current = begin(day)
    found = next_in_line(day, current)
    if found is None:
        return None
    race_point("stalls.promote")
    params = {"passed_over": found.passed_over}
    return put(current, found.application, found.spot, "promoted", params, by=by, at=at)
