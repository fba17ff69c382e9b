"""Time to a plan that is proven best, for invented markets (seed 2026), beside scipy on the linear part.

The linear part forgets circuits, quotas, neighbours, doubles and targets: the raw limit, another problem.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from market.allocation.conflict_set import find_conflict_set
from market.allocation.market_rules import Quota
from market.allocation.methods import make_plan
from market.allocation.optimum.assignment import best_assignment
from market.allocation.problem import Problem
from market.allocation.rules import Spot
from tests.allocation.towns import town
from tests.bench.harness import Measurement, alternate, bench

SEED = 2026
LIMIT_S = 120
CONTROL = "scipy.optimize.linear_sum_assignment, linear part"


def optimum_seconds(problem: Problem) -> float:
    """Building, solving, naming, checking and explaining; a plan without proof counts as a broken bench."""
    began = time.perf_counter()
    plan = make_plan(problem, time_limit_s=LIMIT_S)
    spent = time.perf_counter() - began
    if plan.status != "optimal" or plan.bound != plan.objective:
        raise RuntimeError(f"no proof within {LIMIT_S} s: {plan.objective} of at most {plan.bound}")
    return spent


def linear_seconds(worths: NDArray[np.int64]) -> float:
    """The control: the table is ready, only the assignment is timed."""
    began = time.perf_counter()
    linear_sum_assignment(worths, maximize=True)
    return time.perf_counter() - began


@cache
def linear_part(stalls: int, applicants: int) -> NDArray[np.int64]:
    problem = town(stalls, applicants, SEED)
    rows = [
        [
            0 if problem.obstacles(a, Spot(s.id)) and not a.double else problem.worth(a, s)
            for s in problem.stalls
        ]
        for a in problem.applicants
    ]
    return np.array(rows, dtype=np.int64)


def measured(stalls: int, applicants: int, rounds: int) -> Measurement:
    problem, worths = town(stalls, applicants, SEED), linear_part(stalls, applicants)
    ours, theirs = alternate(lambda: optimum_seconds(problem), lambda: linear_seconds(worths), rounds)
    return Measurement.of(ours, theirs, CONTROL)


@bench("stalls.optimum.30x45", unit="s", goal="value <= 0.2")
def thirty() -> Measurement:
    return measured(30, 45, 7)


@bench("stalls.optimum.100x150", unit="s", goal="value <= 0.5")
def hundred() -> Measurement:
    return measured(100, 150, 5)


@bench("stalls.optimum.300x450", unit="s", goal="value <= 2")
def three_hundred() -> Measurement:
    return measured(300, 450, 3)


@bench("stalls.optimum.1000x1500", unit="s", goal="value <= 15")
def thousand() -> Measurement:
    return measured(1000, 1500, 1)


def contradicted(problem: Problem) -> Problem:
    """The same market where more cooks must stand than there are stalls with water and watts."""
    wet = sum(stall.water for stall in problem.stalls)
    cooks = [replace(a, category="cooked_food", needs_water=True) for a in problem.applicants[: wet + 1]]
    quotas = {**problem.market_rules.quotas, "cooked_food": Quota(wet + 1)}
    people = [*cooks, *problem.applicants[wet + 1 :]]
    return replace(problem, applicants=people, market_rules=replace(problem.market_rules, quotas=quotas))


def naming_seconds(problem: Problem) -> float:
    """Naming the smallest set; another answer than the one that was built in counts as a broken bench."""
    began = time.perf_counter()
    conflict_set = find_conflict_set(problem)
    spent = time.perf_counter() - began
    if {rule.code for rule in conflict_set} != {"clash_min", "clash_no_water"}:
        raise RuntimeError(f"another contradiction was named: {conflict_set}")
    return spent


def named(stalls: int, applicants: int, rounds: int) -> Measurement:
    problem = town(stalls, applicants, SEED)
    twin = contradicted(problem)
    ours, theirs = alternate(lambda: naming_seconds(twin), lambda: optimum_seconds(problem), rounds)
    return Measurement.of(ours, theirs, "the proven optimum of the market without the contradiction")


@bench("stalls.conflict_set.300x450", unit="s", goal="value <= 2")
def contradiction() -> Measurement:
    return named(300, 450, 3)


@bench("stalls.conflict_set.1000x1500", unit="s", goal="value <= 15")
def large_contradiction() -> Measurement:
    return named(1000, 1500, 1)


@bench("stalls.table.1000x1500", unit="s", goal="value <= 3")
def table() -> Measurement:
    """A table of scores and nothing else: the same problem for both, read from lists by ours."""
    worths = np.random.default_rng(SEED).integers(1, 1001, (1500, 1000))
    rows: list[list[int | None]] = worths.tolist()
    ours, theirs = alternate(lambda: table_seconds(rows), lambda: linear_seconds(worths), 3)
    return Measurement.of(ours, theirs, "scipy.optimize.linear_sum_assignment")


def table_seconds(rows: list[list[int | None]]) -> float:
    began = time.perf_counter()
    matched = best_assignment(rows)
    spent = time.perf_counter() - began
    if matched.objective != matched.bound:
        raise RuntimeError("the prices do not prove the assignment")
    return spent
