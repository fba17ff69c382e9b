"""Where a proposal stands follows from facts; small uses count together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from market.communities.profile_files import profiles
from market.fund.rules import ProposalState
from market.spending.rules import (
    FULL,
    AccountStanding,
    Facts,
    Stage,
    Step,
    Use,
    Verdict,
    account_due,
    has_quorum,
    least_present,
    needs_of,
    pieces,
    stage,
)

RULE = profiles()["shandong_zibo"].spending
TODAY = date(2026, 6, 10)
FRESH = Facts(ProposalState.PROPOSED, frozenset(FULL))
ASKED = replace(FRESH, appraised=True, consulted_until=date(2026, 6, 9))
PASSED = replace(ASKED, state=ProposalState.APPROVED, answered=True)
PAID = replace(PASSED, state=ProposalState.PAID, verdict=Verdict.APPROVED)


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        (FRESH, Stage.APPRAISE),
        (replace(FRESH, appraised=True), Stage.CONSULT),
        (replace(ASKED, consulted_until=TODAY), Stage.CONSULTING),
        (ASKED, Stage.ANSWER),
        (replace(ASKED, answered=True), Stage.MEET),
        (replace(ASKED, answered=True, called=True), Stage.CALLED),
        (replace(ASKED, answered=True, called=True, in_session=True), Stage.VOTE),
        (PASSED, Stage.APPLY),
        (replace(PASSED, verdict=Verdict.WAITING), Stage.WAIT),
        (replace(PASSED, verdict=Verdict.RETURNED), Stage.RETURNED),
        (replace(PASSED, verdict=Verdict.APPROVED), Stage.PAY),
        (PAID, Stage.ACCOUNT),
        (replace(PAID, accounted=True), Stage.CHECK),
        (replace(PAID, accounted=True, checked=True), Stage.DONE),
        (replace(ASKED, state=ProposalState.REJECTED), Stage.REJECTED),
        (replace(ASKED, state=ProposalState.WITHDRAWN), Stage.WITHDRAWN),
        (replace(ASKED, state=ProposalState.WITHDRAWN, amended=True), Stage.AMENDED),
    ],
)
def test_where_a_proposal_stands(facts: Facts, where: Stage) -> None:
    assert stage(facts, TODAY) is where


@pytest.mark.parametrize(
    ("state", "where"),
    [
        (ProposalState.PROPOSED, Stage.VOTE),
        (ProposalState.APPROVED, Stage.PAY),
        (ProposalState.PAID, Stage.DONE),
    ],
)
def test_of_what_is_older_than_the_steps_none_is_asked(state: ProposalState, where: Stage) -> None:
    assert stage(Facts(state, frozenset()), TODAY) is where


def test_a_small_use_goes_the_short_way_and_says_what_the_profile_adds() -> None:
    assert needs_of(50_000, RULE, long_way=False) == (Step.ACCOUNTING,)
    assert needs_of(50_001, RULE, long_way=False) == FULL
    assert needs_of(1, RULE, long_way=True) == FULL
    strict = RULE.model_copy(update={"simple_application": True})
    assert needs_of(50_000, strict, long_way=False) == (Step.APPLICATION, Step.ACCOUNTING)


EARLIER = [Use("a", "路灯维修", "亮化队", 30_000), Use("b", "慰问", "居委会", 40_000)]


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (Use("n", "路灯维修二", " 亮化 队", 20_001), ["a"]),
        (Use("n", "路灯 维修", "别家", 20_001), ["a"]),
        (Use("n", "路灯维修", "居委会", 1), ["a", "b"]),
        (Use("n", "路灯维修", "亮化队", 20_000), []),
        (Use("n", "修椅子", "木工铺", 50_000), []),
        (Use("n", "路灯维修", "亮化队", 60_000), []),
    ],
)
def test_pieces_of_a_larger_use_are_found(new: Use, found: list[str]) -> None:
    """The last one is too large for the short way by itself: there is nothing to go round."""
    assert [one.ref for one in pieces(new, EARLIER, RULE)] == found


@pytest.mark.parametrize(("members", "least"), [(3, 2), (5, 4), (7, 5)])
def test_two_thirds_must_be_there(members: int, least: int) -> None:
    assert least_present(members, RULE) == least
    assert has_quorum(least, members, RULE)
    assert not has_quorum(least - 1, members, RULE)


def test_nobody_is_no_quorum() -> None:
    assert not has_quorum(0, 0, RULE)


def test_every_profile_says_how_money_is_used() -> None:
    assert all(profile.spending.consult_days >= 1 for profile in profiles().values())


PAID_ON = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("written_on", "today", "standing", "days"),
    [
        (None, date(2026, 3, 1), AccountStanding.DUE, 90),
        (None, date(2026, 5, 30), AccountStanding.DUE, 0),
        (None, date(2026, 6, 2), AccountStanding.LATE, -3),
        (date(2026, 5, 30), date(2026, 9, 1), AccountStanding.IN_TIME, 0),
        (date(2026, 6, 1), date(2026, 9, 1), AccountStanding.WRITTEN_LATE, -2),
    ],
)
def test_the_days_until_an_account_is_due_are_counted(
    written_on: date | None, today: date, standing: AccountStanding, days: int
) -> None:
    due = account_due(frozenset({Step.ACCOUNTING}), PAID_ON, written_on, 90, today)
    assert due is not None
    assert (due.standing, due.days, due.due_on) == (standing, days, date(2026, 5, 30))


def test_what_is_not_paid_or_needs_no_account_has_no_clock() -> None:
    assert account_due(frozenset({Step.ACCOUNTING}), None, None, 90, PAID_ON) is None
    assert account_due(frozenset({Step.MEETING}), PAID_ON, None, 90, PAID_ON) is None
