"""What people follow, as calendars (ics), for feed readers (Atom) and for programs (JSON Feed)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask import Response, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.happenings import Happening
from market.calendar.lookup import public_day_at
from market.config import settings
from market.errors import NotFound
from market.layout.frame import chosen_locale
from market.pages import subscriptions
from market.pages.blueprint import bp
from market.pages.metadata import page_address
from market.people.access import current_community, current_region
from market.revisions import kept_while_seen
from market.vendors.rules import Category
from market.vendors.service import find_vendor
from market.vendors.words import CATEGORY_WORDS

FORMS = "any(ics, atom, json):form"
KINDS = {
    "ics": "text/calendar; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


class Feed(NamedTuple):
    """What one can follow."""

    title: str
    page: str
    """Path of the page where people read the same."""
    author: str
    since: datetime
    happenings: list[Happening]


@bp.get("/c/<slug>/calendar.ics")
@open_to(Audience.PUBLIC)
def feed() -> ResponseReturnValue:
    return _kept("ics", _of_community)


@bp.get("/c/<slug>/calendar.<any(atom, json):form>")
@open_to(Audience.PUBLIC)
def feed_as(form: str) -> ResponseReturnValue:
    return _kept(form, _of_community)


def _of_community() -> Feed:
    community = current_community()
    title = _("%(community)s睦邻集市", community=community.name)
    page = url_for("pages.community", slug=community.slug)
    happenings = subscriptions.of_community(community)
    return Feed(title, page, community.host_org, community.created_at, happenings)


@bp.get(f"/districts/<code>.<{FORMS}>")
@open_to(Audience.PUBLIC)
def district_feed(form: str) -> ResponseReturnValue:
    """All communities of a district, or of a street or a city."""
    return _kept(form, _of_district)


def _of_district() -> Feed:
    region, today = current_region(), clock.today(settings().zone)
    since = clock.at_local(today, datetime.min.time(), settings().zone)
    inside = subscriptions.regions_inside(region)
    title = _("%(region)s睦邻集市", region=region.name)
    page = url_for("pages.home", district=region.code)
    return Feed(title, page, region.name, since, subscriptions.of_region(inside, since))


@bp.get(f"/c/<slug>/kinds/<kind>.<{FORMS}>")
@open_to(Audience.PUBLIC)
def kind_feed(kind: str, form: str) -> ResponseReturnValue:
    """The markets of a community that have a stall of this kind."""
    if kind not in set(Category):
        raise NotFound("pages.no_kind", _("没有这一类摊位。"))
    return _kept(form, lambda: _of_kind(Category(kind)))


def _of_kind(category: Category) -> Feed:
    community, word = current_community(), CATEGORY_WORDS[category]
    title = _("%(what)s · %(community)s睦邻集市", what=word, community=community.name)
    page = url_for("pages.community", slug=community.slug)
    happenings = subscriptions.of_category(community, category)
    return Feed(title, page, community.host_org, community.created_at, happenings)


@bp.get(f"/c/<slug>/vendors/<ref>.<{FORMS}>")
@open_to(Audience.PUBLIC)
def vendor_feed(ref: str, form: str) -> ResponseReturnValue:
    """The markets at which a vendor stands, for whoever comes for it."""
    return _kept(form, lambda: _of_vendor(ref))


def _of_vendor(ref: str) -> Feed:
    community = current_community()
    vendor = find_vendor(community, ref)
    happenings = subscriptions.of_vendor(vendor)
    if not happenings:
        raise NotFound("vendors.no_vendor", _("没有这位商户。"))
    title = _("%(what)s · %(community)s睦邻集市", what=vendor.trading_name, community=community.name)
    page = url_for("pages.community", slug=community.slug)
    return Feed(title, page, community.host_org, community.created_at, happenings)


@bp.get("/c/<slug>/markets/<ref>.ics")
@open_to(Audience.PUBLIC)
def market_event(ref: str) -> ResponseReturnValue:
    day, community = public_day_at(ref), current_community()
    title = _("%(community)s睦邻集市", community=community.name)
    happening = Happening.of(day, page_address(day))
    return _answer("ics", _written("ics", Feed(title, "", "", day.created_at, [happening])), f"market-{ref}")


def _kept(form: str, make: Callable[[], Feed]) -> Response:
    """The feed as it is: written once for a state of what is public, since phones ask every few hours."""
    today = clock.today(settings().zone)
    name = ("pages.feed", request.path, request.host, chosen_locale(), today)
    return _answer(form, kept_while_seen(name, lambda: _written(form, make())), "calendar")


def _answer(form: str, body: bytes, name: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = KINDS[form]
    if form == "ics":
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


def _written(form: str, found: Feed) -> bytes:
    public = settings().public_url
    if form == "ics":
        from market.calendar import ical  # its library takes a moment, which no start should wait for

        return ical.write_happenings(found.title, found.happenings, public_url=public)
    from market.calendar import web_feeds

    about = web_feeds.About(
        found.title,
        public + found.page,
        public + request.path,
        found.author,
        "en" if str(get_locale()) == "en" else "zh-CN",
        found.since,
    )
    write = web_feeds.write_atom if form == "atom" else web_feeds.write_json
    return write(about, found.happenings)
