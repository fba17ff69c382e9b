"""Two stalls or one: what a vendor asks for may change after the plan was laid."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.allocation.pairs import asking, neighbours, objections
from market.allocation.rules import Layout, Spot
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.stalls.service.guards import (
    begin,
    refuse_conflicts,
    refuse_released,
    refuse_taken,
    refuse_wrong_state,
    weigh,
)
from market.stalls.service.holds import put, take_back
from market.stalls.service.offers import offer_stall
from market.vendors.models import Application


def ask_for(application: Application, *, double: bool, by: User, at: datetime) -> None:
    """Somebody who waits will do with one stall, or needs two after all; twice is once.

    Refuses `stalls.wrong_state`, and `stalls.placed` for who holds a stall already.
    """
    ground = begin(application.day, application)
    if application.id in ground.live:
        held = ground.live[application.id]
        sentence = _(
            "%(name)s已经排在 %(stall)s 号了，请在他的摊位上改。",
            name=application.vendor.trading_name,
            stall=held.label,
        )
        raise Refusal("stalls.placed", sentence)
    _set_double(application, double=double, by=by, at=at)


def give_back_second(assignment: Assignment, *, by: User, at: datetime) -> Assignment:
    """The vendor makes do with one stall; after publication the second is offered to the next in line. The
    returned assignment is a new one; twice is once. Refuses `stalls.released` and `stalls.wrong_state`."""
    refuse_released(assignment)
    refuse_wrong_state(assignment.day)
    application = assignment.application
    _set_double(application, double=False, by=by, at=at)
    second = assignment.second_stall
    if second is None:
        return assignment
    ground = begin(assignment.day, application)
    take_back(assignment, ReleaseReason.MOVED, by=by, at=at)
    kept = put(ground, application, Spot(assignment.stall_id), "staff", {}, by=by, at=at)
    offer_stall(assignment.day, second, by=by, at=at)
    return kept


def add_second(
    assignment: Assignment, stall: Stall | None = None, *, by: User, at: datetime, because: str = ""
) -> Assignment:
    """The vendor gets the stall beside as well: this one, else the higher number, else the lower. The
    returned assignment is a new one; twice is once.

    Refuses `stalls.taken`, `stalls.no_pair`, `stalls.misfit`, `stalls.full`, `stalls.released`,
    `stalls.wrong_state`, and without a reason `stalls.unwise`.
    """
    refuse_released(assignment)
    application = assignment.application
    if stall is not None:
        refuse_taken(assignment.day, stall, application)
    ground = begin(assignment.day, application)
    if assignment.second_stall_id is not None and stall in (None, assignment.second_stall):
        return assignment
    spot = _beside(asking(ground.layout, application.id, double=True), assignment, stall)
    reason = weigh(ground, {application.id: spot}, because)
    race_point("stalls.claim")
    _set_double(application, double=True, by=by, at=at)
    take_back(assignment, ReleaseReason.MOVED, by=by, at=at)
    return put(ground, application, spot, "staff", reason, by=by, at=at)


def _beside(layout: Layout, held: Assignment, stall: Stall | None) -> Spot:
    wanted = neighbours(layout, held.stall_id) if stall is None else [stall.id]
    spots = [Spot(held.stall_id, second) for second in wanted]
    tried = [(spot, objections(layout, {held.application_id: spot})) for spot in spots]
    for spot, conflicts in tried:
        if not conflicts:
            return spot
    if tried and (stall is not None or tried[0][1][0].code == "limit_reached"):
        refuse_conflicts(tried[0][1])
    sentence = _("%(stall)s 号旁边没有空着的摊位。请先给旁边的一家换个地方。", stall=held.stall.label)
    raise Refusal("stalls.no_pair", sentence)


def _set_double(application: Application, *, double: bool, by: User, at: datetime) -> None:
    lock_row(application.day)
    if application.double != double:
        application.double = double
        db.session.flush()
        audit.record("stalls.ask_for", application, by=by, at=at, stalls=2 if double else 1)
