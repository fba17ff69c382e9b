"""The signed sign-in sheet, typed in afterwards: who came without a scan, merged with who was scanned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.db import lock_row
from market.errors import Refusal
from market.gate import service as gate
from market.gate.rules import Verdict
from market.gate.words import VERDICT_WORDS, clock_of
from market.passes.rules import validity
from market.people.models import User
from market.stalls.models import Assignment
from market.typed_text import hour_of

NEXT_DAY = timedelta(days=1)


def parse_arrival(text: str, day: MarketDay) -> datetime:
    """A time as people write it (7:12, 7：12, 712, 0712) on the market's date, while the gate admits.

    Refuses `settlement.no_time` and `settlement.time_outside`.
    """
    hour, minute = hour_of(text) or (24, 0)
    if hour > 23:
        raise Refusal("settlement.no_time", _("签到时间请写成 7:12 这样。"), 422)
    first, last = validity(day.open_at, day.close_at)
    came_at = clock.at_local(local_date(day), time(hour, minute), day.community.zone)
    if came_at < first and came_at + NEXT_DAY <= last:  # a market over midnight
        came_at += NEXT_DAY
    if not first <= came_at <= last:
        raise Refusal(
            "settlement.time_outside",
            _(
                "这一场 %(first)s 到 %(last)s 进场，请看看时间是不是填错了。",
                first=clock_of(first, day),
                last=clock_of(last, day),
            ),
            422,
        )
    return came_at


def admit_from_paper(
    day: MarketDay, came: Iterable[tuple[Assignment, datetime]], *, by: User, at: datetime
) -> int:
    """Records who signed the sheet; how many were new. All of them or none.

    Typing the same sheet twice changes nothing, nor does a line whose scan has arrived meanwhile.
    Refuses `settlement.not_admitted` where the gate would have refused at that hour.
    """
    lock_row(day)
    known = gate.attendance(day)
    fresh = [(held, came_at) for held, came_at in came if held.id not in known]
    for held, came_at in fresh:
        _admit(held, came_at, by=by, at=at)
    return len(fresh)


def _admit(held: Assignment, came_at: datetime, *, by: User, at: datetime) -> None:
    """Admits one line; its id is made of assignment and time: the same line sent twice is one admission."""
    client_id = f"paper-{held.ref}-{clock_of(came_at, held.day)}"
    seen = gate.admit_from_list(held, client_id=client_id, by=by, at=at, scanned_at=came_at)
    if seen.verdict is not Verdict.ADMITTED:
        raise Refusal(
            "settlement.not_admitted",
            _(
                "%(stall)s %(name)s：%(why)s，签到没记上，这一页都还没存。",
                stall=held.label,
                name=held.vendor.trading_name,
                why=VERDICT_WORDS[seen.verdict],
            ),
        )
