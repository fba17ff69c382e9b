"""A draft that was made by mistake is deleted, with the rules that were written or copied for it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.stalls.models import KeptFree, PlanMethod, Quota, ZoneDuty
from market.vendors import service as vendors

RULES = (Quota, ZoneDuty, KeptFree, PlanMethod)
"""What may be written about a market before anybody has applied."""


def discard_draft(day: MarketDay, *, by: User, at: datetime) -> None:
    """Refuses `stalls.draft_in_use` when somebody was entered for it; else as `calendar.delete_draft`."""
    lock_row(day)
    entered = len(vendors.applications(day))
    if entered:
        sentence = _("已经有 %(n)s 家报了名，不能删。不办就「取消」，让他们知道。", n=entered)
        raise Refusal("stalls.draft_in_use", sentence)
    for kind in RULES:
        db.session.execute(sa.delete(kind).where(kind.day_id == day.id))
    calendar.delete_draft(day, by=by, at=at)
