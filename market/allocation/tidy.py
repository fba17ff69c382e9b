"""Of plans that are worth the same, the one people expect: from the front, and nobody on a socket in vain."""

from __future__ import annotations

from collections.abc import Iterator

from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Assignment, Spot, circuit_loads


def tidied(problem: Problem, found: Assignment) -> Assignment:
    """Moves single vendors to free stalls that are worth the same; no hard rule breaks, no worth is lost.

    Who has worths of their own stays: what is better about a stall, they have said.
    """
    moving = _Moving(problem, found)
    for applicant in problem.queue:
        free = applicant.pinned_stall_id is None and applicant.id not in problem.own_worths
        if free and applicant.id in moving.spots:
            moving.improve(applicant)
    return moving.spots


class _Moving:
    def __init__(self, problem: Problem, found: Assignment) -> None:
        self.problem, self.spots = problem, dict(found)
        self.category_at = {
            stall_id: problem.person_by_id[key].category
            for key, spot in found.items()
            for stall_id in spot.stall_ids
        }
        self.loads = circuit_loads(problem.state(found))
        self.capacity = {circuit.name: circuit.capacity_w for circuit in problem.circuits}
        self.front = {stall.id: number for number, stall in enumerate(problem.ground)}

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
        for stall in self.problem.ground:
            if self._may_take(here, stall.id):
                if here.second_id is None:
                    yield Spot(stall.id)
                    continue
                for other in self.problem.beside[stall.id]:
                    if self._may_take(here, other):
                        yield Spot(stall.id, other)

    def _may_take(self, here: Spot, stall_id: int) -> bool:
        return stall_id in here.stall_ids or stall_id not in self.category_at

    def _rank(self, applicant: Applicant, spot: Spot) -> tuple[int, ...]:
        """How much of what the spot offers goes unused, then how far it is from the front."""
        in_vain = sum(
            (stall.power_w > 0 and (beside or not applicant.power_w))
            + (stall.water and (beside or not applicant.needs_water))
            + (stall.vehicle and (beside or not applicant.needs_vehicle))
            for beside, stall in enumerate(self.problem.stalls_of(spot))
        )
        return in_vain, *(self.front[stall_id] for stall_id in spot.stall_ids)

    def _is_as_good(self, applicant: Applicant, here: Spot, there: Spot) -> bool:
        if self.problem.obstacles(applicant, there):
            return False
        worth_there, worth_here = (self._worth(applicant, spot) for spot in (there, here))
        alike = self._alike(applicant, there, here) - self._alike(applicant, here, here)
        if worth_there != worth_here or alike > 0:
            return False
        return self._has_power(applicant, here, there) and not self._disturbs(applicant, there)

    def _worth(self, applicant: Applicant, spot: Spot) -> int | None:
        return self.problem.worth(applicant, self.problem.stall_by_id[spot.stall_id])

    def _alike(self, applicant: Applicant, spot: Spot, own: Spot) -> int:
        """Neighbours of the same category, those apart whom the applicant leaves behind."""
        ids = {*spot.stall_ids, *own.stall_ids}
        beside = (other for here in spot.stall_ids for other in self.problem.beside[here] if other not in ids)
        return sum(self.category_at.get(other) == applicant.category for other in beside)

    def _circuit(self, spot: Spot) -> str | None:
        return self.problem.stall_by_id[spot.stall_id].circuit

    def _has_power(self, applicant: Applicant, here: Spot, there: Spot) -> bool:
        circuit = self._circuit(there)
        if not applicant.power_w or circuit is None or circuit == self._circuit(here):
            return True
        return self.loads[circuit] + applicant.power_w <= self.capacity[circuit]

    def _disturbs(self, applicant: Applicant, spot: Spot) -> bool:
        own = self.spots[applicant.id].stall_ids
        return any(
            mine == applicant.category and beside not in own and self.category_at.get(beside) == theirs
            for stall_id in spot.stall_ids
            for mine, beside, theirs in self.problem.market_rules.apart_at.get(stall_id, ())
        )

    def _move(self, applicant: Applicant, here: Spot, there: Spot) -> None:
        self.spots[applicant.id] = there
        for stall_id in here.stall_ids:
            del self.category_at[stall_id]
        self.category_at |= dict.fromkeys(there.stall_ids, applicant.category)
        for spot, sign in ((here, -1), (there, 1)):
            circuit = self._circuit(spot)
            if circuit is not None:
                self.loads[circuit] += sign * applicant.power_w
