"""The whole problem as one integer model: who stands and where, every hard rule kept, the best worth.

Applicants of one category with the same needs are alike except for their wishes and for what the person is
worth, so a column counts a class on a stall, and only a wish, a pin or worths of one's own name a person.
That is exact. Stalls that have no neighbour to mind are counted by kind as well.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from market.allocation.optimum.assignment import is_assignment, solve_assignment
from market.allocation.optimum.decode import name_persons
from market.allocation.optimum.found import Found
from market.allocation.optimum.limits import add_limits
from market.allocation.optimum.milp import Outcome
from market.allocation.optimum.variables import Element, Variables
from market.allocation.problem import Problem
from market.allocation.rules import Spot

__all__ = ["Element", "Found", "Model", "search"]


def search(problem: Problem, seconds: float) -> Found:
    """The best plan there is, by the way that suits the shape of the problem."""
    if is_assignment(problem):
        return solve_assignment(problem)
    model = Model(problem)
    outcome = model.solve(seconds)
    spots = None if outcome.values is None else model.read(outcome.values)
    return Found(spots, outcome.bound, outcome.proven, outcome.stopped_by_clock)


class Model:
    """`without`: hard rules left out; `only_hard`: any plan will do."""

    def __init__(
        self, problem: Problem, *, without: Collection[Element] = (), only_hard: bool = False
    ) -> None:
        self.variables = Variables(problem, frozenset(without), only_hard)
        self.milp = self.variables.milp
        add_limits(self.variables)

    def solve(self, seconds: float) -> Outcome:
        return self.milp.solve(seconds)

    def rules_at_odds(self, seconds: float) -> set[Element]:
        """Rules that contradict one another, given the needs; empty where that is not found out so easily."""
        rows = self.milp.rows_at_odds(seconds)
        return {rule for row in rows for rule in self.variables.rules_of.get(row, ())}

    def read(self, values: Sequence[int]) -> dict[int, Spot]:
        """Reads the numbers of a solution as people on stalls."""
        return name_persons(self.variables, values)
