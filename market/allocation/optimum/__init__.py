"""The whole task as one integer programme: who stands and where, every hard rule kept, the best worth.

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
from market.allocation.rules import Spot
from market.allocation.task import Task

__all__ = ["Element", "Found", "Model", "search"]


def search(task: Task, seconds: float) -> Found:
    """The best plan there is, by the way that suits the shape of the task."""
    if is_assignment(task):
        return solve_assignment(task)
    model = Model(task)
    outcome = model.solve(seconds)
    spots = None if outcome.values is None else model.read(outcome.values)
    return Found(spots, outcome.bound, outcome.proven, outcome.stopped_by_clock)


class Model:
    """`without`: hard rules left out; `only_hard`: any plan will do."""

    def __init__(self, task: Task, *, without: Collection[Element] = (), only_hard: bool = False) -> None:
        self.variables = Variables(task, frozenset(without), only_hard)
        self.milp = self.variables.milp
        add_limits(self.variables)

    def solve(self, seconds: float) -> Outcome:
        return self.milp.solve(seconds)

    def rules_at_odds(self, seconds: float) -> set[Element]:
        """Rules that contradict one another, given the needs; empty where that is not found out so easily."""
        rows = self.milp.rows_at_odds(seconds)
        return {rule for row in rows for rule in self.variables.rules_of.get(row, ())}

    def read(self, values: Sequence[int]) -> dict[int, Spot]:
        """From the numbers of a solution to persons on stalls."""
        return name_persons(self.variables, values)
