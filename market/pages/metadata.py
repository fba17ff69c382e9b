"""What a page tells programs of itself: search engines (schema.org) and chats that show a link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from flask import g, request, url_for

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import PublicStatus
from market.calendar.shown_day import ShownDay
from market.communities.models import Community
from market.config import settings
from market.pages.blueprint import bp
from market.people.access import community_or_none
from market.public_pages import PARAMETERS

_SCHEMA_STATUS = {
    PublicStatus.POSTPONED: "EventPostponed",
    PublicStatus.CANCELLED: "EventCancelled",
}


def page_address(day: MarketDay) -> str:
    """A page's address for the world outside; from the settings, never from a request's Host."""
    return outside("pages.market", slug=day.community.slug, ref=day.ref)


def outside(endpoint: str, **values: Any) -> str:
    """The address of any page for the world outside."""
    return settings().public_url + url_for(endpoint, **values)


def event_data(shown: ShownDay) -> dict[str, Any]:
    """The market for search engines (schema.org Event)."""
    return {"@context": "https://schema.org", **_event(shown)}


def _event(shown: ShownDay) -> dict[str, Any]:
    day = shown.day
    zone = day.community.zone
    return {
        "@type": "Event",
        "name": f"{day.community.name}睦邻集市 · {day.theme}",
        "startDate": clock.local(day.open_at, zone).isoformat(),
        "endDate": clock.local(day.ends_at, zone).isoformat(),
        "eventStatus": f"https://schema.org/{_SCHEMA_STATUS.get(shown.status, 'EventScheduled')}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "location": {"@type": "Place", "name": day.venue.name, "address": day.venue.address},
        "organizer": {"@type": "Organization", "name": day.community.host_org},
        "image": outside("pages.market_picture", slug=day.community.slug, ref=day.ref),
        "url": page_address(day),
    }


def community_data(community: Community, coming: Iterable[ShownDay]) -> dict[str, Any]:
    """Who holds the markets, and the next ones."""
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": community.host_org,
        "telephone": community.phone,
        "url": outside("pages.community", slug=community.slug),
        "areaServed": {"@type": "Place", "name": community.name},
        "event": [_event(shown) for shown in coming],
    }


class Card(NamedTuple):
    """What a chat shows of a link, beside the title of the page."""

    address: str
    picture: str
    code: str
    """The page with its code, to be printed."""


@bp.app_context_processor
def cards() -> dict[str, object]:
    return {"card": card_of_page}


def card_of_page() -> Card | None:
    """For the pages of a community; an address with a key in it is nothing to pass on."""
    community = community_or_none()
    if community is None or not request.path.startswith("/c/") or g.get("trouble"):
        return None
    address = address_of_page()
    page, _mark, query = address[len(outside("pages.community")) :].partition("?")
    code = url_for("pages.page_code", page=unquote(page)) + (f"?{query}" if query else "")
    if request.endpoint == "pages.market":
        ref = (request.view_args or {}).get("ref", "")
        return Card(address, outside("pages.market_picture", slug=community.slug, ref=ref), code)
    return Card(address, outside("pages.picture", slug=community.slug), code)


def address_of_page() -> str:
    """The address by which the world outside comes to this page, without the marks of other sites."""
    asked = parse_qsl(request.query_string.decode("latin-1"), encoding="utf-8", errors="replace")
    known = [(name, value) for name, value in asked if name in PARAMETERS]
    return settings().public_url + quote(request.path) + (f"?{urlencode(known)}" if known else "")
