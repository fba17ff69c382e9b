"""Telling everybody of a day at once: published, called off, a new date; and one vendor of a new pass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from market.calendar.models import MarketDay
from market.notices import service as notices
from market.passes.models import StallPass
from market.passes.rules import RevokeReason
from market.people.models import User
from market.stalls import service as stalls
from market.vendors.models import Application
from market.vendors.service.telling import message, tell


def tell_published(day: MarketDay, *, by: User, at: datetime) -> None:
    """Everybody placed reads where to stand and when to come, everybody waiting which place they have."""
    event = f"published:{day.revision}"
    placed = [
        message(held.application, "gate.placed", f"{event}:{held.ref}", stall=held.label)
        for held in stalls.assignments(day)
    ]
    waiting = [
        message(application, "gate.waiting", f"{event}:{application.ref}", position=position)
        for position, application in enumerate(stalls.waiting_list(day), 1)
    ]
    notices.tell(day.community, [*placed, *waiting], by=by, at=at)


def tell_day(
    day: MarketDay, people: Iterable[Application], kind: str, *, by: User, at: datetime, note: str = ""
) -> None:
    """Everybody who counts on a day reads that it does not take place, or when it does."""
    event = f"{kind}:{day.revision}"
    messages = [message(one, kind, f"{event}:{one.ref}", note=note) for one in people]
    notices.tell(day.community, messages, by=by, at=at)


def tell_new_pass(stall_pass: StallPass, reason: RevokeReason, *, by: User, at: datetime) -> None:
    """The pass in the vendor's hand no longer admits; a move tells of its new pass itself."""
    held = stall_pass.assignment
    kind = "gate.new_hours" if reason is RevokeReason.HOURS_CHANGED else "gate.new_pass"
    tell(held.application, kind, f"pass:{_name(stall_pass)}", by=by, at=at, stall=held.label)


def tell_pass_withdrawn(stall_pass: StallPass, *, by: User, at: datetime) -> None:
    """The pass in the vendor's hand no longer admits, and there is no other."""
    held = stall_pass.assignment
    tell(
        held.application, "gate.pass_withdrawn", f"pass-withdrawn:{_name(stall_pass)}", by=by, at=at,
        stall=held.label,
    )  # fmt: skip


def _name(stall_pass: StallPass) -> str:
    return f"{stall_pass.ref}:{stall_pass.version}"
