"""What an agreement promised by when, and how far it was kept."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from market.fund.rules import Rhythm, Source, notice_lines
from market.fund.schedule import Promise, dues, kept, months_after, standing
from market.ledger.rules import CHART, Kind, check_lines

YEAR = Promise(date(2025, 1, 1), date(2025, 12, 31), Rhythm.QUARTER, 500_000)

promises = st.builds(
    lambda first, days, rhythm, fen: Promise(first, first + timedelta(days=days), rhythm, fen),
    st.dates(date(2015, 1, 1), date(2040, 1, 1)),
    st.integers(0, 2_500),
    st.sampled_from(Rhythm),
    st.integers(0, 10**9),
)


@pytest.mark.parametrize(
    ("first", "months", "then"),
    [
        (date(2025, 1, 1), 3, date(2025, 4, 1)),
        (date(2025, 11, 15), 3, date(2026, 2, 15)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 5), 1, date(2026, 1, 5)),
    ],
)
def test_the_same_day_some_months_later(first: date, months: int, then: date) -> None:
    assert months_after(first, months) == then


@pytest.mark.parametrize(
    ("promise", "due_on"),
    [
        (YEAR, [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]),
        (YEAR._replace(rhythm=Rhythm.YEAR), [date(2025, 12, 31)]),
        (YEAR._replace(ends_on=date(2025, 6, 29)), [date(2025, 3, 31)]),
        (YEAR._replace(ends_on=date(2025, 1, 31), rhythm=Rhythm.MONTH), [date(2025, 1, 31)]),
        (YEAR._replace(starts_on=date(2025, 10, 15)), []),
        (YEAR._replace(amount_fen=0), []),
    ],
    ids=["quarters", "a year", "ended within a quarter", "a month", "shorter than a quarter", "no money"],
)
def test_a_support_is_due_when_its_period_is_over(promise: Promise, due_on: list[date]) -> None:
    assert [due.due_on for due in dues(promise)] == due_on


@pytest.mark.parametrize(
    ("given_fen", "late_fen", "late_since", "next_on"),
    [
        (0, 1_000_000, date(2025, 3, 31), date(2025, 9, 30)),
        (500_000, 500_000, date(2025, 6, 30), date(2025, 9, 30)),
        (700_000, 300_000, date(2025, 6, 30), date(2025, 9, 30)),
        (1_000_000, 0, None, date(2025, 9, 30)),
        (1_500_000, 0, None, date(2025, 12, 31)),
        (2_500_000, 0, None, None),
    ],
)
def test_the_oldest_support_is_kept_first(
    given_fen: int, late_fen: int, late_since: date | None, next_on: date | None
) -> None:
    found = standing(kept(dues(YEAR), given_fen), date(2025, 7, 1))
    assert (found.due_fen, found.late_fen, found.late_since) == (1_000_000, late_fen, late_since)
    assert (found.next_due.due.due_on if found.next_due else None) == next_on


def test_a_support_is_not_late_on_the_day_it_is_due() -> None:
    assert standing(kept(dues(YEAR), 0), date(2025, 3, 31)).late_fen == 0
    assert standing(kept(dues(YEAR), 0), date(2025, 4, 1)).late_fen == 500_000


@given(promises)
def test_the_days_of_supports_follow_each_other_within_the_term(promise: Promise) -> None:
    found = dues(promise)
    assert all(promise.starts_on <= due.first <= due.due_on <= promise.ends_on for due in found)
    for before, after in pairwise(found):
        assert after.first == before.due_on + timedelta(days=1)


@given(promises, st.integers(0, 10**11), st.dates(date(2015, 1, 1), date(2048, 1, 1)))
def test_nothing_that_was_given_is_lost_or_counted_twice(
    promise: Promise, given_fen: int, today: date
) -> None:
    supports = kept(dues(promise), given_fen)
    promised = sum(one.due.amount_fen for one in supports)
    assert sum(one.given_fen for one in supports) == min(given_fen, promised)
    assert all(0 <= one.given_fen <= one.due.amount_fen for one in supports)
    found = standing(supports, today)
    assert found.late_fen == max(0, found.due_fen - given_fen)
    assert (found.late_since is None) is (found.late_fen == 0)


@given(st.sampled_from(Source), st.integers(1, 10**11))
def test_each_source_has_lines_that_balance_in_an_account_of_its_own(source: Source, fen: int) -> None:
    lines = notice_lines(source, fen)
    assert check_lines(lines) is None
    held = sum(line.amount_fen for line in lines if CHART[line.account].kind is Kind.ASSET)
    assert held == (-fen if source is Source.FEE else fen)
    assert source.value in {str(line.account) for line in lines}
