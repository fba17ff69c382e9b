"""What every paper of a market day says at its head and foot: whose market, when, who made the list."""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_date, get_locale, gettext

from market import clock
from market.calendar.day_facts import hours_of as hours_of
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.print.table import Foot, Heading


def clock_of(moment: datetime, day: MarketDay) -> str:
    """7:42, on the wall of the market's community, whoever reads it and wherever."""
    local = clock.local(moment, day.community.zone)
    return f"{local.hour}:{local.minute:02d}"


def date_of(day: MarketDay) -> str:
    """11 月 28 日."""
    return date_at(day.open_at, day)


def date_at(moment: datetime, day: MarketDay) -> str:
    """The same of a moment, on the wall of the market's community."""
    on = clock.local(moment, day.community.zone).date()
    return format_date(on, "M 月 d 日" if str(get_locale()).startswith("zh") else "d MMM")


def weekday_of(day: MarketDay) -> str:
    """星期六."""
    return format_date(local_date(day), "EEEE")


def heading_of(day: MarketDay, title: str) -> Heading:
    """The head of every sheet; with the year, because these papers are filed."""
    when = f"{local_date(day).isoformat()} {weekday_of(day)} {hours_of(day)}"
    return Heading(title, f"{day.community.name} · {day.theme} · {when}")


def page_words() -> str:
    """With its places still open: the paper fills them in."""
    return gettext("第 %(page)s 页，共 %(pages)s 页", page="%(page)s", pages="%(pages)s")


def foot_words() -> Foot:
    """The words at the foot of every sheet."""
    return Foot(gettext("制表人"), gettext("审核人"), gettext("日期"), page_words(), gettext("合计"))
