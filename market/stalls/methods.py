"""The ways to give out stalls, each a plan with a waiting list from the same run: optimum, draw, rotation,
fixed stalls, first come."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.stalls.clash import find_clash
from market.stalls.dense import best_assignment
from market.stalls.draw import SeedRule, draw, list_bytes
from market.stalls.optimum import Found, Programme
from market.stalls.reasons import explain
from market.stalls.rules import Applicant, Blame, check_layout, person_score, queue_order
from market.stalls.solver import Plan
from market.stalls.task import Scores, Task
from market.stalls.tidy import tidied
from market.stalls.turns import Places, give_out, sheet_of


class Method(StrEnum):
    OPTIMUM = "optimum"
    DRAW = "draw"
    ROTATION = "rotation"
    FIXED = "fixed"
    FIRST_COME = "first_come"


@dataclass(frozen=True, slots=True)
class Seed:
    """What decides a draw: the rule fixed before, and the text it gave."""

    rule: SeedRule
    text: str
    market: str = ""


def make_plan(
    task: Task,
    method: Method = Method.OPTIMUM,
    *,
    seed: Seed | None = None,
    time_limit_s: float = 10,
) -> Plan:
    """The plan of a method; where hard rules contradict one another, a plan of nobody that names them."""
    began = time.perf_counter()
    if method is Method.OPTIMUM:
        return find_optimum(task, time_limit_s=time_limit_s)
    found, order = _drawn(task, seed) if method is Method.DRAW else _by_turn(task, method)
    broken = _unkept(task, found)
    if broken:
        return _nobody(task, find_clash(task) or broken, method, began)
    return _plan(task, found, order, _ceiling(task), proven=False, method=method, began=began)


def find_optimum(task: Task, *, time_limit_s: float = 10) -> Plan:
    """The largest published worth, with its proof; `proven` only with gap 0."""
    began = time.perf_counter()
    if _is_plain(task):
        return _by_table(task, began)
    programme = Programme(task)
    outcome = programme.solve(time_limit_s)
    proven = outcome.proven
    if outcome.values is not None:
        found = programme.read(outcome.values)
    elif clash := find_clash(task):
        return _nobody(task, clash, Method.OPTIMUM, began)
    else:
        found, proven = _some_plan(task, time_limit_s), False
    bound = outcome.bound
    order = sorted(task.queue, key=lambda a: (-person_score(a, task.weights), *queue_order(a)))
    return _plan(task, tidied(task, found), [a.id for a in order], bound, proven, Method.OPTIMUM, began)


def _some_plan(task: Task, seconds: float) -> Found:
    """A plan that keeps the hard rules, when there was no time for a good one."""
    found, _order = _by_turn(task, Method.FIRST_COME)
    if not _unkept(task, found):
        return found
    programme = Programme(task, only_hard=True)
    values = programme.solve(max(seconds, 60)).values
    if values is None:
        raise TimeoutError("no plan found in time; allow more seconds")
    return programme.read(values)


# --- The pure assignment --------------------------------------------------------------------------------


def _is_plain(task: Task) -> bool:
    """Whether a table of scores decides alone."""
    binding = any(s.circuit for s in task.stalls) and any(a.power_w for a in task.applicants)
    asking = any(a.double or a.pinned_stall_id is not None for a in task.applicants)
    limited = task.limit is not None and task.limit < min(len(task.stalls), len(task.applicants))
    minds = task.house.apart or (task.house.neighbours and task.weights.get("same_neighbour", 0))
    return task.scores is not None and not (binding or asking or limited or minds or task.house.quotas)


def _by_table(task: Task, began: float) -> Plan:
    matched = best_assignment(_possible(task))
    found = Found(
        {
            applicant.id: task.stalls[place].id
            for applicant, place in zip(task.applicants, matched.places, strict=True)
            if place is not None
        }
    )
    order = [applicant.id for applicant in task.queue]
    proven = matched.objective == matched.bound
    return _plan(task, found, order, matched.bound, proven, Method.OPTIMUM, began)


def _possible(task: Task) -> Scores:
    """The scores without the places whose stall does not meet the needs."""
    scores = task.scores or ()
    if all(s.is_plain for s in task.stalls) and all(a.is_plain for a in task.applicants):
        return scores
    return [
        [None if task.obstacles(applicant, stall) else task.worth(applicant, stall) for stall in task.stalls]
        for applicant in task.applicants
    ]


# --- By turn --------------------------------------------------------------------------------------------


def turn_order(task: Task, method: Method) -> list[Applicant]:
    """Who chooses first. Rotation: who stood least of late; fixed: who has a stall from last time."""
    if method is Method.ROTATION:
        return sorted(task.queue, key=lambda a: (a.appearances, -a.misses, *queue_order(a)))
    if method is Method.FIXED:
        return sorted(task.queue, key=lambda a: (a.last_stall_id not in task.stall_by_id, *queue_order(a)))
    return list(task.queue)


def _by_turn(task: Task, method: Method) -> tuple[Found, list[int]]:
    order = turn_order(task, method)
    sheet = sheet_of(task)
    if method is Method.FIXED:
        label = {stall.id: stall.label for stall in task.stalls}
        last = {str(a.id): label.get(a.last_stall_id or 0) for a in task.queue}
        for person in sheet["people"]:
            person["places"] = sorted(person["places"], key=lambda p: p[0] != last[person["id"]])
    return _found(task, give_out(sheet, [str(a.id) for a in order])), [a.id for a in order]


def _drawn(task: Task, seed: Seed | None) -> tuple[Found, list[int]]:
    if seed is None:
        raise ValueError("a draw needs its seed")
    drawn = draw(list_bytes(sheet_of(task), seed.market, seed.rule), seed.text)
    return _found(task, drawn.places), [int(key) for key in drawn.order]


def _found(task: Task, places: Places) -> Found:
    by_label = {stall.label: stall.id for stall in task.stalls}
    return Found(
        {int(key): by_label[place[0]] for key, place in places.items()},
        {int(key): by_label[place[1]] for key, place in places.items() if len(place) > 1},
    )


def _unkept(task: Task, found: Found) -> tuple[Blame, ...]:
    """Minimums and pins that turns did not reach."""
    counts = task.counts(found.assignment)
    missed = [
        Blame("turns_miss_minimum", {"category": c, "least": quota.minimum, "placed": counts.get(c, 0)})
        for c, quota in sorted(task.house.quotas.items())
        if counts.get(c, 0) < quota.minimum
    ]
    missed += [
        Blame("turns_miss_pin", {"vendor": a.name, "stall": task.stall_by_id[a.pinned_stall_id].label})
        for a in task.queue
        if a.pinned_stall_id is not None and a.id not in found.assignment
    ]
    return tuple(missed)


# --- A plan ---------------------------------------------------------------------------------------------


def _plan(
    task: Task, found: Found, order: Sequence[int], bound: int, proven: bool, method: Method, began: float
) -> Plan:
    layout = task.layout(found.assignment, found.doubles)
    broken = check_layout(layout)
    if broken:
        raise RuntimeError(f"the plan breaks a hard rule: {broken[0]}")
    waiting = [key for key in order if key not in found.assignment]
    told = explain(layout, (), task.weights, waiting=waiting, method=method.value)
    objective = task.objective(found.assignment, found.doubles)
    return Plan(
        assignment=found.assignment, waiting=tuple(waiting), objective=objective,
        bound=max(bound, objective), proven=proven and bound <= objective,
        seconds=time.perf_counter() - began, reasons=told, doubles=found.doubles, method=method.value,
        order=tuple(order),
    )  # fmt: skip


def _nobody(task: Task, clash: tuple[Blame, ...], method: Method, began: float) -> Plan:
    waiting = tuple(applicant.id for applicant in task.queue)
    seconds = time.perf_counter() - began
    return Plan({}, waiting, 0, 0, False, seconds, {}, method=method.value, clash=clash)


def _ceiling(task: Task) -> int:
    """What the stalls could be worth if nobody stood in anyone's way."""
    best = sorted((_best_worth(task, applicant) for applicant in task.queue), reverse=True)
    places = len(task.ground) if task.limit is None else min(task.limit, len(task.ground))
    targets = sum(quota.target for quota in task.house.quotas.values()) * task.weights.get("target", 0)
    return sum(max(worth, 0) for worth in best[:places]) + targets


def _best_worth(task: Task, applicant: Applicant) -> int:
    if task.scores is None:
        heaviest: Mapping[str, int] = task.weights
        names = ("zone", "shade", "wanted_stall", "last_stall")
        return person_score(applicant, heaviest) + sum(max(heaviest.get(name, 0), 0) for name in names)
    return max((task.worth(applicant, stall) or 0 for stall in task.stalls), default=0)
