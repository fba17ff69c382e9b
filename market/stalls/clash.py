"""Why no plan can exist: the smallest set of hard rules in contradiction, found by leaving rules out."""

from collections.abc import Collection, Iterator, Sequence

from market.stalls.programme import Element, Programme
from market.stalls.rules import Blame, Param
from market.stalls.task import Task

NEEDS = (
    "not_possible",
    "too_shallow",
    "too_narrow",
    "no_vehicle",
    "no_water",
    "not_enough_power",
    "no_power",
    "reserved",
    "kept_free",
    "closed",
)
SECONDS = 20
"""For one question; a question not answered by then counts as: the rule is to blame."""


def can_hold(task: Task, without: Collection[Element] = ()) -> bool:
    """Whether any plan keeps the hard rules that are left."""
    return Programme(task, without=without, only_hard=True).solve(SECONDS).values is not None


def find_clash(task: Task) -> tuple[Blame, ...]:
    """Nothing where a plan exists; else rules that cannot hold together, none of which could be left out."""
    kept = smallest_conflict(task)
    return tuple(_blame(task, element, kept) for element in reversed(kept))


def smallest_conflict(task: Task) -> list[Element]:
    """Rules that contradict one another while any one of them left out would let the others hold."""
    return [] if can_hold(task) else _needed(task, list(elements_of(task)), [])


def _needed(task: Task, elements: Sequence[Element], dropped: list[Element]) -> list[Element]:
    """Those without which the contradiction would go; `dropped` grows by the others, many at a time."""
    if not can_hold(task, [*dropped, *elements]):
        dropped += elements
        return []
    if len(elements) <= 1:
        return list(elements)
    half = len(elements) // 2
    return _needed(task, elements[:half], dropped) + _needed(task, elements[half:], dropped)


def elements_of(task: Task) -> Iterator[Element]:
    """Every rule that may be to blame; those that say least about a contradiction are tried first."""
    yield "limit", None
    yield from (("apart", number) for number in range(len(task.house.apart)))
    quotas = sorted(task.house.quotas.items())
    yield from (("max", category) for category, quota in quotas if quota.maximum is not None)
    yield from (("circuit", circuit.name) for circuit in task.circuits)
    found = {code for a in task.queue for s in task.ground for code in task.obstacles(a, s)}
    yield from (("need", code) for code in NEEDS if code in found)
    yield from (("pin", a.id) for a in reversed(task.queue) if a.pinned_stall_id is not None)
    yield from (("min", category) for category, quota in quotas if quota.minimum)


def _blame(task: Task, element: Element, kept: Collection[Element]) -> Blame:
    kind, key = element
    if kind == "pin":
        return _pin(task, key)
    if kind in ("min", "max"):
        return _quota(task, kind, str(key))
    if kind == "circuit":
        capacity = next(circuit.capacity_w for circuit in task.circuits if circuit.name == key)
        return Blame("clash_circuit", {"circuit": str(key), "capacity_w": capacity})
    if kind == "limit":
        return Blame("clash_limit", {"limit": task.limit or 0})
    if kind == "apart":
        rule = next(rule for number, rule in enumerate(task.house.apart) if number == key)
        return Blame("clash_apart", {"category": rule.one, "other": rule.other})
    return _need(task, str(key), [str(name) for other, name in kept if other == "min"])


def _pin(task: Task, key: object) -> Blame:
    person = next(a for a in task.queue if a.id == key)
    stall = task.stall_by_id[person.pinned_stall_id or 0]
    params: dict[str, Param] = {"vendor": person.name, "stall": stall.label, "need_w": person.power_w}
    return Blame("clash_pin", params)


def _quota(task: Task, kind: str, category: str) -> Blame:
    quota = task.house.quotas[category]
    there = sum(a.category == category for a in task.queue)
    params: dict[str, Param] = {"category": category, "there": there}
    if kind == "min":
        return Blame("clash_min", params | {"least": quota.minimum})
    return Blame("clash_max", params | {"most": quota.maximum or 0})


def _need(task: Task, code: str, categories: Collection[str]) -> Blame:
    """How many stalls meet the need, counted for the categories in question."""
    people = [a for a in task.queue if a.category in categories] or list(task.queue)
    fitting = {s.id for a in people for s in task.ground if code not in task.obstacles(a, s)}
    return Blame(f"clash_{code}", {"have": len(fitting), "need_w": max(a.power_w for a in people)})
