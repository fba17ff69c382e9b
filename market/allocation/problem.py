"""One allocation problem, whole and in order: what every method is asked, and what a plan is worth."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from market.allocation.rules import (
    OF_A_STALL,
    PUBLISHED_WEIGHTS,
    Applicant,
    Assignment,
    MarketFacts,
    Spot,
    StallFacts,
    State,
    misfits,
    misfits_beside,
    needs_of,
    person_score,
    queue_order,
    score,
    walking_order,
)


@dataclass(frozen=True)
class Problem(MarketFacts):
    """The facts of one market, and what a place is worth for whom."""

    weights: Mapping[str, int] = field(default_factory=lambda: PUBLISHED_WEIGHTS)
    own_worths: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    """For applicants of whom it is said what each stall is worth for them, which the weights then do not say:
    by applicant, by stall. A stall that is not named is not possible."""

    def __post_init__(self) -> None:
        _refuse_nonsense(self)

    @cached_property
    def ground(self) -> tuple[StallFacts, ...]:
        return tuple(sorted(self.stalls, key=walking_order))

    @cached_property
    def queue(self) -> tuple[Applicant, ...]:
        return tuple(sorted(self.applicants, key=queue_order))

    @cached_property
    def beside(self) -> dict[int, tuple[int, ...]]:
        """The stalls next to each stall, in walking order."""
        found: dict[int, list[int]] = {stall.id: [] for stall in self.ground}
        for left, right in self.market_rules.neighbours:
            found[left].append(right)
            found[right].append(left)
        return {key: tuple(others) for key, others in found.items()}

    def among(self, chosen: Iterable[int]) -> Problem:
        """The same problem for some of the applicants alone."""
        keys = set(chosen)
        own = {key: worths for key, worths in self.own_worths.items() if key in keys}
        return replace(self, applicants=[a for a in self.applicants if a.id in keys], own_worths=own)

    def worth(self, applicant: Applicant, stall: StallFacts) -> int:
        """What this applicant on this stall adds by itself."""
        return self.person_worth(applicant) + self.stall_worth(applicant, stall)

    def person_worth(self, applicant: Applicant) -> int:
        """What it is worth that this applicant gets any stall at all."""
        return 0 if applicant.id in self.own_worths else person_score(applicant, self.weights)

    def stall_worth(self, applicant: Applicant, stall: StallFacts) -> int:
        """What this stall is worth to this applicant compared with other stalls."""
        own = self.own_worths.get(applicant.id)
        return score(applicant, stall, self.weights) if own is None else own.get(stall.id, 0)

    def most_worth(self, applicant: Applicant) -> int:
        """No stall is worth more for this applicant, and no plan can do more for them."""
        own = self.own_worths.get(applicant.id)
        if own is not None:
            return max(own.values(), default=0)
        return self.person_worth(applicant) + sum(max(self.weights.get(name, 0), 0) for name in OF_A_STALL)

    def excludes(self, applicant: Applicant, stall: StallFacts) -> bool:
        """Whether it is said that this applicant cannot stand there."""
        own = self.own_worths.get(applicant.id)
        return own is not None and stall.id not in own

    def asks(self, applicant: Applicant) -> tuple[Hashable, ...]:
        """What makes applicants need different spots; worths of their own always do."""
        own = applicant.id if applicant.id in self.own_worths else None
        return (*needs_of(applicant), applicant.double, own)

    def stalls_of(self, spot: Spot) -> tuple[StallFacts, ...]:
        """The facts of a spot, the first stall first."""
        return tuple(self.stall_by_id[stall_id] for stall_id in spot.stall_ids)

    def obstacles(self, applicant: Applicant, spot: Spot) -> list[str]:
        """The codes of every need this spot does not meet."""
        stall, *beside = self.stalls_of(spot)
        found = misfits_beside(applicant, stall, beside[0]) if beside else misfits(applicant, stall)
        if self.excludes(applicant, stall):
            found.append("not_possible")
        return found

    def state(self, assignment: Assignment) -> State:
        return State(self.ground, self.queue, self.circuits, self.limit, self.market_rules, assignment)

    def objective(self, assignment: Assignment) -> int:
        """The published worth of a plan: its places, the residents' targets, the unwanted neighbours."""
        people, stalls = self.person_by_id, self.stall_by_id
        places = sum(self.worth(people[a], stalls[s.stall_id]) for a, s in assignment.items())
        return places + self._targets_met(assignment) + self._neighbours(assignment)

    def _targets_met(self, assignment: Assignment) -> int:
        counts = self.counts(assignment)
        met = sum(min(counts.get(c, 0), quota.target) for c, quota in self.market_rules.quotas.items())
        return self.weights.get("target", 0) * met

    def _neighbours(self, assignment: Assignment) -> int:
        holder = {stall_id: key for key, spot in assignment.items() for stall_id in spot.stall_ids}
        alike = 0
        for left, right in self.market_rules.neighbours:
            one, other = holder.get(left), holder.get(right)
            if one is not None and other is not None and one != other:
                alike += self.person_by_id[one].category == self.person_by_id[other].category
        return self.weights.get("same_neighbour", 0) * alike

    def counts(self, assignment: Assignment) -> dict[str, int]:
        """How many of each category are placed."""
        found: dict[str, int] = {}
        for key in assignment:
            category = self.person_by_id[key].category
            found[category] = found.get(category, 0) + 1
        return found


def _refuse_nonsense(problem: Problem) -> None:
    """A caller's mistake, not a vendor's: it stops here, before it can become a plan."""
    _refuse_twice("stall id", [stall.id for stall in problem.stalls])
    _refuse_twice("stall label", [stall.label for stall in problem.stalls])
    _refuse_twice("applicant id", [applicant.id for applicant in problem.applicants])
    _refuse_twice("circuit name", [circuit.name for circuit in problem.circuits])
    stalls = {stall.id for stall in problem.stalls}
    unknown = {s.circuit for s in problem.stalls} - {c.name for c in problem.circuits} - {None}
    if unknown:
        raise ValueError(f"stalls on unknown circuits: {sorted(map(str, unknown))}")
    rules = problem.market_rules
    named = {end for pair in (*rules.neighbours, *rules.downwind) for end in pair}
    pinned = {a.pinned_stall_id for a in problem.applicants} - {None}
    if (named | pinned) - stalls:
        raise ValueError(f"unknown stalls: {sorted(map(str, (named | pinned) - stalls))}")
    if told := set(problem.own_worths) - {applicant.id for applicant in problem.applicants}:
        raise ValueError(f"worths of unknown applicants: {sorted(told)}")
    watts = [*(s.power_w for s in problem.stalls), *(a.power_w for a in problem.applicants)]
    if min(watts + [c.capacity_w for c in problem.circuits], default=0) < 0:
        raise ValueError("watts below zero")
    if problem.weights.get("same_neighbour", 0) > 0 or problem.weights.get("target", 0) < 0:
        raise ValueError("same_neighbour weighs 0 or less, target 0 or more")


def _refuse_twice(what: str, keys: Sequence[object]) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError(f"{what} given twice")
