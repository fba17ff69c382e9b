"""Who gets a place: as many as possible, then first come first served. Exact, by counting kinds of needs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from market.stalls.ground import Deadline, Flows, Ground
from market.stalls.milp import Milp
from market.stalls.rules import Applicant, misfit, needs, queue_order


@dataclass(frozen=True, slots=True)
class Chosen:
    applicants: tuple[Applicant, ...]
    given_up_for_number: frozenset[int]
    proven: bool


class Who:
    def __init__(self, ground: Ground, seconds: float) -> None:
        self.ground, self.deadline = ground, Deadline(seconds)

    def choose(self) -> Chosen:
        """The largest number, and among all ways to reach it the one that serves earlier applicants first."""
        most = self._fit((), most=True)
        if most is None:
            return Chosen((), frozenset(), proven=False)
        chosen: list[Applicant] = []
        passed_over: list[Applicant] = []
        rest = list(self.ground.queue)
        while len(chosen) < most and rest:
            fits = self._longest_prefix(chosen, rest, most)
            chosen += rest[:fits]
            # Whoever has the same needs as the one who no longer fits cannot fit either: rooms only fill up.
            full_for = needs(rest[fits]) if fits < len(rest) else None
            passed_over += [a for a in rest[fits:] if needs(a) == full_for]
            rest = [a for a in rest[fits:] if needs(a) != full_for]
        costly = self._given_up_for_number(chosen, passed_over)
        return Chosen(tuple(chosen), costly, proven=len(chosen) == most and self.deadline.left > 0)

    def _longest_prefix(self, chosen: list[Applicant], rest: list[Applicant], most: int) -> int:
        """How many of the next in line fit together with those chosen while `most` can still be reached."""
        surely, perhaps = 0, min(len(rest), most - len(chosen))
        trial = perhaps
        while surely < perhaps:
            if self._fit([*chosen, *rest[:trial]], at_least=most) is not None:
                surely = trial
            else:
                perhaps = trial - 1
            trial = (surely + perhaps + 1) // 2
        return surely

    def _given_up_for_number(self, chosen: list[Applicant], passed_over: list[Applicant]) -> frozenset[int]:
        """Those who would have fitted after the earlier ones, had not two others been placed instead."""
        costly, full_for = set(), set()
        for applicant in passed_over:
            earlier = [other for other in chosen if queue_order(other) < queue_order(applicant)]
            if needs(applicant) in full_for or not applicant.power_w:
                continue
            if self._fit([*earlier, applicant]) is None:
                full_for.add(needs(applicant))
            else:
                costly.add(applicant.id)
        return frozenset(costly)

    def _fit(self, included: Sequence[Applicant], at_least: int = 0, most: bool = False) -> int | None:
        """The number placed in a plan with all of `included`; None where there is no such plan."""
        milp, flows = Milp(), Flows()
        must = Counter(map(needs, included))
        for key, group in self.ground.groups.items():
            for kind, members in self.ground.offers.items():
                if misfit(group[0], members[0]) is None:
                    column = milp.column(min(len(group), len(members)), int(most))
                    flows.add(column, key, kind, members[0], group[0])
            milp.total(flows.of_group[key], must[key], len(group))
        flows.add_limits(milp, self.ground.offers, self.ground.circuits)
        milp.total(range(len(milp.costs)), at_least, self.ground.limit)
        values = milp.solve(self.deadline.left).values
        return None if values is None else sum(values)
