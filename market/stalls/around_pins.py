"""The best plan around the vendors whose stall staff fixed: the rest is a smaller problem."""

from __future__ import annotations

from dataclasses import replace

from market.stalls.reasons import explain
from market.stalls.rules import Circuit, Layout, circuit_loads, score
from market.stalls.solver import Plan, solve


def solve_around_pins(layout: Layout, limit: int, seconds: float) -> Plan:
    """The pins, and the proven best for everybody else on what they leave."""
    fixed = {a.id: a.pinned_stall_id for a in layout.applicants if a.pinned_stall_id is not None}
    if not fixed:
        return solve(layout.stalls, layout.applicants, layout.circuits, limit=limit, time_limit_s=seconds)
    taken = circuit_loads(replace(layout, assignment=fixed))
    rest = solve(
        [stall for stall in layout.stalls if stall.id not in fixed.values()],
        [applicant for applicant in layout.applicants if applicant.id not in fixed],
        [Circuit(c.name, max(c.capacity_w - taken[c.name], 0)) for c in layout.circuits],
        limit=limit - len(fixed),
        time_limit_s=seconds,
    )
    stalls = {stall.id: stall for stall in layout.stalls}
    own = sum(score(a, stalls[fixed[a.id]]) for a in layout.applicants if a.id in fixed)
    assignment = {**fixed, **rest.assignment}
    given_up = [key for key, reason in rest.reasons.items() if reason.code == "waiting_more_placed"]
    return replace(
        rest, assignment=assignment, objective=rest.objective + own, bound=rest.bound + own,
        reasons=explain(replace(layout, assignment=assignment), given_up),
    )  # fmt: skip
