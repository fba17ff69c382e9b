"""Who stands where, who waits and why, how loaded the lines are, and what a plan still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.allocation.reasons import explain
from market.allocation.rules import Layout, Reason, check_layout, circuit_loads
from market.calendar.models import MarketDay
from market.calendar.rules import Finding, Severity
from market.calendar.service import local_date, place_readiness, report_readiness, with_waivers
from market.communities.models import Community
from market.db import db
from market.errors import NotFound
from market.people.models import User
from market.places.models import Stall
from market.places.service import PlanLane, plan_lanes
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.stalls.service.facts import (
    WAITING_STATES,
    Scene,
    in_turn,
    latest_run,
    live_assignments,
    scene,
    stalls_of,
    task_of,
)
from market.stalls.service.house import kept_free
from market.stalls.service.promotions import next_in_line
from market.vendors.models import Application, Vendor
from market.vendors.rules import FOOD_CATEGORIES
from market.vendors.service import paper_readiness

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
    """One in the waiting list: which place, and why there is no stall yet."""

    application: Application
    position: int
    reason: Reason


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


def waiting_list(day: MarketDay) -> list[Application]:
    """Who is approved and has no stall, next in line first."""
    query = (
        sa.select(Application)
        .where(Application.day_id == day.id, Application.state.in_(WAITING_STATES))
        .order_by(Application.submitted_at, Application.id)
    )
    return in_turn(latest_run(day), db.session.scalars(query))


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


def waiting_reasons(day: MarketDay, ground: Scene | None = None) -> list[Waiting]:
    """The waiting list with the place and the reason of each."""
    ground = ground or scene(day)
    run = latest_run(day)
    layout = replace(ground.strict, applicants=tuple(task_of(day, ground).applicants))
    reasons = explain(layout, ground.weights, method=run.method if run else "first_come")
    waiting = [a for a in ground.applications.values() if a.id not in ground.live]
    return [Waiting(a, position, reasons[a.id]) for position, a in enumerate(waiting, 1)]


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


def loads(ground: Scene) -> list[CircuitLoad]:
    """Declared watts on each line."""
    used = circuit_loads(ground.layout)
    return [CircuitLoad(c.name, used[c.name], c.capacity_w) for c in ground.layout.circuits]


# ── what is missing ───────────────────────────────────────────────────────────────────────────────────────


def readiness(day: MarketDay, today: date) -> list[Finding]:
    """Everything that stands between a market and its publication: place, papers of the placed, the plan."""
    ground = scene(day)
    placed = sorted(ground.live.values(), key=lambda held: held.stall.label)
    papers = paper_readiness(day, [held.vendor for held in placed])
    food = sum(held.vendor.category in FOOD_CATEGORIES for held in placed)
    place = [*place_readiness(day, today), *report_readiness(day, today, food)]
    return [*place, *papers, *with_waivers(day, plan_findings(ground, local_date(day)))]


def plan_findings(ground: Scene, due: date) -> list[Finding]:
    """What the plan itself lacks."""
    if not ground.live:
        return [Finding("plan_empty", Severity.BLOCK, due=due)]
    return [*_broken_rules(ground.layout, due), *_full_lines(ground), *_free_stalls(ground)]


def _broken_rules(layout: Layout, due: date) -> list[Finding]:
    return [
        Finding(
            f"plan_{conflict.code}",
            Severity.BLOCK,
            f"{layout.stall(conflict.stall_id).label}:{conflict.applicant_id}",
            tuple((name, str(value)) for name, value in conflict.params.items()),
            due=due,
        )
        for conflict in check_layout(layout)
    ]


def _full_lines(ground: Scene) -> list[Finding]:
    return [
        Finding(
            "plan_line_nearly_full",
            Severity.WARN,
            load.name,
            (("circuit", load.name), ("load_w", f"{load.load_w:,}"), ("capacity_w", f"{load.capacity_w:,}")),
        )
        for load in loads(ground)
        if load.percent >= NEAR_LIMIT_PERCENT and load.load_w <= load.capacity_w
    ]


def _free_stalls(ground: Scene) -> list[Finding]:
    found = next_in_line(ground)
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


def runner(run_by: int) -> str:
    """Who computed a plan."""
    user = db.session.get(User, run_by)
    return user.display_name if user else ""


def vendors_by_day(community: Community, days: Sequence[MarketDay]) -> dict[int, int]:
    """How many vendors hold a stall on each day, by the day's id."""
    query = (
        sa.select(Assignment.day_id, sa.func.count())
        .where(
            Assignment.community_id == community.id,
            Assignment.day_id.in_([day.id for day in days]),
            Assignment.released_at.is_(None),
        )
        .group_by(Assignment.day_id)
    )
    return dict(db.session.execute(query).all())
