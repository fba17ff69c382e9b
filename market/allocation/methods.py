"""The ways to give out stalls, each a plan with a waiting list from the same run: optimum, lottery, rotation,
fixed stalls, first come."""

from __future__ import annotations

from collections.abc import Sequence

from market.allocation.conflict_set import find_conflict_set
from market.allocation.in_turn import assignment_of, entry_list_of, place_in_turn, violated
from market.allocation.lottery import Seed, hold_lottery, list_bytes
from market.allocation.plan import Plan, Solution
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Assignment, Method, queue_order
from market.allocation.solver import find_optimum


def make_plan(
    problem: Problem,
    method: Method = Method.OPTIMUM,
    *,
    seed: Seed | None = None,
    time_limit_s: float = 10,
) -> Plan:
    """The plan of a method; where hard rules contradict one another, a plan of nobody that names them.

    `time_limit_s` is counted in work, so that equal input gives an equal plan on any machine, busy or not.
    """
    if method is Method.OPTIMUM:
        return find_optimum(problem, time_limit_s=time_limit_s)
    solution = Solution(problem, method.value)
    if method is Method.LOTTERY:
        solution.assignment, solution.order = _by_lottery(problem, seed)
    else:
        solution.order = [applicant.id for applicant in turn_order(problem, method)]
        solution.assignment = place_in_turn(problem, solution.order, last_stall_first=method is Method.FIXED)
    if seed is not None and seed.published:
        solution.binding = True
    elif missed := violated(problem, solution.assignment):
        return solution.nobody(find_conflict_set(problem) or missed)
    solution.bound = _ceiling(problem)
    return solution.plan()


def turn_order(problem: Problem, method: Method) -> Sequence[Applicant]:
    """Who chooses first. Rotation: who stood least of late; fixed: who has a stall from last time."""
    if method is Method.ROTATION:
        return sorted(problem.queue, key=lambda a: (a.appearances, -a.misses, *queue_order(a)))
    if method is Method.FIXED:
        there = problem.stall_by_id
        return sorted(problem.queue, key=lambda a: (a.last_stall_id not in there, *queue_order(a)))
    return problem.queue


def _by_lottery(problem: Problem, seed: Seed | None) -> tuple[Assignment, list[int]]:
    """Who was drawn where, as far as they are still there; who is not on the list waits behind all others."""
    if seed is None:
        raise ValueError("a draw needs its seed")
    published = seed.published or list_bytes(entry_list_of(problem), seed.market, seed.rule)
    drawn = hold_lottery(published, seed.text, seed.left_out)
    people, labels = problem.person_by_id, {stall.label for stall in problem.stalls}
    places = {key: at for key, at in drawn.places.items() if int(key) in people and labels.issuperset(at)}
    order = [int(key) for key in drawn.order if int(key) in people]
    came_later = [applicant.id for applicant in problem.queue if str(applicant.id) not in drawn.order]
    return assignment_of(problem, places), [*order, *came_later]


def _ceiling(problem: Problem) -> int:
    """What the stalls could be worth if nobody stood in anyone's way."""
    best = sorted((problem.most_worth(applicant) for applicant in problem.queue), reverse=True)
    places = len(problem.ground) if problem.limit is None else min(problem.limit, len(problem.ground))
    targets = sum(quota.target for quota in problem.market_rules.quotas.values())
    return sum(max(worth, 0) for worth in best[:places]) + targets * problem.weights.get("target", 0)
