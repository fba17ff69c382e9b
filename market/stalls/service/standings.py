"""Where each applicant stands with a market, read from the plan and never from what was written down once."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from market.allocation.rules import Reason
from market.calendar.models import MarketDay
from market.calendar.rules import PLANNED_STATES
from market.db import db
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason, Standing, standing
from market.stalls.service.facts import PlanState, absentees, ever_placed, in_turn, latest_run, runs_of
from market.vendors.models import Application
from market.vendors.rules import PLACEABLE, ApplicationState


class Stand(NamedTuple):
    """How it is with one applicant; the label of the stall, where there is one."""

    standing: Standing
    label: str = ""


def is_planned(day: MarketDay) -> bool:
    """Whether stalls were given out: before that nobody waits, and there is no reason why."""
    return day.state in PLANNED_STATES or (latest_run(day) is not None and bool(held_labels(day)))


def held_labels(day: MarketDay) -> dict[int, str]:
    """Who holds which stall now, by application: `A03`, or `A03+A04`."""
    first, second = aliased(Stall), aliased(Stall)
    query = (
        sa.select(Assignment.application_id, first.label, second.label)
        .join(first, first.id == Assignment.stall_id)
        .outerjoin(second, second.id == Assignment.second_stall_id)
        .where(Assignment.day_id == day.id, Assignment.released_at.is_(None))
    )
    return {key: f"{one}+{two}" if two else one for key, one, two in db.session.execute(query)}


def stands(day: MarketDay, people: Iterable[Application]) -> dict[int, Stand]:
    """How it is with everybody who may be placed, by application."""
    held, placeable = held_labels(day), [one for one in people if one.state in PLACEABLE]
    planned = day.state in PLANNED_STATES or (bool(held) and latest_run(day) is not None)
    missed = _absent(day, placeable, held)
    return {
        one.id: Stand(
            standing(planned=planned, has_stall=one.id in held, absent=one.id in missed), held.get(one.id, "")
        )
        for one in placeable
    }


def _absent(day: MarketDay, people: Iterable[Application], held: Container[int]) -> frozenset[int]:
    """Who of them was marked as not come; only one who was placed and holds nothing now can have been."""
    lost = {a.id for a in people if a.state is ApplicationState.ALLOCATED and a.id not in held}
    return absentees(day) & lost if lost else frozenset()


def waiting_list(day: MarketDay) -> list[Application]:
    """Who may be placed and has no stall, next in line first; nobody who was marked as not come."""
    query = (
        sa.select(Application)
        .where(Application.day_id == day.id, Application.state.in_(PLACEABLE))
        .order_by(Application.submitted_at, Application.id)
    )
    people, held = list(db.session.scalars(query)), held_labels(day)
    missed = _absent(day, people, held)
    return in_turn(latest_run(day), (a for a in people if a.id not in held and a.id not in missed))


def taken_out(day: MarketDay, current: PlanState) -> dict[int, Reason]:
    """Who waits because staff took them off their stall by hand, by application; a plan laid since is another
    reason."""
    runs = runs_of(day)
    by_runs = {key for run in runs for key in (*run.replaced, *(run.laid if run.undone_at else ()))}
    newest = max((run.run_at for run in runs if run.undone_at is None), default=None)
    last = {one.application_id: one for one in ever_placed(day)}
    return {
        key: Reason("taken_out", {"stall": one.label})
        for key, one in last.items()
        if one.release_reason is ReleaseReason.REPLANNED
        and one.id not in by_runs
        and key not in current.live
        and (newest is None or (one.released_at is not None and one.released_at >= newest))
    }
