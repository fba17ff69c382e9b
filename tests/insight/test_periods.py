"""Months, quarters and years: how they are written, what comes before and after, what they are made of."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from market.insight.periods import Length, Period, period_of, periods_between, read_period

days = st.dates(min_value=date(2002, 1, 1), max_value=date(2098, 12, 31))
periods = st.builds(period_of, st.sampled_from(Length), days)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_code_is_a_span(code: str, first: date, last: date) -> None:
    period = read_period(code)
    assert period is not None
    assert (period.first, period.last, period.code) == (first, last, code)


@pytest.mark.parametrize(
    "code",
    ["", "x", "26-11", "2026-13", "2026-00", "2026-Q5", "2026-q1", "1999", "20261", "2026-1", "２０２６"],
)
def test_anything_else_is_no_period(code: str) -> None:
    assert read_period(code) is None


@given(periods)
def test_a_period_is_found_by_its_code_and_stands_between_its_neighbours(period: Period) -> None:
    assert read_period(period.code) == period
    assert period.before.after == period == period.after.before
    assert period.before.last + timedelta(days=1) == period.first
    assert period.year_before.first.replace(year=period.first.year) == period.first


@given(periods)
def test_months_lie_end_to_end_in_a_period(period: Period) -> None:
    months = period.months
    assert (months[0].first, months[-1].last) == (period.first, period.last)
    assert all(one.last + timedelta(days=1) == other.first for one, other in pairwise(months))
    assert len(months) == {Length.MONTH: 1, Length.QUARTER: 3, Length.YEAR: 12}[period.length]


def test_the_choice_has_what_has_begun_and_nothing_else() -> None:
    found = periods_between(date(2025, 11, 20), date(2026, 4, 2))
    assert [period.code for period in found] == [
        "2026", "2026-Q2", "2026-Q1", "2026-04", "2026-03", "2026-02", "2026-01",
        "2025", "2025-Q4", "2025-12", "2025-11",
    ]  # fmt: skip


def test_a_year_is_compared_once() -> None:
    year, quarter = period_of(Length.YEAR, date(2026, 5, 1)), period_of(Length.QUARTER, date(2026, 5, 1))
    assert [period.code for period in year.earlier] == ["2025"]
    assert [period.code for period in quarter.earlier] == ["2026-Q1", "2025-Q2"]
