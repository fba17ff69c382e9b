"""The optimum: the plan of the largest published worth, with its proof."""

from __future__ import annotations

from market.allocation.conflict_set import find_clash
from market.allocation.in_turn import place_by_turn, violated
from market.allocation.optimum import Model, search
from market.allocation.plan import Draft, Plan
from market.allocation.rules import Applicant, Assignment, queue_order, turn_worth
from market.allocation.task import Task
from market.allocation.tidy import tidied

OPTIMUM = "optimum"
PATIENCE_S = 10
"""So much work at least for a plan that merely keeps the rules, when there was none for a good one."""


def find_optimum(task: Task, *, time_limit_s: float = 10) -> Plan:
    """The largest published worth, with its proof; `proven` only with gap 0. Same input, same plan."""
    draft = Draft(task, OPTIMUM, order=[applicant.id for applicant in whose_turn(task)])
    found = search(task, time_limit_s)
    draft.bound, draft.stopped_by_clock = found.bound, found.stopped_by_clock
    if found.assignment is None and (clash := find_clash(task)):
        return draft.nobody(clash)
    draft.proven = found.assignment is not None and found.proven
    draft.assignment = tidied(task, _best(draft, found.assignment))
    return draft.plan()


def whose_turn(task: Task) -> list[Applicant]:
    """Who comes first where only one can: by what it is worth that they stand, then by application."""
    return sorted(task.queue, key=lambda a: (-turn_worth(a, task.weights), *queue_order(a)))


def _best(draft: Draft, found: Assignment | None) -> Assignment:
    """Of the plan at hand and the one by turns, the better; failing both, any plan that keeps the rules."""
    if found is not None and draft.proven:
        return found
    task, by_turn = draft.task, place_by_turn(draft.task, draft.order)
    if not violated(task, by_turn) and (found is None or task.objective(by_turn) > task.objective(found)):
        return by_turn
    return found or _any_plan(task)


def _any_plan(task: Task) -> Assignment:
    model = Model(task, only_hard=True)
    values = model.solve(PATIENCE_S).values
    if values is None:
        raise TimeoutError("no plan found in time; allow more seconds")
    return model.read(values)
