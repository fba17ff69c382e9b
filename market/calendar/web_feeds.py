"""The same as calendars tell, for feed readers and other programs: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from market.calendar.happenings import Happening, plain

ATOM = "http://www.w3.org/2005/Atom"
NEWEST = 60
"""Entries of a feed: readers keep what they have seen, and nobody reads a year at once."""


class About(NamedTuple):
    """What a feed says of itself."""

    title: str
    page: str
    """Where people read it."""
    address: str
    """Where programs read it."""
    author: str
    language: str
    since: datetime
    """What it is dated by while nothing stands in it."""


def newest(happenings: Iterable[Happening]) -> list[Happening]:
    """What changed last comes first: by the time of the change, not of the market."""
    return sorted(happenings, key=lambda one: (one.changed_at, one.uid), reverse=True)[:NEWEST]


def write_atom(about: About, happenings: Iterable[Happening]) -> bytes:
    """The feed as XML; the same facts give the same bytes."""
    entries = newest(happenings)
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": about.language})
    _say(feed, "id", about.address)
    _say(feed, "title", about.title)
    _say(feed, "updated", _moment(max((one.changed_at for one in entries), default=about.since)))
    _say(SubElement(feed, "author"), "name", about.author)
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": about.address})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": about.page})
    for one in entries:
        _entry(SubElement(feed, "entry"), one)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(feed, encoding="unicode")}\n'.encode()


def _entry(entry: Element, one: Happening) -> None:
    _say(entry, "id", _name(one))
    _say(entry, "title", one.title)
    _say(entry, "published", _moment(one.created_at))
    _say(entry, "updated", _moment(one.changed_at))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": one.address})
    SubElement(entry, "category", {"term": one.status.lower()})
    _say(entry, "summary", told(one))


def told(one: Happening) -> str:
    """When and where, and what else is said."""
    when = f"{one.begins_at:%Y-%m-%d %H:%M}–{one.ends_at:%H:%M}"
    return "\n".join(part for part in (when, one.place, one.text) if part)


def _name(one: Happening) -> str:
    """Under which readers know it again: its page, and what of it."""
    return f"{one.address}#{one.uid}"


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = plain(text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_json(about: About, happenings: Iterable[Happening]) -> bytes:
    """The feed as JSON, with what a market is in fields of their own."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": plain(about.title),
        "home_page_url": about.page,
        "feed_url": about.address,
        "language": about.language,
        "authors": [{"name": plain(about.author)}],
        "items": [_item(one) for one in newest(happenings)],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n"


def _item(one: Happening) -> dict[str, Any]:
    return {
        "id": _name(one),
        "url": one.address,
        "title": one.title,
        "content_text": told(one),
        "date_published": _moment(one.created_at),
        "date_modified": _moment(one.changed_at),
        "_market": {
            "uid": one.uid,
            "sequence": one.sequence,
            "status": one.status.lower(),
            "starts": one.begins_at.isoformat(),
            "ends": one.ends_at.isoformat(),
            "place": one.place,
        },
    }
