"""The only place that reads the clock; everything else is told the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This moment in UTC, whole seconds (what people read off a watch, and both databases keep alike)."""
    return datetime.now(UTC).replace(microsecond=0)


def local(moment: datetime, zone: str) -> datetime:
    """The wall-clock time in a community's zone."""
    return moment.astimezone(ZoneInfo(zone))


def at_local(day: date, wall: time, zone: str) -> datetime:
    """The UTC moment of a wall-clock time on a day in a community's zone."""
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def today(zone: str) -> date:
    """The date on the wall in a community's zone."""
    return local(now(), zone).date()
