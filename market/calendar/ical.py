"""Market days for the calendars on people's phones (RFC 5545)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from flask_babel import gettext as _
from icalendar import Calendar, Event

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState


def write_calendar(
    name: str, days: Iterable[MarketDay], *, public_url: str, address: Callable[[MarketDay], str]
) -> bytes:
    """A calendar of market days; `address` gives the page of each.

    The same rows give the same bytes, so that a phone that asks again is told that nothing changed.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//neighbour-market//calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    host = urlsplit(public_url).hostname or "localhost"
    for day in days:
        calendar.add_component(_event(day, host, address(day)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(day: MarketDay, host: str, address: str) -> Event:
    zone = day.community.zone
    event = Event()
    event.add("uid", f"{day.ref}@{host}")
    event.add("sequence", day.revision)
    event.add("dtstamp", day.changed_at)
    event.add("created", day.created_at)
    event.add("last-modified", day.changed_at)
    event.add("dtstart", clock.local(day.open_at, zone))
    event.add("dtend", clock.local(day.ends_at, zone))
    event.add("status", status_of(day.state))
    event.add("summary", _plain(_summary(day)))
    event.add("description", _plain(_description(day)))
    event.add("location", _plain(f"{day.venue.name}{_('，')}{day.venue.address}"))
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def status_of(state: DayState) -> str:
    """A postponed day is cancelled on its old date, so that no phone rings; its new date revives it."""
    if state in (DayState.POSTPONED, DayState.CANCELLED):
        return "CANCELLED"
    return "CONFIRMED" if state in PUBLIC_STATES else "TENTATIVE"


def _summary(day: MarketDay) -> str:
    name = _("%(community)s睦邻集市 · %(theme)s", community=day.community.name, theme=day.theme)
    if day.state is DayState.POSTPONED:
        return _("【延期】%(name)s", name=name)
    if day.state is DayState.CANCELLED:
        return _("【取消】%(name)s", name=name)
    return name


def _description(day: MarketDay) -> str:
    lines = [day.public_note] if day.public_note else []
    lines.append(_("主办：%(host)s，电话 %(phone)s", host=day.community.host_org, phone=day.community.phone))
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Without control characters, which no calendar may hold; a line break stays."""
    return "".join(letter for letter in text if letter == "\n" or (letter >= " " and letter != "\x7f"))
