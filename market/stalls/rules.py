"""Why a stall became free again, what became of an offer, and until when one is of use."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class ReleaseReason(StrEnum):
    """Why a stall became free again."""

    WITHDRAWN = "withdrawn"
    NO_SHOW = "no_show"
    MOVED = "moved"
    REPLANNED = "replanned"
    DAY_CALLED_OFF = "day_called_off"
    REFUSED = "refused"
    """Staff took it away and told the vendor why."""


class Standing(StrEnum):
    """How it is with somebody who may come."""

    UNPLANNED = "unplanned"
    """Stalls have not been given out."""
    PLACED = "placed"
    WAITING = "waiting"
    ABSENT = "absent"
    """Had a stall and was marked as not come."""


def standing(*, planned: bool, has_stall: bool, absent: bool) -> Standing:
    """What the lists say: a stall is a stall before any plan, and nobody waits before there is one."""
    if has_stall:
        return Standing.PLACED
    if absent:
        return Standing.ABSENT
    return Standing.WAITING if planned else Standing.UNPLANNED


class OfferAnswer(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OFFER_TIME = timedelta(hours=12)
"""So long a vendor may think it over, but never beyond the hour of arrival."""
ON_THE_DAY = timedelta(minutes=15)
"""When vendors already drive in: the next one is waiting."""
ON_THE_WAY = timedelta(minutes=30)
"""To load and to reach the plaza."""
WORTH_COMING = timedelta(hours=1)
"""For less of a market nobody sets up a stall."""


def last_answer(close_at: datetime) -> datetime:
    """Who says yes later cannot be there in time to sell anything."""
    return close_at - WORTH_COMING - ON_THE_WAY


def _kept_until(made_at: datetime, arrive_by: datetime) -> datetime:
    """Until the hour of arrival; when vendors drive in already, for a while: the next one is waiting."""
    return arrive_by if made_at + ON_THE_DAY < arrive_by else made_at + ON_THE_DAY


def answer_until(
    made_at: datetime, expires_at: datetime, arrive_by: datetime, close_at: datetime
) -> datetime:
    """As was promised, but not when it has become too late to come: the market may be earlier by now."""
    return min(expires_at, _kept_until(made_at, arrive_by), last_answer(close_at))


def offer_until(at: datetime, arrive_by: datetime, close_at: datetime) -> datetime | None:
    """Until when a stall that is free now is kept for the next in line; None: it is too late for anybody."""
    until = min(at + OFFER_TIME, _kept_until(at, arrive_by), last_answer(close_at))
    return until if until - at >= ON_THE_DAY else None
