"""The optimum: the plan of the largest published worth, with its proof."""

from __future__ import annotations

from market.allocation.conflict_set import find_conflict_set
from market.allocation.in_turn import place_in_turn, violated
from market.allocation.optimum import Model, search
from market.allocation.plan import Plan, Solution
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Assignment, precedence_score, queue_order
from market.allocation.tidy import tidied

OPTIMUM = "optimum"
PATIENCE_S = 10
"""So much work at least for a plan that merely keeps the rules, when there was none for a good one."""


def find_optimum(problem: Problem, *, time_limit_s: float = 10) -> Plan:
    """The largest published worth, with its proof; `proven` only with gap 0. Same input, same plan."""
    solution = Solution(problem, OPTIMUM, order=[applicant.id for applicant in by_precedence(problem)])
    found = search(problem, time_limit_s)
    solution.bound, solution.stopped_by_clock = found.bound, found.stopped_by_clock
    if found.assignment is None and (conflict_set := find_conflict_set(problem)):
        return solution.nobody(conflict_set)
    solution.proven = found.assignment is not None and found.proven
    solution.assignment = tidied(problem, _best(solution, found.assignment))
    return solution.plan()


def by_precedence(problem: Problem) -> list[Applicant]:
    """Who comes first where only one can: by what it is worth that they stand, then by application."""
    return sorted(problem.queue, key=lambda a: (-precedence_score(a, problem.weights), *queue_order(a)))


def _best(solution: Solution, found: Assignment | None) -> Assignment:
    """Of the plan at hand and the one in turn, the better; failing both, any plan that keeps the rules."""
    if found is not None and solution.proven:
        return found
    problem, in_turn = solution.problem, place_in_turn(solution.problem, solution.order)
    holds = not violated(problem, in_turn)
    if holds and (found is None or problem.objective(in_turn) > problem.objective(found)):
        return in_turn
    return found or _any_plan(problem)


def _any_plan(problem: Problem) -> Assignment:
    model = Model(problem, only_hard=True)
    values = model.solve(PATIENCE_S).values
    if values is None:
        raise TimeoutError("no plan found in time; allow more seconds")
    return model.read(values)
