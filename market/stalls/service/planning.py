"""A whole plan at once: computed and stored with its reasons, or confirmed as it was laid by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.stalls.models import Assignment, Draw, PlanRun, ReleaseReason
from market.stalls.rules import check_layout
from market.stalls.service.drawing import (
    OPTIMUM,
    SeedAnswer,
    everybody,
    fix_seed,
    method_of,
    refuse_wrong_state,
    seed_of,
)
from market.stalls.service.facts import Scene, live_assignments, scene, task_of
from market.stalls.service.holding import hold, let_go
from market.stalls.words import clash_sentence, conflict_sentence
from market.vendors.rules import ApplicationState

if TYPE_CHECKING:
    from market.stalls.solver import Plan

SOLVER_SECONDS = 5
"""A plan that is not proven best by then is kept with its bound; nobody waits longer before a screen."""


def compute_plan(day: MarketDay, *, by: User, at: datetime) -> PlanRun:
    """The plan of the day's method for everybody approved, with reasons; replaces the plan before it.

    Refuses `stalls.wrong_state`, `stalls.no_stalls`, `stalls.nobody`, `stalls.no_plan`, and for a draw
    `stalls.draw_first` and `stalls.list_changed`.
    """
    lock_row(day)
    refuse_wrong_state(day)
    ground = everybody(day)
    method = method_of(day)
    plan = _plan(day, ground, method)
    race_point("stalls.plan")
    _release_all(day, by=by, at=at)
    hold(_assignment(day, ground, plan, key, stall, by=by, at=at) for key, stall in plan.assignment.items())
    for application in ground.applications.values():
        placed = application.id in plan.assignment
        application.state = ApplicationState.ALLOCATED if placed else ApplicationState.WAITLISTED
    run = _record_run(day, plan, method, by=by, at=at)
    db.session.flush()
    take_step(day, Step.ALLOCATE, by=by, at=at)
    audit.record(
        "stalls.compute_plan", day, by=by, at=at, placed=run.placed, waiting=run.waiting, proven=run.proven
    )
    return run


def fresh_plan(day: MarketDay, method: str | None = None) -> tuple[Scene, Plan]:
    """What `compute_plan` would lay now, by this or another method; changes nothing, refuses as it does."""
    refuse_wrong_state(day)
    ground = everybody(day)
    return ground, _plan(day, ground, method or method_of(day))


def draw_lots(day: MarketDay, answer: SeedAnswer, *, by: User, at: datetime) -> Draw:
    """The number is known: lots are drawn from the frozen list, and the plan is laid. Never twice.

    Refuses `stalls.not_frozen`, `stalls.drawn`, `stalls.bad_seed`, and what `compute_plan` refuses.
    """
    from market.stalls import draw as lots

    lock_row(day)
    refuse_wrong_state(day)
    frozen = fix_seed(day, answer, by=by, at=at)
    frozen.record = lots.draw(frozen.list_text, frozen.seed or "").record
    db.session.flush()
    compute_plan(day, by=by, at=at)
    audit.record("stalls.draw_lots", frozen, by=by, at=at, seed=frozen.seed, sha256=frozen.list_sha256)
    return frozen


def _plan(day: MarketDay, ground: Scene, method: str) -> Plan:
    """Solvers are loaded here: they take a moment, which no start should wait for."""
    if method == OPTIMUM:
        from market.stalls.around_pins import solve_around_pins

        plan = solve_around_pins(ground.layout, day.stall_limit, SOLVER_SECONDS)
        for conflict in check_layout(ground.layout_with(plan.assignment)):
            raise Refusal("stalls.no_plan", conflict_sentence(conflict))
        return plan
    from market.stalls.methods import Method, make_plan

    seed = seed_of(day, ground) if method == Method.DRAW else None
    plan = make_plan(task_of(day, ground), Method(method), seed=seed, time_limit_s=SOLVER_SECONDS)
    if plan.clash:
        raise Refusal("stalls.no_plan", clash_sentence(plan.clash))
    return plan


def confirm_plan(day: MarketDay, *, by: User, at: datetime) -> None:
    """The plan laid by hand is the plan; whoever has no stall waits. Twice is once."""
    lock_row(day)
    refuse_wrong_state(day)
    ground = scene(day)
    if not ground.live:
        raise Refusal("stalls.nobody_placed", _("还没有一家排上摊位。请先自动分摊位，或一家一家安排。"))
    for application in ground.applications.values():
        if application.id not in ground.live:
            application.state = ApplicationState.WAITLISTED
    if day.state is DayState.REVIEWING:
        take_step(day, Step.ALLOCATE, by=by, at=at)


def _release_all(day: MarketDay, *, by: User, at: datetime) -> None:
    live = live_assignments(day)
    for held in live:
        held.released_at, held.released_by, held.release_reason = at, by.id, ReleaseReason.REPLANNED
    db.session.flush()
    let_go(live)


def _assignment(
    day: MarketDay, ground: Scene, plan: Plan, application_id: int, stall_id: int, *, by: User, at: datetime
) -> Assignment:
    application, reason = ground.applications[application_id], plan.reasons[application_id]
    return Assignment(
        community_id=day.community_id, day=day, stall=ground.stalls[stall_id], vendor=application.vendor,
        application=application, reason_code=reason.code, reason_params=dict(reason.params),
        assigned_by=by.id, assigned_at=at,
    )  # fmt: skip


def _record_run(day: MarketDay, plan: Plan, method: str, *, by: User, at: datetime) -> PlanRun:
    costly = [key for key, reason in plan.reasons.items() if reason.code == "waiting_more_placed"]
    run = PlanRun(
        day=day, placed=len(plan.assignment), waiting=len(plan.waiting), objective=plan.objective,
        bound=plan.bound, proven=plan.proven, seconds=plan.seconds, given_up=costly, method=method,
        turns=[] if method == OPTIMUM else list(plan.order), run_by=by.id, run_at=at,
    )  # fmt: skip
    db.session.add(run)
    return run
