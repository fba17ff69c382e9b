"""The pure assignment, exactly and fast: shortest augmenting paths over a table of scores, with a proof by prices.

For a table alone (no circuits, quotas or neighbours) this needs no integer programme. An applicant may stay
without a stall, which is worth 0: each has a stall "nowhere" of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOWHERE = -1
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matched:
    places: tuple[int | None, ...]  # a stall index for each applicant
    objective: int
    bound: int  # the sum of the prices: no assignment can score more


def best_assignment(scores: Sequence[Sequence[int | None]]) -> Matched:
    """The largest sum; None = not possible. Equal input, equal answer."""
    if not scores or not scores[0]:
        return Matched((None,) * len(scores), 0, 0)
    costs = _costs(scores)
    # Scores below 0 are never worth taking; the costlier they are the sooner the search passes them by.
    search = _Search(costs)
    for row in range(len(scores)):
        search.place(row)
    places = tuple(None if place == NOWHERE else int(place) for place in search.place_of)
    objective = sum(scores[row][place] or 0 for row, place in enumerate(places) if place is not None)
    return Matched(places, objective, search.bound())


def _costs(scores: Sequence[Sequence[int | None]]) -> Whole:
    """Smaller is better; what is not possible costs more than everything else together could save."""
    highest = max((abs(value) for row in scores for value in row if value is not None), default=0)
    if highest > 2**40:
        raise ValueError("scores are whole numbers below 2 to the power of 40")
    never = (highest + 1) * 4 * (len(scores) + 1)
    return np.array([[never if value is None else -value for value in row] for row in scores], dtype=np.int64)


class _Search:
    """Prices for applicants and stalls such that no pair costs less than its prices, and equal where matched."""

    def __init__(self, costs: Whole) -> None:
        self.costs = costs
        rows, columns = costs.shape
        self.row_price: Whole = np.zeros(rows, dtype=np.int64)
        self.column_price: Whole = np.zeros(columns, dtype=np.int64)
        self.holder: Whole = np.full(columns, NOWHERE, dtype=np.int64)
        self.place_of: Whole = np.full(rows, NOWHERE, dtype=np.int64)

    def place(self, start: int) -> None:
        """The cheapest way to take one more applicant in: to a free stall, or somebody goes nowhere."""
        best: Whole = np.full(len(self.holder), np.iinfo(np.int64).max, dtype=np.int64)
        came_from: Whole = np.full(len(self.holder), NOWHERE, dtype=np.int64)
        closed = np.zeros(len(self.holder), dtype=bool)
        visited: list[int] = []
        row, reached = start, 0
        exit_cost, exit_row = None, start
        while True:
            nowhere = reached - int(self.row_price[row])  # nowhere costs 0 and has the price 0
            if exit_cost is None or nowhere < exit_cost:
                exit_cost, exit_row = nowhere, row
            way = reached + self.costs[row] - self.row_price[row] - self.column_price
            better = ~closed & (way < best)
            best[better] = way[better]
            came_from[better] = row
            column = int(np.where(closed, np.iinfo(np.int64).max, best).argmin())
            if closed[column] or best[column] >= exit_cost:
                self._reprice(start, visited, best, exit_cost)
                self._shift(start, exit_row, self._free_place(exit_row), came_from)
                return
            reached = int(best[column])
            if self.holder[column] == NOWHERE:
                self._reprice(start, visited, best, reached)
                self._take(start, column, came_from)
                return
            closed[column] = True
            visited.append(column)
            row = int(self.holder[column])

    def _reprice(self, start: int, visited: list[int], best: Whole, reached: int) -> None:
        self.row_price[start] += reached
        if visited:
            gone = np.array(visited)
            slack = reached - best[gone]
            self.row_price[self.holder[gone]] += slack
            self.column_price[gone] -= slack

    def _free_place(self, row: int) -> int:
        """The stall of the one who goes nowhere; NOWHERE where the newcomer does."""
        column = int(self.place_of[row])
        self.place_of[row] = NOWHERE
        return column

    def _shift(self, start: int, leaver: int, column: int, came_from: Whole) -> None:
        if leaver != start:
            self._take(start, column, came_from)

    def _take(self, start: int, column: int, came_from: Whole) -> None:
        """Hands the stalls on along the path, back to the newcomer."""
        while True:
            row = int(came_from[column])
            self.holder[column] = row
            column, self.place_of[row] = int(self.place_of[row]), column
            if row == start:
                return

    def bound(self) -> int:
        return -int(self.row_price.sum() + self.column_price.sum())
