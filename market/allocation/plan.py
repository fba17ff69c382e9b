"""A plan: who stands where, who waits, how good it is, and why for each."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from market.allocation.problem import Problem
from market.allocation.reasons import explain
from market.allocation.rules import Assignment, ConflictingRule, Reason, Spot, check_state


@dataclass(frozen=True, slots=True)
class Plan:
    assignment: dict[int, Spot]
    waiting: tuple[int, ...]  # applicant ids, next in line first
    objective: int  # the published worth of the plan
    bound: int  # no plan can be worth more
    proven: bool  # nothing better exists, gap 0
    seconds: float
    reasons: dict[int, Reason]
    method: str = "optimum"
    order: tuple[int, ...] = ()  # whose turn it was, by the rule of the method
    conflict_set: tuple[ConflictingRule, ...] = ()  # why there is no plan
    stopped_by_clock: bool = False  # the machine was too slow; only then may the next run find another plan

    @property
    def gap(self) -> int:
        """How much better a plan could be at most; 0 = proven best."""
        return self.bound - self.objective

    @property
    def status(self) -> str:
        if self.conflict_set:
            return "infeasible"
        return "optimal" if self.proven else "feasible"


@dataclass(slots=True)
class Solution:
    """What a method found for a problem, on its way to a plan; `bound`: no plan can be worth more."""

    problem: Problem
    method: str
    began: float = field(default_factory=time.perf_counter)
    assignment: Assignment = field(default_factory=dict)
    order: Iterable[int] = ()
    bound: int = 0
    proven: bool = False
    stopped_by_clock: bool = False
    binding: bool = False
    """Drawn from a list that was frozen: it stands, even where facts have changed since; people mend that."""

    def plan(self) -> Plan:
        """Checked by the rules, which have the last word, and explained."""
        problem, assignment, order = self.problem, dict(self.assignment), tuple(self.order)
        state = problem.state(assignment)
        broken = check_state(state)
        if broken and not self.binding:
            raise RuntimeError(f"the plan breaks a hard rule: {broken[0]}")
        waiting = tuple(key for key in order if key not in assignment)
        objective = problem.objective(assignment)
        return Plan(
            assignment=assignment, waiting=waiting, objective=objective,
            bound=max(self.bound, objective), proven=self.proven and self.bound <= objective,
            seconds=time.perf_counter() - self.began,
            reasons=explain(state, problem.weights, waiting=waiting, method=self.method),
            method=self.method, order=order, stopped_by_clock=self.stopped_by_clock,
        )  # fmt: skip

    def nobody(self, conflict_set: tuple[ConflictingRule, ...]) -> Plan:
        """No plan keeps these rules."""
        waiting = tuple(applicant.id for applicant in self.problem.queue)
        seconds = time.perf_counter() - self.began
        return Plan({}, waiting, 0, 0, False, seconds, {}, method=self.method, conflict_set=conflict_set)
