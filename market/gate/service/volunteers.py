"""Hours that volunteers gave to a market, as staff noted them: nothing else knows them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, has_reached
from market.db import db, lock_row
from market.errors import Refusal
from market.gate.models import VolunteerWork
from market.people.models import User

MOST_PEOPLE = 200
MOST_HOURS_EACH = 16
"""A day has no more to give."""


def may_note_volunteers(day: MarketDay) -> bool:
    """From the opening on; sheets are often read afterwards."""
    return has_reached(day.state, DayState.OPEN)


def note_volunteers(day: MarketDay, people: int, hours: int, *, by: User, at: datetime) -> VolunteerWork:
    """How many helped, and for how many hours together; corrects what was noted before. The same is nothing.

    Refuses `gate.volunteers_too_early`, `gate.volunteers` and `gate.volunteer_hours`.
    """
    lock_row(day)
    if not may_note_volunteers(day):
        raise Refusal("gate.volunteers_too_early", _("这一场还没开市，开市以后再记志愿者。"))
    if not 0 <= people <= MOST_PEOPLE:
        raise Refusal("gate.volunteers", _("请填 0 到 %(most)s 人。", most=MOST_PEOPLE), 422)
    if not people <= hours <= people * MOST_HOURS_EACH:
        sentence = _("一共的小时数对不上人数：每人 1 到 %(most)s 小时，加起来填。", most=MOST_HOURS_EACH)
        raise Refusal("gate.volunteer_hours", sentence, 422)
    known = volunteers_of(day)
    if known is not None and (known.people, known.hours) == (people, hours):
        return known
    row = VolunteerWork(day=day, people=people, hours=hours, noted_at=at, noted_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record(
        "gate.note_volunteers", row, by=by, at=at, community=day.community, people=people, hours=hours
    )
    return row


def volunteers_of(day: MarketDay) -> VolunteerWork | None:
    """What was noted last; None where nobody noted anything, which is not nobody."""
    query = sa.select(VolunteerWork).where(VolunteerWork.day_id == day.id)
    return db.session.scalar(query.order_by(VolunteerWork.id.desc()).limit(1))
