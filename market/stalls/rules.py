"""What a stall must offer, what a place is worth, and which hard rules a plan may not break."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from market.stalls.house import House

Param = str | int


@dataclass(frozen=True, slots=True)
class StallFacts:
    id: int
    label: str
    zone: str
    row: int
    column: int
    power_w: int = 0  # what the socket may give; 0 = no socket
    circuit: str | None = None  # None = no shared limit
    water: bool = False
    shade: bool = False
    closed: bool = False
    vehicle: bool = False
    width_dm: int = 0  # 0 = not measured, takes anybody
    depth_dm: int = 0
    reserved: bool = False  # 爱心/公益: only for applicants with `for_reserved`
    kept_free: bool = False  # staff wants it empty that day

    @property
    def is_plain(self) -> bool:
        """Whether it takes anybody without needs."""
        return not (self.closed or self.kept_free or self.reserved)


@dataclass(frozen=True, slots=True)
class Applicant:
    """All the allocation may know of a vendor. What they give to the fund is not here, and must never be."""

    id: int
    vendor_id: int
    name: str
    category: str
    order: int  # 0 = applied first
    power_w: int = 0
    needs_water: bool = False
    needs_vehicle: bool = False
    last_stall_id: int | None = None
    wanted_stall_id: int | None = None
    width_dm: int = 0  # 0 = any size will do
    depth_dm: int = 0
    for_reserved: bool = False  # may stand on a reserved stall
    double: bool = False  # needs the stall beside as well
    pinned_stall_id: int | None = None  # staff fixed the place
    appearances: int = 0  # stood in so many of the last N markets
    misses: int = 0  # applied for so many of the last N markets and got no stall
    points: int = 0  # conduct: attendance, cleaning, reports in time

    @property
    def is_plain(self) -> bool:
        """Whether any stall will do."""
        asks = self.power_w, self.needs_water, self.needs_vehicle, self.width_dm, self.depth_dm, self.double
        return not any(asks)


@dataclass(frozen=True, slots=True)
class Circuit:
    name: str
    capacity_w: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an applicant got this result, as data; `words.reason_sentence` says it."""

    code: str
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A hard rule that a plan breaks; `words.conflict_sentence` says it."""

    code: str
    applicant_id: int
    stall_id: int
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Blame:
    """One of the hard rules because of which there can be no plan; `words.blame_sentence` says it."""

    code: str
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything one plan is judged by: the ground, the people, the wiring, and who stands where."""

    stalls: tuple[StallFacts, ...]
    applicants: tuple[Applicant, ...]
    circuits: tuple[Circuit, ...]
    assignment: Mapping[int, int]  # applicant id → stall id
    limit: int | None = None  # stalls offered that day
    house: House = field(default_factory=House)
    doubles: Mapping[int, int] = field(
        default_factory=lambda: MappingProxyType({})
    )  # applicant id → the second stall

    def stall(self, stall_id: int) -> StallFacts:
        return next(stall for stall in self.stalls if stall.id == stall_id)

    def applicant(self, applicant_id: int) -> Applicant:
        return next(applicant for applicant in self.applicants if applicant.id == applicant_id)


# Published with every plan. The zone outweighs wishes, so that residents find the vegetables together.
ALLOCATION_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"zone": 100, "wanted_stall": 40, "last_stall": 20, "shade": 10}
)

# The optimum weighs the person too: so that it places as many as it can, and the long waiting before others.
OPTIMUM_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "placed": 1000,
        **ALLOCATION_WEIGHTS,
        "target": 60,  # each vendor up to the number residents asked for
        "missed": 30,  # each of the last markets applied for in vain
        "appeared": -10,  # each of the last markets stood in
        "same_neighbour": -15,  # each pair of neighbours of one category
        "points": 1,
    }
)

ZONES_BY_CATEGORY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "produce": frozenset("A"),
        "farm_direct": frozenset("A"),
        "meat_egg_aquatic": frozenset("A"),
        "grain_seasoning": frozenset("B"),
        "daily_goods": frozenset("B"),
        "bakery_drinks": frozenset("BC"),
        "cooked_food": frozenset("C"),
        "repair_service": frozenset("D"),
        "haircut": frozenset("D"),
        "care_education": frozenset("DE"),
        "health_outreach": frozenset("E"),
        "public_service": frozenset("E"),
        "craft": frozenset("EF"),
        "secondhand": frozenset("EF"),
        "kids_play": frozenset("EF"),
        "plants_flowers": frozenset("AF"),
    }
)

SERVICES = frozenset({"repair_service", "haircut", "health_outreach", "public_service", "care_education"})


def misfit(applicant: Applicant, stall: StallFacts) -> str | None:
    """The first hard rule that keeps this applicant off this stall, the circuit's load apart."""
    return next(iter(misfits(applicant, stall)), None)


def misfits(applicant: Applicant, stall: StallFacts) -> list[str]:
    """Every hard rule that keeps this applicant off this stall."""
    power, width = applicant.power_w, applicant.width_dm
    verdicts = {
        "closed": stall.closed,
        "kept_free": stall.kept_free,
        "reserved": stall.reserved and not applicant.for_reserved,
        "no_power": bool(power) and not stall.power_w,
        "not_enough_power": power > stall.power_w > 0,
        "no_water": applicant.needs_water and not stall.water,
        "no_vehicle": applicant.needs_vehicle and not stall.vehicle,
        "too_narrow": 0 < stall.width_dm < width and not applicant.double,
        "too_shallow": 0 < stall.depth_dm < applicant.depth_dm,
    }
    return [code for code, broken in verdicts.items() if broken]


def misfits_beside(applicant: Applicant, stall: StallFacts, beside: StallFacts) -> list[str]:
    """What keeps a double applicant off two stalls: the needs are met on the first, the width on both."""
    found = misfits(applicant, stall)
    found += [code for code in misfits(applicant, beside) if code in ("closed", "kept_free", "reserved")]
    measured = stall.width_dm and beside.width_dm
    if measured and applicant.width_dm > stall.width_dm + beside.width_dm:
        found.append("too_narrow")
    return found


def place_score(
    applicant: Applicant, stall: StallFacts, weights: Mapping[str, int] = ALLOCATION_WEIGHTS
) -> int:
    """The part of the score that is the same for every vendor of a category on every stall of a kind."""
    fits_zone = stall.zone in ZONES_BY_CATEGORY.get(applicant.category, frozenset())
    wants_shade = applicant.category in SERVICES and stall.shade
    return weights["zone"] * fits_zone + weights["shade"] * wants_shade


def wish_score(
    applicant: Applicant, stall: StallFacts, weights: Mapping[str, int] = ALLOCATION_WEIGHTS
) -> int:
    """The part of the score that is this vendor's own: the stall asked for, the stall of last time."""
    wanted = stall.id == applicant.wanted_stall_id
    last = stall.id == applicant.last_stall_id
    return weights["wanted_stall"] * wanted + weights["last_stall"] * last


def score(applicant: Applicant, stall: StallFacts, weights: Mapping[str, int] = ALLOCATION_WEIGHTS) -> int:
    return place_score(applicant, stall, weights) + wish_score(applicant, stall, weights)


def person_score(applicant: Applicant, weights: Mapping[str, int] = OPTIMUM_WEIGHTS) -> int:
    """What it is worth that this vendor stands at all, wherever."""
    told = {
        "placed": 2 if applicant.double else 1,  # for each stall: asking for two neither helps nor harms
        "missed": applicant.misses,
        "appeared": applicant.appearances,
        "points": applicant.points,
    }
    return sum(weights.get(name, 0) * count for name, count in told.items())


def walking_order(stall: StallFacts) -> tuple[str, int, int, str, int]:
    return stall.zone, stall.row, stall.column, stall.label, stall.id


def queue_order(applicant: Applicant) -> tuple[int, int]:
    return applicant.order, applicant.id


def waiting_list(layout: Layout) -> tuple[int, ...]:
    queue = sorted(layout.applicants, key=queue_order)
    return tuple(applicant.id for applicant in queue if applicant.id not in layout.assignment)


def needs(applicant: Applicant) -> tuple[Hashable, ...]:
    """What tells apart applicants for whom different stalls will do; the category apart."""
    size = applicant.width_dm, applicant.depth_dm
    return applicant.power_w, applicant.needs_water, applicant.needs_vehicle, size, applicant.for_reserved


def fitting(applicant: Applicant, stalls: Iterable[StallFacts]) -> list[StallFacts]:
    return [stall for stall in stalls if misfit(applicant, stall) is None]


def circuit_loads(layout: Layout) -> dict[str, int]:
    """Declared watts on each circuit."""
    loads = {circuit.name: 0 for circuit in layout.circuits}
    stalls = {stall.id: stall for stall in layout.stalls}
    for applicant in layout.applicants:
        stall = stalls.get(layout.assignment.get(applicant.id, -1))
        if stall and stall.circuit is not None:
            loads[stall.circuit] += applicant.power_w
    return loads


# --- Hard rules on a whole plan, a move, a swap ---------------------------------------------------------


def check_layout(layout: Layout) -> list[Conflict]:
    """Every hard rule the plan breaks, in the order of application; empty = the plan holds."""
    placed = [a for a in sorted(layout.applicants, key=queue_order) if a.id in layout.assignment]
    return [conflict for applicant in placed for conflict in _conflicts_of(layout, applicant)]


def check_move(layout: Layout, applicant_id: int, stall_id: int) -> list[Conflict]:
    """What would be wrong if this applicant, placed or waiting, stood on this stall."""
    moved = replace(layout, assignment={**layout.assignment, applicant_id: stall_id})
    return _conflicts_of(moved, layout.applicant(applicant_id))


def check_swap(layout: Layout, one_id: int, other_id: int) -> list[Conflict]:
    """What would be wrong if the two changed places; one of them may be waiting."""
    swapped = replace(layout, assignment=swap(layout.assignment, one_id, other_id))
    movers = [layout.applicant(mover) for mover in (one_id, other_id) if mover in swapped.assignment]
    return [conflict for mover in movers for conflict in _conflicts_of(swapped, mover)]


def swap(assignment: Mapping[int, int], one_id: int, other_id: int) -> dict[int, int]:
    """The assignment after the two changed places; a waiting one takes the stall, the other then waits."""
    changed = {key: stall for key, stall in assignment.items() if key not in (one_id, other_id)}
    if other_id in assignment:
        changed[one_id] = assignment[other_id]
    if one_id in assignment:
        changed[other_id] = assignment[one_id]
    return changed


def _conflicts_of(layout: Layout, applicant: Applicant) -> list[Conflict]:
    stall = layout.stall(layout.assignment[applicant.id])
    found = [*_need_conflicts(layout, applicant, stall), *_taken_conflicts(layout, applicant, stall)]
    found += _circuit_conflicts(layout, applicant, stall)
    found += _limit_conflicts(layout, applicant, stall)
    return [*found, *_pin_conflicts(layout, applicant, stall), *house_conflicts(layout, applicant, stall)]


def _need_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    beside = layout.doubles.get(applicant.id)
    if applicant.double and beside is not None:
        codes = misfits_beside(applicant, stall, layout.stall(beside))
    else:
        codes = misfits(applicant, stall)
    params: dict[str, Param] = {
        "stall": stall.label,
        "vendor": applicant.name,
        "need_w": applicant.power_w,
        "has_w": stall.power_w,
    }
    return [Conflict(code, applicant.id, stall.id, params) for code in codes[:1]]


def _taken_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    names = {other.id: other.name for other in layout.applicants}
    own = {stall.id, layout.doubles.get(applicant.id, stall.id)}
    held = [*layout.assignment.items(), *layout.doubles.items()]
    return [
        Conflict(
            "taken", applicant.id, place, {"stall": layout.stall(place).label, "by": names.get(other, "")}
        )
        for other, place in held
        if place in own and other != applicant.id
    ]


def _circuit_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if stall.circuit is None or not applicant.power_w:
        return []
    load = circuit_loads(layout)[stall.circuit]
    capacity = next(circuit.capacity_w for circuit in layout.circuits if circuit.name == stall.circuit)
    if load <= capacity:
        return []
    params: dict[str, Param] = {
        "stall": stall.label,
        "circuit": stall.circuit,
        "load_w": load,
        "capacity_w": capacity,
    }
    return [Conflict("circuit_full", applicant.id, stall.id, params)]


def _limit_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    used = len(layout.assignment) + len(layout.doubles)
    if layout.limit is None or used <= layout.limit:
        return []
    params: dict[str, Param] = {"limit": layout.limit, "placed": used}
    return [Conflict("limit_reached", applicant.id, stall.id, params)]


def _pin_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if applicant.pinned_stall_id in (None, stall.id):
        return []
    pinned = next((s.label for s in layout.stalls if s.id == applicant.pinned_stall_id), "")
    params: dict[str, Param] = {"stall": stall.label, "vendor": applicant.name, "pinned": pinned}
    return [Conflict("pinned", applicant.id, stall.id, params)]


def house_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    """What one placed applicant breaks of the house's rules: the pair of stalls, the most, the neighbours."""
    return [
        *_double_conflicts(layout, applicant, stall),
        *_most_conflicts(layout, applicant, stall),
        *_apart_conflicts(layout, applicant, stall),
    ]


def _double_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    """A double applicant moved by hand keeps the stall beside only if one is named in `doubles`."""
    if not applicant.double or not layout.house.neighbours:
        return []
    pair = stall.id, layout.doubles.get(applicant.id, stall.id)
    if pair in layout.house.neighbours or pair[::-1] in layout.house.neighbours:
        return []
    params: dict[str, Param] = {"stall": stall.label, "vendor": applicant.name}
    return [Conflict("not_double", applicant.id, stall.id, params)]


def _most_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    quota = layout.house.quotas.get(applicant.category)
    if quota is None or quota.maximum is None:
        return []
    placed = sum(a.category == applicant.category and a.id in layout.assignment for a in layout.applicants)
    if placed <= quota.maximum:
        return []
    params: dict[str, Param] = {"category": applicant.category, "most": quota.maximum, "placed": placed}
    return [Conflict("category_full", applicant.id, stall.id, params)]


def _apart_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if not layout.house.apart:
        return []
    people = {other.id: other for other in layout.applicants}
    held = [*layout.assignment.items(), *layout.doubles.items()]
    holder = {place: people[key] for key, place in held if key in people}
    own = {stall.id, layout.doubles.get(applicant.id, stall.id)}
    found: dict[int, Conflict] = {}
    for here in sorted(own):
        for mine, there, theirs in layout.house.apart_at.get(here, ()):
            other = holder.get(there)
            if other and other.id != applicant.id and (applicant.category, other.category) == (mine, theirs):
                params: dict[str, Param] = {
                    "stall": layout.stall(here).label,
                    "vendor": applicant.name,
                    "by": other.name,
                    "beside": layout.stall(there).label,
                }
                found.setdefault(there, Conflict("apart", applicant.id, stall.id, params))
    return list(found.values())
