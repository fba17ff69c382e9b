"""Who has not come: the pass admits nobody, and the stall goes to the next in line."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.db import lock_row
from market.errors import Refusal
from market.gate.service.admission import attendance
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason


def mark_no_show(assignment: Assignment, *, by: User, at: datetime) -> None:
    """The vendor has not come; the pass admits nobody, and the stall is offered to the next in line.

    Refuses `gate.already_in`.
    """
    day = assignment.day
    lock_row(day)
    first = attendance(day).get(assignment.id)
    if first is not None:
        raise Refusal(
            "gate.already_in",
            _("%(name)s已经签到进场了，不能记成没来。", name=assignment.vendor.trading_name),
        )
    stalls.release(assignment, ReleaseReason.NO_SHOW, by=by, at=at)
    stalls.offer_freed(assignment, by=by, at=at)
    audit.record("gate.mark_no_show", assignment, by=by, at=at)
