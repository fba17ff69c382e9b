"""A plan written as a file and checked, what is wrong as data (schema: `stalls/problem_file.py`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from market.allocation.conflict_set import can_hold
from market.allocation.lottery import Seed, SeedRule
from market.allocation.methods import make_plan
from market.allocation.plan import Plan
from market.allocation.problem import Problem
from market.allocation.problem_file import FiledProblem, Json, read_problem
from market.allocation.rules import Assignment, Conflict, Method, SeedKind, Spot, check_state

FORMAT = "market.stalls.plan/1"
NOWHERE = Spot(0)
"""Stalls of files are numbered from 1."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, apart from the hard rules that its plan breaks."""

    code: str
    params: Mapping[str, object]


Found = Iterator[Conflict | Fault]


def solve_problem(data: Json) -> Json:
    """The plan of a problem, both as they stand in files; the same problem gives the same plan."""
    filed = read_problem(data)
    seed = Seed(SeedRule(SeedKind.PUBLIC_NUMBER, ""), filed.seed) if filed.seed else None
    plan = make_plan(filed.problem, filed.method, seed=seed, time_limit_s=filed.seconds)
    return _plan_file(data, filed, plan)


def problem_hash(data: object) -> str:
    """Of the canonical text, so that the order of fields does not matter."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_plan(plan: object, problem: object = None) -> list[Conflict | Fault]:
    """Everything that is wrong with a plan; `problem`: the one it ought to answer."""
    if not isinstance(plan, dict) or not isinstance(plan.get("problem"), dict):
        return [Fault("no_problem", {})]
    return list(_faults(plan, problem))


def _faults(plan: Json, wanted: object) -> Found:
    yield from _wrong_problem(plan, wanted)
    problem = read_problem(plan["problem"]).problem
    try:
        assignment = _read_assignment(problem, plan)
    except ValueError as wrong:
        yield Fault("unreadable", {"why": wrong})
        return
    if plan.get("status") == "infeasible":
        yield from _check_infeasible(problem, plan, assignment)
        return
    yield from _broken_rules(problem, assignment)
    yield from _check_worth(plan, problem.objective(assignment))


def _wrong_problem(plan: Json, problem: object) -> Found:
    if plan.get("problem_sha256") != problem_hash(plan["problem"]):
        yield Fault("problem_changed", {})
    if problem is not None and problem_hash(problem) != problem_hash(plan["problem"]):
        yield Fault("another_problem", {})


# --- Writing and checking -------------------------------------------------------------------------------


def _plan_file(data: Json, filed: FiledProblem, plan: Plan) -> Json:
    index = {stall.id: number for number, stall in enumerate(filed.problem.stalls)}
    people = filed.problem.applicants
    rank = {person.id: number for number, person in enumerate(people)}
    spots = [plan.assignment.get(person.id, NOWHERE) for person in people]
    placed = not plan.conflict_set
    told: Json = {
        "format": FORMAT,
        "status": plan.status,
        "objective": plan.objective if placed else None,
        "bound": plan.bound if placed else None,
        "assignment": [index.get(spot.stall_id) for spot in spots],
        "waiting": [rank[key] for key in plan.waiting],
        "method": plan.method,
        "problem_sha256": problem_hash(data),
        "problem": data,
    }
    if any(person.double for person in people):
        told["doubles"] = [index.get(spot.second_id or 0) for spot in spots]
    if plan.stopped_by_clock:
        told["stopped_by_clock"] = True
    if plan.conflict_set:
        told["conflict"] = [{"code": rule.code, "params": dict(rule.params)} for rule in plan.conflict_set]
    return told


def _read_assignment(problem: Problem, plan: Json) -> dict[int, Spot]:
    firsts = _indices(problem, plan.get("assignment"))
    seconds = _indices(problem, plan.get("doubles", [None] * len(problem.applicants)))
    if unmatched := seconds.keys() - firsts.keys():
        raise ValueError(f"a second stall without a first: applicants {sorted(unmatched)}")
    return {key: Spot(stall_id, seconds.get(key)) for key, stall_id in firsts.items()}


def _indices(problem: Problem, told: object) -> dict[int, int]:
    if not isinstance(told, list) or len(told) != len(problem.applicants):
        raise ValueError(f"an entry for each of {len(problem.applicants)} applicants is expected")
    found = {}
    for person, place in zip(problem.applicants, told, strict=True):
        if place is not None:
            if type(place) is not int or not 0 <= place < len(problem.stalls):
                raise ValueError(f"there is no stall {place!r}")
            found[person.id] = problem.stalls[place].id
    return found


def _check_infeasible(problem: Problem, plan: Json, assignment: Assignment) -> Found:
    if assignment or plan.get("objective") is not None or not plan.get("conflict"):
        yield Fault("infeasible_with_places", {})
    elif plan.get("method") == Method.OPTIMUM and can_hold(problem):
        yield Fault("feasible_after_all", {})


def _broken_rules(problem: Problem, assignment: Assignment) -> Found:
    yield from check_state(problem.state(assignment))
    people, stalls = problem.person_by_id, problem.stall_by_id
    for key, spot in assignment.items():
        stall = stalls[spot.stall_id]
        if problem.excludes(people[key], stall):
            yield Fault("not_possible", {"vendor": people[key].name, "stall": stall.label})
    for person in problem.applicants:
        if person.pinned_stall_id is not None and person.id not in assignment:
            told = {"vendor": person.name, "stall": stalls[person.pinned_stall_id].label}
            yield Fault("pinned_waits", told)
    counts = problem.counts(assignment)
    for category, quota in sorted(problem.market_rules.quotas.items()):
        placed = counts.get(category, 0)
        if placed < quota.minimum:
            yield Fault("below_minimum", {"category": category, "least": quota.minimum, "placed": placed})


def _check_worth(plan: Json, true: int) -> Found:
    told, bound = plan.get("objective"), plan.get("bound")
    if told != true:
        yield Fault("wrong_objective", {"told": told, "true": true})
    if type(bound) is not int or bound < true:
        yield Fault("bound_too_low", {"bound": bound, "true": true})
    if plan.get("status") not in ("optimal", "feasible") or (plan["status"] == "optimal" and bound != told):
        yield Fault("wrong_status", {})
