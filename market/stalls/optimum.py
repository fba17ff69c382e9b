"""The whole task as one integer programme: who stands and where, every hard rule kept, the best worth.

Applicants of one category with the same needs are alike except for their wishes and for what the person is
worth, so a column counts a class on a stall, and only a wish, a pin or a table of scores names a person. That
is exact. Stalls that have no neighbour to mind are counted by kind as well.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from market.stalls.ground import grouped, stall_kind
from market.stalls.house import Pair
from market.stalls.milp import Milp, Outcome
from market.stalls.rules import Applicant, StallFacts, needs, person_score, place_score, wish_score
from market.stalls.task import Task

Element = tuple[str, Hashable]
"""A hard rule that can be left out to see whether it is to blame: ("min", category), ("pin", applicant) …"""
Class = int
"""The number of a set of applicants who are alike but for their wishes and their worth."""
Place = tuple[int, ...]
"""The stall, and the one beside it for a double applicant."""
MOST_MIXES = 300
"""Circuits with more kinds of loads than this are described by their watts alone."""


@dataclass(slots=True)
class Found:
    assignment: dict[int, int] = field(default_factory=dict)
    doubles: dict[int, int] = field(default_factory=dict)


class Programme:
    """`without`: hard rules left out; `only_hard`: any plan will do."""

    def __init__(self, task: Task, *, without: Collection[Element] = (), only_hard: bool = False) -> None:
        self.task, self.without, self.only_hard = task, frozenset(without), only_hard
        self.milp = Milp()
        self.named: dict[int, tuple[Applicant, Place]] = {}  # column → a person on a place
        self.counted: dict[int, tuple[Class, tuple[Place, ...]]] = {}  # column → a class on places all alike
        self.taken: dict[int, tuple[Class, int]] = {}  # column → how many of a class and a worth stand
        self.on_stall: dict[int, list[int]] = defaultdict(list)
        self.on_cell: dict[int, list[int]] = defaultdict(list)
        self.of_category: dict[str, list[int]] = defaultdict(list)
        self.category_on: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.watts: dict[str, dict[int, int]] = defaultdict(dict)
        self.stalls_used: dict[int, int] = {}
        self.across: dict[Pair, tuple[int, ...]] = {}
        self.class_by_needs: dict[Hashable, Class] = {}
        self.classes: dict[Hashable, Class] = {}
        self.places: dict[Class, tuple[tuple[Place, ...], ...]] = {}
        self.cells = self._cells()
        self.cell_of = {s.id: n for n, cell in enumerate(self.cells) for s in cell}
        self._add_people()
        self._add_ground_rules()
        self._add_house_rules()

    def keeps(self, *element: Hashable) -> bool:
        return element not in self.without

    def solve(self, seconds: float) -> Outcome:
        return self.milp.solve(seconds)

    # --- Columns ----------------------------------------------------------------------------------------

    def _cells(self) -> list[list[StallFacts]]:
        """Stalls by kind where nobody minds the neighbours, one by one where somebody does."""
        if self.task.house.neighbours or self.task.house.downwind or self.task.scores is not None:
            return [[stall] for stall in self.task.ground]
        return list(grouped(self.task.ground, lambda s: (*stall_kind(s), s.closed)).values())

    def _add_people(self) -> None:
        classes: dict[Class, list[Applicant]] = defaultdict(list)
        for applicant in self.task.queue:
            if self._stands_alone(applicant):
                self._add_person(applicant)
            else:
                classes[self.class_of(applicant)].append(applicant)
        for key, group in classes.items():
            self._add_class(key, group)

    def class_of(self, applicant: Applicant) -> Class:
        """Alike are those of a category who take the same watts and may stand on the same places."""
        asks = (applicant.category, *needs(replace(applicant, for_reserved=False)), applicant.double)
        if asks not in self.class_by_needs:
            places = tuple(cell for cell in self._places(applicant) if not self._is_kept(cell[0]))
            alike = applicant.category, applicant.power_w, applicant.double, places
            number = self.classes.setdefault(alike, len(self.classes))
            self.class_by_needs[asks], self.places[number] = number, places
        return self.class_by_needs[asks]

    def _is_kept(self, place: Place) -> bool:
        """Reserved stalls are given by name only: who may stand there stays in the class of the others."""
        return self.keeps("need", "reserved") and any(self.task.stall_by_id[s].reserved for s in place)

    def _stands_alone(self, applicant: Applicant) -> bool:
        pinned = applicant.pinned_stall_id is not None and self.keeps("pin", applicant.id)
        return pinned or self.task.scores is not None

    def _add_person(self, applicant: Applicant) -> None:
        pinned = applicant.pinned_stall_id if self.keeps("pin", applicant.id) else None
        columns = []
        for cell in self._places(applicant):
            for place in cell:
                if pinned is None or place[0] == pinned:
                    worth = self.task.worth(applicant, self.task.stall_by_id[place[0]]) or 0
                    columns.append(self._seat(applicant, place, worth))
        self.milp.total(columns, int(pinned is not None), 1)

    def _add_class(self, key: Class, group: Sequence[Applicant]) -> None:
        """A person's worth and wishes are added to what anybody of the class is worth on a place."""
        counted = []
        for cell in self.places[key]:
            worth = place_score(group[0], self.task.stall_by_id[cell[0][0]], self.task.weights)
            column = self._column(min(len(group), len(cell)), worth, group[0], cell)
            self.counted[column] = key, cell
            counted.append(column)
        taken = [column for people in self._alike(group) for column in self._add_alike(key, people)]
        self.milp.row(dict.fromkeys(counted, 1) | dict.fromkeys(taken, -1), 0, 0)

    def _alike(self, group: Sequence[Applicant]) -> Iterable[list[Applicant]]:
        return grouped(group, lambda a: (person_score(a, self.task.weights),)).values()

    def _add_alike(self, key: Class, people: Sequence[Applicant]) -> Iterator[int]:
        worth = person_score(people[0], self.task.weights)
        wishes = {applicant.id: self._wishes(applicant) for applicant in people}
        plain = [applicant for applicant in people if not wishes[applicant.id]]
        if plain:
            yield self._take(key, worth, len(plain))
        for applicant in people:
            if wishes[applicant.id]:
                own = [self._seat(applicant, place, gain + worth) for place, gain in wishes[applicant.id]]
                column = self._take(key, worth, 1)
                self.milp.total([column, *own], None, 1)
                yield column

    def _take(self, key: Class, worth: int, most: int) -> int:
        column = self.milp.column(most, self._cost(worth))
        self.taken[column] = key, worth
        return column

    def _seat(self, applicant: Applicant, place: Place, worth: int) -> int:
        column = self._column(1, worth, applicant, (place,))
        self.named[column] = applicant, place
        return column

    def _column(self, most: int, worth: int, applicant: Applicant, cell: tuple[Place, ...]) -> int:
        """One more way to stand somewhere, entered in every account that a rule reads."""
        column = self.milp.column(most, self._cost(worth))
        self.of_category[applicant.category].append(column)
        self.stalls_used[column] = len(cell[0])
        for stall_id in cell[0]:
            self.on_cell[self.cell_of[stall_id]].append(column)
            if len(cell) == 1:
                self.on_stall[stall_id].append(column)
                self.category_on[applicant.category, stall_id].append(column)
        circuit = self.task.stall_by_id[cell[0][0]].circuit
        if circuit is not None and applicant.power_w:
            self.watts[circuit][column] = applicant.power_w
        return column

    def _cost(self, worth: int) -> int:
        return 0 if self.only_hard else worth

    def _places(self, applicant: Applicant) -> Iterator[tuple[Place, ...]]:
        for cell in self.cells:
            if not applicant.double:
                if self._allows(self.task.obstacles(applicant, cell[0])):
                    yield tuple((stall.id,) for stall in cell)
                continue
            for stall in cell:
                for other in self.task.beside[stall.id]:
                    if self._is_turned(applicant, stall, self.task.stall_by_id[other]):
                        continue
                    if self._allows(self.task.obstacles(applicant, stall, self.task.stall_by_id[other])):
                        yield ((stall.id, other),)

    def _is_turned(self, applicant: Applicant, stall: StallFacts, beside: StallFacts) -> bool:
        """Whether the same two stalls the other way round are the same to anybody."""
        if stall_kind(stall) != stall_kind(beside) or stall.id < beside.id:
            return False
        return self.task.scores is None and not self._stands_alone(applicant)

    def _allows(self, obstacles: Iterable[str]) -> bool:
        return all(("need", code) in self.without for code in obstacles)

    def _wishes(self, applicant: Applicant) -> list[tuple[Place, int]]:
        """Places with a worth of their own for this person, and the reserved ones."""
        found = []
        for stall in self._asked_for(applicant):
            worth = wish_score(applicant, stall, self.task.weights)
            worth += place_score(applicant, stall, self.task.weights)
            found += [(place, worth) for place in self._places_on(applicant, stall)]
        return found

    def _asked_for(self, applicant: Applicant) -> list[StallFacts]:
        named = set(self._reserved) if applicant.for_reserved and self.keeps("need", "reserved") else set()
        for wish in (applicant.wanted_stall_id, applicant.last_stall_id):
            stall = self.task.stall_by_id.get(wish or 0)
            if stall and not self.only_hard and wish_score(applicant, stall, self.task.weights) > 0:
                named.add(stall.id)
        return [self.task.stall_by_id[stall_id] for stall_id in sorted(named)]

    @cached_property
    def _reserved(self) -> frozenset[int]:
        """Reserved stalls, and for double applicants those beside them."""
        found = {stall.id for stall in self.task.ground if stall.reserved}
        beside = {other for stall_id in found for other in self.task.beside[stall_id]}
        return frozenset(found | beside) if any(a.double for a in self.task.queue) else frozenset(found)

    def _places_on(self, applicant: Applicant, stall: StallFacts) -> list[Place]:
        if not applicant.double:
            return [(stall.id,)] if self._allows(self.task.obstacles(applicant, stall)) else []
        others = [self.task.stall_by_id[other] for other in self.task.beside[stall.id]]
        return [(stall.id, o.id) for o in others if self._allows(self.task.obstacles(applicant, stall, o))]

    # --- Rows -------------------------------------------------------------------------------------------

    def _add_ground_rules(self) -> None:
        for number, cell in enumerate(self.cells):
            self.milp.total(self.on_cell[number], None, len(cell))
            if len(cell) > 1:
                for stall in cell:
                    if len(self.on_stall[stall.id]) > 1:
                        self.milp.total(self.on_stall[stall.id], None, 1)
        for circuit in self.task.circuits:
            if self.keeps("circuit", circuit.name) and self.watts[circuit.name]:
                self._add_circuit(self.watts[circuit.name], circuit.capacity_w)
        if self.task.limit is not None and self.keeps("limit", None):
            self.milp.row(self.stalls_used, None, self.task.limit)

    def _add_circuit(self, watts: dict[int, int], capacity_w: int) -> None:
        """The load as a choice among the fullest mixes of appliances: no description of it is tighter."""
        needs = sorted(set(watts.values()))
        columns = {need: [column for column, w in watts.items() if w == need] for need in needs}
        most = [self._most_at_once(columns[need]) for need in needs]
        mixes = list(islice(fullest(needs, most, capacity_w), MOST_MIXES + 1))
        if len(mixes) > MOST_MIXES:
            self.milp.row(watts, None, capacity_w)
            return
        chosen = [self.milp.column(1) for _ in mixes]
        self.milp.total(chosen, None, 1)
        for place, need in enumerate(needs):
            room = {column: -mix[place] for column, mix in zip(chosen, mixes, strict=True) if mix[place]}
            self.milp.row(dict.fromkeys(columns[need], 1) | room, None, 0)

    def _most_at_once(self, columns: Sequence[int]) -> int:
        """No more appliances of a kind than stalls they may stand on, nor than there are."""
        return len({place[0] for column in columns for place in self._of(column)})

    def _of(self, column: int) -> tuple[Place, ...]:
        return (self.named[column][1],) if column in self.named else self.counted[column][1]

    def _add_house_rules(self) -> None:
        for category, quota in sorted(self.task.house.quotas.items()):
            columns = self.of_category[category]
            least = quota.minimum if self.keeps("min", category) else 0
            most = quota.maximum if self.keeps("max", category) else None
            if least or most is not None:
                self.milp.total(columns, least, most)
            if quota.target and not self.only_hard and self.task.weights.get("target", 0):
                met = self.milp.column(quota.target, self.task.weights["target"], whole=False)
                self.milp.row({met: 1} | dict.fromkeys(columns, -1), None, 0)
        for number, rule in enumerate(self.task.house.apart):
            if self.keeps("apart", number):
                for pair in self.task.house.pairs_apart(rule):
                    self._add_apart(pair, rule.one, rule.other)
        if self.task.weights.get("same_neighbour", 0) and not self.only_hard:
            for pair in self.task.house.neighbours:
                self._add_same_neighbours(pair)

    def _add_apart(self, pair: Pair, one: str, other: str) -> None:
        columns = self._on_both_sides(pair, one, other)
        if columns:
            self.milp.total(columns, None, 1)

    def _add_same_neighbours(self, pair: Pair) -> None:
        for category in sorted(self.of_category):
            columns = self._on_both_sides(pair, category, category)
            if columns:
                alike = self.milp.column(1, self.task.weights["same_neighbour"], whole=False)
                self.milp.row(dict.fromkeys(columns, 1) | {alike: -1}, None, 1)

    def _on_both_sides(self, pair: Pair, one: str, other: str) -> list[int]:
        """The columns of the two categories on the two stalls; a double applicant on both counts once, of
        whatever category, because then nobody else is there."""
        left, right = self.category_on.get((one, pair[0]), []), self.category_on.get((other, pair[1]), [])
        both = self._across(pair)
        here, there = [c for c in left if c not in both], [c for c in right if c not in both]
        return [*here, *there, *both] if here and there else []

    def _across(self, pair: Pair) -> tuple[int, ...]:
        """Double applicants on exactly these two stalls."""
        if pair not in self.across:
            there = set(self.on_stall[pair[1]])
            self.across[pair] = tuple(column for column in self.on_stall[pair[0]] if column in there)
        return self.across[pair]

    # --- Back to persons --------------------------------------------------------------------------------

    def read(self, values: Sequence[int]) -> Found:
        """From numbers of a class to persons on stalls: of those alike, earlier applicant and stall first."""
        places = {a.id: place for column, (a, place) in self.named.items() if values[column]}
        spoken_for = {stall for place in places.values() for stall in place}
        free_places: dict[Class, list[Place]] = defaultdict(list)
        for column, (key, cell) in self.counted.items():
            free = [place for place in cell if not spoken_for.intersection(place)][: values[column]]
            spoken_for.update(stall for place in free for stall in place)
            free_places[key] += free
        for key, people in self._standing(values, places).items():
            places |= {a.id: place for a, place in zip(people, self._in_order(free_places[key]), strict=True)}
        self._earlier_wishes_first(places)
        return Found(
            {a: place[0] for a, place in places.items()},
            {a: place[1] for a, place in places.items() if len(place) > 1},
        )

    def _in_order(self, places: Iterable[Place]) -> list[Place]:
        order = {stall.id: number for number, stall in enumerate(self.task.ground)}
        return sorted(places, key=lambda place: [order[stall] for stall in place])

    def _standing(self, values: Sequence[int], placed: Collection[int]) -> dict[Class, list[Applicant]]:
        counts: dict[tuple[Class, int], int] = defaultdict(int)
        for column, of in self.taken.items():
            counts[of] += values[column]
        found: dict[Class, list[Applicant]] = defaultdict(list)
        for applicant in self.task.queue:
            of = self.class_of(applicant), person_score(applicant, self.task.weights)
            if applicant.id not in placed and counts[of]:
                counts[of] -= 1
                found[of[0]].append(applicant)
        return found

    def _earlier_wishes_first(self, places: dict[int, Place]) -> None:
        """Where two alike have the same wish, the earlier applicant has the stall."""
        weights, stalls = self.task.weights, self.task.stall_by_id
        if self.task.scores is not None or self.only_hard:
            return

        def wish(applicant: Applicant, place: Place | None) -> int:
            return wish_score(applicant, stalls[place[0]], weights) if place else 0

        people = [a for a in self.task.queue if not self._stands_alone(a)]
        for alike in grouped(
            people, lambda a: (self.class_of(a), person_score(a, weights), a.for_reserved)
        ).values():
            for early, later in ((e, later) for n, e in enumerate(alike) for later in alike[n + 1 :]):
                mine, theirs = places.get(early.id), places.get(later.id)
                gain = wish(early, theirs) - wish(early, mine)
                if gain > 0 and gain >= wish(later, theirs) - wish(later, mine):
                    _exchange(places, early.id, later.id)


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


def _exchange(places: dict[int, Place], one: int, other: int) -> None:
    mine, theirs = places.pop(one, None), places.pop(other, None)
    if theirs:
        places[one] = theirs
    if mine:
        places[other] = mine
