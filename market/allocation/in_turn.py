"""Stalls given out by turn: whoever is next takes the best free place on their own list.

The sheet says everything that decides; it is plain data, so that it can be published, and a second program
(`redraw.py`) can take the same turns.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

from market.allocation.rules import (
    Applicant,
    Assignment,
    Blame,
    Spot,
    StallFacts,
    needs_of,
    score,
    walking_order,
)
from market.allocation.task import Task


class Person(TypedDict):
    """One line of the published list."""

    category: str
    id: str
    name: str
    pinned: bool
    places: list[list[str]]  # the places that meet the needs, the best first; two labels = a double stall
    power_w: int


class Sheet(TypedDict):
    """The head of the published list, and its lines."""

    apart: list[list[str]]  # stall, category, stall, category: may not be
    circuits: dict[str, int]
    limit: int
    people: list[Person]
    quotas: dict[str, list[int]]  # category: at least, at most (-1 = any number)
    stalls: dict[str, str]  # label: circuit ("" = none)


Places = dict[str, list[str]]
"""Person → labels."""


def sheet_of(task: Task) -> Sheet:
    """The task as a list to publish; persons in the order of application."""
    label = {stall.id: stall.label for stall in task.ground}
    people = _People(task)
    return Sheet(
        apart=[
            [label[here], rule.one, label[there], rule.other]
            for rule in task.market_rules.apart
            for here, there in task.market_rules.pairs_apart(rule)
        ],
        circuits={circuit.name: circuit.capacity_w for circuit in task.circuits},
        limit=len(task.ground) if task.limit is None else task.limit,
        people=[people.line(applicant) for applicant in task.queue],
        quotas={
            category: [quota.minimum, -1 if quota.maximum is None else quota.maximum]
            for category, quota in sorted(task.market_rules.quotas.items())
        },
        stalls={stall.label: stall.circuit or "" for stall in task.ground},
    )


class _People:
    """The lines of the list; who asks for the same has the same places, worked out once."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.fitting: dict[Hashable, list[Spot]] = {}
        self.known: dict[Hashable, list[list[str]]] = {}

    def line(self, applicant: Applicant) -> Person:
        return Person(
            category=applicant.category,
            id=str(applicant.id),
            name=applicant.name,
            pinned=applicant.pinned_stall_id is not None,
            places=self._places(applicant),
            power_w=applicant.power_w,
        )

    def _places(self, applicant: Applicant) -> list[list[str]]:
        """The labels of the places that will do, the best first."""
        by_scores = self.task.scores is not None
        needed: Hashable = (*needs_of(applicant), applicant.double, applicant.pinned_stall_id)
        wishes = applicant.category, applicant.wanted_stall_id, applicant.last_stall_id
        asks: Hashable = applicant.id if by_scores else (needed, wishes)
        if asks not in self.known:
            key = asks if by_scores else needed
            if key not in self.fitting:
                self.fitting[key] = list(_fitting(self.task, applicant))
            spots = sorted(self.fitting[key], key=lambda spot: self._preference(applicant, spot))
            self.known[asks] = [[stall.label for stall in self.task.stalls_of(spot)] for spot in spots]
        return self.known[asks]

    def _preference(self, applicant: Applicant, spot: Spot) -> tuple[object, ...]:
        return _preference(self.task, applicant, self.task.stall_by_id[spot.stall_id])


def _fitting(task: Task, applicant: Applicant) -> Iterator[Spot]:
    """Where the needs are met."""
    for stall in task.ground:
        if applicant.pinned_stall_id not in (None, stall.id):
            continue
        for second in task.beside[stall.id] if applicant.double else [None]:
            if not task.obstacles(applicant, Spot(stall.id, second)):
                yield Spot(stall.id, second)


def _preference(task: Task, applicant: Applicant, stall: StallFacts) -> tuple[object, ...]:
    """The best score first; of equal stalls the one that offers least to others who might need it."""
    spare = stall.power_w > applicant.power_w, stall.water and not applicant.needs_water
    worth = (
        score(applicant, stall, task.weights) if task.scores is None else task.worth(applicant, stall) or 0
    )
    return -worth, not stall.reserved, spare, walking_order(stall)


def give_out(sheet: Sheet, order: Sequence[str]) -> Places:
    """Pinned first, then until each category has its minimum, then everybody; each time in this order."""
    people = {person["id"]: person for person in sheet["people"]}
    table = _Table(sheet)
    for key in order:
        if people[key]["pinned"]:
            table.seat(people[key])
    for key in order:
        if table.counts.get(people[key]["category"], 0) < table.least(people[key]["category"]):
            table.seat(people[key])
    for key in order:
        table.seat(people[key])
    return table.places


class _Table:
    """Who holds what so far."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.places: Places = {}
        self.on: dict[str, str] = {}  # stall → category
        self.counts: dict[str, int] = {}
        self.left = dict(sheet["circuits"])
        self.apart: dict[str, list[tuple[str, str, str]]] = {}
        for here, one, there, other in sheet["apart"]:
            self.apart.setdefault(here, []).append((one, there, other))
            self.apart.setdefault(there, []).append((other, here, one))

    def least(self, category: str) -> int:
        return self.sheet["quotas"].get(category, [0, -1])[0]

    def seat(self, person: Person) -> None:
        category, most = person["category"], self.sheet["quotas"].get(person["category"], [0, -1])[1]
        if person["id"] in self.places or self.counts.get(category, 0) == most:
            return
        place = next((place for place in person["places"] if self._holds(person, place)), None)
        if place is None:
            return
        self.places[person["id"]] = place
        self.on |= dict.fromkeys(place, category)
        self.counts[category] = self.counts.get(category, 0) + 1
        circuit = self.sheet["stalls"][place[0]]
        if circuit:
            self.left[circuit] -= person["power_w"]

    def _holds(self, person: Person, place: Sequence[str]) -> bool:
        circuit = self.sheet["stalls"][place[0]]
        if any(label in self.on for label in place) or len(self.on) + len(place) > self.sheet["limit"]:
            return False
        if circuit and person["power_w"] > self.left[circuit]:
            return False
        return not any(self._clashes(person["category"], label) for label in place)

    def _clashes(self, category: str, label: str) -> bool:
        return any(
            category == mine and self.on.get(there) == theirs
            for mine, there, theirs in self.apart.get(label, ())
        )


def waiting_after(order: Iterable[str], places: Mapping[str, list[str]]) -> list[str]:
    """Whoever has no place waits in the same order."""
    return [key for key in order if key not in places]


# --- A task by turns ------------------------------------------------------------------------------------


def place_by_turn(task: Task, order: Iterable[int], *, last_stall_first: bool = False) -> dict[int, Spot]:
    """Everybody in this order; `last_stall_first`: whoever can have the stall of last time takes it."""
    sheet = sheet_of(task)
    if last_stall_first:
        label = {stall.id: stall.label for stall in task.stalls}
        last = {str(a.id): label.get(a.last_stall_id or 0) for a in task.queue}
        for person in sheet["people"]:
            person["places"] = sorted(person["places"], key=lambda p: p[0] != last[person["id"]])
    return assignment_of(task, give_out(sheet, [str(key) for key in order]))


def assignment_of(task: Task, places: Places) -> dict[int, Spot]:
    """From labels back to stalls."""
    by_label = {stall.label: stall.id for stall in task.stalls}
    return {int(key): Spot(*(by_label[label] for label in place)) for key, place in places.items()}


def violated(task: Task, assignment: Assignment) -> tuple[Blame, ...]:
    """Minimums and pins that turns did not reach."""
    counts = task.counts(assignment)
    missed = [
        Blame("turns_miss_minimum", {"category": c, "least": quota.minimum, "placed": counts.get(c, 0)})
        for c, quota in sorted(task.market_rules.quotas.items())
        if counts.get(c, 0) < quota.minimum
    ]
    missed += [
        Blame("turns_miss_pin", {"vendor": a.name, "stall": task.stall_by_id[a.pinned_stall_id].label})
        for a in task.queue
        if a.pinned_stall_id is not None and a.id not in assignment
    ]
    return tuple(missed)
