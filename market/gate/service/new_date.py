"""A published market moves, with everybody who was promised a stall; nobody has to be entered again."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.service import DayDraft
from market.db import lock_row
from market.errors import Refusal
from market.gate.service.admission import attendance
from market.people.models import User
from market.stalls import service as stalls


def move_day(day: MarketDay, draft: DayDraft, *, public_note: str, by: User, at: datetime) -> None:
    """Another date, place or hours; approvals, stalls, pins and passes stay.

    Refuses what `check_move`, `stalls.carry_over` and `calendar.move_day` refuse.
    """
    lock_row(day)
    check_move(day, draft)
    if draft.venue.id != day.venue_id:
        stalls.carry_over(day, draft.venue, by=by, at=at)
    calendar.move_day(day, draft, public_note=public_note, by=by, at=at)


def check_move(day: MarketDay, draft: DayDraft) -> None:
    """Refuses (`gate.came_already`) to move a market to which somebody has come: those scans are of today.
    Other hours of the same day are no harm."""
    calendar.check_movable(day)
    same = (draft.on, draft.venue.id) == (calendar.local_date(day), day.venue_id)
    if not same and (came := len(attendance(day))):
        raise Refusal(
            "gate.came_already",
            _("今天已经有 %(n)s 家进场了，不能换日子、换场地。办不成就「延期或取消」。", n=came),
        )
    if draft.venue.id != day.venue_id:
        stalls.refuse_other_venue(day, draft.venue)
