"""Where each applicant stands with a market, read from the plan and never from what was written down once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from market.allocation.rules import Reason
from market.calendar.models import MarketDay
from market.calendar.rules import PLANNED_STATES
from market.db import db
from market.stalls.models import Assignment, PlanRun
from market.stalls.rules import ReleaseReason, Standing, standing
from market.stalls.service.facts import Scene, absentees, latest_run, live_assignments
from market.vendors.models import Application
from market.vendors.rules import PLACEABLE


class Stand(NamedTuple):
    """How it is with one applicant; the label of the stall, where there is one."""

    standing: Standing
    label: str = ""


def is_planned(day: MarketDay) -> bool:
    """Whether stalls were given out: before that nobody waits, and there is no reason why."""
    return day.state in PLANNED_STATES or (latest_run(day) is not None and bool(live_assignments(day)))


def stands(day: MarketDay, people: Iterable[Application]) -> dict[int, Stand]:
    """How it is with everybody who may be placed, by application."""
    held = {one.application_id: one.label for one in live_assignments(day)}
    planned, missed = is_planned(day), absentees(day)
    return {
        one.id: Stand(
            standing(planned=planned, has_stall=one.id in held, absent=one.id in missed), held.get(one.id, "")
        )
        for one in people
        if one.state in PLACEABLE
    }


def taken_out(day: MarketDay, ground: Scene) -> dict[int, Reason]:
    """Who waits because staff took them off their stall by hand, by application; a plan laid since is another
    reason."""
    runs = list(db.session.scalars(sa.select(PlanRun).where(PlanRun.day_id == day.id)))
    by_runs = {key for run in runs for key in (*run.replaced, *(run.laid if run.undone_at else ()))}
    newest = max((run.run_at for run in runs if run.undone_at is None), default=None)
    query = sa.select(Assignment).where(Assignment.day_id == day.id).order_by(Assignment.id)
    last = {one.application_id: one for one in db.session.scalars(query)}
    return {
        key: Reason("taken_out", {"stall": one.label})
        for key, one in last.items()
        if one.release_reason is ReleaseReason.REPLANNED
        and one.id not in by_runs
        and key not in ground.live
        and (newest is None or (one.released_at is not None and one.released_at >= newest))
    }
