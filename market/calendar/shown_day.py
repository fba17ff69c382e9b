"""A market day with the word that residents read, on screens and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from market import clock
from market.calendar import service, words
from market.calendar.models import MarketDay
from market.calendar.rules import (
    PublicStatus,
    public_status,
)
from market.communities.models import Community


@dataclass(frozen=True)
class ShownDay:
    """A market day with the word that residents read."""

    day: MarketDay
    status: PublicStatus
    kind: str
    word: str

    @classmethod
    def of(cls, day: MarketDay, at: datetime) -> ShownDay:
        status = public_status(
            day.state, open_at=day.open_at, close_at=day.close_at, closed_early=day.closed_early, at=at
        )
        kind, word = words.STATUS_WORDS[status]
        return cls(day, status, kind, str(word))

    @property
    def called_off(self) -> bool:
        return self.status in (PublicStatus.POSTPONED, PublicStatus.CANCELLED)

    @property
    def over(self) -> bool:
        return self.status in (PublicStatus.OVER, PublicStatus.CLOSED_EARLY)


def days_between(community: Community, first: date, last: date) -> list[ShownDay]:
    since = clock.at_local(first, time(), community.zone)
    until = clock.at_local(last + timedelta(days=1), time(), community.zone)
    at = clock.now()
    return [ShownDay.of(day, at) for day in service.public_days(community, since, until)]
