"""Who was marked as not come: brought back when that was a mistake, replaced by the next in line when not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.allocation.pairs import find_spot, free_stalls, objections
from market.allocation.rules import Conflict, Spot, queue_order, walking_order
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.stalls.service.facts import PlanState, plan_state
from market.stalls.service.guards import refuse_conflicts
from market.stalls.service.holds import put, take_again
from market.stalls.service.offers import is_open, offers, was_asked, with_offers
from market.vendors.models import Application, Vendor
from market.vendors.service import refuse_barred

MOST_SUBSTITUTES = 3
"""How many are shown at most; further down the list there is the plan."""


def absent(day: MarketDay) -> list[Assignment]:
    """Who was marked as not come and stands nowhere now, by label; the last stall of each."""
    query = sa.select(Assignment).where(
        Assignment.day_id == day.id, Assignment.release_reason == ReleaseReason.NO_SHOW
    )
    standing = sa.select(Assignment.vendor_id).where(
        Assignment.day_id == day.id, Assignment.released_at.is_(None)
    )
    query = query.where(Assignment.vendor_id.not_in(standing)).order_by(Assignment.id)
    last = {missed.vendor_id: missed for missed in db.session.scalars(query)}
    return sorted(last.values(), key=lambda missed: missed.stall.label)


def missed_days(vendor: Vendor) -> frozenset[int]:
    """The ids of the market days on which the vendor had a stall and was marked as not come."""
    query = sa.select(Assignment.day_id, Assignment.release_reason).where(Assignment.vendor_id == vendor.id)
    last = dict(db.session.execute(query.order_by(Assignment.id)).all())
    return frozenset(day_id for day_id, reason in last.items() if reason is ReleaseReason.NO_SHOW)


def substitutes(held: Assignment, at: datetime) -> list[Application]:
    """Who waits and could have this stall if its vendor does not come, next in line first.

    All rules are kept; nobody is named who was asked for this stall already or thinks about another.
    """
    current, known = plan_state(held.day), offers(held.day)
    left = {key: spot for key, spot in current.strict.assignment.items() if key != held.application_id}
    state = with_offers(replace(current.strict, assignment=left), [one for one in known if is_open(one, at)])
    stopped = current.barred(held.day)
    waiting = [
        a
        for a in state.applicants
        if a.id not in state.assignment and a.id != held.application_id and a.vendor_id not in stopped
    ]
    fitting = [
        current.applications[applicant.id]
        for applicant in sorted(waiting, key=queue_order)
        if not was_asked(state, known, applicant, held.stall)
        and not find_spot(state, applicant.id, held.stall_id)[1]
    ]
    return fitting[:MOST_SUBSTITUTES]


def bring_back(missed: Assignment, *, by: User, at: datetime) -> Assignment:
    """It was a mistake that the vendor has not come: it stands where it stood, or, when somebody else stands
    there now, where a free stall fits. Twice is once.

    Refuses `stalls.not_absent`, `stalls.no_room` naming who has the stall, and while the market goes on
    `vendors.may_not_stand`.
    """
    day = missed.day
    lock_row(day)
    db.session.refresh(missed)
    current = plan_state(day, [missed.application])
    now = current.live.get(missed.application_id)
    if now is not None:
        return now
    if missed.release_reason is not ReleaseReason.NO_SHOW:
        sentence = _("%(name)s没有记成没来，不用撤回。", name=missed.vendor.trading_name)
        raise Refusal("stalls.not_absent", sentence)
    if day.state in GATE_STATES:
        refuse_barred(day, [missed.vendor])
    spot = _room_for(current, missed)
    race_point("stalls.bring_back")
    if spot == missed.spot:
        take_again(missed, by=by, at=at)
        return missed
    return put(current, missed.application, spot, "staff", {}, by=by, at=at)


def _room_for(current: PlanState, missed: Assignment) -> Spot:
    """Its own stall if it can be; once the market is over only whether somebody stood there counts."""
    over = missed.day.state not in GATE_STATES
    conflicts: list[Conflict] = []
    for spot, found in _spots(current, missed):
        if not found or (over and all(conflict.code != "taken" for conflict in found)):
            return spot
        conflicts = conflicts or found
    holders = (held for held in current.live.values() if set(held.stall_ids) & set(missed.stall_ids))
    holder = next(holders, None)
    if holder is None:
        refuse_conflicts(conflicts)
    raise Refusal(
        "stalls.no_room",
        _(
            "%(stall)s 已经给了%(by)s，也没有别的空摊位合适%(name)s。可以先在摊位图上腾一个。",
            stall=missed.label,
            by=holder.vendor.trading_name if holder else "",
            name=missed.vendor.trading_name,
        ),
    )


def _spots(current: PlanState, missed: Assignment) -> Iterator[tuple[Spot, list[Conflict]]]:
    key, state = missed.application_id, current.state
    if set(missed.stall_ids) <= set(current.stalls):
        yield missed.spot, objections(state, {key: missed.spot})
    for stall in sorted(free_stalls(state), key=walking_order):
        yield find_spot(state, key, stall.id)
