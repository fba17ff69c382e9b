"""Which dates a rhythm has: every week, every second week, every first Sunday of the month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

WEEK = timedelta(weeks=1)


class Rhythm(StrEnum):
    """How often a market is held."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"


R = Rhythm
MOST = 60
"""More dates at once than anybody plans."""
OF_THE_MONTH = {R.FIRST: 0, R.SECOND: 1, R.THIRD: 2, R.FOURTH: 3}


def series_dates(rhythm: Rhythm, weekday: int, since: date, until: date) -> list[date]:
    """The dates from `since` to `until`, both included; Monday is 0."""
    found = (day for day in _every(weekday, since, until) if _fits(rhythm, day, _first(weekday, since)))
    return list(islice(found, MOST))


def _every(weekday: int, since: date, until: date) -> Iterator[date]:
    day = _first(weekday, since)
    while day <= until:
        yield day
        day += WEEK


def _first(weekday: int, since: date) -> date:
    return since + timedelta((weekday - since.weekday()) % 7)


def _fits(rhythm: Rhythm, day: date, first: date) -> bool:
    if rhythm is R.WEEKLY:
        return True
    if rhythm is R.FORTNIGHTLY:
        return (day - first).days % 14 == 0
    if rhythm is R.LAST:
        return (day + WEEK).month != day.month
    return (day.day - 1) // 7 == OF_THE_MONTH[rhythm]
