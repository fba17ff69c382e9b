"""When a committee has decided: every order of votes against the definition."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, strategies as st

from market.communities.profile_files import profiles
from market.fund.rules import Choice, ProposalState, committee_fault, decide, effect_fen

YES, NO, RECUSE = Choice.YES, Choice.NO, Choice.RECUSE
OPEN, PASSED, FAILED = ProposalState.PROPOSED, ProposalState.APPROVED, ProposalState.REJECTED


def verdict(choices: tuple[Choice, ...]) -> ProposalState:
    """The definition, once everybody has spoken: more than half of those not recused say yes."""
    base = [choice for choice in choices if choice is not RECUSE]
    return PASSED if base.count(YES) * 2 > len(base) else FAILED


def by_definition(members: int, choices: tuple[Choice, ...]) -> ProposalState:
    """Decided when no way to complete the votes leads to the other end.

    A recusal still to come could also turn the matter; it is not waited for, as nobody can be made to recuse.
    """
    ends = {verdict((*choices, *rest)) for rest in product((YES, NO), repeat=members - len(choices))}
    return ends.pop() if len(ends) == 1 else OPEN


@pytest.mark.parametrize("members", [3, 5, 7])
def test_every_sequence_of_votes_is_decided_as_the_definition_says(members: int) -> None:
    for spoken in range(members + 1):
        for choices in product(Choice, repeat=spoken):
            assert decide(members, choices) is by_definition(members, choices), choices


@given(st.integers(1, 9), st.data())
def test_the_order_of_votes_does_not_matter(members: int, data: st.DataObject) -> None:
    choices = data.draw(st.lists(st.sampled_from(Choice), max_size=members))
    assert decide(members, choices) is decide(members, data.draw(st.permutations(choices)))


@given(st.integers(1, 9), st.data())
def test_further_votes_of_yes_and_no_do_not_turn_what_was_decided(members: int, data: st.DataObject) -> None:
    choices = data.draw(st.lists(st.sampled_from(Choice), max_size=members))
    more = data.draw(st.lists(st.sampled_from((YES, NO)), max_size=members - len(choices)))
    decided = decide(members, choices)
    if decided is not OPEN:
        assert decide(members, [*choices, *more]) is decided


@pytest.mark.parametrize(
    ("members", "choices", "state"),
    [
        (3, [], OPEN),
        (3, [YES], OPEN),
        (3, [YES, YES], PASSED),
        (3, [NO], OPEN),
        (3, [NO, NO], FAILED),
        (3, [YES, NO], OPEN),
        (3, [RECUSE, YES], OPEN),
        (3, [RECUSE, YES, YES], PASSED),
        (3, [RECUSE, YES, NO], FAILED),
        (3, [RECUSE, NO], FAILED),
        (3, [RECUSE, RECUSE, YES], PASSED),
        (3, [RECUSE, RECUSE, RECUSE], FAILED),
        (5, [YES, YES], OPEN),
        (5, [YES, YES, YES], PASSED),
    ],
)
def test_examples(members: int, choices: list[Choice], state: ProposalState) -> None:
    assert decide(members, choices) is state


@pytest.mark.parametrize(
    ("members", "fault"),
    [(0, "too_small"), (2, "too_small"), (3, None), (4, "even"), (5, None), (6, "even"), (7, None)],
)
def test_a_committee_is_at_least_three_and_odd(members: int, fault: str | None) -> None:
    assert committee_fault(members, 0, profiles()["shandong_zibo"].committee) == fault


@pytest.mark.parametrize(
    ("members", "supervisors", "fault"),
    [(3, 1, "too_small"), (5, 0, "unsupervised"), (5, 1, None), (6, 1, "even"), (7, 2, None)],
)
def test_in_hunan_it_is_larger_and_supervised(members: int, supervisors: int, fault: str | None) -> None:
    assert committee_fault(members, supervisors, profiles()["hunan"].committee) == fault


@pytest.mark.parametrize(
    ("lines", "effect"),
    [
        ([("1003", 8_000), ("4101", -8_000)], 8_000),
        ([("1003", -8_000), ("4101", 8_000)], -8_000),
        ([("1001", 8_000), ("1003", -8_000)], 8_000),
        ([("1001", 8_000), ("1003", -8_000), ("2001", 8_000), ("4101", -8_000)], 8_000),
        ([("2001", 8_000), ("4101", -8_000)], 8_000),
        ([("5103", 6_000), ("1001", -6_000)], -6_000),
        ([("5103", -6_000), ("1001", 6_000)], 6_000),
    ],
)
def test_an_entry_brings_money_in_or_takes_it_out_with_its_sign(
    lines: list[tuple[str, int]], effect: int
) -> None:
    assert effect_fen(lines) == effect
