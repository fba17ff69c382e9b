"""Small problems of every kind, every plan of them, and the hard rules written anew."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from hypothesis import strategies as st

from market.allocation.market_rules import Apart, MarketRules, Quota, side_by_side
from market.allocation.problem import Problem
from market.allocation.rules import PUBLISHED_WEIGHTS, Applicant, Assignment, Circuit, Spot, StallFacts

CATEGORIES = ["produce", "cooked_food", "repair_service"]
APART = (Apart("cooked_food", "produce", downwind=True), Apart("repair_service", "cooked_food"))
LIGHT = {"placed": 50, "zone": 100, "wanted_stall": 40, "last_stall": 20, "shade": 10, "target": 60,
         "missed": 30, "appeared": -10, "same_neighbour": -15, "points": 1}  # fmt: skip
"""Where a wish may outweigh a person."""
WEIGHTS = st.sampled_from([LIGHT, PUBLISHED_WEIGHTS])


@st.composite
def problems(draw: st.DrawFn, most_stalls: int = 5, most_people: int = 5) -> Problem:
    flag = st.sampled_from([False, False, False, True])
    stalls = [
        StallFacts(
            n + 1, f"S{n}", draw(st.sampled_from("AC")), 0, n, power_w=draw(st.sampled_from([0, 2000])),
            circuit="east", water=draw(st.booleans()), reserved=draw(flag), kept_free=draw(flag),
            width_dm=draw(st.sampled_from([0, 20, 30])),
        )
        for n in range(draw(st.integers(1, most_stalls)))
    ]  # fmt: skip
    ids = st.none() | st.integers(1, len(stalls))
    people = [
        Applicant(
            n + 1, n, f"V{n}", draw(st.sampled_from(CATEGORIES)), n,
            power_w=draw(st.sampled_from([0, 0, 800, 1500])), needs_water=draw(flag),
            last_stall_id=draw(ids), wanted_stall_id=draw(ids), width_dm=draw(st.sampled_from([0, 0, 30])),
            for_reserved=draw(flag), double=draw(flag),
            pinned_stall_id=draw(ids) if draw(st.integers(0, 7)) == 0 else None,
            appearances=draw(st.integers(0, 3)), misses=draw(st.integers(0, 2)),
        )
        for n in range(draw(st.integers(0, most_people)))
    ]  # fmt: skip
    quotas = {
        category: Quota(draw(st.sampled_from([0, 0, 0, 1])), draw(st.sampled_from([None, 1, 2])),
                        draw(st.integers(0, 2)))
        for category in CATEGORIES
    }  # fmt: skip
    neighbours = side_by_side(stalls)
    market_rules = MarketRules(quotas, draw(st.sampled_from([(), APART])), neighbours, neighbours)
    circuits = [Circuit("east", draw(st.sampled_from([1500, 3000, 9000])))]
    return Problem(stalls, people, circuits, draw(st.none() | st.integers(0, 6)), market_rules, draw(WEIGHTS))


def hard_rules_hold(problem: Problem, assignment: Assignment) -> bool:
    """Written anew from the rules' words, without their code."""
    people = {a.id: a for a in problem.applicants}
    stalls = {s.id: s for s in problem.stalls}
    held = [stall_id for spot in assignment.values() for stall_id in spot.stall_ids]
    if len(set(held)) < len(held) or len(held) > (len(stalls) if problem.limit is None else problem.limit):
        return False
    for key, spot in assignment.items():
        held_by = [stalls[stall_id] for stall_id in spot.stall_ids]
        if not place_holds(problem, people[key], held_by):
            return False
    load = sum(people[key].power_w for key in assignment)
    if load > problem.circuits[0].capacity_w or not quotas_hold(problem, assignment):
        return False
    if any(a.pinned_stall_id is not None and a.id not in assignment for a in problem.applicants):
        return False
    return not smells(problem, assignment)


def place_holds(problem: Problem, person: Applicant, held: list[StallFacts]) -> bool:
    stall, beside = held[0], held[1:]
    if bool(beside) != person.double or person.pinned_stall_id not in (None, stall.id):
        return False
    if any((stall.id, b.id) not in pairs(problem) and (b.id, stall.id) not in pairs(problem) for b in beside):
        return False
    if any(s.kept_free or s.closed or (s.reserved and not person.for_reserved) for s in held):
        return False
    if person.power_w > stall.power_w or (person.needs_water and not stall.water):
        return False
    widths = [each.width_dm for each in held]
    return not all(widths) or person.width_dm <= sum(widths)


def pairs(problem: Problem) -> set[tuple[int, int]]:
    return set(problem.market_rules.neighbours)


def quotas_hold(problem: Problem, assignment: Assignment) -> bool:
    placed = [a.category for a in problem.applicants if a.id in assignment]
    return all(
        q.minimum <= placed.count(c) <= (99 if q.maximum is None else q.maximum)
        for c, q in problem.market_rules.quotas.items()
    )


def smells(problem: Problem, assignment: Assignment) -> bool:
    category = {a.id: a.category for a in problem.applicants}
    on = {stall_id: key for key, spot in assignment.items() for stall_id in spot.stall_ids}
    for left, right in problem.market_rules.neighbours if problem.market_rules.apart else ():
        one, other = on.get(left), on.get(right)
        if one is not None and other is not None and one != other:
            both = category[one], category[other]
            if both == ("cooked_food", "produce") or set(both) == {"repair_service", "cooked_food"}:
                return True
    return False


def all_plans(problem: Problem) -> Iterator[Assignment]:
    stalls = [stall.id for stall in problem.stalls]
    choices: list[list[tuple[int, ...]]] = []
    for person in problem.applicants:
        both = [*pairs(problem), *((b, a) for a, b in pairs(problem))]
        choices.append([(), *(both if person.double else ((s,) for s in stalls))])
    for chosen in itertools.product(*choices):
        taken = {a.id: place for a, place in zip(problem.applicants, chosen, strict=True) if place}
        flat = [stall for place in taken.values() for stall in place]
        if len(set(flat)) == len(flat):
            yield {key: Spot(*place) for key, place in taken.items()}


def sockets(count: int, dry: int = 2) -> list[StallFacts]:
    powered = [StallFacts(n, f"C0{n}", "C", 0, n, power_w=2000) for n in range(1, count + 1)]
    return powered + [StallFacts(10 + n, f"D0{n}", "D", 1, n) for n in range(dry)]


def cooks(count: int) -> list[Applicant]:
    return [Applicant(n, n, f"熟食{n}", "cooked_food", n, power_w=1500) for n in range(1, count + 1)]
