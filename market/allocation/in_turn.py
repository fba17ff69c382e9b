"""Stalls given out in turn: whoever is next takes the best free place on their own list.

The entry list says everything that decides; it is plain data, so that it can be published, and a second
program (`redraw.py`) can take the same turns.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

from market.allocation.problem import Problem
from market.allocation.rules import (
    Applicant,
    Assignment,
    ConflictingRule,
    Spot,
    StallFacts,
    walking_order,
)


class Person(TypedDict):
    """One line of the published list."""

    category: str
    id: str
    name: str
    pinned: bool
    places: list[list[str]]  # the places that meet the needs, the best first; two labels = a double stall
    power_w: int


class EntryList(TypedDict):
    """The head of the published list, and its lines."""

    apart: list[list[str]]  # stall, category, stall, category: may not be
    circuits: dict[str, int]
    limit: int
    people: list[Person]
    quotas: dict[str, list[int]]  # category: at least, at most (-1 = any number)
    stalls: dict[str, str]  # label: circuit ("" = none)


Places = dict[str, list[str]]
"""The labels of the stalls that each person holds."""


def entry_list_of(problem: Problem) -> EntryList:
    """The problem as a list to publish; persons in the order of application."""
    label = {stall.id: stall.label for stall in problem.ground}
    people = _People(problem)
    return EntryList(
        apart=[
            [label[here], rule.one, label[there], rule.other]
            for rule in problem.market_rules.apart
            for here, there in problem.market_rules.pairs_apart(rule)
        ],
        circuits={circuit.name: circuit.capacity_w for circuit in problem.circuits},
        limit=len(problem.ground) if problem.limit is None else problem.limit,
        people=[people.line(applicant) for applicant in problem.queue],
        quotas={
            category: [quota.minimum, -1 if quota.maximum is None else quota.maximum]
            for category, quota in sorted(problem.market_rules.quotas.items())
        },
        stalls={stall.label: stall.circuit or "" for stall in problem.ground},
    )


class _People:
    """The lines of the list. People who ask for the same have the same places, which are worked out once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
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
        """The labels of the places that suit somebody, best first."""
        needed = *self.problem.asks(applicant), applicant.pinned_stall_id
        wanted = needed, applicant.category, applicant.wanted_stall_id, applicant.last_stall_id
        if wanted not in self.known:
            if needed not in self.fitting:
                self.fitting[needed] = list(_fitting(self.problem, applicant))
            spots = sorted(self.fitting[needed], key=lambda spot: self._preference(applicant, spot))
            self.known[wanted] = [[stall.label for stall in self.problem.stalls_of(spot)] for spot in spots]
        return self.known[wanted]

    def _preference(self, applicant: Applicant, spot: Spot) -> tuple[object, ...]:
        return _preference(self.problem, applicant, self.problem.stall_by_id[spot.stall_id])


def _fitting(problem: Problem, applicant: Applicant) -> Iterator[Spot]:
    """The spots that meet the needs."""
    for stall in problem.ground:
        if applicant.pinned_stall_id not in (None, stall.id):
            continue
        for second in problem.beside[stall.id] if applicant.double else [None]:
            if not problem.obstacles(applicant, Spot(stall.id, second)):
                yield Spot(stall.id, second)


def _preference(problem: Problem, applicant: Applicant, stall: StallFacts) -> tuple[object, ...]:
    """The best score first; of equal stalls the one that offers least to others who might need it."""
    spare = stall.power_w > applicant.power_w, stall.water and not applicant.needs_water
    return -problem.stall_worth(applicant, stall), not stall.reserved, spare, walking_order(stall)


def give_out(entry_list: EntryList, order: Sequence[str], left_out: Collection[str] = ()) -> Places:
    """Pinned first, then until each category has its minimum, then everybody; each time in this order.

    `left_out`: persons who are passed over, and labels of stalls that are there no more.
    """
    people = {person["id"]: person for person in entry_list["people"]}
    held = _Held(entry_list, left_out)
    order = [key for key in order if key not in left_out]
    for key in order:
        if people[key]["pinned"]:
            held.place(people[key])
    for key in order:
        if held.counts.get(people[key]["category"], 0) < held.least(people[key]["category"]):
            held.place(people[key])
    for key in order:
        held.place(people[key])
    return held.places


class _Held:
    """Who holds what so far."""

    def __init__(self, entry_list: EntryList, left_out: Collection[str] = ()) -> None:
        self.entry_list = entry_list
        self.left_out = left_out
        self.places: Places = {}
        self.on: dict[str, str] = {}  # stall → category
        self.counts: dict[str, int] = {}
        self.left = dict(entry_list["circuits"])
        self.apart: dict[str, list[tuple[str, str, str]]] = {}
        for here, one, there, other in entry_list["apart"]:
            self.apart.setdefault(here, []).append((one, there, other))
            self.apart.setdefault(there, []).append((other, here, one))

    def least(self, category: str) -> int:
        return self.entry_list["quotas"].get(category, [0, -1])[0]

    def place(self, person: Person) -> None:
        category, most = person["category"], self.entry_list["quotas"].get(person["category"], [0, -1])[1]
        if person["id"] in self.places or self.counts.get(category, 0) == most:
            return
        place = next((place for place in person["places"] if self._holds(person, place)), None)
        if place is None:
            return
        self.places[person["id"]] = place
        self.on |= dict.fromkeys(place, category)
        self.counts[category] = self.counts.get(category, 0) + 1
        circuit = self.entry_list["stalls"][place[0]]
        if circuit:
            self.left[circuit] -= person["power_w"]

    def _holds(self, person: Person, place: Sequence[str]) -> bool:
        circuit = self.entry_list["stalls"][place[0]]
        if any(label in self.on or label in self.left_out for label in place):
            return False
        if len(self.on) + len(place) > self.entry_list["limit"]:
            return False
        if circuit and person["power_w"] > self.left[circuit]:
            return False
        return not any(self._is_kept_apart(person["category"], label) for label in place)

    def _is_kept_apart(self, category: str, label: str) -> bool:
        return any(
            category == mine and self.on.get(there) == theirs
            for mine, there, theirs in self.apart.get(label, ())
        )


def waiting_after(order: Iterable[str], places: Mapping[str, list[str]]) -> list[str]:
    """People without a place wait in the same order."""
    return [key for key in order if key not in places]


# --- A problem in turn ----------------------------------------------------------------------------------


def place_in_turn(
    problem: Problem, order: Iterable[int], *, last_stall_first: bool = False
) -> dict[int, Spot]:
    """Places everybody in this order; `last_stall_first`: people take their last stall where they can."""
    entry_list = entry_list_of(problem)
    if last_stall_first:
        label = {stall.id: stall.label for stall in problem.stalls}
        last = {str(a.id): label.get(a.last_stall_id or 0) for a in problem.queue}
        for person in entry_list["people"]:
            person["places"] = sorted(person["places"], key=lambda p: p[0] != last[person["id"]])
    return assignment_of(problem, give_out(entry_list, [str(key) for key in order]))


def assignment_of(problem: Problem, places: Places) -> dict[int, Spot]:
    """From labels back to stalls."""
    by_label = {stall.label: stall.id for stall in problem.stalls}
    return {int(key): Spot(*(by_label[label] for label in place)) for key, place in places.items()}


def violated(problem: Problem, assignment: Assignment) -> tuple[ConflictingRule, ...]:
    """Minimums and pins that giving out in turn did not reach."""
    counts = problem.counts(assignment)
    missed = [
        ConflictingRule(
            "turns_miss_minimum", {"category": c, "least": quota.minimum, "placed": counts.get(c, 0)}
        )
        for c, quota in sorted(problem.market_rules.quotas.items())
        if counts.get(c, 0) < quota.minimum
    ]
    missed += [
        ConflictingRule(
            "turns_miss_pin", {"vendor": a.name, "stall": problem.stall_by_id[a.pinned_stall_id].label}
        )
        for a in problem.queue
        if a.pinned_stall_id is not None and a.id not in assignment
    ]
    return tuple(missed)
