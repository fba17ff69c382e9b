"""Why no plan can exist: the smallest set of hard rules in contradiction, found by leaving rules out.

Only pins and minimums ask that somebody stands; every other rule is kept by whoever stays at home. So the
question needs only the people of those categories and the pinned, and only the rules that touch them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

from market.allocation.optimum import Element, Model
from market.allocation.rules import NEEDS, Applicant, Blame, Param, Spot, needs_of
from market.allocation.task import Task

OF_A_SPOT = ("not_possible", *(need.code for need in reversed(NEEDS)))
"""What may keep somebody off a spot; those that say least about a contradiction first."""
FIRST_S, EACH_S = 10, 3
"""Work for the first question and for each after it; a rule that could not be cleared in that stays named."""


def can_hold(task: Task, without: Collection[Element] = (), seconds: float = FIRST_S) -> bool | None:
    """Whether any plan keeps the hard rules that are left; None = not found out."""
    outcome = _question(task, without).solve(seconds)
    return True if outcome.values is not None else False if outcome.proven else None


def _question(task: Task, without: Collection[Element] = ()) -> Model:
    return Model(_asked_for(task, without), without=without, only_hard=True)


def find_clash(task: Task) -> tuple[Blame, ...]:
    """Nothing where a plan exists; else rules that cannot hold together, none of which could be left out."""
    kept = smallest_conflict(task)
    return tuple(_blame(task, element, kept) for element in reversed(kept))


def smallest_conflict(task: Task) -> list[Element]:
    """Rules that contradict one another while any one of them left out would let the others hold."""
    if can_hold(task) is not False:
        return []
    elements = list(elements_of(task))
    for suspects in (*_counted(task, elements), _at_odds(task, elements)):
        others = [element for element in elements if element not in suspects]
        if can_hold(task, others, EACH_S) is False:
            return _needed(task, [element for element in elements if element in suspects], others)
    return _needed(task, elements, [])


def _counted(task: Task, elements: Sequence[Element]) -> list[set[Element]]:
    """What counting alone shows: the contradictions that people understand at once, the smallest first."""
    codes = [str(code) for kind, code in elements if kind == "need"]
    return sorted([*_too_many(task, codes), *_pinned_amiss(task)], key=len)


def _too_many(task: Task, codes: Sequence[str]) -> Iterator[set[Element]]:
    """Minimums that ask for more than there is: of applicants, of stalls, of stalls that meet a need."""
    least = {category: q.minimum for category, q in sorted(task.market_rules.quotas.items()) if q.minimum}
    everybody: set[Element] = {("min", category) for category in least}
    where: dict[str, dict[str, set[int]]] = {code: {} for code in codes}
    for category, number in least.items():
        people, most = (
            [a for a in task.queue if a.category == category],
            task.market_rules.quotas[category].maximum,
        )
        if number > min(len(people), len(task.ground)):
            yield {("min", category)}
        if most is not None and number > most:
            yield {("min", category), ("max", category)}
        for code, stalls in _meeting(task, people, codes).items():
            where[code][category] = stalls
            if number > len(stalls):
                yield {("min", category), ("need", code)}
    if sum(least.values()) > len(task.ground):
        yield everybody
    if task.limit is not None and sum(least.values()) > task.limit:
        yield everybody | {("limit", None)}
    for code, met in where.items():
        bound = [category for category, stalls in met.items() if len(stalls) < len(task.ground)]
        if sum(least[c] for c in bound) > len(set().union(*(met[c] for c in bound))):
            yield {("need", code), *(("min", category) for category in bound)}


def _pinned_amiss(task: Task) -> Iterator[set[Element]]:
    """Fixed stalls that do not meet a need, or are fixed for two."""
    on_stall: dict[int, list[Applicant]] = {}
    for applicant in task.queue:
        if applicant.pinned_stall_id is None:
            continue
        pin: Element = ("pin", applicant.id)
        for code in task.obstacles(applicant, Spot(applicant.pinned_stall_id)):
            yield {pin, ("need", code)}
        others = on_stall.setdefault(applicant.pinned_stall_id, [])
        yield from ({pin, ("pin", other.id)} for other in others)
        others.append(applicant)


def _meeting(task: Task, people: Iterable[Applicant], codes: Collection[str]) -> dict[str, set[int]]:
    """For each need the stalls that meet it for any of them."""
    found: dict[str, set[int]] = {code: set() for code in codes}
    for applicant in _unlike(task, people):
        for stall in task.ground:
            for code in set(codes).difference(task.obstacles(applicant, Spot(stall.id))):
                found[code].add(stall.id)
    return found


def _at_odds(task: Task, elements: Sequence[Element]) -> set[Element]:
    """Most contradictions show where everybody may be cut in pieces; all needs stay under suspicion."""
    at_odds = _question(task).rules_at_odds(EACH_S)
    return at_odds | {element for element in elements if element[0] == "need"} if at_odds else set(elements)


def _needed(task: Task, elements: Sequence[Element], dropped: list[Element]) -> list[Element]:
    """Those without which the contradiction would go; `dropped` grows by the others, many at a time."""
    if can_hold(task, [*dropped, *elements], EACH_S) is False:
        dropped += elements
        return []
    if len(elements) <= 1:
        return list(elements)
    half = len(elements) // 2
    return _needed(task, elements[:half], dropped) + _needed(task, elements[half:], dropped)


def _asked_for(task: Task, without: Collection[Element] = ()) -> Task:
    """The same task for those who have to stand: the pinned, and the categories with a minimum."""
    least = {
        c for c, quota in task.market_rules.quotas.items() if quota.minimum and ("min", c) not in without
    }
    return task.among(
        a.id
        for a in task.queue
        if a.category in least or (a.pinned_stall_id is not None and ("pin", a.id) not in without)
    )


def elements_of(task: Task) -> Iterator[Element]:
    """Every rule that may be to blame; those that say least about a contradiction are tried first."""
    people = _asked_for(task).queue
    there, quotas = {a.category for a in people}, sorted(task.market_rules.quotas.items())
    if task.limit is not None:
        yield "limit", None
    yield from (
        ("apart", n) for n, rule in enumerate(task.market_rules.apart) if {rule.one, rule.other} <= there
    )
    yield from (("max", category) for category, q in quotas if q.maximum is not None and category in there)
    yield from (("circuit", circuit.name) for circuit in task.circuits)
    found = {code for a in _unlike(task, people) for s in task.ground for code in _obstacles(task, a, s.id)}
    yield from (("need", code) for code in OF_A_SPOT if code in found)
    yield from (("pin", a.id) for a in reversed(people) if a.pinned_stall_id is not None)
    yield from (("min", category) for category, quota in quotas if quota.minimum)


def _unlike(task: Task, people: Iterable[Applicant]) -> Iterable[Applicant]:
    """One of each who need the same."""
    return people if task.scores is not None else {(needs_of(a), a.double): a for a in people}.values()


def _obstacles(task: Task, applicant: Applicant, stall_id: int) -> set[str]:
    """The needs this stall does not meet, for a double applicant with any stall beside."""
    spots = [Spot(stall_id)]
    if applicant.double:
        spots = [Spot(stall_id, other) for other in task.beside[stall_id]]
    return {code for spot in spots for code in task.obstacles(applicant, spot)}


# --- What is said of each -------------------------------------------------------------------------------


def _blame(task: Task, element: Element, kept: Collection[Element]) -> Blame:
    kind, key = element
    return BLAMES[kind](task, key, _categories(kept))


def _categories(kept: Collection[Element]) -> list[str]:
    return [str(name) for kind, name in kept if kind == "min"]


def _pin(task: Task, key: Hashable, _categories: Collection[str]) -> Blame:
    person = next(a for a in task.queue if a.id == key)
    stall = task.stall_by_id[person.pinned_stall_id or 0]
    params: dict[str, Param] = {
        "vendor": person.name,
        "stall": stall.label,
        "need_w": person.power_w,
        "has_w": stall.power_w,
    }
    return Blame("clash_pin", params)


def _least(task: Task, key: Hashable, _categories: Collection[str]) -> Blame:
    return Blame(
        "clash_min", {**_of_category(task, str(key)), "least": task.market_rules.quotas[str(key)].minimum}
    )


def _most(task: Task, key: Hashable, _categories: Collection[str]) -> Blame:
    most = task.market_rules.quotas[str(key)].maximum or 0
    return Blame("clash_max", {**_of_category(task, str(key)), "most": most})


def _of_category(task: Task, category: str) -> dict[str, Param]:
    there = sum(a.category == category for a in task.queue)
    return {"category": category, "there": there, "stalls": len(task.ground)}


def _circuit(task: Task, key: Hashable, categories: Collection[str]) -> Blame:
    """`need_w`: what the least hungry of a minimum need together."""
    capacity = next(circuit.capacity_w for circuit in task.circuits if circuit.name == key)
    watts = sorted(a.power_w for a in task.queue if a.category in categories)
    least = sum(task.market_rules.quotas[category].minimum for category in categories)
    told: dict[str, Param] = {"circuit": str(key), "capacity_w": capacity, "need_w": sum(watts[:least])}
    return Blame("clash_circuit", told)


def _limit(task: Task, _key: Hashable, _categories: Collection[str]) -> Blame:
    return Blame("clash_limit", {"limit": task.limit or 0})


def _apart(task: Task, key: Hashable, _categories: Collection[str]) -> Blame:
    rule = next(rule for number, rule in enumerate(task.market_rules.apart) if number == key)
    return Blame("clash_apart", {"category": rule.one, "other": rule.other})


def _need(task: Task, key: Hashable, categories: Collection[str]) -> Blame:
    """How many stalls meet the need, counted for the categories in question."""
    people, code = [a for a in task.queue if a.category in categories] or list(task.queue), str(key)
    have = len(_meeting(task, people, [code])[code])
    return Blame(f"clash_{code}", {"have": have, "need_w": max(a.power_w for a in people)})


BLAMES: dict[str, Callable[[Task, Hashable, Collection[str]], Blame]] = {
    "pin": _pin,
    "min": _least,
    "max": _most,
    "circuit": _circuit,
    "limit": _limit,
    "apart": _apart,
    "need": _need,
}
"""By the kind of the hard rule; nobody is to blame for one stall being one stall."""
