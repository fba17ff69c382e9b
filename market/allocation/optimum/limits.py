"""The rows of the model: one stall, one vendor; circuits; the day's limit; quotas; who is kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from market.allocation.market_rules import Pair
from market.allocation.optimum.variables import Variables
from market.allocation.rules import PLAN_RULES

MOST_MIXES = 300
"""Circuits with more kinds of loads than this are described by their watts alone."""


def add_limits(variables: Variables) -> None:
    """Every hard rule that is kept, and what the weights say of whole plans."""
    for rule in PLAN_RULES:
        if rule.kind in ROWS:
            ROWS[rule.kind](variables)
    _add_dislikes(variables)


def _add_stalls(variables: Variables) -> None:
    for number, cell in enumerate(variables.cells):
        variables.milp.total(variables.on_cell[number], None, len(cell))
        if len(cell) > 1:
            for stall in cell:
                if len(variables.on_stall[stall.id]) > 1:
                    variables.milp.total(variables.on_stall[stall.id], None, 1)


def _add_circuits(variables: Variables) -> None:
    for circuit in variables.problem.circuits:
        if variables.keeps("circuit", circuit.name) and variables.watts[circuit.name]:
            for row in _add_circuit(variables, variables.watts[circuit.name], circuit.capacity_w):
                variables.rules_of[row] = (("circuit", circuit.name),)


def _add_limit(variables: Variables) -> None:
    limit = variables.problem.limit
    if limit is not None and variables.keeps("limit", None):
        used = {column: len(one.spots[0].stall_ids) for column, one in variables.by_column.items()}
        variables.rules_of[variables.milp.row(used, None, limit)] = (("limit", None),)


def _add_circuit(variables: Variables, watts: dict[int, int], capacity_w: int) -> Iterator[int]:
    """The load as a choice among the fullest mixes of appliances: no description of it is tighter."""
    milp, needs = variables.milp, sorted(set(watts.values()))
    columns = {need: [column for column, w in watts.items() if w == need] for need in needs}
    most = [_most_at_once(variables, columns[need]) for need in needs]
    mixes = list(islice(fullest(needs, most, capacity_w), MOST_MIXES + 1))
    if len(mixes) > MOST_MIXES:
        yield milp.row(watts, None, capacity_w)
        return
    chosen = [milp.column(1) for _ in mixes]
    yield milp.total(chosen, None, 1)
    for place, need in enumerate(needs):
        room = {column: -mix[place] for column, mix in zip(chosen, mixes, strict=True) if mix[place]}
        yield milp.row(dict.fromkeys(columns[need], 1) | room, None, 0)


def _most_at_once(variables: Variables, columns: Sequence[int]) -> int:
    """No more appliances of a kind than stalls they may stand on."""
    return len({spot.stall_id for column in columns for spot in variables.by_column[column].spots})


def fullest(needs: Sequence[int], most: Sequence[int], capacity_w: int) -> Iterator[tuple[int, ...]]:
    """The mixes of appliances to which nothing can be added: how many of each need, most watts first."""

    def fill(place: int, left: int) -> Iterator[tuple[int, ...]]:
        if place < 0:
            yield ()
            return
        for count in range(min(most[place], left // needs[place]), -1, -1):
            for mix in fill(place - 1, left - count * needs[place]):
                yield (*mix, count)

    for mix in fill(len(needs) - 1, capacity_w):
        left = capacity_w - sum(need * count for need, count in zip(needs, mix, strict=True))
        if all(count == top or need > left for need, count, top in zip(needs, mix, most, strict=True)):
            yield mix


def _add_quotas(variables: Variables) -> None:
    problem, milp = variables.problem, variables.milp
    for category, quota in sorted(problem.market_rules.quotas.items()):
        columns = variables.of_category[category]
        least = quota.minimum if variables.keeps("min", category) else 0
        most = quota.maximum if variables.keeps("max", category) else None
        if least or most is not None:
            row = milp.total(columns, least, most)
            variables.rules_of[row] = (("min", category), ("max", category))
        if quota.target and not variables.only_hard and problem.weights.get("target", 0):
            met = milp.column(quota.target, problem.weights["target"], whole=False)
            milp.row({met: 1} | dict.fromkeys(columns, -1), None, 0)


def _add_apart(variables: Variables) -> None:
    rules, milp, both_sides = variables.problem.market_rules, variables.milp, _BothSides(variables)
    for number, rule in enumerate(rules.apart):
        if variables.keeps("apart", number):
            for pair in rules.pairs_apart(rule):
                if columns := both_sides(pair, rule.one, rule.other):
                    variables.rules_of[milp.total(columns, None, 1)] = (("apart", number),)


def _add_dislikes(variables: Variables) -> None:
    """Neighbours of one category cost something, but may be."""
    problem, milp, both_sides = variables.problem, variables.milp, _BothSides(variables)
    dislike = problem.weights.get("same_neighbour", 0)
    if dislike and not variables.only_hard:
        for pair in problem.market_rules.neighbours:
            for category in sorted(variables.of_category):
                if columns := both_sides(pair, category, category):
                    alike = milp.column(1, dislike, whole=False)
                    milp.row(dict.fromkeys(columns, 1) | {alike: -1}, None, 1)


class _BothSides:
    """The columns of two categories on two stalls; a double applicant on both counts once, of whatever
    category, because then nobody else is there."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.across: dict[Pair, tuple[int, ...]] = {}

    def __call__(self, pair: Pair, one: str, other: str) -> list[int]:
        on, both = self.variables.category_on, self._across(pair)
        here = [column for column in on.get((one, pair[0]), ()) if column not in both]
        there = [column for column in on.get((other, pair[1]), ()) if column not in both]
        return [*here, *there, *both] if here and there else []

    def _across(self, pair: Pair) -> tuple[int, ...]:
        """Double applicants on exactly these two stalls."""
        if pair not in self.across:
            there = set(self.variables.on_stall[pair[1]])
            self.across[pair] = tuple(
                column for column in self.variables.on_stall[pair[0]] if column in there
            )
        return self.across[pair]


ROWS: dict[str, Callable[[Variables], None]] = {
    "stall": _add_stalls,
    "circuit": _add_circuits,
    "limit": _add_limit,
    "max": _add_quotas,
    "apart": _add_apart,
}
"""By the kind of the hard rule. The others are kept by the columns there are: needs, pins, two stalls."""
