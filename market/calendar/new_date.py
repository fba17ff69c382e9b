"""What a new date does to a market that is planned already; facts in, facts out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market.calendar.rules import BEFORE_OPENING, SET_UP_BEFORE, DayState

S = DayState

MOVABLE = BEFORE_OPENING
"""States in which a market may be given another date, place or hours without being called off."""
NOT_OFFERED_YET = (S.DRAFT, S.PREPARED)
"""States in which no vendor has seen the window of applications."""
WINDOW_MATTERS = (*NOT_OFFERED_YET, S.OPEN_FOR_APPLICATION)
"""States in which it still decides who may apply."""


@dataclass(frozen=True)
class Window:
    """From when until when vendors apply."""

    start: datetime
    end: datetime


def moved_window(old: Window, shifted: Window, state: DayState, *, open_at: datetime, at: datetime) -> Window:
    """The window that follows the date: proposed, and never in the way of the new date.

    `shifted` is the old one, moved by as many days as the market. What vendors were promised is not taken
    back: a window that has begun does not begin anew, one that is over stays over, and one that still runs
    does not end at once because the market comes earlier.
    """
    if state in NOT_OFFERED_YET:
        start, end = shifted.start, shifted.end
    elif old.end <= at:
        start, end = old.start, old.end
    else:
        start = old.start if old.start <= at else shifted.start
        end = shifted.end if shifted.end > at else old.end
    end = min(end, open_at)
    return Window(min(start, end - (old.end - old.start)) if start >= end else start, end)


def state_after(state: DayState, *, open_at: datetime, at: datetime) -> DayState:
    """Vendors who drive in today for a market that is now later have been sent home again."""
    if state is S.SETTING_UP and at < open_at - SET_UP_BEFORE:
        return S.PUBLISHED
    return state
