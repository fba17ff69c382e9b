"""A whole plan at once: computed and stored with its reasons, or confirmed as it was laid by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.allocation import lottery
from market.allocation.plan import Plan
from market.allocation.problem import Problem
from market.allocation.problem_file import write_problem
from market.allocation.rules import Method
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.people.models import User
from market.stalls.conflict_words import no_plan_sentence
from market.stalls.models import Assignment, Lottery, PlanRun
from market.stalls.service.facts import PlanState, plan_state, problem_of
from market.stalls.service.holds import hold, release_all
from market.stalls.service.lottery import (
    SeedAnswer,
    everybody,
    fix_seed,
    left_out,
    method_of,
    refuse_wrong_state,
    seed_of,
)
from market.vendors.rules import PLACEABLE, ApplicationState
from market.vendors.service import applications

SOLVER_SECONDS = 5
"""A plan that is not proven best by then is kept with its bound; nobody waits longer before a screen."""


def compute_plan(day: MarketDay, *, by: User, at: datetime) -> PlanRun:
    """The plan of the day's method for everybody approved who may stand, with reasons; replaces the plan
    before it.

    Refuses `stalls.wrong_state`, `stalls.no_stalls`, `stalls.nobody`, `stalls.no_plan`, and for a draw
    `stalls.draw_first`.
    """
    lock_row(day)
    refuse_wrong_state(day)
    fresh = fresh_plan(day)
    race_point("stalls.plan")
    replaced = release_all(day, by=by, at=at)
    laid = [_assignment(day, fresh, key, by=by, at=at) for key in fresh.plan.assignment]
    hold(laid, at=at)
    people = [application for application in applications(day) if application.state in PLACEABLE]
    for application in people:  # who may not stand was not in the problem, and waits with that as the reason
        placed = application.id in fresh.plan.assignment
        application.state = ApplicationState.ALLOCATED if placed else ApplicationState.WAITLISTED
    run = _record_run(day, fresh, by=by, at=at)
    run.waiting = len(people) - run.placed
    run.laid, run.replaced = [one.id for one in laid], [one.id for one in replaced]
    db.session.flush()
    take_step(day, Step.ALLOCATE, by=by, at=at)
    audit.record(
        "stalls.compute_plan", day, by=by, at=at, placed=run.placed, waiting=run.waiting, proven=run.proven
    )
    return run


@dataclass(frozen=True)
class FreshPlan:
    """A plan that was computed and not laid yet."""

    rows: PlanState
    problem: Problem
    plan: Plan


def fresh_plan(day: MarketDay, method: str | None = None) -> FreshPlan:
    """What `compute_plan` would lay now, by this or another method; changes nothing, refuses as it does.

    The solver is loaded here: it takes a moment, which no start should wait for.
    """
    from market.allocation.methods import make_plan

    refuse_wrong_state(day)
    current, chosen = everybody(day), Method(method or method_of(day))
    seed = seed_of(day) if chosen is Method.LOTTERY else None
    problem = problem_of(day, current)
    try:
        plan = make_plan(problem, chosen, seed=seed, time_limit_s=SOLVER_SECONDS)
    except TimeoutError as late:
        sentence = _("规则太紧，没有找到守得住每一条的安排。请放宽一条，再排一次。")
        raise Refusal("stalls.no_plan", sentence) from late
    if plan.conflict_set:
        raise Refusal("stalls.no_plan", no_plan_sentence(plan.conflict_set))
    return FreshPlan(current, problem, plan)


def problem_file(day: MarketDay) -> bytes:
    """The problem that `compute_plan` would solve now, for `market stalls solve`: anybody can check the plan.

    A draw is not solved but drawn again, from its published list; its problem is that of the best plan.
    """
    method = Method(method_of(day))
    written = write_problem(
        problem_of(day, everybody(day)), Method.OPTIMUM if method is Method.LOTTERY else method
    )  # fmt: skip
    return json.dumps(written, ensure_ascii=False, indent=1).encode()


def hold_lottery(day: MarketDay, answer: SeedAnswer, *, by: User, at: datetime) -> Lottery:
    """The number is known: lots are drawn from the frozen list, and the plan is laid. Never twice.

    Whatever has happened since the list was frozen, this number decides: who withdrew is passed over, and
    the record says so; who came later waits behind all others.

    Refuses `stalls.not_frozen`, `stalls.drawn`, `stalls.bad_seed`, and what `compute_plan` refuses.
    """
    lock_row(day)
    refuse_wrong_state(day)
    frozen = fix_seed(day, answer, by=by, at=at)
    frozen.record = lottery.hold_lottery(frozen.list_text, frozen.seed or "", left_out(frozen)).record
    db.session.flush()
    compute_plan(day, by=by, at=at)
    audit.record("stalls.draw_lots", frozen, by=by, at=at, seed=frozen.seed, sha256=frozen.list_sha256)
    return frozen


def confirm_plan(day: MarketDay, *, by: User, at: datetime) -> None:
    """The plan laid by hand is the plan; whoever has no stall waits. Twice is once."""
    lock_row(day)
    refuse_wrong_state(day)
    current = plan_state(day)
    if not current.live:
        raise Refusal("stalls.nobody_placed", _("还没有一家排上摊位。请先自动分摊位，或一家一家安排。"))
    for application in current.applications.values():
        if application.id not in current.live:
            application.state = ApplicationState.WAITLISTED
    if day.state is DayState.REVIEWING:
        take_step(day, Step.ALLOCATE, by=by, at=at)


def _assignment(day: MarketDay, fresh: FreshPlan, key: int, *, by: User, at: datetime) -> Assignment:
    stalls, application, reason = fresh.rows.stalls, fresh.rows.applications[key], fresh.plan.reasons[key]
    stall, *second = (stalls[stall_id] for stall_id in fresh.plan.assignment[key].stall_ids)
    return Assignment(
        community_id=day.community_id, day=day, stall=stall,
        second_stall=second[0] if second else None, vendor=application.vendor,
        application=application, reason_code=reason.code, reason_params=dict(reason.params),
        assigned_by=by.id, assigned_at=at,
    )  # fmt: skip


def _record_run(day: MarketDay, fresh: FreshPlan, *, by: User, at: datetime) -> PlanRun:
    plan = fresh.plan
    run = PlanRun(
        day=day, placed=len(plan.assignment), waiting=len(plan.waiting), objective=plan.objective,
        bound=plan.bound, proven=plan.proven, seconds=plan.seconds, method=plan.method,
        order=list(plan.order), weights=dict(fresh.problem.weights), run_by=by.id, run_at=at,
    )  # fmt: skip
    db.session.add(run)
    return run
