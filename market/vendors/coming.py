"""What a vendor says of a market before it begins."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from market.calendar.rules import DayState


class ComingKind(StrEnum):
    """How sure it is."""

    MEANS_TO = "means_to"
    """Wants to come to a market that does not take applications yet."""
    SURE = "sure"
    """Has a stall and says shortly before that it comes."""


ASKED_BEFORE = timedelta(days=3)
"""How long before a market its vendors are asked whether they come."""

ANNOUNCED = (DayState.PREPARED,)
"""States of markets that vendors may tick before applications begin."""


def is_asked(state: DayState, on: date, today: date) -> bool:
    """Whether vendors are asked now if they come."""
    return state in (DayState.PUBLISHED, DayState.SETTING_UP) and today <= on <= today + ASKED_BEFORE
