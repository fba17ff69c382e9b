"""The first page: the next market of each community, or of the only one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES
from market.calendar.shown_day import ShownDay
from market.communities import service as communities
from market.communities.models import Community
from market.communities.service import Place
from market.config import settings
from market.demand import service as demand
from market.errors import NotFound
from market.fund.published import public_book
from market.pages.blueprint import bp
from market.pages.metadata import community_data
from market.pages.wish_offers import wish_offers
from market.people.access import current_community, stand_in
from market.settlement import service as settlement
from market.stalls import service as stalls

PAST_SHOWN = 6
FEW = 12
"""Communities that the first page shows with their markets; more are found by district and by search."""

SOONEST = 5
"""Markets of many communities that the first page shows."""


LAST = datetime.max.replace(tzinfo=UTC)
"""Where communities without a next market stand in the list."""


@bp.get("/")
@open_to(Audience.PUBLIC)
def home() -> ResponseReturnValue:
    """The only community, a few with their next markets, or many by district (`?district=`)."""
    places, at = communities.community_places(), clock.now()
    if len(places) == 1:
        only = communities.find_community(places[0].slug)
        stand_in(only)
        return _community_page(only)
    if "district" in request.args:
        return _district_page(places, request.args["district"], at)
    if len(places) <= FEW:
        return render_template("pages/home.html", places=places, cards=_cards(places, at))
    soonest = [ShownDay.of(day, at) for day in service.soonest_days(at, SOONEST)]
    return render_template("pages/home.html", districts=_districts(places), soonest=soonest)


def _cards(places: list[Place], at: datetime) -> list[tuple[Place, ShownDay | None]]:
    """Each with its next market, the soonest first."""
    days = service.next_days([place.id for place in places], at)
    cards = [(place, _shown(days.get(place.id), at)) for place in sorted(places, key=_by_name)]
    return sorted(cards, key=lambda card: card[1].day.open_at if card[1] is not None else LAST)


def _by_name(place: Place) -> tuple[str, int]:
    return place.name, place.id


class District(NamedTuple):
    """A district, and how many communities it has."""

    code: str
    name: str
    n: int


def _districts(places: list[Place]) -> list[District]:
    counted = Counter((place.district_code, place.district) for place in places)
    return [District(code, name, n) for (code, name), n in sorted(counted.items())]


def _district_page(places: list[Place], code: str, at: datetime) -> str:
    """The communities of a district by street, each with its next market."""
    inside = [place for place in places if place.district_code == code]
    if not inside:
        raise NotFound("places.no_region", _("没有这个区划代码。"))
    nexts = service.next_days([place.id for place in inside], at)
    return render_template("pages/home.html", places=inside, nexts=nexts, district=inside[0].district)


@bp.get("/c/<slug>/")
@open_to(Audience.PUBLIC)
def community() -> ResponseReturnValue:
    return _community_page(current_community())


def _community_page(community: Community) -> str:
    at = clock.now()
    known = [ShownDay.of(day, at) for day in service.days_around(community, at, PAST_SHOWN)]
    coming = [shown for shown in known if shown.day.close_at > at and not shown.over]
    holdable = [shown for shown in coming if not shown.called_off]
    settled = settlement.settled(shown.day for shown in known)
    seen = public_book(community)
    held = stalls.assignments(holdable[0].day) if holdable and holdable[0].day.state in PUBLIC_STATES else []
    return render_template(
        "pages/community.html",
        next=holdable[0] if holdable else None,
        following=holdable[1:],
        called_off=[shown for shown in coming if shown.called_off],
        past=[shown for shown in reversed(known) if shown.over][:PAST_SHOWN],
        wanted=service.open_for_application(community, at),
        offers=wish_offers(demand.wanted(community, clock.local(at, community.zone).date()), held),
        counters=settled,
        figures={day_id: seen.of(closed) for day_id, closed in settled.items()},
        feed_address=_subscription(),
        organization=community_data(community, holdable[:SOONEST]),
    )


def _subscription() -> str:
    """The feed by the scheme that makes a phone subscribe instead of copying the days of today."""
    base = settings().public_url.partition("://")[2]
    return f"webcal://{base}{url_for('pages.feed')}"


def _shown(day: MarketDay | None, at: datetime) -> ShownDay | None:
    return ShownDay.of(day, at) if day is not None else None
