"""The plain assignment, exactly and fast: shortest augmenting paths over a table of worths, proven by prices.

Where one stall for one applicant is the only rule that binds two people, and nobody is like anybody else, the
integer model would have a column for each pair and no rule to keep. (People who are alike it counts together,
and then it is quicker than this.) An applicant may stay without a stall, which is worth 0: each has a stall
"nowhere" of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.allocation.optimum.found import Found
from market.allocation.problem import Problem
from market.allocation.rules import Spot, misfits, needs_of, offers

NOWHERE = -1
FAR = 2**62
Whole = NDArray[np.int64]
Worths = Sequence[Sequence[int | None]]
"""A row for each applicant, a column for each stall; None = not possible."""


def is_assignment(problem: Problem) -> bool:
    """Whether nothing but the stalls themselves is shared, and each applicant is somebody of their own."""
    rules, weights = problem.market_rules, problem.weights
    load = any(stall.circuit for stall in problem.stalls) and any(a.power_w for a in problem.applicants)
    limited = problem.limit is not None and problem.limit < min(len(problem.stalls), len(problem.applicants))
    minds = rules.apart or (rules.neighbours and weights.get("same_neighbour", 0))
    bound = any(a.double or a.pinned_stall_id is not None for a in problem.applicants)
    told_apart = all(a.id in problem.own_worths for a in problem.applicants)
    return told_apart and not (load or limited or minds or bound or rules.quotas)


def solve_assignment(problem: Problem) -> Found:
    """The best plan of a problem that is an assignment; always proven."""
    matched = best_assignment(_worths(problem))
    pairs = zip(problem.applicants, matched.places, strict=True)
    spots = {a.id: Spot(problem.stalls[place].id) for a, place in pairs if place is not None}
    return Found(spots, matched.bound, proven=matched.objective == matched.bound)


def _worths(problem: Problem) -> Worths:
    """What each has said of each stall, but for those that do not meet the needs."""
    keys = [stall.id for stall in problem.stalls]
    said = [list(map(problem.own_worths[a.id].get, keys)) for a in problem.applicants]
    if _anybody_may_stand_anywhere(problem):
        return said
    return [
        [None if misfits(a, stall) else worth for stall, worth in zip(problem.stalls, row, strict=True)]
        for a, row in zip(problem.applicants, said, strict=True)
    ]


def _anybody_may_stand_anywhere(problem: Problem) -> bool:
    kinds_of_stalls = {offers(stall): stall for stall in problem.stalls}.values()
    kinds_of_people = {needs_of(applicant): applicant for applicant in problem.applicants}.values()
    return not any(misfits(applicant, stall) for applicant in kinds_of_people for stall in kinds_of_stalls)


# --- The search -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matched:
    places: tuple[int | None, ...]  # a stall index for each applicant
    objective: int
    bound: int  # the sum of the prices: no assignment can score more


def best_assignment(worths: Worths) -> Matched:
    """The assignment with the largest sum; None means not possible. Equal input gives an equal answer."""
    if not worths or not worths[0]:
        return Matched((None,) * len(worths), 0, 0)
    costs = _costs(worths)
    search = _Search(costs)
    for row in range(len(worths)):
        search.place(row)
    places = tuple(None if place == NOWHERE else int(place) for place in search.place_of)
    objective = sum(worths[row][place] or 0 for row, place in enumerate(places) if place is not None)
    return Matched(places, objective, search.bound())


def _costs(worths: Worths) -> Whole:
    """Smaller is better; what is not possible costs more than everything else together could save."""
    highest = max((abs(value) for row in worths for value in row if value is not None), default=0)
    if highest > 2**40:
        raise ValueError("scores are whole numbers below 2 to the power of 40")
    never = (highest + 1) * 4 * (len(worths) + 1)
    return np.array([[never if value is None else -value for value in row] for row in worths], dtype=np.int64)


class _Search:
    """Prices for applicants and stalls: no pair costs less than its two prices, a matched pair just that."""

    def __init__(self, costs: Whole) -> None:
        self.costs = costs
        rows, columns = costs.shape
        self.row_price: Whole = np.zeros(rows, dtype=np.int64)
        self.column_price: Whole = np.zeros(columns, dtype=np.int64)
        self.holder: Whole = np.full(columns, NOWHERE, dtype=np.int64)
        self.place_of: Whole = np.full(rows, NOWHERE, dtype=np.int64)

    def place(self, start: int) -> None:
        """The cheapest way to take one more applicant in: to a free stall, or somebody goes nowhere."""
        way_to: Whole = np.full(len(self.holder), FAR, dtype=np.int64)  # FAR again once its holder was asked
        came_from: Whole = np.full(len(self.holder), NOWHERE, dtype=np.int64)
        asked: list[int] = []
        distances: list[int] = []
        row, reached, exit_cost, exit_row = start, 0, FAR, start
        while True:
            nowhere = reached - int(self.row_price[row])  # nowhere costs 0 and has the price 0
            if nowhere < exit_cost:
                exit_cost, exit_row = nowhere, row
            way = self.costs[row] - self.column_price
            way += nowhere
            if asked:
                way[asked] = FAR
            better = way < way_to
            np.copyto(way_to, way, where=better)
            came_from[better] = row
            column, nearest = self._nearest(way_to)
            if nearest >= exit_cost:
                self._reprice(start, asked, distances, exit_cost)
                self._leave(start, exit_row, came_from)
                return
            reached = nearest
            if self.holder[column] == NOWHERE:
                self._reprice(start, asked, distances, reached)
                self._take(start, column, came_from)
                return
            asked.append(column)
            distances.append(reached)
            way_to[column] = FAR
            row = int(self.holder[column])

    def _nearest(self, way_to: Whole) -> tuple[int, int]:
        """The nearest stall; among equals a free one, because there the search ends."""
        first = int(way_to.argmin())
        nearest = int(way_to[first])
        if self.holder[first] != NOWHERE:
            ties = np.flatnonzero(way_to == nearest)
            free = ties[self.holder[ties] == NOWHERE]
            if free.size:
                return int(free[0]), nearest
        return first, nearest

    def _reprice(self, start: int, asked: list[int], distances: list[int], reached: int) -> None:
        self.row_price[start] += reached
        if asked:
            slack = reached - np.array(distances, dtype=np.int64)
            self.row_price[self.holder[asked]] += slack
            self.column_price[asked] -= slack

    def _leave(self, start: int, leaver: int, came_from: Whole) -> None:
        """Somebody goes without a stall, and theirs is handed on, unless it is the newcomer who leaves."""
        column = int(self.place_of[leaver])
        self.place_of[leaver] = NOWHERE
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
