"""The words of allocation: stalls, applicants, circuits, a plan laid over them, and what is said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from market.allocation.market_rules import MarketRules

Param = str | int


class Spot(NamedTuple):
    """Where somebody stands: a stall, and the one beside where two are given as one; needs are met on the
    first. A tuple, because the optimum compares them by the hundred thousand."""

    stall_id: int
    second_id: int | None = None

    @property
    def stall_ids(self) -> tuple[int, ...]:
        return (self.stall_id,) if self.second_id is None else (self.stall_id, self.second_id)


Assignment = Mapping[int, Spot]
"""Who stands where, by applicant id; who is missing waits."""


@dataclass(frozen=True, slots=True)
class StallFacts:
    id: int
    label: str
    zone: str
    row: int
    column: int
    power_w: int = 0  # what the socket may give; 0 = no socket
    circuit: str | None = None  # None = no shared limit
    water: bool = False
    shade: bool = False
    closed: bool = False
    vehicle: bool = False
    width_dm: int = 0  # 0 = not measured, takes anybody
    depth_dm: int = 0
    reserved: bool = False  # 爱心/公益: only for applicants with `for_reserved`
    no_flame: bool = False  # neither fire nor gas bottle
    kept_free: bool = False  # staff wants it empty that day


@dataclass(frozen=True, slots=True)
class Applicant:
    """All the allocation may know of a vendor. What they give to the fund is not here, and must never be."""

    id: int
    vendor_id: int
    name: str
    category: str
    order: int  # 0 = applied first
    power_w: int = 0
    needs_water: bool = False
    needs_vehicle: bool = False
    last_stall_id: int | None = None
    wanted_stall_id: int | None = None
    burns: bool = False  # cooks over a fire
    width_dm: int = 0  # 0 = any size will do
    depth_dm: int = 0
    for_reserved: bool = False  # may stand on a reserved stall
    double: bool = False  # needs the stall beside as well
    pinned_stall_id: int | None = None  # staff fixed the place
    appearances: int = 0  # stood in so many of the last N markets
    misses: int = 0  # applied for so many of the last N markets and got no stall
    points: int = 0  # conduct: attendance, cleaning, reports in time


@dataclass(frozen=True, slots=True)
class Circuit:
    name: str
    capacity_w: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an applicant got this result, as data; `words.reason_sentence` says it."""

    code: str
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A hard rule that a plan breaks; `words.conflict_sentence` says it."""

    code: str
    applicant_id: int
    stall_id: int
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class ConflictingRule:
    """One of the hard rules because of which there can be no plan; `conflict_words` says it."""

    code: str
    params: Mapping[str, Param]


@dataclass(frozen=True)
class MarketFacts:
    """What every plan of one market is laid on: the ground, the people, the wiring and the rules."""

    stalls: Sequence[StallFacts]
    applicants: Sequence[Applicant]
    circuits: Sequence[Circuit] = ()
    limit: int | None = None
    """Stalls offered that day."""
    market_rules: MarketRules = field(default_factory=MarketRules)

    @cached_property
    def stall_by_id(self) -> Mapping[int, StallFacts]:
        return {stall.id: stall for stall in self.stalls}

    @cached_property
    def person_by_id(self) -> Mapping[int, Applicant]:
        return {applicant.id: applicant for applicant in self.applicants}


@dataclass(frozen=True)
class State(MarketFacts):
    """Everything one plan is judged by: the facts of its market, and who stands where."""

    assignment: Assignment = field(default_factory=dict)

    def stall(self, stall_id: int) -> StallFacts:
        return self.stall_by_id[stall_id]

    def applicant(self, applicant_id: int) -> Applicant:
        return self.person_by_id[applicant_id]

    @cached_property
    def holders(self) -> Mapping[int, tuple[int, ...]]:
        """Who stands on each stall that is not free: applicant ids, more than one only in a broken plan."""
        found: dict[int, tuple[int, ...]] = {}
        for key, spot in self.assignment.items():
            for stall_id in spot.stall_ids:
                found[stall_id] = (*found.get(stall_id, ()), key)
        return found

    @cached_property
    def used(self) -> int:
        """Stalls given out."""
        return sum(len(spot.stall_ids) for spot in self.assignment.values())

    @cached_property
    def placed_of(self) -> Mapping[str, int]:
        """How many of each category stand."""
        found: dict[str, int] = {}
        for applicant in self.applicants:
            if applicant.id in self.assignment:
                found[applicant.category] = found.get(applicant.category, 0) + 1
        return found

    @cached_property
    def loads(self) -> Mapping[str, int]:
        """Declared watts on each circuit."""
        found = {circuit.name: 0 for circuit in self.circuits}
        for applicant in self.applicants:
            spot = self.assignment.get(applicant.id)
            circuit = self.stall(spot.stall_id).circuit if spot else None
            if circuit is not None:
                found[circuit] += applicant.power_w
        return found

    @cached_property
    def capacity(self) -> Mapping[str, int]:
        """What each circuit may carry."""
        return {circuit.name: circuit.capacity_w for circuit in self.circuits}


def walking_order(stall: StallFacts) -> tuple[str, int, int, str, int]:
    return stall.zone, stall.row, stall.column, stall.label, stall.id


def queue_order(applicant: Applicant) -> tuple[int, int]:
    return applicant.order, applicant.id


def waiting_list(state: State) -> tuple[int, ...]:
    queue = sorted(state.applicants, key=queue_order)
    return tuple(applicant.id for applicant in queue if applicant.id not in state.assignment)


def circuit_loads(state: State) -> dict[str, int]:
    """Declared watts on each circuit."""
    return dict(state.loads)
