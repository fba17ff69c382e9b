"""The best plan, with its proof: first who gets a place, then where each of them stands.

Both questions are asked about kinds, not persons: applicants with the same needs (and category) are alike
except for their wishes, and so are stalls with the same offer in the same zone. Counting kinds is exact and
keeps the programme small. A later rule that tells two such stalls apart must go into `_stall_kind`.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from market.stalls.milp import Milp
from market.stalls.rules import (
    ALLOCATION_WEIGHTS,
    Applicant,
    Circuit,
    Layout,
    Reason,
    StallFacts,
    check_layout,
    check_swap,
    explain,
    misfit,
    place_score,
    queue_order,
    score,
    swap,
    waiting_list,
    walking_order,
    wish_score,
)

Kind = tuple[Hashable, ...]
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Plan:
    assignment: dict[int, int]  # applicant id → stall id
    waiting: tuple[int, ...]  # applicant ids, next in line first
    objective: int  # the published score of the assignment
    bound: int  # no plan for the same people can score more
    proven: bool  # both who and where are proven best, gap 0
    seconds: float
    reasons: dict[int, Reason]


@dataclass(frozen=True, slots=True)
class _Chosen:
    applicants: tuple[Applicant, ...]
    given_up_for_number: frozenset[int]
    proven: bool


def solve(
    stalls: Sequence[StallFacts],
    applicants: Sequence[Applicant],
    circuits: Sequence[Circuit],
    *,
    limit: int,
    time_limit_s: float = 10,
    weights: Mapping[str, int] = ALLOCATION_WEIGHTS,
) -> Plan:
    """As many as possible, then first come first served, then the best score. Same input, same plan."""
    began = time.perf_counter()
    problem = _Problem(stalls, applicants, circuits, limit, began + time_limit_s)
    chosen = problem.choose()
    assignment, bound, proven = problem.place(chosen.applicants, weights)
    layout = problem.layout(assignment)
    broken = check_layout(layout)
    if broken:
        raise RuntimeError(f"the solver broke a hard rule: {broken[0]}")
    return Plan(
        assignment=assignment,
        waiting=waiting_list(layout),
        objective=_score_of(layout, weights),
        bound=bound,
        proven=chosen.proven and proven,
        seconds=time.perf_counter() - began,
        reasons=explain(layout, chosen.given_up_for_number, weights),
    )


class _Problem:
    """One input in its fixed order, so that the order in which rows arrive changes nothing."""

    def __init__(
        self,
        stalls: Sequence[StallFacts],
        applicants: Sequence[Applicant],
        circuits: Sequence[Circuit],
        limit: int,
        deadline: float,
    ) -> None:
        self.stalls = tuple(sorted(stalls, key=walking_order))
        self.queue = tuple(sorted(applicants, key=queue_order))
        self.circuits = tuple(sorted(circuits, key=lambda circuit: circuit.name))
        self.limit, self.deadline = max(limit, 0), deadline
        _refuse_nonsense(self.stalls, self.queue, self.circuits)

    def layout(self, assignment: Mapping[int, int]) -> Layout:
        return Layout(self.stalls, self.queue, self.circuits, assignment, self.limit)

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.perf_counter()

    @cached_property
    def stall_kinds(self) -> dict[Kind, list[StallFacts]]:
        return _grouped([stall for stall in self.stalls if not stall.closed], _stall_kind)

    @cached_property
    def groups(self) -> dict[Kind, list[Applicant]]:
        return _grouped(self.queue, _needs)

    # --- Who ------------------------------------------------------------------------------------------

    def choose(self) -> _Chosen:
        """The largest number, and among all ways to reach it the one that serves earlier applicants first."""
        most = self._fit((), most=True)
        if most is None:
            return _Chosen(self._first_fit(), frozenset(), proven=False)
        chosen: list[Applicant] = []
        passed_over: list[Applicant] = []
        rest = list(self.queue)
        while len(chosen) < most and rest:
            fits = self._longest_prefix(chosen, rest, most)
            chosen += rest[:fits]
            # Whoever has the same needs as the one who no longer fits cannot fit either: rooms only fill up.
            full_for = _needs(rest[fits]) if fits < len(rest) else None
            passed_over += [a for a in rest[fits:] if _needs(a) == full_for]
            rest = [a for a in rest[fits:] if _needs(a) != full_for]
        costly = self._given_up_for_number(chosen, passed_over)
        return _Chosen(tuple(chosen), costly, proven=len(chosen) == most and self.seconds_left > 0)

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
            needs = _needs(applicant)
            earlier = [other for other in chosen if queue_order(other) < queue_order(applicant)]
            if needs in full_for or not applicant.power_w:
                continue
            if self._fit([*earlier, applicant]) is None:
                full_for.add(needs)
            else:
                costly.add(applicant.id)
        return frozenset(costly)

    def _fit(self, included: Sequence[Applicant], at_least: int = 0, most: bool = False) -> int | None:
        """The number placed in a plan with all of `included`; None where there is no such plan."""
        milp, flows = Milp(), _Flows()
        must = Counter(map(_needs, included))
        for needs, group in self.groups.items():
            for kind, members in self.stall_kinds.items():
                if misfit(group[0], members[0]) is None:
                    column = milp.column(min(len(group), len(members)), int(most))
                    flows.add(column, needs, kind, members[0], group[0])
            milp.total(flows.of_group[needs], must[needs], len(group))
        flows.add_limits(milp, self.stall_kinds, self.circuits)
        milp.total(range(len(milp.costs)), at_least, self.limit)
        values = milp.solve(self.seconds_left).values
        return None if values is None else sum(values)

    def _first_fit(self) -> tuple[Applicant, ...]:
        """Out of time before anything was known: each in turn takes the first stall that holds."""
        found = self._first_fit_stalls()
        return tuple(applicant for applicant in self.queue if applicant.id in found)

    def _first_fit_stalls(self) -> dict[int, int]:
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

    # --- Where ----------------------------------------------------------------------------------------

    def place(
        self, chosen: Sequence[Applicant], weights: Mapping[str, int]
    ) -> tuple[dict[int, int], int, bool]:
        """Assignment, bound and proof: every chosen one on a stall, with the largest sum of scores."""
        milp, flows, wishes = Milp(), _Flows(), _Wishes()
        groups = _grouped(chosen, lambda a: (a.category, *_needs(a)))
        for key, group in groups.items():
            for kind, members in self.stall_kinds.items():
                if misfit(group[0], members[0]) is None:
                    worth = place_score(group[0], members[0], weights)
                    column = milp.column(min(len(group), len(members)), worth)
                    flows.add(column, key, kind, members[0], group[0])
            self._add_wishes(milp, flows, wishes, key, group, weights)
            milp.total(flows.of_group[key], len(group), len(group))
        flows.add_limits(milp, self.stall_kinds, self.circuits)
        wishes.add_limits(milp)
        outcome = milp.solve(self.seconds_left)
        if outcome.values is None:
            return self._first_fit_stalls(), outcome.bound, False
        assignment = self._name_stalls(groups, flows, wishes, outcome.values, weights)
        return self._earlier_wishes_first(assignment, weights), outcome.bound, outcome.proven

    def _add_wishes(
        self,
        milp: Milp,
        flows: "_Flows",
        wishes: "_Wishes",
        key: Kind,
        group: Sequence[Applicant],
        weights: Mapping[str, int],
    ) -> None:
        for applicant in group:
            for stall in self._wished(applicant):
                if misfit(applicant, stall) is None and wish_score(applicant, stall, weights) > 0:
                    column = milp.column(1, score(applicant, stall, weights))
                    flows.add(column, key, _stall_kind(stall), stall, applicant)
                    wishes.add(column, applicant, stall)

    def _wished(self, applicant: Applicant) -> list[StallFacts]:
        ids = dict.fromkeys((applicant.wanted_stall_id, applicant.last_stall_id))
        return [self.stall_by_id[stall_id] for stall_id in ids if stall_id in self.stall_by_id]

    @cached_property
    def stall_by_id(self) -> dict[int | None, StallFacts]:
        return {stall.id: stall for stall in self.stalls}

    def _name_stalls(
        self,
        groups: Mapping[Kind, Sequence[Applicant]],
        flows: "_Flows",
        wishes: "_Wishes",
        values: Sequence[int],
        weights: Mapping[str, int],
    ) -> dict[int, int]:
        """From numbers of a kind to persons on stalls, the earlier applicant on the earlier stall."""
        named = {a.id: s.id for column, (a, s) in wishes.pairs.items() if values[column]}
        on_kind: dict[Kind, list[Applicant]] = defaultdict(list)
        for key, group in groups.items():
            rest = iter([applicant for applicant in group if applicant.id not in named])
            for kind, count in self._kinds_best_first(group[0], key, flows, wishes, values, weights):
                on_kind[kind] += [next(rest) for _ in range(count)]
        taken = set(named.values())
        for kind, people in on_kind.items():
            free = (stall for stall in self.stall_kinds[kind] if stall.id not in taken)
            named |= {a.id: s.id for a, s in zip(sorted(people, key=queue_order), free, strict=False)}
        return named

    def _kinds_best_first(
        self,
        example: Applicant,
        key: Kind,
        flows: "_Flows",
        wishes: "_Wishes",
        values: Sequence[int],
        weights: Mapping[str, int],
    ) -> list[tuple[Kind, int]]:
        found = [(flows.kind_of[c], values[c]) for c in flows.of_group[key] if c not in wishes.pairs]
        found.sort(key=lambda item: -place_score(example, self.stall_kinds[item[0]][0], weights))
        return found

    def _earlier_wishes_first(
        self, assignment: dict[int, int], weights: Mapping[str, int]
    ) -> dict[int, int]:
        """Where two wishes weigh the same, the earlier applicant has the stall."""
        people = {applicant.id: applicant for applicant in self.queue}
        for applicant in self.queue:
            for stall in self._wished(applicant) if applicant.id in assignment else ():
                holder = next((people[key] for key, place in assignment.items() if place == stall.id), None)
                if holder is None or queue_order(holder) <= queue_order(applicant):
                    continue
                trial = swap(assignment, applicant.id, holder.id)
                here = self.stall_by_id[assignment[applicant.id]]
                if wish_score(applicant, stall, weights) <= wish_score(applicant, here, weights):
                    continue
                before = score(applicant, here, weights) + score(holder, stall, weights)
                after = score(applicant, stall, weights) + score(holder, here, weights)
                if after >= before and not check_swap(self.layout(assignment), applicant.id, holder.id):
                    assignment = trial
        return assignment


@dataclass(slots=True)
class _Flows:
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


@dataclass(slots=True)
class _Wishes:
    """Columns of one applicant on one stall."""

    pairs: dict[int, tuple[Applicant, StallFacts]] = field(default_factory=dict)

    def add(self, column: int, applicant: Applicant, stall: StallFacts) -> None:
        self.pairs[column] = (applicant, stall)

    def add_limits(self, milp: Milp) -> None:
        of_applicant, on_stall = defaultdict(list), defaultdict(list)
        for column, (applicant, stall) in self.pairs.items():
            of_applicant[applicant.id].append(column)
            on_stall[stall.id].append(column)
        for columns in [*of_applicant.values(), *on_stall.values()]:
            milp.total(columns, None, 1)


def _stall_kind(stall: StallFacts) -> Kind:
    return stall.zone, stall.power_w, stall.circuit, stall.water, stall.shade, stall.vehicle


def _needs(applicant: Applicant) -> Kind:
    return applicant.power_w, applicant.needs_water, applicant.needs_vehicle


def _grouped(items: Iterable[_Item], kind: Callable[[_Item], Kind]) -> dict[Kind, list[_Item]]:
    groups: dict[Kind, list[_Item]] = defaultdict(list)
    for item in items:
        groups[kind(item)].append(item)
    return groups


def _holds(applicant: Applicant, stall: StallFacts, watts_left: Mapping[str, int]) -> bool:
    if misfit(applicant, stall) is not None:
        return False
    return stall.circuit is None or applicant.power_w <= watts_left[stall.circuit]


def _score_of(layout: Layout, weights: Mapping[str, int]) -> int:
    stalls = {stall.id: stall for stall in layout.stalls}
    people = {applicant.id: applicant for applicant in layout.applicants}
    return sum(score(people[key], stalls[place], weights) for key, place in layout.assignment.items())


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
