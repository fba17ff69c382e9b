"""What those who stand have ahead of somebody who waits, by the published weights."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from market.allocation.rules import Applicant, State, precedence_score


@dataclass(frozen=True)
class Precedence:
    """The plan that is compared with, and what counts in it."""

    state: State
    weights: Mapping[str, int]

    def of(self, applicant: Applicant, usable: Collection[int], category: str | None) -> str | None:
        """The weight that decided against the one placed last on these stalls; None = nobody stands there.

        `category`: compare within it alone.
        """
        for other in self._placed_last_first:
            if self.state.assignment[other.id].stall_id in usable and category in (None, other.category):
                return self._decided(other, applicant)
        return None

    @cached_property
    def _placed_last_first(self) -> list[Applicant]:
        placed = [a for a in self.state.applicants if a.id in self.state.assignment]
        chosen = [a for a in placed if a.pinned_stall_id is None]
        return sorted(chosen, key=lambda a: (precedence_score(a, self.weights), -a.order))

    def _decided(self, other: Applicant, applicant: Applicant) -> str:
        """The heaviest thing the other has ahead; `together` when it is the places and not the person."""
        counts = {
            "missed": other.misses - applicant.misses,
            "appeared": other.appearances - applicant.appearances,
            "points": other.points - applicant.points,
            "earlier": other.order - applicant.order,
            "target": self._is_asked_for(other) - self._is_asked_for(applicant),
        }
        gains = {name: self.weights.get(name, 0) * count for name, count in counts.items()}
        return max(gains, key=gains.__getitem__) if sum(gains.values()) > 0 else "together"

    def _is_asked_for(self, applicant: Applicant) -> bool:
        """Whether residents' wishes count for this one: the category has not more than they asked for."""
        quota = self.state.market_rules.quotas.get(applicant.category)
        placed = self.state.placed_of.get(applicant.category, 0)
        return quota is not None and placed + (applicant.id not in self.state.assignment) <= quota.target
