"""The optimum: the plan of the largest published worth, with its proof."""

from __future__ import annotations

from market.allocation.conflict_set import find_clash
from market.allocation.dense import best_assignment
from market.allocation.in_turn import place_by_turn, violated
from market.allocation.optimum import Model
from market.allocation.plan import Draft, Plan
from market.allocation.rules import (
    Applicant,
    Assignment,
    Spot,
    misfits,
    needs_of,
    offers,
    queue_order,
    turn_worth,
)
from market.allocation.task import Scores, Task
from market.allocation.tidy import tidied

OPTIMUM = "optimum"
PATIENCE_S = 10
"""So much work at least for a plan that merely keeps the rules, when there was none for a good one."""


def find_optimum(task: Task, *, time_limit_s: float = 10) -> Plan:
    """The largest published worth, with its proof; `proven` only with gap 0. Same input, same plan."""
    draft = Draft(task, OPTIMUM, order=[applicant.id for applicant in whose_turn(task)])
    if _is_plain(task):
        _solve_table(draft)
        return draft.plan()
    model = Model(task)
    outcome = model.solve(time_limit_s)
    draft.bound, draft.stopped_by_clock = outcome.bound, outcome.stopped_by_clock
    if outcome.values is None and (clash := find_clash(task)):
        return draft.nobody(clash)
    found = None if outcome.values is None else model.read(outcome.values)
    draft.proven = found is not None and outcome.proven
    draft.assignment = tidied(task, found if found and draft.proven else _better(draft, found))
    return draft.plan()


def whose_turn(task: Task) -> list[Applicant]:
    """Who comes first where only one can: by what it is worth that they stand, then by application."""
    return sorted(task.queue, key=lambda a: (-turn_worth(a, task.weights), *queue_order(a)))


def _better(draft: Draft, found: Assignment | None) -> Assignment:
    """Of the plan at hand and the one by turns, the better; failing both, any plan that keeps the rules."""
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


# --- The pure assignment --------------------------------------------------------------------------------


def _is_plain(task: Task) -> bool:
    """Whether a table of scores decides alone."""
    binding = any(s.circuit for s in task.stalls) and any(a.power_w for a in task.applicants)
    asking = any(a.double or a.pinned_stall_id is not None for a in task.applicants)
    limited = task.limit is not None and task.limit < min(len(task.stalls), len(task.applicants))
    minds = task.market_rules.apart or (
        task.market_rules.neighbours and task.weights.get("same_neighbour", 0)
    )
    return task.scores is not None and not (binding or asking or limited or minds or task.market_rules.quotas)


def _solve_table(draft: Draft) -> None:
    task = draft.task
    matched = best_assignment(_possible(task))
    pairs = zip(task.applicants, matched.places, strict=True)
    draft.assignment = {a.id: Spot(task.stalls[place].id) for a, place in pairs if place is not None}
    draft.bound, draft.proven = matched.bound, matched.objective == matched.bound


def _possible(task: Task) -> Scores:
    """The scores without the places whose stall does not meet the needs."""
    if _anybody_may_stand_anywhere(task):
        return task.scores or ()
    return [
        [
            None if task.obstacles(applicant, Spot(stall.id)) else task.worth(applicant, stall)
            for stall in task.stalls
        ]
        for applicant in task.applicants
    ]


def _anybody_may_stand_anywhere(task: Task) -> bool:
    kinds_of_stalls = {offers(stall): stall for stall in task.stalls}.values()
    kinds_of_people = {needs_of(applicant): applicant for applicant in task.applicants}.values()
    return not any(misfits(applicant, stall) for applicant in kinds_of_people for stall in kinds_of_stalls)
