"""The columns of the model: every way to stand somewhere, entered in each account that a rule reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TypeVar

from market.allocation.optimum.milp import Milp
from market.allocation.problem import Problem
from market.allocation.rules import (
    Applicant,
    Spot,
    StallFacts,
    needs_of,
    offers,
    place_score,
    wish_score,
)

Element = tuple[str, Hashable]
"""A hard rule, left out to see whether the others hold then: ("min", category), ("pin", applicant) …"""
Class = int
"""The number of a set of applicants who are alike but for their wishes and their worth."""
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Variable:
    """What a column counts: a named person, or some of a class, on one of these spots, all alike."""

    spots: tuple[Spot, ...]
    person: Applicant | None = None
    of: Class = -1


class Variables:
    """People on stalls as columns; rows say only who a person is, `limits` what the rules allow."""

    def __init__(self, problem: Problem, without: frozenset[Element], only_hard: bool) -> None:
        self.problem, self.without, self.only_hard = problem, without, only_hard
        self.milp = Milp()
        self.by_column: dict[int, Variable] = {}
        self.taken: dict[int, tuple[Class, int]] = {}  # column → how many of a class and a worth stand
        self.on_stall: dict[int, list[int]] = defaultdict(list)
        self.on_cell: dict[int, list[int]] = defaultdict(list)
        self.of_category: dict[str, list[int]] = defaultdict(list)
        self.category_on: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.watts: dict[str, dict[int, int]] = defaultdict(dict)
        self.rules_of: dict[int, tuple[Element, ...]] = {}  # row → the rules it states
        self.class_by_needs: dict[Hashable, Class] = {}
        self.classes: dict[Hashable, Class] = {}
        self.spots: dict[Class, tuple[tuple[Spot, ...], ...]] = {}
        self.cells = self._cells()
        self.cell_of = {s.id: n for n, cell in enumerate(self.cells) for s in cell}
        self._add_people()

    def keeps(self, *element: Hashable) -> bool:
        return element not in self.without

    def worth(self, applicant: Applicant) -> int:
        """What it is worth that this person stands."""
        return 0 if self.only_hard else self.problem.person_worth(applicant)

    def stands_alone(self, applicant: Applicant) -> bool:
        """Whether nobody else is like this person."""
        pinned = applicant.pinned_stall_id is not None and self.keeps("pin", applicant.id)
        return pinned or applicant.id in self.problem.own_worths

    def class_of(self, applicant: Applicant) -> Class:
        """The class of a person: one category, the same power, and the same spots."""
        asks = (applicant.category, *needs_of(replace(applicant, for_reserved=False)), applicant.double)
        if asks not in self.class_by_needs:
            spots = tuple(cell for cell in self._spots(applicant) if not self._is_kept(cell[0]))
            alike = applicant.category, applicant.power_w, applicant.double, spots
            number = self.classes.setdefault(alike, len(self.classes))
            self.class_by_needs[asks], self.spots[number] = number, spots
        return self.class_by_needs[asks]

    # --- Stalls -----------------------------------------------------------------------------------------

    def _cells(self) -> list[list[StallFacts]]:
        """Stalls by kind; one by one where somebody minds neighbours, or tells apart stalls of a kind."""
        if self._somebody_minds():
            return [[stall] for stall in self.problem.ground]
        return list(grouped(self.problem.ground, _kind).values())

    def _somebody_minds(self) -> bool:
        rules, weights = self.problem.market_rules, self.problem.weights
        if self.problem.own_worths:
            return True
        if any(self.keeps("apart", n) and rules.pairs_apart(rule) for n, rule in enumerate(rules.apart)):
            return True
        likes = bool(weights.get("same_neighbour", 0)) and not self.only_hard
        return bool(rules.neighbours) and (likes or any(a.double for a in self.problem.queue))

    def _is_kept(self, spot: Spot) -> bool:
        """Reserved stalls are given by name only: who may stand there stays in the class of the others."""
        return self.keeps("need", "reserved") and any(s.reserved for s in self.problem.stalls_of(spot))

    def _spots(self, applicant: Applicant) -> Iterator[tuple[Spot, ...]]:
        """The spots that will do, those of a cell together; each two stalls by themselves."""
        for cell in self.cells:
            if not applicant.double:
                if self._allows(applicant, Spot(cell[0].id)):
                    yield tuple(Spot(stall.id) for stall in cell)
                continue
            for stall in cell:
                for spot in self._spots_on(applicant, stall):
                    if not self._is_turned(applicant, spot):
                        yield (spot,)

    def _is_turned(self, applicant: Applicant, spot: Spot) -> bool:
        """Whether it makes no difference to anybody which of two stalls is named first."""
        stall, beside = self.problem.stalls_of(spot)
        if _kind(stall) != _kind(beside) or stall.id < beside.id:
            return False
        return not self.stands_alone(applicant)

    def _spots_on(self, applicant: Applicant, stall: StallFacts) -> list[Spot]:
        spots = [Spot(stall.id)]
        if applicant.double:
            spots = [Spot(stall.id, other) for other in self.problem.beside[stall.id]]
        return [spot for spot in spots if self._allows(applicant, spot)]

    def _allows(self, applicant: Applicant, spot: Spot) -> bool:
        return all(("need", code) in self.without for code in self.problem.obstacles(applicant, spot))

    # --- People -----------------------------------------------------------------------------------------

    def _add_people(self) -> None:
        classes: dict[Class, list[Applicant]] = defaultdict(list)
        for applicant in self.problem.queue:
            if self.stands_alone(applicant):
                self._add_person(applicant)
            else:
                classes[self.class_of(applicant)].append(applicant)
        for key, group in classes.items():
            self._add_class(key, group)

    def _add_person(self, applicant: Applicant) -> None:
        pinned = applicant.pinned_stall_id if self.keeps("pin", applicant.id) else None
        stall = self.problem.stall_by_id.get(pinned or 0)
        spots = self._spots_on(applicant, stall) if stall else chain.from_iterable(self._spots(applicant))
        columns = []
        for spot in spots:
            worth = self.problem.worth(applicant, self.problem.stall_by_id[spot.stall_id])
            columns.append(self._named(applicant, spot, worth))
        row = self.milp.total(columns, int(pinned is not None), 1)
        if pinned is not None:
            self.rules_of[row] = (("pin", applicant.id),)

    def _add_class(self, key: Class, group: Sequence[Applicant]) -> None:
        """A person's worth and wishes are added to what anybody of the class is worth on a spot."""
        counted = []
        for cell in self.spots[key]:
            worth = place_score(group[0], self.problem.stall_by_id[cell[0].stall_id], self.problem.weights)
            counted.append(self._column(group[0], Variable(cell, of=key), min(len(group), len(cell)), worth))
        alike = grouped(group, self.worth).values()
        taken = [column for people in alike for column in self._add_alike(key, people)]
        self.milp.row(dict.fromkeys(counted, 1) | dict.fromkeys(taken, -1), 0, 0)

    def _add_alike(self, key: Class, people: Sequence[Applicant]) -> Iterator[int]:
        worth = self.worth(people[0])
        wishes = {applicant.id: self._wishes(applicant) for applicant in people}
        plain = [applicant for applicant in people if not wishes[applicant.id]]
        if plain:
            yield self._take(key, worth, len(plain))
        for applicant in people:
            if wishes[applicant.id]:
                own = [self._named(applicant, spot, gain + worth) for spot, gain in wishes[applicant.id]]
                column = self._take(key, worth, 1)
                self.milp.total([column, *own], None, 1)
                yield column

    def _wishes(self, applicant: Applicant) -> list[tuple[Spot, int]]:
        """Spots with a worth of their own for this person, and the reserved ones."""
        found = []
        for stall in self._asked_for(applicant):
            worth = wish_score(applicant, stall, self.problem.weights)
            worth += place_score(applicant, stall, self.problem.weights)
            found += [(spot, worth) for spot in self._spots_on(applicant, stall)]
        return found

    def _asked_for(self, applicant: Applicant) -> list[StallFacts]:
        named = set(self._reserved) if applicant.for_reserved and self.keeps("need", "reserved") else set()
        for wish in (applicant.wanted_stall_id, applicant.last_stall_id):
            stall = self.problem.stall_by_id.get(wish or 0)
            if stall and not self.only_hard and wish_score(applicant, stall, self.problem.weights) > 0:
                named.add(stall.id)
        return [self.problem.stall_by_id[stall_id] for stall_id in sorted(named)]

    @cached_property
    def _reserved(self) -> frozenset[int]:
        """Reserved stalls, and for double applicants those beside them."""
        found = {stall.id for stall in self.problem.ground if stall.reserved}
        beside = {other for stall_id in found for other in self.problem.beside[stall_id]}
        return frozenset(found | beside) if any(a.double for a in self.problem.queue) else frozenset(found)

    # --- Columns ----------------------------------------------------------------------------------------

    def _take(self, key: Class, worth: int, most: int) -> int:
        column = self.milp.column(most, worth)
        self.taken[column] = key, worth
        return column

    def _named(self, applicant: Applicant, spot: Spot, worth: int) -> int:
        return self._column(applicant, Variable((spot,), applicant), 1, worth)

    def _column(self, applicant: Applicant, variable: Variable, most: int, worth: int) -> int:
        column, spot = self.milp.column(most, 0 if self.only_hard else worth), variable.spots[0]
        self.by_column[column] = variable
        self.of_category[applicant.category].append(column)
        for stall_id in spot.stall_ids:
            self.on_cell[self.cell_of[stall_id]].append(column)
            if len(variable.spots) == 1:
                self.on_stall[stall_id].append(column)
                self.category_on[applicant.category, stall_id].append(column)
        circuit = self.problem.stall_by_id[spot.stall_id].circuit
        if circuit is not None and applicant.power_w:
            self.watts[circuit][column] = applicant.power_w
        return column


def grouped(items: Iterable[_Item], kind: Callable[[_Item], Hashable]) -> dict[Hashable, list[_Item]]:
    groups: dict[Hashable, list[_Item]] = defaultdict(list)
    for item in items:
        groups[kind(item)].append(item)
    return groups


def _kind(stall: StallFacts) -> Hashable:
    """What tells stalls apart, in worth or in needs."""
    return stall.zone, stall.shade, stall.circuit, offers(stall)
