"""Where the chosen ones stand: the best published score, by counting kinds and naming wishes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from market.stalls.ground import Flows, Ground, Kind, grouped, stall_kind
from market.stalls.milp import Milp
from market.stalls.rules import (
    Applicant,
    StallFacts,
    check_swap,
    misfit,
    needs,
    place_score,
    queue_order,
    score,
    swap,
    wish_score,
)


@dataclass(frozen=True, slots=True)
class Placing:
    assignment: dict[int, int]
    bound: int
    proven: bool


class Where:
    """Columns count a group's people on a kind of stall; a wish has a column of its own."""

    def __init__(self, ground: Ground, chosen: Sequence[Applicant], weights: Mapping[str, int]) -> None:
        self.ground, self.weights = ground, weights
        self.groups = grouped(chosen, lambda applicant: (applicant.category, *needs(applicant)))
        self.milp, self.flows = Milp(), Flows()
        self.wishes: dict[int, tuple[Applicant, StallFacts]] = {}
        for key, group in self.groups.items():
            self._add_group(key, group)
        self.flows.add_limits(self.milp, ground.stall_kinds, ground.circuits)
        self._add_wish_limits()

    def place(self, seconds: float) -> Placing:
        """Every chosen one on a stall, with the largest sum of scores."""
        outcome = self.milp.solve(seconds)
        if outcome.values is None:
            simple = self.ground.first_fit()
            return Placing(simple, self._ceiling(simple), proven=False)
        assignment = self._earlier_wishes_first(self._name_stalls(outcome.values))
        return Placing(assignment, outcome.bound, outcome.proven)

    def _add_group(self, key: Kind, group: Sequence[Applicant]) -> None:
        for kind, members in self.ground.stall_kinds.items():
            if misfit(group[0], members[0]) is None:
                worth = place_score(group[0], members[0], self.weights)
                column = self.milp.column(min(len(group), len(members)), worth)
                self.flows.add(column, key, kind, members[0], group[0])
        for applicant, stall in self._wished_by(group):
            column = self.milp.column(1, score(applicant, stall, self.weights))
            self.flows.add(column, key, stall_kind(stall), stall, applicant)
            self.wishes[column] = (applicant, stall)
        self.milp.total(self.flows.of_group[key], len(group), len(group))

    def _add_wish_limits(self) -> None:
        of_applicant, on_stall = defaultdict(list), defaultdict(list)
        for column, (applicant, stall) in self.wishes.items():
            of_applicant[applicant.id].append(column)
            on_stall[stall.id].append(column)
        for columns in [*of_applicant.values(), *on_stall.values()]:
            self.milp.total(columns, None, 1)

    def _wished_by(self, people: Sequence[Applicant]) -> Iterator[tuple[Applicant, StallFacts]]:
        for applicant in people:
            for stall_id in dict.fromkeys((applicant.wanted_stall_id, applicant.last_stall_id)):
                stall = self.ground.stall_by_id.get(stall_id)
                if stall and misfit(applicant, stall) is None and wish_score(applicant, stall, self.weights):
                    yield applicant, stall

    def _name_stalls(self, values: Sequence[int]) -> dict[int, int]:
        """From numbers of a kind to persons on stalls, the earlier applicant on the earlier stall."""
        named = {a.id: s.id for column, (a, s) in self.wishes.items() if values[column]}
        on_kind: dict[Kind, list[Applicant]] = defaultdict(list)
        for key, group in self.groups.items():
            rest = iter([applicant for applicant in group if applicant.id not in named])
            for column in self._best_first(key):
                on_kind[self.flows.kind_of[column]] += [next(rest) for _ in range(values[column])]
        taken = set(named.values())
        for kind, people in on_kind.items():
            free = (stall for stall in self.ground.stall_kinds[kind] if stall.id not in taken)
            named |= {a.id: s.id for a, s in zip(sorted(people, key=queue_order), free, strict=False)}
        return named

    def _best_first(self, key: Kind) -> list[int]:
        columns = [column for column in self.flows.of_group[key] if column not in self.wishes]
        return sorted(columns, key=lambda column: -self.milp.costs[column])

    def _earlier_wishes_first(self, assignment: dict[int, int]) -> dict[int, int]:
        """Where two wishes weigh the same, the earlier applicant has the stall."""
        people = {applicant.id: applicant for applicant in self.ground.queue}
        for applicant, stall in self._wished_by([a for a in self.ground.queue if a.id in assignment]):
            holder = next((people[key] for key, place in assignment.items() if place == stall.id), None)
            if holder and self._deserves(assignment, applicant, stall, holder):
                assignment = swap(assignment, applicant.id, holder.id)
        return assignment

    def _deserves(
        self, assignment: dict[int, int], applicant: Applicant, stall: StallFacts, holder: Applicant
    ) -> bool:
        here = self.ground.stall_by_id[assignment[applicant.id]]
        gain = score(applicant, stall, self.weights) - score(applicant, here, self.weights)
        loss = score(holder, stall, self.weights) - score(holder, here, self.weights)
        wishes_more = wish_score(applicant, stall, self.weights) > wish_score(applicant, here, self.weights)
        if queue_order(holder) <= queue_order(applicant) or not wishes_more or gain < loss:
            return False
        return not check_swap(self.ground.layout(assignment), applicant.id, holder.id)

    def _ceiling(self, assignment: Mapping[int, int]) -> int:
        """What the people of this plan could score if nobody stood in anyone's way."""
        placed = [applicant for applicant in self.ground.queue if applicant.id in assignment]
        return sum(max(score(a, stall, self.weights) for stall in self.ground.stalls) for a in placed)
