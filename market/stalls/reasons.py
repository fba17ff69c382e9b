"""Why each applicant stands or waits where they do: pure rules too, read from the finished plan."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from market.stalls.rules import (
    PUBLISHED_WEIGHTS,
    ZONES_BY_CATEGORY,
    Applicant,
    Conflict,
    Layout,
    Param,
    Reason,
    StallFacts,
    check_move,
    circuit_loads,
    fitting,
    misfit,
    needs,
    queue_order,
    score,
    waiting_list,
)

OBSTACLES = (
    "no_vehicle",
    "no_water",
    "not_enough_power",
    "no_power",
    "too_narrow",
    "too_shallow",
    "reserved",
    "kept_free",
    "closed",
)
"""What may keep someone off a stall, the easiest to lift first."""


FULL_BY_METHOD = {
    "optimum": "waiting_full_optimum",
    "draw": "waiting_full_draw",
    "rotation": "waiting_full_rotation",
    "fixed": "waiting_full_fixed",
}
"""What "the day is full" means where places are not given by the order of application."""


def explain(
    layout: Layout,
    weights: Mapping[str, int] = PUBLISHED_WEIGHTS,
    *,
    waiting: Sequence[int] | None = None,
    method: str = "first_come",
) -> dict[int, Reason]:
    """A reason for every applicant. `waiting`: the waiting list, where it is not the order of application."""
    waiting = waiting_list(layout) if waiting is None else waiting
    positions = {key: number for number, key in enumerate(waiting, 1)}
    fits = _Fits(layout.stalls)
    reasons = {}
    for applicant in layout.applicants:
        if applicant.id in layout.assignment:
            reasons[applicant.id] = _why_here(layout, fits, applicant, weights)
        else:
            position = positions[applicant.id]
            reasons[applicant.id] = _why_waiting(layout, fits(applicant), applicant, position, method)
    return reasons


class _Fits:
    """The stalls that meet an applicant's needs, worked out once for all with the same needs."""

    def __init__(self, stalls: Sequence[StallFacts]) -> None:
        self.stalls = stalls
        self.known: dict[Hashable, list[StallFacts]] = {}

    def __call__(self, applicant: Applicant) -> list[StallFacts]:
        asks = needs(applicant), applicant.double
        if asks not in self.known:
            self.known[asks] = fitting(applicant, self.stalls)
        return self.known[asks]


def _why_here(layout: Layout, fits: _Fits, applicant: Applicant, weights: Mapping[str, int]) -> Reason:
    stall = layout.stall(layout.assignment[applicant.id])
    worth = score(applicant, stall, weights)
    params: dict[str, Param] = {"stall": stall.label, "zone": stall.zone, "score": worth}
    return Reason(_placed_code(fits, applicant, stall), params | _missed_wish(layout, applicant, stall))


def _placed_code(fits: _Fits, applicant: Applicant, stall: StallFacts) -> str:
    if stall.id == applicant.pinned_stall_id:
        return "placed_pinned"
    if stall.id == applicant.wanted_stall_id:
        return "placed_wanted"
    if stall.id == applicant.last_stall_id:
        return "placed_last"
    if len(fits(applicant)) == 1:
        return "placed_only_fit"
    if stall.zone in ZONES_BY_CATEGORY.get(applicant.category, frozenset()):
        return "placed_zone"
    return "placed_remaining"


def _missed_wish(layout: Layout, applicant: Applicant, stall: StallFacts) -> dict[str, Param]:
    wanted = next((s for s in layout.stalls if s.id == applicant.wanted_stall_id), None)
    if wanted is None or wanted.id == stall.id:
        return {}
    conflicts = check_move(layout, applicant.id, wanted.id)
    return {"wanted": wanted.label, "wanted_because": conflicts[0].code if conflicts else "better_together"}


def _why_waiting(
    layout: Layout,
    usable: Sequence[StallFacts],
    applicant: Applicant,
    position: int,
    method: str,
) -> Reason:
    params: dict[str, Param] = {"position": position, "fitting": len(usable), "need_w": applicant.power_w}
    if not usable:
        return Reason("waiting_no_fit", params | {"need": _closest_misfit(applicant, layout.stalls)})
    quota = layout.house.quotas.get(applicant.category)
    if quota and quota.maximum is not None and _placed_of(layout, applicant.category) >= quota.maximum:
        return Reason("waiting_quota", params | {"category": applicant.category, "most": quota.maximum})
    if method != "first_come" and len(layout.assignment) + len(layout.doubles) >= _room(layout):
        return Reason(FULL_BY_METHOD.get(method, "waiting_full"), params | {"room": _room(layout)})
    if _earlier_placed(layout, applicant) >= _room(layout):
        return Reason("waiting_full", params | {"room": _room(layout)})
    return _why_none_is_left(layout, applicant, usable, params)


def _why_none_is_left(
    layout: Layout, applicant: Applicant, usable: Sequence[StallFacts], params: dict[str, Param]
) -> Reason:
    held = {*layout.assignment.values(), *layout.doubles.values()}
    free = [stall for stall in usable if stall.id not in held]
    if applicant.double:
        return Reason("waiting_pair", params)
    if not free:
        return Reason("waiting_stalls", params | {"need": _need_name(applicant)})
    conflicts = {stall.label: check_move(layout, applicant.id, stall.id) for stall in free}
    codes = {conflict.code for found in conflicts.values() for conflict in found}
    if not all(conflicts.values()):
        return Reason("waiting_score", params)
    if "apart" in codes and "circuit_full" not in codes:
        label, neighbour = _unwanted_neighbour(conflicts)
        return Reason("waiting_apart", params | {"stall": label, "by": neighbour})
    return Reason("waiting_circuit", params | {"left_w": _watts_left(layout, free)})


def _unwanted_neighbour(conflicts: Mapping[str, Sequence[Conflict]]) -> tuple[str, str]:
    return next(
        (label, str(conflict.params["by"]))
        for label, found in conflicts.items()
        for conflict in found
        if conflict.code == "apart"
    )


def _placed_of(layout: Layout, category: str) -> int:
    return sum(a.category == category and a.id in layout.assignment for a in layout.applicants)


def _room(layout: Layout) -> int:
    open_stalls = sum(not stall.closed for stall in layout.stalls)
    return open_stalls if layout.limit is None else min(layout.limit, open_stalls)


def _earlier_placed(layout: Layout, applicant: Applicant) -> int:
    return sum(
        other.id in layout.assignment and queue_order(other) < queue_order(applicant)
        for other in layout.applicants
    )


def _closest_misfit(applicant: Applicant, stalls: Sequence[StallFacts]) -> str:
    """The obstacle on the stall that comes nearest to fitting: the one that is worth lifting."""
    ranks = {code: rank for rank, code in enumerate(OBSTACLES)}
    codes = [code for stall in stalls if (code := misfit(applicant, stall))]
    return min(codes, key=ranks.__getitem__, default="closed")


def _watts_left(layout: Layout, free: Iterable[StallFacts]) -> int:
    loads, capacity = circuit_loads(layout), {c.name: c.capacity_w for c in layout.circuits}
    return max(
        stall.power_w if stall.circuit is None else capacity[stall.circuit] - loads[stall.circuit]
        for stall in free
    )


def _need_name(applicant: Applicant) -> str:
    if applicant.power_w:
        return "power"
    if applicant.needs_water:
        return "water"
    return "vehicle" if applicant.needs_vehicle else "any"
