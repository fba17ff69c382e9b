"""Months and quarters, and under which date something is booked."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from market.ledger.spans import (
    ONE_DAY,
    PeriodKind,
    Span,
    booking_date,
    month_of,
    months_of,
    quarter_of,
    quarters_until,
    span_of,
)

DATES = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "month", "quarter", "number"),
    [
        (date(2024, 2, 10), (date(2024, 2, 1), date(2024, 2, 29)), (date(2024, 1, 1), date(2024, 3, 31)), 1),
        (date(2026, 7, 1), (date(2026, 7, 1), date(2026, 7, 31)), (date(2026, 7, 1), date(2026, 9, 30)), 3),
        (date(2025, 6, 30), (date(2025, 6, 1), date(2025, 6, 30)), (date(2025, 4, 1), date(2025, 6, 30)), 2),
    ],
)  # fmt: skip
def test_a_date_lies_in_one_month_and_one_quarter(
    day: date, month: tuple[date, date], quarter: tuple[date, date], number: int
) -> None:
    assert month_of(day) == span_of(PeriodKind.MONTH, day) == Span(*month)
    assert quarter_of(day) == span_of(PeriodKind.QUARTER, day) == Span(*quarter)
    assert quarter_of(day).quarter == number


@given(DATES)
def test_months_fill_a_quarter_and_quarters_follow_each_other(day: date) -> None:
    quarter = quarter_of(day)
    months = months_of(quarter)
    assert (months[0].first, months[2].last) == quarter
    assert all(b.first - ONE_DAY == a.last for a, b in pairwise(months))
    following = quarters_until(day, quarter.last + ONE_DAY)
    assert following == [quarter, quarter_of(quarter.last + ONE_DAY)]


JUNE = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("happened", "closed", "today", "booked"),
    [
        (date(2026, 6, 3), None, date(2026, 8, 1), date(2026, 6, 3)),
        (date(2026, 7, 1), JUNE, date(2026, 8, 1), date(2026, 7, 1)),
        (JUNE, JUNE, date(2026, 8, 1), date(2026, 8, 1)),
        (date(2025, 1, 1), JUNE, date(2026, 8, 1), date(2026, 8, 1)),
        (date(2026, 6, 9), JUNE, date(2026, 6, 9), date(2026, 7, 1)),
    ],
)
def test_what_is_found_later_counts_in_the_open_period(
    happened: date, closed: date | None, today: date, booked: date
) -> None:
    assert booking_date(happened, closed, today) == booked
