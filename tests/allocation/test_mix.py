"""How many of each category: what the field advises, and what residents' votes ask for."""

from collections.abc import Mapping

import pytest
from hypothesis import given, strategies as st

from market.allocation.mix import advised_minimums, targets_from_votes
from market.vendors.rules import Category

VOTES = st.dictionaries(st.sampled_from([c.value for c in Category]), st.integers(0, 500))
COUNTS = st.dictionaries(st.sampled_from([c.value for c in Category]), st.integers(0, 40))


@pytest.mark.parametrize(
    ("applied", "advised"),
    [
        ({}, {"repair_service": 1, "haircut": 1, "public_service": 1}),
        ({"repair_service": 3, "haircut": 1}, {"repair_service": 1, "haircut": 1}),
        ({"health_outreach": 2, "public_service": 1}, {"public_service": 1}),
        ({"repair_service": 3, "produce": 8}, {"repair_service": 2}),
        ({"produce": 8}, {}),
    ],
)
def test_two_handy_services_and_one_of_public_benefit_of_those_who_applied(
    applied: Mapping[str, int], advised: dict[str, int]
) -> None:
    assert advised_minimums(applied) == advised


@pytest.mark.parametrize(
    ("votes", "room", "targets"),
    [
        ({}, 30, {}),
        ({"haircut": 0}, 30, {}),
        ({"haircut": 5}, 0, {}),
        ({"haircut": 1, "produce": 1, "craft": 1}, 3, {"craft": 1, "haircut": 1, "produce": 1}),
        ({"haircut": 2, "produce": 1}, 2, {"haircut": 1, "produce": 1}),
        ({"haircut": 60, "produce": 30, "craft": 10}, 10, {"haircut": 6, "produce": 3, "craft": 1}),
        ({"haircut": 47, "produce": 33, "craft": 20}, 10, {"haircut": 5, "produce": 3, "craft": 2}),
        ({"haircut": 1, "produce": 1}, 1, {"haircut": 1}),
    ],
)
def test_stalls_are_shared_by_votes_with_the_largest_remainders(
    votes: Mapping[str, int], room: int, targets: dict[str, int]
) -> None:
    assert targets_from_votes(votes, room) == targets


def test_what_nobody_can_fill_goes_to_the_others() -> None:
    votes = {"haircut": 80, "produce": 15, "craft": 5}
    assert targets_from_votes(votes, 10, {"haircut": 2, "produce": 20, "craft": 20}) == {
        "haircut": 2, "produce": 6, "craft": 2,
    }  # fmt: skip


@given(VOTES, st.integers(0, 60))
def test_every_stall_is_asked_for_and_the_order_of_votes_does_not_matter(
    votes: dict[str, int], room: int
) -> None:
    targets = targets_from_votes(votes, room)
    assert sum(targets.values()) == (room if any(votes.values()) else 0)
    assert targets_from_votes(dict(reversed(votes.items())), room) == targets
    total = sum(votes.values())
    assert all(abs(count - room * votes[c] / total) < 1 for c, count in targets.items())


@given(VOTES, st.integers(0, 60), COUNTS)
def test_nobody_is_asked_for_who_did_not_apply(
    votes: dict[str, int], room: int, applied: dict[str, int]
) -> None:
    targets = targets_from_votes(votes, room, applied)
    possible = sum(count for category, count in applied.items() if votes.get(category))
    assert all(count <= applied.get(category, 0) for category, count in targets.items())
    assert sum(targets.values()) == min(room, possible)
