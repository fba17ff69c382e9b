"""Closing the quarters of a book: in their order, and what was taken back is not there to act on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from market.db import unit_of_work
from market.errors import Refusal
from market.ledger import periods
from market.ledger.models import Period
from market.ledger.spans import PeriodKind, quarter_of
from tests.conftest import both_engines
from tests.ledger.conftest import AT, Desk

LATER = AT + timedelta(days=400)


def close(desk: Desk, day: date) -> Period:
    with unit_of_work():
        return periods.close_period(desk.book, PeriodKind.QUARTER, day, by=desk.clerk, at=LATER)


@both_engines
def test_a_quarter_waits_for_the_one_before_it(year: Desk) -> None:
    second = date(2024, 5, 1)
    with pytest.raises(Refusal, match=r"ledger\.earlier_open"):
        close(year, second)
    close(year, date(2024, 2, 1))
    assert close(year, second).span == quarter_of(second)
    assert [period.span.first for period in periods.periods(year.book, PeriodKind.QUARTER)] == [
        date(2024, 1, 1), date(2024, 4, 1),
    ]  # fmt: skip


def test_with_a_clock_behind_what_is_closed_no_quarter_before_the_book_is_closed(year: Desk) -> None:
    close(year, date(2024, 2, 1))
    with pytest.raises(Refusal, match=r"ledger\.earlier_open"), unit_of_work():
        periods.close_period(year.book, PeriodKind.QUARTER, date(2023, 11, 1), by=year.clerk, at=AT)


@both_engines
def test_a_quarter_that_was_taken_back_is_neither_confirmed_nor_taken_back_again(year: Desk) -> None:
    period = close(year, date(2024, 2, 1))
    with unit_of_work():
        periods.withdraw_period(period, by=year.second, at=LATER)
        for act in (periods.withdraw_period, periods.confirm_period):
            with pytest.raises(Refusal, match=r"ledger\.no_period"):
                act(period, by=year.second, at=LATER)
    assert periods.periods(year.book, PeriodKind.QUARTER) == []
