"""Months and quarters as spans of dates: what ends, and what comes after it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

ONE_DAY = timedelta(days=1)


class PeriodKind(StrEnum):
    """What can be closed: a month by one person, a quarter by two who compared books."""

    MONTH = "month"
    QUARTER = "quarter"


class Span(NamedTuple):
    """From one date to another, both included."""

    first: date
    last: date

    @property
    def quarter(self) -> int:
        """The quarter of the year in which it ends, 1 to 4."""
        return (self.last.month + 2) // 3

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def month_of(day: date) -> Span:
    """The month that a date lies in."""
    first = day.replace(day=1)
    return Span(first, _month_after(first) - ONE_DAY)


def quarter_of(day: date) -> Span:
    """The quarter that a date lies in."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    last = _month_after(_month_after(_month_after(first))) - ONE_DAY
    return Span(first, last)


def span_of(kind: PeriodKind, day: date) -> Span:
    """The month or the quarter that a date lies in."""
    return month_of(day) if kind is PeriodKind.MONTH else quarter_of(day)


def months_of(quarter: Span) -> list[Span]:
    """The three months of a quarter."""
    second = _month_after(quarter.first)
    return [month_of(quarter.first), month_of(second), month_of(_month_after(second))]


_FIRST, _LAST = date(1000, 1, 1), date(9999, 11, 30)
"""Before and after everything that a book can hold."""


def by_months(since: date | None, until: date | None) -> tuple[Span | None, list[Span]]:
    """The whole months between two dates (both included; None is open), and the days that are left over."""
    since, until = since or _FIRST, until or _LAST
    first = since if since.day == 1 else _month_after(since.replace(day=1))
    last = until if (until + ONE_DAY).day == 1 else until.replace(day=1) - ONE_DAY
    if first > last:
        return None, [Span(since, until)]
    ends = (Span(since, first - ONE_DAY), Span(last + ONE_DAY, until))
    return Span(first, last), [span for span in ends if span.first <= span.last]


def quarters_until(first: date, last: date) -> list[Span]:
    """Every quarter from the one of the first date to the one of the last, in order."""
    found, span = [], quarter_of(first)
    while span.first <= last:
        found.append(span)
        span = quarter_of(span.last + ONE_DAY)
    return found


def booking_date(happened_on: date, closed_until: date | None, today: date) -> date:
    """The date under which something is booked: its own, while its period is open.

    What is found later counts in the open period. A clock that is behind still finds an open day.
    """
    if closed_until is None or happened_on > closed_until:
        return happened_on
    return max(today, closed_until + ONE_DAY)


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
