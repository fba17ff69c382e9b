"""Months, quarters and years as periods of a report: how they are written in addresses, what comes before."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from market.ledger.spans import ONE_DAY, Span, month_of, quarter_of

_CODE = re.compile(r"(?P<year>20\d\d)(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])))?")


class Length(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Period(NamedTuple):
    """One month, quarter or year; whole months always, so the kept sums of the book answer for it."""

    length: Length
    span: Span

    @property
    def first(self) -> date:
        return self.span.first

    @property
    def last(self) -> date:
        return self.span.last

    @property
    def code(self) -> str:
        """`2026-11`, `2026-Q4`, `2026`."""
        if self.length is Length.MONTH:
            return f"{self.first:%Y-%m}"
        return (
            f"{self.first.year}-Q{self.span.quarter}"
            if self.length is Length.QUARTER
            else f"{self.first.year}"
        )

    @property
    def before(self) -> Period:
        return period_of(self.length, self.first - ONE_DAY)

    @property
    def after(self) -> Period:
        return period_of(self.length, self.last + ONE_DAY)

    @property
    def year_before(self) -> Period:
        """The same months of the year before."""
        return period_of(self.length, self.first.replace(year=self.first.year - 1))

    @property
    def earlier(self) -> list[Period]:
        """What it is compared with; for a year both are the same."""
        return [self.before] if self.length is Length.YEAR else [self.before, self.year_before]

    @property
    def months(self) -> list[Period]:
        """The months it is made of."""
        found = [period_of(Length.MONTH, self.first)]
        while found[-1].last < self.last:
            found.append(found[-1].after)
        return found


def period_of(length: Length, day: date) -> Period:
    """The period of a length that a date lies in."""
    if length is Length.YEAR:
        return Period(length, Span(date(day.year, 1, 1), date(day.year, 12, 31)))
    return Period(length, month_of(day) if length is Length.MONTH else quarter_of(day))


def read_period(code: str) -> Period | None:
    """The period of a code; None when it is none."""
    match = _CODE.fullmatch(code)
    if match is None:
        return None
    year = int(match["year"])
    if match["month"]:
        return period_of(Length.MONTH, date(year, int(match["month"]), 1))
    if match["quarter"]:
        return period_of(Length.QUARTER, date(year, 3 * int(match["quarter"]), 1))
    return period_of(Length.YEAR, date(year, 1, 1))


def periods_between(first: date, last: date) -> list[Period]:
    """Years, quarters and months from one date to another, the newest first, a year before its parts."""
    found: list[Period] = []
    for year in range(last.year, first.year - 1, -1):
        whole = period_of(Length.YEAR, date(year, 1, 1))
        months = [month for month in reversed(whole.months) if month.first <= last and month.last >= first]
        quarters = sorted({period_of(Length.QUARTER, month.first) for month in months}, reverse=True)
        found += [whole, *quarters, *months]
    return found
