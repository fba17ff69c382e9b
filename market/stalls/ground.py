"""One allocation problem in its fixed order, and its people and stalls counted by kind."""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from market.stalls.milp import Milp
from market.stalls.rules import (
    Applicant,
    Circuit,
    Layout,
    StallFacts,
    misfit,
    needs,
    queue_order,
    walking_order,
)

Kind = tuple[Hashable, ...]
_Item = TypeVar("_Item")


class Ground:
    """The input, sorted: the order in which rows arrive changes nothing."""

    def __init__(
        self,
        stalls: Sequence[StallFacts],
        applicants: Sequence[Applicant],
        circuits: Sequence[Circuit],
        limit: int,
    ) -> None:
        self.stalls = tuple(sorted(stalls, key=walking_order))
        self.queue = tuple(sorted(applicants, key=queue_order))
        self.circuits = tuple(sorted(circuits, key=lambda circuit: circuit.name))
        self.limit = max(limit, 0)
        _refuse_nonsense(self.stalls, self.queue, self.circuits)

    def layout(self, assignment: Mapping[int, int]) -> Layout:
        return Layout(self.stalls, self.queue, self.circuits, assignment, self.limit)

    @cached_property
    def stall_by_id(self) -> dict[int | None, StallFacts]:
        return {stall.id: stall for stall in self.stalls}

    @cached_property
    def stall_kinds(self) -> dict[Kind, list[StallFacts]]:
        """Stalls alike in what they carry and in what they are worth."""
        return grouped([stall for stall in self.stalls if not stall.closed], stall_kind)

    @cached_property
    def offers(self) -> dict[Kind, list[StallFacts]]:
        """Stalls alike in what they carry, wherever they lie."""
        return grouped([stall for stall in self.stalls if not stall.closed], offer)

    @cached_property
    def groups(self) -> dict[Kind, list[Applicant]]:
        return grouped(self.queue, needs)

    def first_fit(self) -> dict[int, int]:
        """Each in turn takes the first stall that holds: what is left when time runs out."""
        free, left = list(self.stalls), {circuit.name: circuit.capacity_w for circuit in self.circuits}
        found: dict[int, int] = {}
        for applicant in self.queue:
            stall = next((s for s in free if _holds(applicant, s, left)), None)
            if stall is None or len(found) == self.limit:
                continue
            free.remove(stall)
            found[applicant.id] = stall.id
            if stall.circuit is not None:
                left[stall.circuit] -= applicant.power_w
        return found


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._ends = time.perf_counter() + seconds

    @property
    def left(self) -> float:
        return self._ends - time.perf_counter()


@dataclass(slots=True)
class Flows:
    """Which columns count people of a group, on a kind of stall, and the watts they take from a circuit."""

    of_group: dict[Kind, list[int]] = field(default_factory=lambda: defaultdict(list))
    on_kind: dict[Kind, list[int]] = field(default_factory=lambda: defaultdict(list))
    kind_of: dict[int, Kind] = field(default_factory=dict)
    watts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, column: int, key: Kind, kind: Kind, stall: StallFacts, applicant: Applicant) -> None:
        self.of_group[key].append(column)
        self.on_kind[kind].append(column)
        self.kind_of[column] = kind
        if stall.circuit is not None and applicant.power_w:
            self.watts[stall.circuit][column] = applicant.power_w

    def add_limits(
        self, milp: Milp, kinds: Mapping[Kind, Sequence[StallFacts]], circuits: Sequence[Circuit]
    ) -> None:
        for kind, members in kinds.items():
            milp.total(self.on_kind[kind], None, len(members))
        for circuit in circuits:
            milp.row(self.watts[circuit.name], None, circuit.capacity_w)


def stall_kind(stall: StallFacts) -> Kind:
    return stall.zone, stall.shade, *offer(stall)


def offer(stall: StallFacts) -> Kind:
    size = stall.width_dm, stall.depth_dm
    return stall.power_w, stall.circuit, stall.water, stall.vehicle, size, stall.reserved, stall.kept_free


def grouped(items: Iterable[_Item], kind: Callable[[_Item], Kind]) -> dict[Kind, list[_Item]]:
    groups: dict[Kind, list[_Item]] = defaultdict(list)
    for item in items:
        groups[kind(item)].append(item)
    return groups


def _holds(applicant: Applicant, stall: StallFacts, watts_left: Mapping[str, int]) -> bool:
    if misfit(applicant, stall) is not None:
        return False
    return stall.circuit is None or applicant.power_w <= watts_left[stall.circuit]


def _refuse_nonsense(
    stalls: Sequence[StallFacts], applicants: Sequence[Applicant], circuits: Sequence[Circuit]
) -> None:
    """A caller's mistake, not a vendor's: it stops here, before it can become a plan."""
    for what, keys in (
        ("stall id", [stall.id for stall in stalls]),
        ("applicant id", [applicant.id for applicant in applicants]),
        ("circuit name", [circuit.name for circuit in circuits]),
    ):
        if len(set(keys)) != len(keys):
            raise ValueError(f"{what} given twice")
    unknown = {s.circuit for s in stalls} - {c.name for c in circuits} - {None}
    if unknown:
        raise ValueError(f"stalls on unknown circuits: {sorted(map(str, unknown))}")
    watts = [*(s.power_w for s in stalls), *(a.power_w for a in applicants)]
    if min(watts + [c.capacity_w for c in circuits], default=0) < 0:
        raise ValueError("watts below zero")
