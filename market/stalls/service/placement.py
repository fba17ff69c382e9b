"""One vendor at a time by hand: placed, moved, swapped.

Every act locks the day, reads who stands where, asks the rules, and only then writes; two unique keys are the
last guard. A stall that somebody else got first is refused with the name of who has it.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market.allocation.pairs import exchange, land
from market.allocation.rules import Conflict
from market.db import lock_row, race_point
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.stalls.service.guards import (
    begin,
    refuse_conflicts,
    refuse_pair,
    refuse_released,
    refuse_taken,
    refuse_unknown,
    weigh,
)
from market.stalls.service.holds import put, take_back
from market.vendors.models import Application
from market.vendors.rules import PLACEABLE


def place(
    application: Application,
    stall: Stall,
    *,
    by: User,
    at: datetime,
    reason_code: str = "staff",
    because: str = "",
    beside: Stall | None = None,
) -> Assignment:
    """Gives a free stall to an approved vendor; who stands elsewhere is moved; twice is once. Who needs two
    gets the free stall beside as well: `beside` if it can be, else the higher number, else the lower.

    `because`: why it may be done although something speaks against it.
    Refuses `stalls.taken` naming the holder, `stalls.no_pair`, `stalls.misfit`, `stalls.full`,
    `stalls.not_approved`, `stalls.wrong_state`, and without a reason `stalls.unwise`.
    """
    day = application.day
    lock_row(day)
    refuse_taken(day, stall, application)
    ground = begin(day, application)
    here = ground.live.get(application.id)
    if here is not None and here.stall_id == stall.id and beside in (None, here.second_stall):
        return here
    if here is None and application.state not in PLACEABLE:
        sentence = _("%(name)s的报名还没有通过。请先审核报名。", name=application.vendor.trading_name)
        raise Refusal("stalls.not_approved", sentence)
    refuse_unknown(ground, stall)
    spot, conflicts = land(ground.layout, application.id, stall.id, beside.id if beside else None)
    refuse_pair(application, stall, conflicts)
    refuse_conflicts(conflicts)
    reason = weigh(ground, {application.id: spot}, because if reason_code == "staff" else reason_code)
    race_point("stalls.claim")
    if here is not None:
        take_back(here, ReleaseReason.MOVED, by=by, at=at)
    return put(ground, application, spot, reason_code, reason, by=by, at=at)


def move(
    assignment: Assignment,
    stall: Stall,
    *,
    by: User,
    at: datetime,
    reason_code: str = "staff",
    because: str = "",
    beside: Stall | None = None,
) -> Assignment:
    """Moves a vendor to a free stall; the returned assignment is a new one. Refuses as `place` does, and
    `stalls.released` when the vendor has no stall any more."""
    refuse_released(assignment)
    return place(
        assignment.application, stall, by=by, at=at, reason_code=reason_code, because=because, beside=beside
    )


def swap(
    one: Assignment,
    other: Assignment,
    *,
    by: User,
    at: datetime,
    because: str = "",
    beside: Stall | None = None,
) -> tuple[Assignment, Assignment]:
    """Two vendors change places; both assignments are new ones. Who needs two stalls gets the other's and one
    beside it, `beside` if it can be.

    Refuses `stalls.no_pair`, `stalls.misfit`, `stalls.released`, and without a reason `stalls.unwise`.
    """
    if one.day_id != other.day_id:
        raise NotFound("stalls.no_assignment", _("这两家不在同一场集市。"))
    ground = begin(one.day, one.application)
    refuse_released(one, other)
    if one.id == other.id:
        return one, other
    movers = one.application_id, other.application_id
    spots, conflicts = exchange(ground.layout, *movers, beside.id if beside else None)
    _refuse_swap(conflicts, one, other)
    reason = weigh(ground, spots, because)
    race_point("stalls.swap")
    for held in (one, other):
        take_back(held, ReleaseReason.MOVED, by=by, at=at)
    first, second = (
        put(
            ground, mine.application, spots[mine.application_id], "swapped",
            {"other": theirs.vendor.trading_name, **reason}, by=by, at=at,
        )
        for mine, theirs in ((one, other), (other, one))
    )  # fmt: skip
    return first, second


def _refuse_swap(conflicts: list[Conflict], *movers: Assignment) -> None:
    needing_two = [held for held in movers if held.application.double]
    if needing_two and conflicts and conflicts[0].code in ("taken", "not_double"):
        sentence = _(
            "%(name)s要两个相邻的摊位，这样对调放不下两家。请另选一处，或让他只要一个摊位。",
            name=needing_two[0].vendor.trading_name,
        )
        raise Refusal("stalls.no_pair", sentence)
    refuse_conflicts(conflicts)
