"""Who stands where, who waits and why, how loaded the lines are, and what a plan still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.allocation.reasons import explain
from market.allocation.rules import Reason, State, check_state, circuit_loads
from market.calendar.day_facts import hours_of
from market.calendar.models import MarketDay
from market.calendar.rules import Finding, Severity
from market.calendar.service import local_date, place_readiness, report_readiness, with_waivers
from market.db import db
from market.errors import NotFound
from market.places.models import Stall
from market.places.service import PlanLane, plan_lanes
from market.stalls.models import Assignment, PlanRun
from market.stalls.rules import ReleaseReason
from market.stalls.service.facts import (
    PlanState,
    ever_placed,
    latest_run,
    live_assignments,
    plan_state,
    problem_of,
    runs_of,
    stalls_of,
)
from market.stalls.service.market_rules import kept_free
from market.stalls.service.promotions import next_in_line
from market.stalls.service.standings import is_planned, taken_out
from market.vendors.models import Application, Vendor
from market.vendors.rules import FOOD_CATEGORIES, ApplicationState
from market.vendors.service import applied_elsewhere, barred, document_readiness
from market.vendors.words import lacks_sentence

NEAR_LIMIT_PERCENT = 90


@dataclass(frozen=True)
class PlanStall:
    """A stall as `macros/plan.html` draws it; `state` is free, taken, mine or closed."""

    label: str
    ref: str
    x_dm: int
    y_dm: int
    width_dm: int
    depth_dm: int
    state: str
    caption: str
    power: int
    water: bool
    shade: bool
    href: str = ""
    beside: str = ""
    """The other stall where two are given as one."""
    reserved: bool = False
    kept_free: bool = False
    pinned: bool = False


@dataclass(frozen=True)
class Waiting:
    """One in the waiting list: which place, and why there is no stall; None before stalls were given out."""

    application: Application
    position: int
    reason: Reason | None = None
    """None: no plan that was worked out left this one waiting."""


@dataclass(frozen=True)
class CircuitLoad:
    name: str
    load_w: int
    capacity_w: int

    @property
    def percent(self) -> int:
        return self.load_w * 100 // self.capacity_w


def assignments(day: MarketDay) -> list[Assignment]:
    """Who holds a stall, by label."""
    return live_assignments(day)


def assignment_of(day: MarketDay, vendor: Vendor) -> Assignment | None:
    """The stall a vendor holds on a day."""
    query = sa.select(Assignment).where(
        Assignment.day_id == day.id, Assignment.vendor_id == vendor.id, Assignment.released_at.is_(None)
    )
    return db.session.scalar(query)


def labels_by_day(vendor: Vendor, days: Iterable[int]) -> dict[int, str]:
    """Where the vendor stood, by the market's id, in one query."""
    query = sa.select(Assignment.day_id, Stall.label).join(Assignment.stall)
    query = query.where(
        Assignment.vendor_id == vendor.id, Assignment.day_id.in_(days), Assignment.released_at.is_(None)
    )
    return dict(db.session.execute(query).all())


def last_assignment(application: Application) -> Assignment | None:
    """The newest stall of an application that was not just exchanged for another."""
    query = (
        sa.select(Assignment)
        .where(
            Assignment.application_id == application.id,
            sa.or_(Assignment.release_reason.is_(None), Assignment.release_reason != ReleaseReason.MOVED),
        )
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def last_releases(applications: Sequence[Application]) -> dict[int, ReleaseReason | None]:
    """Why each of these gave up its last stall, by application; None: it is still held."""
    query = (
        sa.select(Assignment.application_id, Assignment.release_reason)
        .where(Assignment.application_id.in_([application.id for application in applications]))
        .order_by(Assignment.id)
    )
    return dict(db.session.execute(query).all())


def find_assignment(day: MarketDay, ref: str) -> Assignment:
    """An assignment of this day, held or released."""
    found = db.session.scalar(sa.select(Assignment).where(Assignment.day_id == day.id, Assignment.ref == ref))
    if found is None:
        raise NotFound("stalls.no_assignment", _("没有这个摊位安排。"))
    return found


def find_stall(day: MarketDay, ref: str) -> Stall:
    """A stall of the day's venue."""
    found = db.session.scalar(sa.select(Stall).where(Stall.venue_id == day.venue_id, Stall.ref == ref))
    if found is None:
        raise NotFound("stalls.no_stall", _("这场集市没有这个摊位。"))
    return found


def waiting_reasons(day: MarketDay, current: PlanState | None = None) -> list[Waiting]:
    """The waiting list with the place and the reason of each."""
    current = current or plan_state(day)
    waiting = [a for a in current.applications.values() if a.id not in current.live]
    known = _known_reasons(day, current, waiting)
    return [
        Waiting(a, position, _placed_in_line(known.get(a.id), position))
        for position, a in enumerate(waiting, 1)
    ]


def _known_reasons(day: MarketDay, current: PlanState, waiting: Sequence[Application]) -> dict[int, Reason]:
    """The reasons we know: from the plan, from staff who took somebody out, from missing documents."""
    stopped = current.barred(day)
    known = {a.id: _barred_reason(stopped[a.vendor_id]) for a in waiting if a.vendor_id in stopped}
    if not is_planned(day):
        return known
    run = latest_run(day)
    state = replace(current.strict, applicants=tuple(problem_of(day, current).applicants))
    reasons = explain(state, current.weights, method=run.method if run else "first_come")
    left = {key: reasons[key] for key in _left_waiting(day, run, waiting)}
    return left | taken_out(day, current) | known


def _placed_in_line(reason: Reason | None, position: int) -> Reason | None:
    """Which place it is, where the reason says nothing of it yet."""
    return reason and Reason(reason.code, {"position": position, **reason.params})


def _barred_reason(findings: list[Finding]) -> Reason:
    return Reason("waiting_barred", {"lacks": lacks_sentence(findings)})


def _left_waiting(day: MarketDay, run: PlanRun | None, waiting: Sequence[Application]) -> set[int]:
    """Whom the last plan left waiting: neither those who came in later nor those moved out by hand;
    a plan that was taken back moved nobody."""
    if run is None:
        return set()
    taken_back = {key for other in runs_of(day) if other.undone_at is not None for key in other.laid}
    since = min(run.laid, default=0)
    stood = {
        held.application_id for held in ever_placed(day) if held.id >= since and held.id not in taken_back
    }
    return {a.id for a in waiting if a.state is ApplicationState.WAITLISTED and a.id not in stood}


def waiting_of(day: MarketDay, vendor: Vendor) -> Waiting | None:
    """A vendor's place in the waiting list."""
    return next((w for w in waiting_reasons(day) if w.application.vendor_id == vendor.id), None)


def plan_view(day: MarketDay, mine: Vendor | None = None) -> list[PlanStall]:
    """The stalls for the plan macro, before the allocation as after it; three queries."""
    query = (
        sa.select(Assignment.stall_id, Assignment.second_stall_id, Vendor.id, Vendor.trading_name)
        .join(Vendor, Vendor.id == Assignment.vendor_id)
        .where(Assignment.day_id == day.id, Assignment.released_at.is_(None))
    )
    held: dict[int, _Holder] = {}
    for first, second, vendor_id, name in db.session.execute(query):
        is_mine = mine is not None and vendor_id == mine.id
        held[first] = _Holder(name, is_mine, second)
        if second is not None:
            held[second] = _Holder(name, is_mine, first)
    stalls, free = stalls_of(day, held), kept_free(day)
    labels = {stall.id: stall.label for stall in stalls}
    return [_plan_stall(stall, held.get(stall.id), labels, kept_free=stall.id in free) for stall in stalls]


def lanes_view(day: MarketDay) -> list[PlanLane]:
    """Fire lanes and entrances for the plan macro."""
    return plan_lanes(day.venue)


class _Holder(NamedTuple):
    name: str
    is_mine: bool
    beside: int | None


def _plan_stall(
    stall: Stall, holder: _Holder | None, labels: Mapping[int, str], *, kept_free: bool
) -> PlanStall:
    state = "closed" if stall.retired_at is not None and holder is None else "free"
    if holder is not None:
        state = "mine" if holder.is_mine else "taken"
    return PlanStall(
        label=stall.label, ref=stall.ref, x_dm=stall.x_dm, y_dm=stall.y_dm, width_dm=stall.width_dm,
        depth_dm=stall.depth_dm, state=state, caption=holder.name if holder else "", power=stall.power_w,
        water=stall.water, shade=stall.shade, beside=labels.get(holder.beside or 0, "") if holder else "",
        reserved=stall.reserved, kept_free=kept_free and holder is None,
    )  # fmt: skip


def loads(current: PlanState) -> list[CircuitLoad]:
    """Declared watts on each line."""
    used = circuit_loads(current.state)
    return [CircuitLoad(c.name, used[c.name], c.capacity_w) for c in current.state.circuits]


# ── what is missing ───────────────────────────────────────────────────────────────────────────────────────


def readiness(day: MarketDay, today: date) -> list[Finding]:
    """Everything that stands between a market and its publication: place, papers of the placed, the plan."""
    current = plan_state(day)
    placed = sorted(current.live.values(), key=lambda held: held.stall.label)
    found = with_waivers(day, plan_findings(day, current))
    documents = document_readiness(day, [held.vendor for held in placed], asked_on=today)
    food = sum(held.vendor.category in FOOD_CATEGORIES for held in placed)
    place = [*place_readiness(day, today), *report_readiness(day, today, food)]
    return [*place, *documents, *found, *_elsewhere(day, placed)]


def _elsewhere(day: MarketDay, placed: Sequence[Assignment]) -> list[Finding]:
    """Who has a stall here and means to be on another plaza at the same hours."""
    found = applied_elsewhere(day, [held.vendor for held in placed])
    return [
        Finding(
            "plan_elsewhere",
            Severity.WARN,
            f"{held.vendor.ref}:{other.day.ref}",
            (("vendor", held.vendor.trading_name), ("hours", hours_of(other.day))),
        )
        for held in placed
        for other in found.get(held.vendor_id, ())
    ]


def plan_findings(day: MarketDay, current: PlanState) -> list[Finding]:
    """What the plan itself lacks."""
    due = local_date(day)
    if not current.live:
        return [Finding("plan_empty", Severity.BLOCK, due=due)]
    return [*_broken_rules(current.state, due), *_full_lines(current), *_free_stalls(day, current)]


def _broken_rules(state: State, due: date) -> list[Finding]:
    return [
        Finding(
            f"plan_{conflict.code}",
            Severity.BLOCK,
            f"{state.stall(conflict.stall_id).label}:{conflict.applicant_id}",
            tuple((name, str(value)) for name, value in conflict.params.items()),
            due=due,
        )
        for conflict in check_state(state)
    ]


def _full_lines(current: PlanState) -> list[Finding]:
    return [
        Finding(
            "plan_line_nearly_full",
            Severity.WARN,
            load.name,
            (("circuit", load.name), ("load_w", f"{load.load_w:,}"), ("capacity_w", f"{load.capacity_w:,}")),
        )
        for load in loads(current)
        if load.percent >= NEAR_LIMIT_PERCENT and load.load_w <= load.capacity_w
    ]


def _free_stalls(day: MarketDay, current: PlanState) -> list[Finding]:
    found = next_in_line(day, current)
    if found is None:
        return []
    params = (("stall", found[1].label), ("vendor", found[0].vendor.trading_name))
    return [Finding("plan_stall_for_waiting", Severity.WARN, "", params)]


def coming_assignments(stall: Stall, at: datetime) -> list[Assignment]:
    """Who was promised a stall on markets that are not over."""
    query = (
        sa.select(Assignment)
        .join(Assignment.day)
        .where(
            sa.or_(Assignment.stall_id == stall.id, Assignment.second_stall_id == stall.id),
            Assignment.released_at.is_(None),
            MarketDay.close_at > at,
        )
        .order_by(MarketDay.open_at)
    )
    return list(db.session.scalars(query))


def held_back(day: MarketDay) -> dict[int, list[Finding]]:
    """Who holds a stall and may not stand (any more), with what stops them, by the assignment."""
    placed = live_assignments(day)
    stopped = barred(day, [held.vendor for held in placed])
    return {held.id: stopped[held.vendor_id] for held in placed if held.vendor_id in stopped}
