"""The first page: the next market of each community, or of the only one."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.shown_day import ShownDay
from market.communities import service as communities
from market.communities.models import Community
from market.config import settings
from market.fund.published import public_book
from market.pages.blueprint import bp
from market.people.access import current_community, stand_in
from market.settlement import service as settlement

PAST_SHOWN = 6


LAST = datetime.max.replace(tzinfo=UTC)
"""Where communities without a next market stand in the list."""


@bp.get("/")
@open_to(Audience.PUBLIC)
def home() -> ResponseReturnValue:
    known = communities.communities()
    if len(known) == 1:
        stand_in(known[0])
        return _community_page(known[0])
    at = clock.now()
    nexts = [(community, _shown(service.next_day(community, at), at)) for community in known]
    nexts.sort(key=lambda pair: pair[1].day.open_at if pair[1] is not None else LAST)
    return render_template("pages/home.html", communities=nexts)


@bp.get("/c/<slug>/")
@open_to(Audience.PUBLIC)
def community() -> ResponseReturnValue:
    return _community_page(current_community())


def _community_page(community: Community) -> str:
    at = clock.now()
    known = [ShownDay.of(day, at) for day in service.all_public_days(community)]
    coming = [shown for shown in known if shown.day.close_at > at and not shown.over]
    holdable = [shown for shown in coming if not shown.called_off]
    settled = {closed.day_id: closed for closed in settlement.settlements(community)}
    seen = public_book(community)
    return render_template(
        "pages/community.html",
        next=holdable[0] if holdable else None,
        following=holdable[1:],
        called_off=[shown for shown in coming if shown.called_off],
        past=[shown for shown in reversed(known) if shown.over][:PAST_SHOWN],
        wanted=service.open_for_application(community, at),
        counters=settled,
        figures={day_id: seen.of(closed) for day_id, closed in settled.items()},
        feed_address=_subscription(),
    )


def _subscription() -> str:
    """The feed by the scheme that makes a phone subscribe instead of copying the days of today."""
    base = settings().public_url.partition("://")[2]
    return f"webcal://{base}{url_for('pages.feed')}"


def _shown(day: MarketDay | None, at: datetime) -> ShownDay | None:
    return ShownDay.of(day, at) if day is not None else None
