"""Who comes up from the waiting list, and to which stall."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from market.allocation.pairs import free_stalls, land
from market.allocation.rules import Applicant, Layout, Spot, queue_order, score, walking_order
from market.calendar.models import MarketDay
from market.db import race_point
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.service.facts import Scene
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


def next_in_line(ground: Scene) -> NextInLine | None:
    """Who would come up from the waiting list now, and to which stall; neighbours that disturb each other
    are kept apart as in a whole plan."""
    layout = ground.strict
    waiting = (a for a in layout.applicants if a.id not in layout.assignment)
    for passed_over, applicant in enumerate(sorted(waiting, key=queue_order)):
        spot = _best_spot(ground, layout, applicant)
        if spot is not None:
            stall, label = ground.stalls[spot.stall_id], ground.label_of(spot)
            return NextInLine(ground.applications[applicant.id], stall, spot, passed_over, label)
    return None


def _best_spot(ground: Scene, layout: Layout, applicant: Applicant) -> Spot | None:
    free = free_stalls(layout)
    for stall in sorted(free, key=lambda s: (-score(applicant, s, ground.weights), walking_order(s))):
        spot, conflicts = land(layout, applicant.id, stall.id)
        if not conflicts:
            return spot
        if any(conflict.code in ON_EVERY_STALL for conflict in conflicts):
            return None
    return None


def promote_next(day: MarketDay, *, by: User, at: datetime) -> Assignment | None:
    """The first in the waiting list for whom a free stall fits gets the best one; None when nobody fits."""
    ground = begin(day)
    found = next_in_line(ground)
    if found is None:
        return None
    race_point("stalls.promote")
    params = {"passed_over": found.passed_over}
    return put(ground, found.application, found.spot, "promoted", params, by=by, at=at)
