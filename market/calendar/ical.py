"""Market days for the calendars on people's phones (RFC 5545)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from market.calendar.happenings import Happening, plain, status_of
from market.calendar.models import MarketDay

__all__ = ["REFRESH", "status_of", "write_calendar", "write_happenings"]

REFRESH = timedelta(hours=4)
"""How often phones may ask again: a market that is called off in the evening is known before it opens."""


def write_calendar(
    name: str, days: Iterable[MarketDay], *, public_url: str, address: Callable[[MarketDay], str]
) -> bytes:
    """A calendar of market days; `address` gives the page of each."""
    return write_happenings(name, (Happening.of(day, address(day)) for day in days), public_url=public_url)


def write_happenings(name: str, happenings: Iterable[Happening], *, public_url: str) -> bytes:
    """A calendar. The same facts give the same bytes, so that a phone that asks again is told that nothing
    changed."""
    calendar = Calendar()
    calendar.add("prodid", "-//neighbour-market//calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", " ".join(plain(name).split()))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    host = urlsplit(public_url).hostname or "localhost"
    for happening in happenings:
        calendar.add_component(_event(happening, host))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(happening: Happening, host: str) -> Event:
    event = Event()
    event.add("uid", f"{happening.uid}@{host}")
    event.add("sequence", happening.sequence)
    event.add("dtstamp", happening.changed_at)
    event.add("created", happening.created_at)
    event.add("last-modified", happening.changed_at)
    event.add("dtstart", happening.begins_at)
    event.add("dtend", happening.ends_at)
    event.add("status", happening.status)
    event.add("summary", happening.title)
    event.add("description", happening.text)
    event.add("location", happening.place)
    event.add("url", happening.address)
    event.add("transp", "TRANSPARENT")
    return event
