"""Why each applicant stands or waits where they do: pure rules too, read from the finished plan."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from market.allocation.precedence import Precedence
from market.allocation.rules import (
    BY_LIFT,
    HELD_BACK,
    NEEDS,
    PUBLISHED_WEIGHTS,
    ZONES_BY_CATEGORY,
    Applicant,
    Conflict,
    Param,
    Reason,
    Spot,
    StallFacts,
    State,
    check_move,
    fitting,
    misfits,
    need_name,
    needs_of,
    queue_order,
    score,
    waiting_list,
)

FULL_BY_METHOD = {
    "optimum": "waiting_full_optimum",
    "draw": "waiting_full_draw",
    "rotation": "waiting_full_rotation",
    "fixed": "waiting_full_fixed",
}
"""What "the day is full" means where places are not given by the order of application."""
FIRST_BY_METHOD = {"draw": "lot", "rotation": "appeared", "fixed": "fixed"}
"""Who goes first, where the method says it alone."""
Params = dict[str, Param]


def explain(
    state: State,
    weights: Mapping[str, int] = PUBLISHED_WEIGHTS,
    *,
    waiting: Sequence[int] | None = None,
    method: str = "first_come",
) -> dict[int, Reason]:
    """A reason for every applicant. `waiting`: the waiting list, where it is not the order of application."""
    waiting = waiting_list(state) if waiting is None else waiting
    plan = _Explained(state, weights, method, bool(waiting))
    positions = {key: number for number, key in enumerate(waiting, 1)}
    return {
        applicant.id: plan.why_here(applicant)
        if applicant.id in state.assignment
        else plan.why_waiting(applicant, positions[applicant.id])
        for applicant in state.applicants
    }


@dataclass(frozen=True)
class _Explained:
    state: State
    weights: Mapping[str, int]
    method: str
    somebody_waits: bool
    known_fits: dict[Hashable, list[StallFacts]] = field(default_factory=dict)
    known_obstacles: dict[Hashable, tuple[str, Params]] = field(default_factory=dict)

    def fits(self, applicant: Applicant) -> list[StallFacts]:
        """The stalls that meet the needs, worked out once for all with the same needs."""
        asks = needs_of(applicant), applicant.double
        if asks not in self.known_fits:
            self.known_fits[asks] = fitting(applicant, self.state.stalls)
        return self.known_fits[asks]

    # --- Placed -----------------------------------------------------------------------------------------

    def why_here(self, applicant: Applicant) -> Reason:
        stall = self.state.stall(self.state.assignment[applicant.id].stall_id)
        worth = score(applicant, stall, self.weights)
        params: Params = {"stall": stall.label, "zone": stall.zone, "score": worth}
        return Reason(
            self._why_this(applicant, stall), params | self._turn(applicant) | self._missed(applicant)
        )

    def _why_this(self, applicant: Applicant, stall: StallFacts) -> str:
        zones = ZONES_BY_CATEGORY.get(applicant.category, frozenset())
        causes = {
            "placed_pinned": stall.id == applicant.pinned_stall_id,
            "placed_wanted": stall.id == applicant.wanted_stall_id,
            "placed_last": stall.id == applicant.last_stall_id,
            "placed_reserved": stall.reserved,
            "placed_only_fit": len(self.fits(applicant)) == 1 < len(self.state.stalls),
            "placed_zone": stall.zone in zones,
            "placed_remaining": bool(zones),
        }
        return next((code for code, holds in causes.items() if holds), "placed_fits")

    def _turn(self, applicant: Applicant) -> Params:
        """Tells people who were turned away before that it counted, when there were too few stalls."""
        counts = self.method == "optimum" and self.weights.get("missed", 0) > 0
        told = counts and self.somebody_waits and applicant.misses and applicant.pinned_stall_id is None
        return {"misses": applicant.misses} if told else {}

    def _missed(self, applicant: Applicant) -> Params:
        wanted = self.state.stall_by_id.get(applicant.wanted_stall_id or 0)
        here = self.state.assignment[applicant.id]
        if wanted is None or wanted.id in here.stall_ids:
            return {}
        conflicts = check_move(self.state, applicant.id, Spot(wanted.id, here.second_id))
        because = conflicts[0].code if conflicts else "better_together"
        return {"wanted": wanted.label, "wanted_because": because}

    # --- Waiting ----------------------------------------------------------------------------------------

    def why_waiting(self, applicant: Applicant, position: int) -> Reason:
        usable = self.fits(applicant)
        params: Params = {"position": position, "fitting": len(usable), "need_w": applicant.power_w}
        if not usable:
            return Reason("waiting_no_fit", params | {"need": self._nearest_obstacle(applicant)})
        if self.method == "optimum" and self.weights.get("missed", 0) > 0:
            params["counts_next"] = 1
        quota = self.state.market_rules.quotas.get(applicant.category)
        most = quota.maximum if quota else None
        if most is not None and self.state.placed_of.get(applicant.category, 0) >= most:
            told: Params = {"category": applicant.category, "most": most}
            return Reason("waiting_quota", params | told | self._who_first(applicant, same=True))
        room = self._room(applicant)
        if self._is_full(applicant, room):
            code = FULL_BY_METHOD.get(self.method, "waiting_full")
            first = self._who_first(applicant) if self.method == "optimum" else {}
            return Reason(code, params | {"room": room} | first | self._held_back(applicant))
        return self._why_none_is_left(applicant, params)

    def _room(self, applicant: Applicant) -> int:
        """How many stalls went to people of the same kind."""
        there = len(self._open_to(applicant))
        return there if self.state.limit is None else min(self.state.limit, there)

    def _open_to(self, applicant: Applicant) -> list[StallFacts]:
        about_stalls = [need for need in NEEDS if need.of_stall]
        return [s for s in self.state.stalls if not any(n.broken(applicant, s) for n in about_stalls)]

    def _is_full(self, applicant: Applicant, room: int) -> bool:
        if self.method == "first_come":
            return self._earlier_placed(applicant) >= room
        held = sum(stall.id in self.state.holders for stall in self._open_to(applicant))
        return held >= room or (self.state.limit is not None and self.state.used >= self.state.limit)

    def _earlier_placed(self, applicant: Applicant) -> int:
        placed = (a for a in self.state.applicants if a.id in self.state.assignment)
        return sum(queue_order(other) < queue_order(applicant) for other in placed)

    def _why_none_is_left(self, applicant: Applicant, params: Params) -> Reason:
        free = [stall for stall in self.fits(applicant) if stall.id not in self.state.holders]
        if applicant.double:
            return Reason("waiting_pair", params)
        if not free:
            code = "waiting_stalls" if self.method == "first_come" else "waiting_stalls_taken"
            first = self._who_first(applicant) | self._held_back(applicant)
            return Reason(code, params | {"need": need_name(applicant)} | first)
        code, told = self._why_not_these(applicant, free)
        return Reason(code, params | told)

    def _why_not_these(self, applicant: Applicant, free: Sequence[StallFacts]) -> tuple[str, Params]:
        """Why the free stalls do not help people of one kind with the same needs."""
        asks = applicant.category, needs_of(applicant)
        if asks not in self.known_obstacles:
            moves = {stall.label: check_move(self.state, applicant.id, Spot(stall.id)) for stall in free}
            self.known_obstacles[asks] = self._obstacle(moves, free)
        return self.known_obstacles[asks]

    def _obstacle(
        self, moves: Mapping[str, Sequence[Conflict]], free: Sequence[StallFacts]
    ) -> tuple[str, Params]:
        codes = {conflict.code for found in moves.values() for conflict in found}
        if not all(moves.values()):
            return "waiting_score", {}
        if "apart" in codes and "circuit_full" not in codes:
            label, neighbour = _unwanted_neighbour(moves)
            return "waiting_apart", {"stall": label, "by": neighbour}
        return "waiting_circuit", {"left_w": self._watts_left(free)}

    def _watts_left(self, free: Sequence[StallFacts]) -> int:
        loads, capacity = self.state.loads, self.state.capacity
        return max(
            stall.power_w if stall.circuit is None else capacity[stall.circuit] - loads[stall.circuit]
            for stall in free
        )

    def _nearest_obstacle(self, applicant: Applicant) -> str:
        """The obstacle on the stall that fits best: the one worth removing."""
        found = [misfits(applicant, stall)[0] for stall in self.state.stalls]
        return min(found, key=BY_LIFT.index, default="closed")

    def _held_back(self, applicant: Applicant) -> Params:
        """A free stall that would do, were it not kept for others or left empty."""
        for stall in self.state.stalls:
            codes = set() if stall.id in self.state.holders else set(misfits(applicant, stall))
            if codes and codes <= HELD_BACK:
                return {"empty": stall.label, "empty_because": min(codes, key=BY_LIFT.index)}
        return {}

    def _who_first(self, applicant: Applicant, *, same: bool = False) -> Params:
        """What puts others before this applicant; `same`: others of the same category."""
        if self.method != "optimum":
            first = FIRST_BY_METHOD.get(self.method)
            return {"first": first} if first else {}
        usable = {stall.id for stall in self.fits(applicant)}
        decided = self.precedence.of(applicant, usable, applicant.category if same else None)
        return {"first": decided} if decided else {}

    @cached_property
    def precedence(self) -> Precedence:
        return Precedence(self.state, self.weights)


def _unwanted_neighbour(conflicts: Mapping[str, Sequence[Conflict]]) -> tuple[str, str]:
    return next(
        (label, str(conflict.params["by"]))
        for label, found in conflicts.items()
        for conflict in found
        if conflict.code == "apart"
    )
