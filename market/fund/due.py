"""When the notice of a quarter is due, and whether it came in time."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from market.ledger.spans import Span


class Standing(StrEnum):
    """How it stands with the notice of a quarter."""

    RUNNING = "running"
    """The quarter is not over."""
    DUE = "due"
    LATE = "late"
    """Its day has passed, and it is not published."""
    IN_TIME = "in_time"
    PUBLISHED_LATE = "published_late"


class Due(NamedTuple):
    """One quarter and its clock."""

    span: Span
    due_on: date
    published_on: date | None
    today: date

    @property
    def days(self) -> int:
        """How many days are left, or with a minus how many it is late."""
        return (self.due_on - (self.published_on or self.today)).days

    @property
    def standing(self) -> Standing:
        if self.published_on is not None:
            return Standing.IN_TIME if self.days >= 0 else Standing.PUBLISHED_LATE
        if self.today <= self.span.last:
            return Standing.RUNNING
        return Standing.DUE if self.days >= 0 else Standing.LATE


def due_of(span: Span, publish_days: int, published_on: date | None, today: date) -> Due:
    """The clock of a quarter: its last day and the days that the region allows."""
    return Due(span, span.last + timedelta(days=publish_days), published_on, today)
