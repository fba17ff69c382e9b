"""How many of each category: what cannot be, what the field advises, what residents' votes ask for."""

from collections.abc import Collection, Iterable, Mapping

from market.allocation.market_rules import Quota

ADVISED: tuple[tuple[tuple[str, ...], int], ...] = (
    (("repair_service", "haircut"), 2),
    (("public_service", "health_outreach"), 1),
)
"""At least two handy services (便民) and one of public benefit (公益): domain §3.3."""
MOST_VENDORS = 999


def quota_fault(quotas: Mapping[str, Quota], room: int, known: Collection[str]) -> tuple[str, str] | None:
    """The first thing that cannot be, as (code, category); the category is empty where it is about all.

    `known`: the categories there are.
    """
    for category, quota in quotas.items():
        if category not in known:
            return "no_category", category
        if not 0 <= min(quota.minimum, quota.target) <= max(quota.minimum, quota.target) <= MOST_VENDORS:
            return "bad_quota", category
        if quota.maximum is not None and not 0 <= quota.maximum <= MOST_VENDORS:
            return "bad_quota", category
        if quota.maximum is not None and quota.maximum < quota.minimum:
            return "most_below_least", category
    return ("too_many_least", "") if least_in_all(quotas) > room else None


def least_in_all(quotas: Mapping[str, Quota]) -> int:
    """How many stalls the minimums take up together."""
    return sum(quota.minimum for quota in quotas.values())


def advised_minimums(applied: Mapping[str, int]) -> dict[str, int]:
    """The minimums the field advises, of those who applied; before anybody has, of all."""
    found: dict[str, int] = {}
    for categories, count in ADVISED:
        there = {c: applied.get(c, 0) if applied else count for c in categories}
        for category in _in_turns(there, count):
            found[category] = found.get(category, 0) + 1
    return found


def _in_turns(there: Mapping[str, int], count: int) -> Iterable[str]:
    """Takes that many of the people there are, one of each kind before a second of any."""
    rounds = (c for number in range(count) for c, here in there.items() if number < here)
    return list(rounds)[:count]


def targets_from_votes(
    votes: Mapping[str, int], room: int, applied: Mapping[str, int] | None = None
) -> dict[str, int]:
    """How many of each category residents' votes ask for: a share of the stalls by largest remainder.

    Nobody is asked for who did not apply: what is left over goes to the other categories.
    """
    asked = {category: count for category, count in sorted(votes.items()) if count > 0}
    given: dict[str, int] = {}
    while asked:
        shares = _shares(asked, max(0, room - sum(given.values())))
        over = {c for c, share in shares.items() if applied is not None and share > applied.get(c, 0)}
        if not over:
            given |= shares
            break
        given |= {category: (applied or {}).get(category, 0) for category in over}
        asked = {category: count for category, count in asked.items() if category not in over}
    return {category: count for category, count in sorted(given.items()) if count}


def _shares(asked: Mapping[str, int], room: int) -> dict[str, int]:
    """Whole parts first, then one each by remainder; of two alike, the one with more votes, then by name."""
    total = sum(asked.values())
    shares = {category: room * count // total for category, count in asked.items()}
    order = sorted(asked, key=lambda c: (-(room * asked[c] % total), -asked[c], c))
    for category in order[: room - sum(shares.values())]:
        shares[category] += 1
    return shares
