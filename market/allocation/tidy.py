"""Of plans that are worth the same, the one people expect: from the front, and nobody on a socket in vain."""

from __future__ import annotations

from collections.abc import Iterator

from market.allocation.plan import Placing
from market.allocation.rules import Applicant, StallFacts, circuit_loads
from market.allocation.task import Task

Spot = tuple[StallFacts, ...]
"""A stall, or for a double applicant two side by side; needs are met on the first."""


def tidied(task: Task, found: Placing) -> Placing:
    """Moves single vendors to free stalls that are worth the same; no hard rule breaks, no worth is lost."""
    if task.scores is not None:
        return found
    moving = _Moving(task, found)
    for applicant in task.queue:
        if applicant.id in moving.spots and applicant.pinned_stall_id is None:
            moving.improve(applicant)
    return moving.placing()


class _Moving:
    def __init__(self, task: Task, found: Placing) -> None:
        self.task, stalls = task, task.stall_by_id
        self.spots: dict[int, Spot] = {
            key: (stalls[first], *([stalls[found.doubles[key]]] if key in found.doubles else []))
            for key, first in found.assignment.items()
        }
        self.category_at = {
            stall.id: task.person_by_id[key].category for key, spot in self.spots.items() for stall in spot
        }
        self.loads = circuit_loads(task.layout(found.assignment, found.doubles))
        self.capacity = {circuit.name: circuit.capacity_w for circuit in task.circuits}
        self.front = {stall.id: number for number, stall in enumerate(task.ground)}

    def placing(self) -> Placing:
        return Placing(
            {key: spot[0].id for key, spot in self.spots.items()},
            {key: spot[1].id for key, spot in self.spots.items() if len(spot) > 1},
        )

    def improve(self, applicant: Applicant) -> None:
        here = self.spots[applicant.id]
        rank = self._rank(applicant, here)
        nearer = [spot for spot in self._free(here) if self._rank(applicant, spot) < rank]
        for spot in sorted(nearer, key=lambda spot: self._rank(applicant, spot)):
            if self._is_as_good(applicant, here, spot):
                self._move(applicant, here, spot)
                return

    def _free(self, here: Spot) -> Iterator[Spot]:
        """Spots of the same size where nobody else stands."""
        own = {stall.id for stall in here}
        for stall in self.task.ground:
            if stall.id in own or stall.id not in self.category_at:
                if len(here) == 1:
                    yield (stall,)
                    continue
                for other in self.task.beside[stall.id]:
                    if other in own or other not in self.category_at:
                        yield (stall, self.task.stall_by_id[other])

    def _rank(self, applicant: Applicant, spot: Spot) -> tuple[int, ...]:
        """What the spot offers in vain; then how far from the front it is."""
        in_vain = sum(
            (stall.power_w > 0 and (beside or not applicant.power_w))
            + (stall.water and (beside or not applicant.needs_water))
            + (stall.vehicle and (beside or not applicant.needs_vehicle))
            for beside, stall in enumerate(spot)
        )
        return in_vain, *(self.front[stall.id] for stall in spot)

    def _is_as_good(self, applicant: Applicant, here: Spot, there: Spot) -> bool:
        if self.task.obstacles(applicant, *there):
            return False
        if self.task.worth(applicant, there[0]) != self.task.worth(applicant, here[0]):
            return False
        alike = self._alike(applicant, there, here) - self._alike(applicant, here, here)
        return alike <= 0 and self._has_power(applicant, here, there) and not self._disturbs(applicant, there)

    def _alike(self, applicant: Applicant, spot: Spot, own: Spot) -> int:
        """Neighbours of the same category, those apart whom the applicant leaves behind."""
        ids = {stall.id for stall in (*spot, *own)}
        beside = (other for stall in spot for other in self.task.beside[stall.id] if other not in ids)
        return sum(self.category_at.get(other) == applicant.category for other in beside)

    def _has_power(self, applicant: Applicant, here: Spot, there: Spot) -> bool:
        circuit = there[0].circuit
        if not applicant.power_w or circuit in (None, here[0].circuit):
            return True
        return self.loads[circuit] + applicant.power_w <= self.capacity[circuit]

    def _disturbs(self, applicant: Applicant, spot: Spot) -> bool:
        own = {stall.id for stall in self.spots[applicant.id]}
        return any(
            mine == applicant.category and beside not in own and self.category_at.get(beside) == theirs
            for stall in spot
            for mine, beside, theirs in self.task.house.apart_at.get(stall.id, ())
        )

    def _move(self, applicant: Applicant, here: Spot, there: Spot) -> None:
        self.spots[applicant.id] = there
        for stall in here:
            del self.category_at[stall.id]
        self.category_at |= {stall.id: applicant.category for stall in there}
        for spot, sign in ((here, -1), (there, 1)):
            if spot[0].circuit is not None:
                self.loads[spot[0].circuit] += sign * applicant.power_w
