"""What people keep in mind of a market day: date, hours, place. Whoever applies does so for these."""

from __future__ import annotations

from datetime import datetime

from market import clock
from market.calendar.models import MarketDay


def day_facts(day: MarketDay) -> dict[str, str]:
    """The date and the hours on the wall, and the place, each as it is compared with what somebody knows."""
    return {
        "on": _wall(day, day.open_at).date().isoformat(),
        "hours": f"{_hour(day, day.open_at)}–{_hour(day, day.close_at)}",
        "arrive": _hour(day, day.arrive_by),
        "theme": day.theme,
        "place": day.venue.name,
        "address": day.venue.address,
        "entrance": day.venue.entrances,
    }


def _hour(day: MarketDay, moment: datetime) -> str:
    wall = _wall(day, moment)
    return f"{wall.hour}:{wall.minute:02d}"


def _wall(day: MarketDay, moment: datetime) -> datetime:
    return clock.local(moment, day.community.zone)


def hours_of(day: MarketDay) -> str:
    """8:00–11:30; 22:00–次日 0:30."""
    zone = day.community.zone
    return clock.span_text(clock.local(day.open_at, zone), clock.local(day.close_at, zone))
