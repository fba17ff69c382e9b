"""A whole plan at once: computed and stored with its reasons, or confirmed as it was laid by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.calendar.words import state_word
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.stalls.models import Assignment, PlanRun, ReleaseReason
from market.stalls.service.facts import Scene, live_assignments, scene, scene_of
from market.vendors.rules import PLACEABLE, ApplicationState
from market.vendors.service import applications

if TYPE_CHECKING:
    from market.stalls.solver import Plan

PLANNING_STATES = (DayState.REVIEWING, DayState.ALLOCATED)
"""States in which a whole plan may be laid anew."""
SOLVER_SECONDS = 5
"""A plan that is not proven best by then is kept with its bound; nobody waits longer before a screen."""


def compute_plan(day: MarketDay, *, by: User, at: datetime) -> PlanRun:
    """The best plan for everybody approved, with a reason for each; replaces the plan before it.

    Refuses `stalls.wrong_state`, `stalls.no_stalls` and `stalls.nobody`.
    """
    from market.stalls.solver import solve  # numpy takes a moment, which no start should wait for

    lock_row(day)
    _refuse_wrong_state(day)
    people = [application for application in applications(day) if application.state in PLACEABLE]
    ground = scene_of(day, people)
    _refuse_empty(ground)
    plan = solve(
        ground.layout.stalls, ground.layout.applicants, ground.layout.circuits,
        limit=day.stall_limit, time_limit_s=SOLVER_SECONDS,
    )  # fmt: skip
    race_point("stalls.plan")
    _release_all(day, by=by, at=at)
    for application_id, stall_id in plan.assignment.items():
        db.session.add(_assignment(day, ground, plan, application_id, stall_id, by=by, at=at))
    for application in people:
        placed = application.id in plan.assignment
        application.state = ApplicationState.ALLOCATED if placed else ApplicationState.WAITLISTED
    run = _record_run(day, plan, by=by, at=at)
    db.session.flush()
    take_step(day, Step.ALLOCATE, by=by, at=at)
    audit.record(
        "stalls.compute_plan", day, by=by, at=at, placed=run.placed, waiting=run.waiting, proven=run.proven
    )
    return run


def confirm_plan(day: MarketDay, *, by: User, at: datetime) -> None:
    """The plan laid by hand is the plan; whoever has no stall waits. Twice is once."""
    lock_row(day)
    _refuse_wrong_state(day)
    ground = scene(day)
    if not ground.live:
        raise Refusal("stalls.nobody_placed", _("还没有一家排上摊位。请先自动分摊位，或一家一家安排。"))
    for application in ground.applications.values():
        if application.id not in ground.live:
            application.state = ApplicationState.WAITLISTED
    if day.state is DayState.REVIEWING:
        take_step(day, Step.ALLOCATE, by=by, at=at)


def _refuse_wrong_state(day: MarketDay) -> None:
    if day.state not in PLANNING_STATES:
        raise Refusal(
            "stalls.wrong_state",
            _(
                "这场集市现在是「%(state)s」。报名截止以后、发布以前，才能整场分摊位。",
                state=state_word(day.state),
            ),
        )


def _refuse_empty(ground: Scene) -> None:
    if not ground.stalls:
        raise Refusal("stalls.no_stalls", _("这个场地还没有画摊位。请先到「场地与摊位」里画好。"))
    if not ground.applications:
        raise Refusal("stalls.nobody", _("还没有通过审核的报名。请先审核报名，再分摊位。"))


def _release_all(day: MarketDay, *, by: User, at: datetime) -> None:
    for held in live_assignments(day):
        held.released_at, held.released_by, held.release_reason = at, by.id, ReleaseReason.REPLANNED
    db.session.flush()


def _assignment(
    day: MarketDay, ground: Scene, plan: Plan, application_id: int, stall_id: int, *, by: User, at: datetime
) -> Assignment:
    application, reason = ground.applications[application_id], plan.reasons[application_id]
    return Assignment(
        community_id=day.community_id, day=day, stall=ground.stalls[stall_id], vendor=application.vendor,
        application=application, reason_code=reason.code, reason_params=dict(reason.params),
        assigned_by=by.id, assigned_at=at,
    )  # fmt: skip


def _record_run(day: MarketDay, plan: Plan, *, by: User, at: datetime) -> PlanRun:
    costly = [key for key, reason in plan.reasons.items() if reason.code == "waiting_more_placed"]
    run = PlanRun(
        day=day, placed=len(plan.assignment), waiting=len(plan.waiting), objective=plan.objective,
        bound=plan.bound, proven=plan.proven, seconds=plan.seconds, given_up=costly, run_by=by.id, run_at=at,
    )  # fmt: skip
    db.session.add(run)
    return run
