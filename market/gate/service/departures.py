"""The end of a market at the gate: who left the place clean."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market.calendar.rules import DayState
from market.db import lock_row
from market.errors import Refusal
from market.gate.service.admission import admission_of
from market.people.models import User
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.rules import Conduct

LEAVING_STATES = (DayState.OPEN, DayState.CLOSED, DayState.SETTLING)
"""From the opening, because some go home early, until the market is settled."""


def tick_clean(assignment: Assignment, clean: bool, *, by: User, at: datetime) -> None:
    """Somebody has looked at the place: it is clean, or the tick was a mistake. Twice is once.

    Refuses `gate.not_leaving` and `gate.not_here`.
    """
    day, vendor = assignment.day, assignment.vendor
    lock_row(day)
    if day.state not in LEAVING_STATES:
        raise Refusal("gate.not_leaving", _("开市以后、结算以前，才能记收摊干净。"))
    if not clean:
        vendors.take_back_conduct(vendor, day, Conduct.LEFT_CLEAN, by=by, at=at)
        return
    if admission_of(day, vendor.id) is None:
        raise Refusal(
            "gate.not_here", _("%(name)s没有签到，不能记收摊干净。来了的先补签到。", name=vendor.trading_name)
        )
    vendors.note_conduct(vendor, day, Conduct.LEFT_CLEAN, by=by, at=at)
