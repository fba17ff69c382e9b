"""Why no plan can exist: the smallest set of hard rules in contradiction, found by leaving rules out.

Only pins and minimums ask that somebody stands; every other rule is kept by whoever stays at home. So the
question needs only the people of those categories and the pinned, and only the rules that touch them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

from market.allocation.optimum import Element, Model
from market.allocation.problem import Problem
from market.allocation.rules import NEEDS, Applicant, ConflictingRule, Param, Spot

OF_A_SPOT = ("not_possible", *(need.code for need in reversed(NEEDS)))
"""What may keep somebody off a spot; those that say least about a contradiction first."""
FIRST_S, EACH_S = 10, 3
"""Seconds of work for the first question and for each later one; a rule not cleared in time stays named."""


def can_hold(problem: Problem, without: Collection[Element] = (), seconds: float = FIRST_S) -> bool | None:
    """Whether any plan keeps the hard rules that are left; None = not found out."""
    outcome = _question(problem, without).solve(seconds)
    return True if outcome.values is not None else False if outcome.proven else None


def _question(problem: Problem, without: Collection[Element] = ()) -> Model:
    return Model(_asked_for(problem, without), without=without, only_hard=True)


def find_conflict_set(problem: Problem) -> tuple[ConflictingRule, ...]:
    """The rules that cannot hold together, with none to spare; empty when a plan exists."""
    kept = smallest_conflict_set(problem)
    return tuple(_described(problem, element, kept) for element in reversed(kept))


def smallest_conflict_set(problem: Problem) -> list[Element]:
    """A smallest contradiction: leave out any one of these rules and the others can hold."""
    if can_hold(problem) is not False:
        return []
    elements = list(elements_of(problem))
    for suspects in (*_counted(problem, elements), _at_odds(problem, elements)):
        others = [element for element in elements if element not in suspects]
        if can_hold(problem, others, EACH_S) is False:
            return _needed(problem, [element for element in elements if element in suspects], others)
    return _needed(problem, elements, [])


def _counted(problem: Problem, elements: Sequence[Element]) -> list[set[Element]]:
    """Contradictions that plain counting finds, the smallest first: people understand those at once."""
    codes = [str(code) for kind, code in elements if kind == "need"]
    return sorted([*_too_many(problem, codes), *_pinned_amiss(problem)], key=len)


def _too_many(problem: Problem, codes: Sequence[str]) -> Iterator[set[Element]]:
    """Minimums that ask for more than there is: of applicants, of stalls, of stalls that meet a need."""
    least = {category: q.minimum for category, q in sorted(problem.market_rules.quotas.items()) if q.minimum}
    everybody: set[Element] = {("min", category) for category in least}
    where: dict[str, dict[str, set[int]]] = {code: {} for code in codes}
    for category, number in least.items():
        people, most = (
            [a for a in problem.queue if a.category == category],
            problem.market_rules.quotas[category].maximum,
        )
        if number > min(len(people), len(problem.ground)):
            yield {("min", category)}
        if most is not None and number > most:
            yield {("min", category), ("max", category)}
        for code, stalls in _meeting(problem, people, codes).items():
            where[code][category] = stalls
            if number > len(stalls):
                yield {("min", category), ("need", code)}
    if sum(least.values()) > len(problem.ground):
        yield everybody
    if problem.limit is not None and sum(least.values()) > problem.limit:
        yield everybody | {("limit", None)}
    for code, met in where.items():
        bound = [category for category, stalls in met.items() if len(stalls) < len(problem.ground)]
        if sum(least[c] for c in bound) > len(set().union(*(met[c] for c in bound))):
            yield {("need", code), *(("min", category) for category in bound)}


def _pinned_amiss(problem: Problem) -> Iterator[set[Element]]:
    """Fixed stalls that do not meet a need, or are fixed for two."""
    on_stall: dict[int, list[Applicant]] = {}
    for applicant in problem.queue:
        if applicant.pinned_stall_id is None:
            continue
        pin: Element = ("pin", applicant.id)
        for code in problem.obstacles(applicant, Spot(applicant.pinned_stall_id)):
            yield {pin, ("need", code)}
        others = on_stall.setdefault(applicant.pinned_stall_id, [])
        yield from ({pin, ("pin", other.id)} for other in others)
        others.append(applicant)


def _meeting(problem: Problem, people: Iterable[Applicant], codes: Collection[str]) -> dict[str, set[int]]:
    """For each need the stalls that meet it for any of them."""
    found: dict[str, set[int]] = {code: set() for code in codes}
    for applicant in _unlike(problem, people):
        for stall in problem.ground:
            for code in set(codes).difference(problem.obstacles(applicant, Spot(stall.id))):
                found[code].add(stall.id)
    return found


def _at_odds(problem: Problem, elements: Sequence[Element]) -> set[Element]:
    """The suspects: most contradictions already show when applicants may be split over stalls."""
    at_odds = _question(problem).rules_at_odds(EACH_S)
    return at_odds | {element for element in elements if element[0] == "need"} if at_odds else set(elements)


def _needed(problem: Problem, elements: Sequence[Element], dropped: list[Element]) -> list[Element]:
    """The rules the contradiction needs; the others are added to `dropped`, many at a time."""
    if can_hold(problem, [*dropped, *elements], EACH_S) is False:
        dropped += elements
        return []
    if len(elements) <= 1:
        return list(elements)
    half = len(elements) // 2
    return _needed(problem, elements[:half], dropped) + _needed(problem, elements[half:], dropped)


def _asked_for(problem: Problem, without: Collection[Element] = ()) -> Problem:
    """The same problem with only the people who must stand: the pinned, and categories with a minimum."""
    least = {
        c for c, quota in problem.market_rules.quotas.items() if quota.minimum and ("min", c) not in without
    }
    return problem.among(
        a.id
        for a in problem.queue
        if a.category in least or (a.pinned_stall_id is not None and ("pin", a.id) not in without)
    )


def elements_of(problem: Problem) -> Iterator[Element]:
    """Every rule that may contradict others; those that say least about it are tried first."""
    people = _asked_for(problem).queue
    there, quotas = {a.category for a in people}, sorted(problem.market_rules.quotas.items())
    if problem.limit is not None:
        yield "limit", None
    yield from (
        ("apart", n) for n, rule in enumerate(problem.market_rules.apart) if {rule.one, rule.other} <= there
    )
    yield from (("max", category) for category, q in quotas if q.maximum is not None and category in there)
    yield from (("circuit", circuit.name) for circuit in problem.circuits)
    found = {
        code
        for a in _unlike(problem, people)
        for s in problem.ground
        for code in _obstacles(problem, a, s.id)
    }
    yield from (("need", code) for code in OF_A_SPOT if code in found)
    yield from (("pin", a.id) for a in reversed(people) if a.pinned_stall_id is not None)
    yield from (("min", category) for category, quota in quotas if quota.minimum)


def _unlike(problem: Problem, people: Iterable[Applicant]) -> Iterable[Applicant]:
    """One applicant for each set of equal needs."""
    return {problem.asks(applicant): applicant for applicant in people}.values()


def _obstacles(problem: Problem, applicant: Applicant, stall_id: int) -> set[str]:
    """The needs this stall does not meet, for a double applicant with any stall beside."""
    spots = [Spot(stall_id)]
    if applicant.double:
        spots = [Spot(stall_id, other) for other in problem.beside[stall_id]]
    return {code for spot in spots for code in problem.obstacles(applicant, spot)}


# --- What is said of each -------------------------------------------------------------------------------


def _described(problem: Problem, element: Element, kept: Collection[Element]) -> ConflictingRule:
    kind, key = element
    return DESCRIBED[kind](problem, key, _categories(kept))


def _categories(kept: Collection[Element]) -> list[str]:
    return [str(name) for kind, name in kept if kind == "min"]


def _pin(problem: Problem, key: Hashable, _categories: Collection[str]) -> ConflictingRule:
    person = next(a for a in problem.queue if a.id == key)
    stall = problem.stall_by_id[person.pinned_stall_id or 0]
    params: dict[str, Param] = {
        "vendor": person.name,
        "stall": stall.label,
        "need_w": person.power_w,
        "has_w": stall.power_w,
    }
    return ConflictingRule("clash_pin", params)


def _least(problem: Problem, key: Hashable, _categories: Collection[str]) -> ConflictingRule:
    least = problem.market_rules.quotas[str(key)].minimum
    return ConflictingRule("clash_min", {**_of_category(problem, str(key)), "least": least})


def _most(problem: Problem, key: Hashable, _categories: Collection[str]) -> ConflictingRule:
    most = problem.market_rules.quotas[str(key)].maximum or 0
    return ConflictingRule("clash_max", {**_of_category(problem, str(key)), "most": most})


def _of_category(problem: Problem, category: str) -> dict[str, Param]:
    there = sum(a.category == category for a in problem.queue)
    return {"category": category, "there": there, "stalls": len(problem.ground)}


def _circuit(problem: Problem, key: Hashable, categories: Collection[str]) -> ConflictingRule:
    """`need_w`: the least power that the minimums could do with together."""
    capacity = next(circuit.capacity_w for circuit in problem.circuits if circuit.name == key)
    watts = sorted(a.power_w for a in problem.queue if a.category in categories)
    least = sum(problem.market_rules.quotas[category].minimum for category in categories)
    told: dict[str, Param] = {"circuit": str(key), "capacity_w": capacity, "need_w": sum(watts[:least])}
    return ConflictingRule("clash_circuit", told)


def _limit(problem: Problem, _key: Hashable, _categories: Collection[str]) -> ConflictingRule:
    return ConflictingRule("clash_limit", {"limit": problem.limit or 0})


def _apart(problem: Problem, key: Hashable, _categories: Collection[str]) -> ConflictingRule:
    rule = next(rule for number, rule in enumerate(problem.market_rules.apart) if number == key)
    return ConflictingRule("clash_apart", {"category": rule.one, "other": rule.other})


def _need(problem: Problem, key: Hashable, categories: Collection[str]) -> ConflictingRule:
    """How many stalls meet the need, counted for the categories in question."""
    people, code = [a for a in problem.queue if a.category in categories] or list(problem.queue), str(key)
    have = len(_meeting(problem, people, [code])[code])
    return ConflictingRule(f"clash_{code}", {"have": have, "need_w": max(a.power_w for a in people)})


DESCRIBED: dict[str, Callable[[Problem, Hashable, Collection[str]], ConflictingRule]] = {
    "pin": _pin,
    "min": _least,
    "max": _most,
    "circuit": _circuit,
    "limit": _limit,
    "apart": _apart,
    "need": _need,
}
"""By the kind of the hard rule; that one stall is one stall is never named."""
