"""Jinja filters: money, dates and hours as people read them."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date as babel_date, get_locale, gettext

from market import clock
from market.config import settings
from market.money import yuan
from market.people.access import community_or_none
from market.typed_text import masked_phone


def _chinese() -> bool:
    return str(get_locale()).startswith("zh")


def zone() -> str:
    """The zone that times are shown in: the community's, or the installation's."""
    community = community_or_none()
    return community.zone if community is not None else settings().zone


def wall(moment: datetime) -> datetime:
    """A UTC moment as the clock on the wall shows it."""
    return clock.local(moment, zone())


def day_text(moment: date | datetime) -> str:
    """11 月 28 日 星期六 / Sat 28 Nov; with its year when that is not the running one."""
    day = _as_date(moment)
    if day.year != clock.today(zone()).year:
        return full_day_text(day)
    return babel_date(day, "M 月 d 日 EEEE" if _chinese() else "EEE d MMM")


def full_day_text(moment: date | datetime) -> str:
    """2026 年 11 月 28 日 星期六 / Sat 28 Nov 2026."""
    return babel_date(_as_date(moment), "y 年 M 月 d 日 EEEE" if _chinese() else "EEE d MMM y")


def short_day_text(moment: date | datetime) -> str:
    """11 月 28 日 / 28 Nov."""
    return babel_date(_as_date(moment), "M 月 d 日" if _chinese() else "d MMM")


def long_weekday(moment: date | datetime) -> str:
    """星期六 / Saturday."""
    return babel_date(_as_date(moment), "EEEE")


def weekday(moment: date | datetime) -> str:
    """周六 / Sat."""
    return babel_date(_as_date(moment), "EEE")


def short_month(moment: date | datetime) -> str:
    """11 月 / Nov."""
    return babel_date(_as_date(moment), "M 月" if _chinese() else "MMM")


def year_text(moment: date | datetime) -> str:
    """2026 年 / 2026."""
    return babel_date(_as_date(moment), "y 年" if _chinese() else "y")


def month_text(moment: date) -> str:
    """2026 年 11 月 / November 2026."""
    return babel_date(moment, "y 年 M 月" if _chinese() else "MMMM y")


def short_date(moment: date | datetime) -> str:
    """2026-11-28."""
    return _as_date(moment).isoformat()


def clock_text(moment: datetime) -> str:
    """8:00, on the community's wall."""
    local = wall(moment)
    return f"{local.hour}:{local.minute:02d}"


def hours_text(open_at: datetime, close_at: datetime) -> str:
    """8:00–11:30; 22:00–次日 0:30."""
    return clock.span_text(wall(open_at), wall(close_at))


def end_text(close_at: datetime, open_at: datetime) -> str:
    """11:30, or 次日 0:30."""
    return clock.end_text(wall(open_at), wall(close_at))


def stamp_text(moment: datetime) -> str:
    """2026-11-28 08:14."""
    return wall(moment).strftime("%Y-%m-%d %H:%M")


def days_away(moment: date | datetime) -> str:
    """今天, 明天, 还有 5 天, 3 天前."""
    days = (_as_date(moment) - clock.today(zone())).days
    if days == 0:
        return gettext("今天")
    if days == 1:
        return gettext("明天")
    if days > 1:
        return gettext("还有 %(days)s 天", days=days)
    return gettext("%(days)s 天前", days=-days)


def _as_date(moment: date | datetime) -> date:
    return wall(moment).date() if isinstance(moment, datetime) else moment


def kilowatts(watts: int) -> str:
    """1500 → 1.5."""
    return f"{watts / 1000:g}"


def thousands(number: int) -> str:
    """5236 → 5,236."""
    return f"{number:,}"


def percent(basis_points: int) -> str:
    """500 → 5."""
    return f"{basis_points / 100:g}"


def init_app(app: Flask) -> None:
    for function in (
        yuan, wall, weekday, short_month, year_text, month_text, day_text, short_day_text, full_day_text,
        short_date, clock_text, end_text, hours_text, stamp_text, days_away, kilowatts, thousands, percent,
        masked_phone,
    ):  # fmt: skip
        app.add_template_filter(function)
