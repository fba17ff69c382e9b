"""The rows of the programme: one stall, one vendor; circuits; the day's limit; quotas; who is kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from market.allocation.house import Pair
from market.allocation.programme.seats import Seats
from market.allocation.rules import PLAN_RULES

MOST_MIXES = 300
"""Circuits with more kinds of loads than this are described by their watts alone."""


def add_limits(seats: Seats) -> None:
    """Every hard rule that is kept, and what the weights say of whole plans."""
    for rule in PLAN_RULES:
        if rule.kind in ROWS:
            ROWS[rule.kind](seats)
    _add_dislikes(seats)


def _add_stalls(seats: Seats) -> None:
    for number, cell in enumerate(seats.cells):
        seats.milp.total(seats.on_cell[number], None, len(cell))
        if len(cell) > 1:
            for stall in cell:
                if len(seats.on_stall[stall.id]) > 1:
                    seats.milp.total(seats.on_stall[stall.id], None, 1)


def _add_circuits(seats: Seats) -> None:
    for circuit in seats.task.circuits:
        if seats.keeps("circuit", circuit.name) and seats.watts[circuit.name]:
            for row in _add_circuit(seats, seats.watts[circuit.name], circuit.capacity_w):
                seats.rules_of[row] = (("circuit", circuit.name),)


def _add_limit(seats: Seats) -> None:
    limit = seats.task.limit
    if limit is not None and seats.keeps("limit", None):
        used = {column: len(one.spots[0].stall_ids) for column, one in seats.variables.items()}
        seats.rules_of[seats.milp.row(used, None, limit)] = (("limit", None),)


def _add_circuit(seats: Seats, watts: dict[int, int], capacity_w: int) -> Iterator[int]:
    """The load as a choice among the fullest mixes of appliances: no description of it is tighter."""
    milp, needs = seats.milp, sorted(set(watts.values()))
    columns = {need: [column for column, w in watts.items() if w == need] for need in needs}
    most = [_most_at_once(seats, columns[need]) for need in needs]
    mixes = list(islice(fullest(needs, most, capacity_w), MOST_MIXES + 1))
    if len(mixes) > MOST_MIXES:
        yield milp.row(watts, None, capacity_w)
        return
    chosen = [milp.column(1) for _ in mixes]
    yield milp.total(chosen, None, 1)
    for place, need in enumerate(needs):
        room = {column: -mix[place] for column, mix in zip(chosen, mixes, strict=True) if mix[place]}
        yield milp.row(dict.fromkeys(columns[need], 1) | room, None, 0)


def _most_at_once(seats: Seats, columns: Sequence[int]) -> int:
    """No more appliances of a kind than stalls they may stand on."""
    return len({spot.stall_id for column in columns for spot in seats.variables[column].spots})


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


def _add_quotas(seats: Seats) -> None:
    task, milp = seats.task, seats.milp
    for category, quota in sorted(task.house.quotas.items()):
        columns = seats.of_category[category]
        least = quota.minimum if seats.keeps("min", category) else 0
        most = quota.maximum if seats.keeps("max", category) else None
        if least or most is not None:
            row = milp.total(columns, least, most)
            seats.rules_of[row] = (("min", category), ("max", category))
        if quota.target and not seats.only_hard and task.weights.get("target", 0):
            met = milp.column(quota.target, task.weights["target"], whole=False)
            milp.row({met: 1} | dict.fromkeys(columns, -1), None, 0)


def _add_apart(seats: Seats) -> None:
    house, milp, both_sides = seats.task.house, seats.milp, _BothSides(seats)
    for number, rule in enumerate(house.apart):
        if seats.keeps("apart", number):
            for pair in house.pairs_apart(rule):
                if columns := both_sides(pair, rule.one, rule.other):
                    seats.rules_of[milp.total(columns, None, 1)] = (("apart", number),)


def _add_dislikes(seats: Seats) -> None:
    """Neighbours of one category cost something, but may be."""
    task, milp, both_sides = seats.task, seats.milp, _BothSides(seats)
    dislike = task.weights.get("same_neighbour", 0)
    if dislike and not seats.only_hard:
        for pair in task.house.neighbours:
            for category in sorted(seats.of_category):
                if columns := both_sides(pair, category, category):
                    alike = milp.column(1, dislike, whole=False)
                    milp.row(dict.fromkeys(columns, 1) | {alike: -1}, None, 1)


class _BothSides:
    """The columns of two categories on two stalls; a double applicant on both counts once, of whatever
    category, because then nobody else is there."""

    def __init__(self, seats: Seats) -> None:
        self.seats = seats
        self.across: dict[Pair, tuple[int, ...]] = {}

    def __call__(self, pair: Pair, one: str, other: str) -> list[int]:
        on, both = self.seats.category_on, self._across(pair)
        here = [column for column in on.get((one, pair[0]), ()) if column not in both]
        there = [column for column in on.get((other, pair[1]), ()) if column not in both]
        return [*here, *there, *both] if here and there else []

    def _across(self, pair: Pair) -> tuple[int, ...]:
        """Double applicants on exactly these two stalls."""
        if pair not in self.across:
            there = set(self.seats.on_stall[pair[1]])
            self.across[pair] = tuple(column for column in self.seats.on_stall[pair[0]] if column in there)
        return self.across[pair]


ROWS: dict[str, Callable[[Seats], None]] = {
    "stall": _add_stalls,
    "circuit": _add_circuits,
    "limit": _add_limit,
    "max": _add_quotas,
    "apart": _add_apart,
}
"""By the kind of the hard rule. The others are kept by the columns there are: needs, pins, two stalls."""
