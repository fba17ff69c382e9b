"""The only place that reads the clock; everything else is told the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext


def now() -> datetime:
    """This moment in UTC, whole seconds (what people read off a watch, and both databases keep alike)."""
    return datetime.now(UTC).replace(microsecond=0)


def local(moment: datetime, zone: str) -> datetime:
    """The wall-clock time in a community's zone."""
    return moment.astimezone(ZoneInfo(zone))


def at_local(day: date, wall: time, zone: str) -> datetime:
    """The UTC moment of a wall-clock time on a day in a community's zone."""
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def span_text(begins: datetime, ends: datetime) -> str:
    """8:00–11:30, of two times on the wall; 18:00–24:00, 22:00–次日 0:30 where the end is on the next day."""
    return f"{begins.hour}:{begins.minute:02d}–{end_text(begins, ends)}"


def end_text(begins: datetime, ends: datetime) -> str:
    """11:30, or 24:00, or 次日 0:30."""
    last = f"{ends.hour}:{ends.minute:02d}"
    if ends.date() == begins.date():
        return last
    return "24:00" if last == "0:00" else gettext("次日 %(time)s", time=last)


def today(zone: str) -> date:
    """The date on the wall in a community's zone."""
    return local(now(), zone).date()
