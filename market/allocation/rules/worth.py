"""What a place and a person are worth: published weights, added up."""

from collections.abc import Mapping
from types import MappingProxyType

from market.allocation.rules.facts import Applicant, StallFacts

# Published with every plan. Who comes outweighs where they stand: another vendor placed more than everything
# else together, then the residents' wishes, whose turn it is, conduct, and of equals whoever applied earlier.
# One place earlier outweighs what any stall is worth to a vendor: naming a favourite stall buys no place.
PUBLISHED_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "placed": 1_000_000,
        "target": 60_000,  # each vendor up to the number residents asked for
        "missed": 30_000,  # each of the last markets applied for in vain
        "appeared": -10_000,  # each of the last markets stood in
        "points": 2_000,
        "earlier": -100,  # each applicant who was earlier
        "zone": 50,
        "wanted_stall": 20,
        "last_stall": 10,
        "same_neighbour": -7,  # each pair of neighbours of one category
        "shade": 5,
    }
)

OF_A_STALL = ("zone", "shade", "wanted_stall", "last_stall")
"""The weights that tell one stall from another."""

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


def place_score(
    applicant: Applicant, stall: StallFacts, weights: Mapping[str, int] = PUBLISHED_WEIGHTS
) -> int:
    """The part of the score that is the same for every vendor of a category on every stall of a kind."""
    fits_zone = stall.zone in ZONES_BY_CATEGORY.get(applicant.category, frozenset())
    wants_shade = applicant.category in SERVICES and stall.shade
    return weights["zone"] * fits_zone + weights["shade"] * wants_shade


def wish_score(
    applicant: Applicant, stall: StallFacts, weights: Mapping[str, int] = PUBLISHED_WEIGHTS
) -> int:
    """The part of the score that is this vendor's own: the stall asked for, the stall of last time."""
    wanted = stall.id == applicant.wanted_stall_id
    last = stall.id == applicant.last_stall_id
    return weights["wanted_stall"] * wanted + weights["last_stall"] * last


def score(applicant: Applicant, stall: StallFacts, weights: Mapping[str, int] = PUBLISHED_WEIGHTS) -> int:
    """What the place is worth for this vendor; what it is worth that they stand at all: `person_score`."""
    return place_score(applicant, stall, weights) + wish_score(applicant, stall, weights)


def person_score(applicant: Applicant, weights: Mapping[str, int] = PUBLISHED_WEIGHTS) -> int:
    """What it is worth that this vendor stands at all, wherever."""
    told = {
        "placed": 2 if applicant.double else 1,  # for each stall: asking for two neither helps nor harms
        "missed": applicant.misses,
        "appeared": applicant.appearances,
        "points": applicant.points,
        "earlier": applicant.order,
    }
    return sum(weights.get(name, 0) * count for name, count in told.items())


def precedence_score(applicant: Applicant, weights: Mapping[str, int] = PUBLISHED_WEIGHTS) -> int:
    """What puts one applicant before another; whether they ask for one stall or two does not."""
    return person_score(applicant, weights) - weights.get("placed", 0) * applicant.double
