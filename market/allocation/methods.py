"""The ways to give out stalls, each a plan with a waiting list from the same run: optimum, draw, rotation,
fixed stalls, first come."""

from __future__ import annotations

from collections.abc import Sequence

from market.allocation.conflict_set import find_clash
from market.allocation.in_turn import assignment_of, place_by_turn, sheet_of, violated
from market.allocation.lottery import Seed, draw, list_bytes
from market.allocation.plan import Draft, Plan
from market.allocation.rules import Applicant, Assignment, Method, queue_order
from market.allocation.solver import find_optimum
from market.allocation.task import Task


def make_plan(
    task: Task,
    method: Method = Method.OPTIMUM,
    *,
    seed: Seed | None = None,
    time_limit_s: float = 10,
) -> Plan:
    """The plan of a method; where hard rules contradict one another, a plan of nobody that names them.

    `time_limit_s` is counted in work, so that equal input gives an equal plan on any machine, busy or not.
    """
    if method is Method.OPTIMUM:
        return find_optimum(task, time_limit_s=time_limit_s)
    draft = Draft(task, method.value)
    if method is Method.DRAW:
        draft.assignment, draft.order = _drawn(task, seed)
    else:
        draft.order = [applicant.id for applicant in turn_order(task, method)]
        draft.assignment = place_by_turn(task, draft.order, last_stall_first=method is Method.FIXED)
    if broken := violated(task, draft.assignment):
        return draft.nobody(find_clash(task) or broken)
    draft.bound = _ceiling(task)
    return draft.plan()


def turn_order(task: Task, method: Method) -> Sequence[Applicant]:
    """Who chooses first. Rotation: who stood least of late; fixed: who has a stall from last time."""
    if method is Method.ROTATION:
        return sorted(task.queue, key=lambda a: (a.appearances, -a.misses, *queue_order(a)))
    if method is Method.FIXED:
        return sorted(task.queue, key=lambda a: (a.last_stall_id not in task.stall_by_id, *queue_order(a)))
    return task.queue


def _drawn(task: Task, seed: Seed | None) -> tuple[Assignment, list[int]]:
    if seed is None:
        raise ValueError("a draw needs its seed")
    drawn = draw(list_bytes(sheet_of(task), seed.market, seed.rule), seed.text)
    return assignment_of(task, drawn.places), [int(key) for key in drawn.order]


def _ceiling(task: Task) -> int:
    """What the stalls could be worth if nobody stood in anyone's way."""
    best = sorted((task.most_worth(applicant) for applicant in task.queue), reverse=True)
    places = len(task.ground) if task.limit is None else min(task.limit, len(task.ground))
    targets = sum(quota.target for quota in task.market_rules.quotas.values()) * task.weights.get("target", 0)
    return sum(max(worth, 0) for worth in best[:places]) + targets
