"""Stalls given and taken back, row by row; which are held now, as the database guards them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from market import audit
from market.allocation.rules import Param, Spot
from market.calendar.models import MarketDay
from market.db import db
from market.people.models import User
from market.stalls.models import Assignment, PlanPin, StallHold, StallOffer
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.stalls.service.facts import Scene, live_assignments
from market.stalls.service.telling import tell_placed
from market.vendors.models import Application
from market.vendors.rules import ApplicationState


def hold(assignments: Iterable[Assignment]) -> None:
    """Adds new assignments; their stalls are taken, and whoever comes second fails on the unique key."""
    added = list(assignments)
    db.session.add_all(added)
    db.session.flush()
    db.session.add_all(
        StallHold(day_id=one.day_id, stall_id=stall_id, assignment_id=one.id)
        for one in added
        for stall_id in one.stall_ids
    )
    db.session.flush()


def let_go(assignments: Iterable[Assignment]) -> None:
    """The stalls of released assignments are free again."""
    released = [one.id for one in assignments]
    db.session.execute(sa.delete(StallHold).where(StallHold.assignment_id.in_(released)))


def release_all(day: MarketDay, *, by: User, at: datetime) -> list[Assignment]:
    """Clears the ground for another whole plan; who stood there, pins stay."""
    live = live_assignments(day)
    for held in live:
        held.released_at, held.released_by, held.release_reason = at, by.id, ReleaseReason.REPLANNED
    db.session.flush()
    let_go(live)
    return live


def put(
    ground: Scene,
    application: Application,
    spot: Spot,
    code: str,
    params: Mapping[str, Param],
    *,
    by: User,
    at: datetime,
) -> Assignment:
    """Gives a spot, with the reason that the vendor reads."""
    stall, *second = ground.stalls_of(spot)
    assignment = Assignment(
        community_id=application.community_id, day=application.day, stall=stall,
        second_stall=second[0] if second else None, vendor=application.vendor, application=application,
        reason_code=code, reason_params={}, assigned_by=by.id, assigned_at=at,
    )  # fmt: skip
    label = assignment.label
    assignment.reason_params = {"stall": label, "zone": assignment.stall.zone, **params}
    application.state = ApplicationState.ALLOCATED
    hold([assignment])
    _answer_offers(assignment, at)
    because = str(params.get("because", ""))
    audit.record("stalls.place", assignment, by=by, at=at, stall=label, reason=code, because=because)
    tell_placed(assignment, by=by, at=at)
    return assignment


def take_back(held: Assignment, reason: ReleaseReason, *, by: User, at: datetime) -> None:
    """Both stalls of a double are free again; who only changes places keeps the pin."""
    held.released_at, held.released_by, held.release_reason = at, by.id, reason
    let_go([held])
    if reason is not ReleaseReason.MOVED:
        db.session.execute(sa.delete(PlanPin).where(PlanPin.application_id == held.application_id))
    db.session.flush()
    audit.record("stalls.release", held, by=by, at=at, stall=held.label, reason=reason.value)


def _answer_offers(placed: Assignment, at: datetime) -> None:
    """Open offers of these stalls, or to this vendor, are answered by the act."""
    stall_ids = placed.stall_ids
    query = sa.select(StallOffer).where(
        StallOffer.day_id == placed.day_id,
        StallOffer.answer == OfferAnswer.OPEN,
        sa.or_(StallOffer.stall_id.in_(stall_ids), StallOffer.application_id == placed.application_id),
    )
    for offer in db.session.scalars(query).all():
        same = offer.stall_id in stall_ids and offer.application_id == placed.application_id
        offer.answer, offer.answered_at = (OfferAnswer.ACCEPTED if same else OfferAnswer.WITHDRAWN), at
    db.session.flush()
