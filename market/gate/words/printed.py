"""What the sign-in list says, in words ready to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext

from market.calendar.models import MarketDay
from market.calendar.printed import clock_of
from market.calendar.service import local_date
from market.gate.sign_in_sheet import SignInRow
from market.stalls.models import Assignment

if TYPE_CHECKING:
    from market.gate.models import Scan


def sheet_row(held: Assignment, came: Scan | None, lacking: int, *, clean: bool) -> SignInRow:
    """A stall's line: what is known is printed, the rest is written by hand."""
    return SignInRow(
        stall_no=held.label,
        trading_name=held.vendor.trading_name,
        person=held.vendor.holder,
        papers=gettext("还差 %(count)s 样", count=lacking) if lacking else gettext("齐全"),
        came_at=clock_of(came.scanned_at, held.day) if came is not None else "",
        cleaned=gettext("干净") if clean else "",
    )


def sheet_file_name(day: MarketDay) -> str:
    return f"{local_date(day)} {day.theme} {gettext('商户签到表')}.pdf"
