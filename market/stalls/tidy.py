"""Of plans that are worth the same, the one people expect: from the front, and nobody on a socket in vain."""

from __future__ import annotations

from collections.abc import Mapping

from market.stalls.plan import Placing
from market.stalls.rules import Applicant, StallFacts, circuit_loads
from market.stalls.task import Task


def tidied(task: Task, found: Placing) -> Placing:
    """Moves single vendors to free stalls that are worth the same; no hard rule breaks, no worth is lost."""
    if task.scores is not None:
        return found
    moving = _Moving(task, found)
    for applicant in task.queue:
        if applicant.id in found.assignment and not applicant.double and applicant.pinned_stall_id is None:
            moving.improve(applicant)
    return Placing(moving.assignment, found.doubles)


class _Moving:
    def __init__(self, task: Task, found: Placing) -> None:
        self.task = task
        self.assignment = dict(found.assignment)
        held = [*found.assignment.items(), *found.doubles.items()]
        self.category_at = {stall: task.person_by_id[key].category for key, stall in held}
        self.loads = circuit_loads(task.layout(found.assignment, found.doubles))
        self.capacity = {circuit.name: circuit.capacity_w for circuit in task.circuits}
        self.front = {stall.id: number for number, stall in enumerate(task.ground)}

    def improve(self, applicant: Applicant) -> None:
        here = self.task.stall_by_id[self.assignment[applicant.id]]
        better = [
            stall
            for stall in self.task.ground
            if stall.id not in self.category_at and self._rank(applicant, stall) < self._rank(applicant, here)
        ]
        for stall in sorted(better, key=lambda stall: self._rank(applicant, stall)):
            if self._is_as_good(applicant, here, stall):
                self._move(applicant, here, stall)
                return

    def _rank(self, applicant: Applicant, stall: StallFacts) -> tuple[int, int]:
        """What the stall offers in vain; then how far from the front it is."""
        in_vain = (
            stall.power_w > 0 and not applicant.power_w,
            stall.water and not applicant.needs_water,
            stall.vehicle and not applicant.needs_vehicle,
        )
        return sum(in_vain), self.front[stall.id]

    def _is_as_good(self, applicant: Applicant, here: StallFacts, there: StallFacts) -> bool:
        if self.task.obstacles(applicant, there):
            return False
        if self.task.worth(applicant, there) != self.task.worth(applicant, here):
            return False
        alike = self._alike(applicant, there, but=here.id) - self._alike(applicant, here, but=here.id)
        return alike <= 0 and self._has_power(applicant, here, there) and not self._disturbs(applicant, there)

    def _alike(self, applicant: Applicant, stall: StallFacts, but: int) -> int:
        """Neighbours of the same category."""
        beside = (other for other in self.task.beside[stall.id] if other != but)
        return sum(self.category_at.get(other) == applicant.category for other in beside)

    def _has_power(self, applicant: Applicant, here: StallFacts, there: StallFacts) -> bool:
        if not applicant.power_w or there.circuit in (None, here.circuit):
            return True
        return self.loads[there.circuit] + applicant.power_w <= self.capacity[there.circuit]

    def _disturbs(self, applicant: Applicant, there: StallFacts) -> bool:
        rules: Mapping[int, list[tuple[str, int, str]]] = self.task.house.apart_at
        return any(
            mine == applicant.category and self.category_at.get(beside) == theirs
            for mine, beside, theirs in rules.get(there.id, ())
        )

    def _move(self, applicant: Applicant, here: StallFacts, there: StallFacts) -> None:
        self.assignment[applicant.id] = there.id
        self.category_at[there.id] = self.category_at.pop(here.id)
        for stall, sign in ((here, -1), (there, 1)):
            if stall.circuit is not None:
                self.loads[stall.circuit] += sign * applicant.power_w
