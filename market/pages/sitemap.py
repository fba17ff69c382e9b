"""For search engines: which pages there are, and which are nobody's to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.communities import service as communities
from market.config import settings
from market.pages.blueprint import bp
from market.pages.metadata import outside, page_address
from market.people.access import current_community

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
LEADING = (
    "pages.community", "pages.month", "pages.wishes", "pages.follow", "pages.share", "fund.page",
    "insight.page", "stalls.allocation", "vendors.registration",
)  # fmt: skip
MOST_MARKETS = 200

CLOSED = ("/staff/", "/vendor/", "/committee/", "/gate/", "/door/", "/region/", "/enter/", "/inspector/",
          "/account", "/setup", "/preferences", "/T/", "/P/", "/p/")  # fmt: skip
"""Where programs find nothing: pages of people who are signed in, and what only a link opens."""


@bp.get("/robots.txt")
@open_to(Audience.PUBLIC)
def robots() -> ResponseReturnValue:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "Disallow: /c/*/find"]
    lines.append(f"Sitemap: {outside('pages.sitemap')}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
@open_to(Audience.PUBLIC)
def sitemap() -> ResponseReturnValue:
    """The first page, and where the pages of each community are listed."""
    places = communities.community_places()
    maps = (outside("pages.community_sitemap", slug=place.slug) for place in places)
    return _xml("sitemapindex", "sitemap", ((address, None) for address in maps))


@bp.get("/c/<slug>/sitemap.xml")
@open_to(Audience.PUBLIC)
def community_sitemap() -> ResponseReturnValue:
    """What everybody may read of a community, its newest markets among it."""
    community = current_community()
    days = service.days_around(community, clock.now(), MOST_MARKETS)
    leading = [(outside(endpoint), None) for endpoint in LEADING]
    return _xml("urlset", "url", [*leading, *((page_address(day), day.changed_at) for day in days)])


def _xml(root: str, each: str, pages: Iterable[tuple[str, datetime | None]]) -> Response:
    found = Element(root, {"xmlns": SITEMAP})
    for address, changed_at in pages:
        page = SubElement(found, each)
        SubElement(page, "loc").text = address
        if changed_at is not None:
            SubElement(page, "lastmod").text = clock.local(changed_at, settings().zone).date().isoformat()
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(found, encoding="unicode")}\n'
    return Response(text, mimetype="application/xml")
