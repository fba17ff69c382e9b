"""Takes back a new plan: the one before it stands again, as it was."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.allocation.rules import check_state
from market.calendar.models import MarketDay
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.stalls.models import Assignment, PlanRun
from market.stalls.service.facts import latest_run, plan_state
from market.stalls.service.holds import hold, release_all
from market.stalls.service.lottery import refuse_wrong_state
from market.stalls.words import conflict_sentence
from market.vendors.rules import PLACEABLE, ApplicationState
from market.vendors.service import refuse_barred


def plan_before(day: MarketDay) -> list[Assignment]:
    """What the last run replaced; empty when it was the first, when somebody changed the plan since, or when
    the market has moved to another place."""
    run = latest_run(day)
    if run is None or _changed_since(run):
        return []
    query = sa.select(Assignment).where(Assignment.id.in_(run.replaced)).order_by(Assignment.id)
    before = [held for held in db.session.scalars(query) if held.application.state in PLACEABLE]
    return [] if any(held.stall.venue_id != day.venue_id for held in before) else before


def undo_plan(day: MarketDay, *, by: User, at: datetime) -> None:
    """Puts back what the last run replaced. Refuses `stalls.nothing_before`, `stalls.wrong_state`, and
    `stalls.misfit` when the ground or the rules have changed so that it no longer holds, and
    `vendors.may_not_stand`."""
    lock_row(day)
    refuse_wrong_state(day)
    run, before = latest_run(day), plan_before(day)
    refuse_barred(day, [held.vendor for held in before])
    if run is None or not before:
        raise Refusal(
            "stalls.nothing_before",
            _("没有可以退回的上一版：只分过一次，或者分好以后又调整过。可以一家一家换。"),
        )
    for held in release_all(day, by=by, at=at):
        held.application.state = ApplicationState.WAITLISTED
    hold((_again(held, by=by, at=at) for held in before), at=at)
    run.undone_at, run.undone_by = at, by.id
    for held in before:
        held.application.state = ApplicationState.ALLOCATED
    db.session.flush()
    for conflict in check_state(plan_state(day).state):
        raise Refusal("stalls.misfit", conflict_sentence(conflict))
    audit.record("stalls.undo_plan", day, by=by, at=at, placed=len(before))


def _changed_since(run: PlanRun) -> bool:
    """Whether anybody was placed, moved or let go after the run."""
    query = sa.select(Assignment.id).where(Assignment.day_id == run.day_id, Assignment.released_at.is_(None))
    return set(db.session.scalars(query)) != set(run.laid)


def _again(held: Assignment, *, by: User, at: datetime) -> Assignment:
    return Assignment(
        community_id=held.community_id, day=held.day, stall=held.stall, second_stall=held.second_stall,
        vendor=held.vendor, application=held.application, reason_code=held.reason_code,
        reason_params=dict(held.reason_params), assigned_by=by.id, assigned_at=at,
    )  # fmt: skip
