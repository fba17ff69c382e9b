"""The best plan, with its proof: first who gets a place, then where each of them stands.

Both questions are asked about kinds, not persons: applicants with the same needs (and category) are alike
except for their wishes, and so are stalls with the same offer in the same zone. Counting kinds is exact and
keeps the programme small. A later rule that tells two such stalls apart must go into `ground.stall_kind`.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from market.stalls.ground import Ground
from market.stalls.reasons import explain
from market.stalls.rules import (
    PUBLISHED_WEIGHTS,
    Applicant,
    Blame,
    Circuit,
    Layout,
    Reason,
    StallFacts,
    check_layout,
    score,
    waiting_list,
)
from market.stalls.where import Where
from market.stalls.who import Chosen, Who


@dataclass(frozen=True, slots=True)
class Plan:
    assignment: dict[int, int]  # applicant id → stall id
    waiting: tuple[int, ...]  # applicant ids, next in line first
    objective: int  # the published score of the assignment
    bound: int  # no plan for the same people can score more
    proven: bool  # both who and where are proven best, gap 0
    seconds: float
    reasons: dict[int, Reason]
    doubles: dict[int, int] = field(default_factory=dict)  # applicant id → the second stall of a double one
    method: str = "first_come"
    order: tuple[int, ...] = ()  # whose turn it was, by the rule of the method
    clash: tuple[Blame, ...] = ()  # why there is no plan

    @property
    def gap(self) -> int:
        """How much better a plan could be at most; 0 = proven best."""
        return self.bound - self.objective

    @property
    def status(self) -> str:
        if self.clash:
            return "infeasible"
        return "optimal" if self.proven else "feasible"


def solve(
    stalls: Sequence[StallFacts],
    applicants: Sequence[Applicant],
    circuits: Sequence[Circuit],
    *,
    limit: int,
    time_limit_s: float = 10,
    weights: Mapping[str, int] = PUBLISHED_WEIGHTS,
) -> Plan:
    """As many as possible, then first come first served, then the best score. Same input, same plan.

    Knows needs, sizes, reserved and free stalls; doubles, pins, quotas, neighbours: `methods.make_plan`.
    """
    began = time.perf_counter()
    ground = Ground(stalls, applicants, circuits, limit)
    chosen = _choose(ground, time_limit_s / 2)
    seconds_left = time_limit_s - (time.perf_counter() - began)
    placing = Where(ground, chosen.applicants, weights).place(seconds_left)
    layout = ground.layout(placing.assignment)
    _insist(layout)
    return Plan(
        assignment=placing.assignment,
        waiting=waiting_list(layout),
        objective=_score_of(layout, weights),
        bound=placing.bound,
        proven=chosen.proven and placing.proven,
        seconds=time.perf_counter() - began,
        reasons=explain(layout, chosen.given_up_for_number, weights),
    )


def _choose(ground: Ground, seconds: float) -> Chosen:
    """The proven choice; out of time, whichever of the two plans at hand places more."""
    chosen, simple = Who(ground, seconds).choose(), ground.first_fit()
    if chosen.proven or len(chosen.applicants) >= len(simple):
        return chosen
    return Chosen(tuple(a for a in ground.queue if a.id in simple), frozenset(), proven=False)


def _insist(layout: Layout) -> None:
    """No plan leaves here unchecked: the rules, not the solver, have the last word."""
    broken = check_layout(layout)
    if broken:
        raise RuntimeError(f"the solver broke a hard rule: {broken[0]}")


def _score_of(layout: Layout, weights: Mapping[str, int]) -> int:
    stalls = {stall.id: stall for stall in layout.stalls}
    people = {applicant.id: applicant for applicant in layout.applicants}
    return sum(score(people[key], stalls[place], weights) for key, place in layout.assignment.items())
