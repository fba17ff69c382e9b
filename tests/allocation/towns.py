"""Invented markets that look like real ones, of any size: for the properties and for the benches."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from market.allocation.market_rules import USUAL_APART, Apart, MarketRules, Quota, side_by_side
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Circuit, StallFacts

ROW = 12
SHARES = {
    "A": 33,
    "B": 22,
    "C": 20,
    "D": 12,
    "E": 7,
    "F": 6,
}  # of a hundred stalls, as in the demo year's plan
KINDS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    # category: (of a hundred applicants, quota of a hundred stalls, declared watts)
    "produce": (24, 26, (0,)),
    "farm_direct": (6, 8, (0,)),
    "meat_egg_aquatic": (6, 6, (800,)),
    "grain_seasoning": (10, 12, (0,)),
    "daily_goods": (10, 10, (0,)),
    "bakery_drinks": (10, 10, (800, 1500)),
    "cooked_food": (14, 14, (1500, 2000)),
    "repair_service": (7, 8, (0, 500)),
    "haircut": (3, 4, (0,)),
    "health_outreach": (2, 4, (0,)),
    "public_service": (2, 4, (0,)),
    "craft": (4, 6, (0,)),
    "secondhand": (2, 5, (0,)),
}
LEAST = {"repair_service": 2, "public_service": 1}


def town(stalls: int, applicants: int, seed: int, double_share: float = 0.02) -> Problem:
    """The same numbers and seed make the same market."""
    chance = random.Random(f"{stalls}/{applicants}/{seed}")
    places, circuits = _ground(stalls)
    neighbours = side_by_side(places)
    people = [_person(number, chance, stalls, double_share) for number in range(applicants)]
    there = Counter(person.category for person in people)
    quotas = {
        category: Quota(
            min(LEAST.get(category, 0), there[category]),
            max(2, -(-stalls * share // 100)),
            stalls * share // 200,
        )
        for category, (_, share, _) in KINDS.items()
    }
    market_rules = MarketRules(quotas, USUAL_APART, neighbours, downwind=neighbours)
    return Problem(places, people, circuits, stalls, market_rules)


def _ground(count: int) -> tuple[list[StallFacts], list[Circuit]]:
    letters = [zone for zone, share in SHARES.items() for _ in range(round(count * share / 100) + 1)]
    places: list[StallFacts] = []
    circuits: dict[str, Circuit] = {}
    seen: dict[str, int] = {}
    for number, zone in enumerate(letters[:count], 1):
        place = seen[zone] = seen.get(zone, -1) + 1
        circuit = None
        if zone == "C" or place % 10 == 0:
            circuit = f"L{len([s for s in places if s.circuit]) // 8 + 1}"
            circuits.setdefault(circuit, Circuit(circuit, 12_000))
        places.append(
            StallFacts(
                number, f"{zone}{place + 1:02}", zone, place // ROW, place % ROW,
                power_w=2500 if circuit else 0, circuit=circuit, water=zone == "C", shade=zone == "D",
                vehicle=place % ROW == 0, width_dm=30, depth_dm=30, reserved=zone == "E" and place == 0,
            )
        )  # fmt: skip
    return places, list(circuits.values())


def _person(number: int, chance: random.Random, stalls: int, double_share: float) -> Applicant:
    category = chance.choices(list(KINDS), [share for share, _, _ in KINDS.values()])[0]
    regular = chance.random() < 0.6
    return Applicant(
        number + 1, number + 1, f"V{number + 1:04}", category, number,
        power_w=chance.choice(KINDS[category][2]),
        needs_water=category == "cooked_food", needs_vehicle=chance.random() < 0.02,
        last_stall_id=chance.randint(1, stalls) if regular else None,
        wanted_stall_id=chance.randint(1, stalls) if chance.random() < 0.4 else None,
        width_dm=chance.choice((0, 20, 30)), for_reserved=chance.random() < 0.05,
        double=chance.random() < double_share,
        appearances=chance.randint(1, 6) if regular else 0, misses=chance.choice((0, 0, 0, 1, 2)),
        points=chance.randint(0, 10),
    )  # fmt: skip


def knotty(stalls: int = 40, applicants: int = 60, circuits: int = 5, seed: int = 1) -> Problem:
    """A market that takes minutes to prove: everybody's watts and every score differ."""
    chance = random.Random(seed)
    places = [
        StallFacts(n + 1, f"S{n + 1:03}", "A", n // 12, n % 12, 9000, circuit=f"L{n * circuits // stalls}")
        for n in range(stalls)
    ]
    kinds = ["produce", "cooked_food", "craft"]
    people = [
        Applicant(n + 1, n + 1, f"V{n + 1}", chance.choice(kinds), n, power_w=chance.randint(300, 2000))
        for n in range(applicants)
    ]
    scores = [[chance.choice([None, *range(0, 1001, 7)]) for _ in places] for _ in people]
    lines = [Circuit(f"L{n}", 6300 + 137 * n) for n in range(circuits)]
    market_rules = MarketRules(apart=(Apart("cooked_food", "produce"),), neighbours=side_by_side(places))
    return with_worths(Problem(places, people, lines, market_rules=market_rules), scores)


def with_worths(problem: Problem, rows: Sequence[Sequence[int | None]]) -> Problem:
    """The same problem where everybody says what each stall is worth for them."""
    own = {
        person.id: {
            stall.id: worth for stall, worth in zip(problem.stalls, row, strict=True) if worth is not None
        }
        for person, row in zip(problem.applicants, rows, strict=True)
    }
    return replace(problem, own_worths=own)
