"""What programs may ask, without a key: what pages say in public, and no more."""

from __future__ import annotations

from datetime import date

from flask import Response, jsonify, render_template
from flask_babel import lazy_gettext as _

from market import clock, headers
from market.access import Audience, open_to
from market.api.blueprint import bp
from market.api.reading import (
    account_told,
    community_told,
    counters_told,
    entry_told,
    fund_told,
    market_told,
    stall_told,
    sum_told,
)
from market.api.shapes import (
    AccountTold,
    CommunityTold,
    CountersTold,
    EntryTold,
    FundTold,
    MarketTold,
    Page,
    StallTold,
    SumTold,
)
from market.api.views.openapi import document
from market.api.views.operations import (
    CURSOR,
    FROM,
    LIMIT,
    OPERATIONS,
    UNTIL,
    YEAR,
    asked_cursor,
    asked_date,
    asked_limit,
    asked_number,
    bad_parameter,
    reads,
)
from market.calendar import service as calendar
from market.calendar.lookup import public_day_at
from market.calendar.rules import PUBLIC_STATES
from market.communities import service as communities
from market.config import settings
from market.errors import NotFound
from market.fund import service as fund
from market.fund.disclosure import disclose_public
from market.fund.published import public_book
from market.insight import service as insight
from market.ledger import service as ledger
from market.people.access import current_community
from market.settlement import service as settlement
from market.stalls.service.sellers import sellers_on

SLUG = "/communities/<slug>"


@bp.get("/")
@open_to(Audience.PUBLIC)
def page() -> str:
    """What can be asked, for people who write programs."""
    root = settings().public_url + (bp.url_prefix or "")
    return render_template("api/page.html", operations=OPERATIONS, root=root, most=settings().api_calls)


@bp.get("/openapi.json")
@open_to(Audience.PUBLIC)
def openapi() -> Response:
    headers.readable_anywhere()
    return jsonify(document(settings().public_url))


@reads("/communities", _("有集市的社区"), LIMIT, CURSOR)
def list_communities() -> Page[CommunityTold]:
    limit = asked_limit()
    found = communities.communities_after(asked_cursor(), limit + 1)
    after = found[limit - 1].slug if len(found) > limit else None
    return Page[CommunityTold](items=[community_told(one) for one in found[:limit]], next=after)


@reads(SLUG, _("一个社区"))
def get_community() -> CommunityTold:
    return community_told(current_community())


@reads(f"{SLUG}/markets", _("一个社区的集市，先开的在前"), FROM, UNTIL, LIMIT, CURSOR)
def list_markets() -> Page[MarketTold]:
    community, limit, at = current_community(), asked_limit(), clock.now()
    found = calendar.public_days_after(
        community, asked_cursor(), limit + 1, since=asked_date(FROM), until=asked_date(UNTIL)
    )
    after = found[limit - 1].ref if len(found) > limit else None
    items = [market_told(day, community.slug, at) for day in found[:limit]]
    return Page[MarketTold](items=items, next=after)


@reads(f"{SLUG}/markets/<ref>", _("一场集市"))
def get_market(ref: str) -> MarketTold:
    return market_told(public_day_at(ref), current_community().slug, clock.now())


@reads(f"{SLUG}/markets/<ref>/stalls", _("一场集市上谁在哪个摊位；名单公布以前是空的"))
def list_stalls(ref: str) -> Page[StallTold]:
    day = public_day_at(ref)
    sellers = sellers_on([day.id]) if day.state in PUBLIC_STATES else []
    return Page[StallTold](items=[stall_told(one) for one in sellers], next=None)


@reads(f"{SLUG}/markets/<ref>/account", _("一场集市收市后的数"))
def get_account(ref: str) -> AccountTold:
    closed = settlement.settlement_of(public_day_at(ref))
    if closed is None:
        raise NotFound("fund.not_settled", _("这一场还没有收市结算。收市以后，账会写在这里。"))
    return account_told(closed, public_book(current_community()).of(closed))


@reads(f"{SLUG}/fund", _("社区发展基金和它的余额"))
def get_fund() -> FundTold:
    found = fund.require_fund(current_community())
    seen = public_book(found.community)
    return fund_told(disclose_public(found, seen), seen.balances())


@reads(f"{SLUG}/fund/entries", _("基金账簿的凭证，先记的在前；涉及商户太少的不单独列"), LIMIT, CURSOR)
def list_entries() -> Page[EntryTold]:
    found, limit = fund.require_fund(current_community()), asked_limit()
    withheld = {one.sequence for one in public_book(found.community).hidden.values()}
    entries = ledger.entries_after(found.book, _sequence(), limit + 1, withheld)
    after = str(entries[limit - 1].sequence) if len(entries) > limit else None
    return Page[EntryTold](items=[entry_told(one) for one in entries[:limit]], next=after)


def _sequence() -> int:
    """The place in the book after which to read on."""
    text = asked_cursor() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise bad_parameter(CURSOR, text)
    return int(text)


@reads(f"{SLUG}/fund/sums", _("几场合在一起公布的数"))
def list_sums() -> Page[SumTold]:
    found = fund.require_fund(current_community())
    return Page[SumTold](items=[sum_told(one) for one in public_book(found.community).joint], next=None)


@reads(f"{SLUG}/counters", _("一年里办过的集市加起来"), YEAR)
def get_counters() -> CountersTold:
    """By years only: from shorter spans, one taken from another, a single vendor's figure could be told."""
    community, year = current_community(), asked_number(YEAR)
    span = (date(year, 1, 1), date(year, 12, 31)) if year is not None else (None, None)
    given = public_book(community).contributed(*span)
    return counters_told(insight.counters(community, *span), given, year)
