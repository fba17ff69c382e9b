"""Who has not come: the stall goes to the next in line. Who comes late after all, or was there anyway."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.db import lock_row
from market.errors import Refusal
from market.gate.models import Scan
from market.gate.service.admission import admit_from_list, attendance
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors.models import Application

ABSENCE_STATES = (*GATE_STATES, DayState.CLOSED, DayState.SETTLING)
"""From the publication until the market is settled: many a mistake is seen when the figures are typed in."""


def mark_no_show(assignment: Assignment, *, by: User, at: datetime) -> None:
    """The vendor has not come; the pass admits nobody, and the stall is offered to the next in line.

    Refuses `gate.already_in` and `gate.over`.
    """
    _leave_empty(assignment, by=by, at=at)
    stalls.offer_freed(assignment, by=by, at=at)
    audit.record("gate.mark_no_show", assignment, by=by, at=at)


def substitute(assignment: Assignment, coming: Application, *, by: User, at: datetime) -> Assignment:
    """The vendor has not come, and somebody who waits and is on the way takes the stall. Twice is once.

    Refuses what `mark_no_show` refuses, `gate.not_in_line` when the other cannot have the stall (any more),
    and as `stalls.place` does.
    """
    day = assignment.day
    lock_row(day)
    placed = stalls.assignment_of(day, coming.vendor)
    if placed is not None and assignment.stall_id in placed.stall_ids:
        return placed
    if coming not in stalls.substitutes(assignment, at):
        sentence = _("%(name)s现在补不了这个摊位，刚刚有人调整过。请重新选一家。")
        raise Refusal("gate.not_in_line", sentence % {"name": coming.vendor.trading_name})
    _leave_empty(assignment, by=by, at=at)
    placed = stalls.place(coming, assignment.stall, by=by, at=at, reason_code="promoted")
    beside = assignment.second_stall
    if beside is not None and beside.id not in placed.stall_ids:
        stalls.offer_stall(day, beside, by=by, at=at)
    audit.record("gate.substitute", assignment, by=by, at=at, by_whom=coming.vendor.ref)
    return placed


def _leave_empty(assignment: Assignment, *, by: User, at: datetime) -> None:
    day = assignment.day
    lock_row(day)
    _refuse_over(day)
    if assignment.id in attendance(day):
        raise Refusal(
            "gate.already_in",
            _("%(name)s已经签到进场了，不能记成没来。", name=assignment.vendor.trading_name),
        )
    stalls.release(assignment, ReleaseReason.NO_SHOW, by=by, at=at)


def undo_no_show(missed: Assignment, *, by: User, at: datetime) -> Assignment:
    """It was a mistake: the vendor has its stall again, or another when somebody else stands there now.

    Also when the market is over, until it is settled. Twice is once. Refuses `gate.over` and as
    `stalls.bring_back` does.
    """
    day = missed.day
    lock_row(day)
    _refuse_over(day)
    back = stalls.bring_back(missed, by=by, at=at)
    audit.record("gate.undo_no_show", missed, by=by, at=at, stall=back.label)
    return back


def admit_late(missed: Assignment, *, client_id: str, entrance: str = "", by: User, at: datetime) -> Scan:
    """Marked as not come, and now at the gate: in, with how late they are. Refuses as `undo_no_show`."""
    back = undo_no_show(missed, by=by, at=at)
    return admit_from_list(back, client_id=client_id, entrance=entrance, by=by, at=at)


def _refuse_over(day: MarketDay) -> None:
    if day.state not in ABSENCE_STATES:
        raise Refusal("gate.over", _("发布以后、入账以前，才能记没来，或者撤回。"))
