"""Who sells what at which stall, as residents ask for it: of several markets at once, and near by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.calendar.service.queries import HELD_STATES
from market.communities.models import Community, Region
from market.db import db
from market.places.models import Stall, Venue
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from market.vendors.narrowed import Condition
from market.vendors.rules import Category

Query = sa.Select[*tuple[Any, ...]]

LOOKED_BACK = 40
"""Held markets in which “last time” is looked for: almost a year of weekly ones."""

NEAR, EVERYWHERE = 12, 24
"""Coming markets of the street and the district, and of everywhere, among which somebody is looked for."""


class Seller(NamedTuple):
    """What anyone may know of a vendor on a market."""

    day_id: int
    label: str
    name: str
    goods: str
    category: Category


class PastSeller(NamedTuple):
    """A vendor who stood on one of the last markets, and when last."""

    name: str
    goods: str
    category: Category
    open_at: datetime


class NearDay(NamedTuple):
    """A coming market of another community, as a line of an answer shows it."""

    id: int
    ref: str
    open_at: datetime
    close_at: datetime
    slug: str
    community: str
    venue: str


def sellers_on(days: Collection[int], among: Condition | None = None) -> list[Seller]:
    """Who stands where on these markets, by label, or who of some vendors; one query."""
    query = _sellers() if among is None else _sellers().where(among)
    rows = db.session.execute(query, {"of_days": list(days)}) if days else ()
    return [
        Seller(day, one + (f"+{two}" if two else ""), name, goods, category)
        for day, one, two, name, goods, category in rows
    ]


@cache
def _sellers() -> Query:
    """Put together once, as the other questions here: people wait for a search."""
    first, second = aliased(Stall), aliased(Stall)
    return (
        sa.select(
            Assignment.day_id, first.label, second.label, Vendor.trading_name, Vendor.goods, Vendor.category
        )
        .join(Vendor, Vendor.id == Assignment.vendor_id)
        .join(first, first.id == Assignment.stall_id)
        .outerjoin(second, second.id == Assignment.second_stall_id)
        .where(
            Assignment.day_id.in_(sa.bindparam("of_days", expanding=True)), Assignment.released_at.is_(None)
        )
        .order_by(Assignment.day_id, first.label)
    )


def sellers_before(community: Community, at: datetime, among: Condition) -> list[PastSeller]:
    """Who of some vendors stood on one of the last markets, each with the newest of them; one query."""
    values = {"of_community": community.id, "of_at": at}
    rows = db.session.execute(_before().where(among), values)
    return [PastSeller._make(row) for row in rows]


@cache
def _before() -> Query:
    at = sa.bindparam("of_at", type_=MarketDay.close_at.type)
    last = (
        sa.select(MarketDay.id, MarketDay.open_at)
        .where(
            MarketDay.community_id == sa.bindparam("of_community"), MarketDay.was_public,
            MarketDay.close_at <= at, MarketDay.state.in_(HELD_STATES),
        )
        .order_by(MarketDay.open_at.desc())
        .limit(LOOKED_BACK)
        .subquery()
    )  # fmt: skip
    newest = sa.func.max(last.c.open_at, type_=MarketDay.open_at.type)
    return (
        sa.select(Vendor.trading_name, Vendor.goods, Vendor.category, newest)
        .select_from(last)
        .join(Assignment, sa.and_(Assignment.day_id == last.c.id, Assignment.released_at.is_(None)))
        .join(Vendor, Vendor.id == Assignment.vendor_id)
        .group_by(Vendor.id, Vendor.trading_name, Vendor.goods, Vendor.category)
    )


def days_near(community: Community, at: datetime) -> list[NearDay]:
    """The next markets of other communities of which is known who comes: of the street, then the district."""
    region = community.region
    values = {"of_at": at, "of_community": community.id, "of_street": region.id, "of_above": region.parent_id}
    return [NearDay._make(row) for row in db.session.execute(_near(), values)]


@cache
def _near() -> Query:
    is_street = Region.id == sa.bindparam("of_street")
    around = sa.or_(is_street, Region.parent_id == sa.bindparam("of_above"))
    query = _coming().where(Community.id != sa.bindparam("of_community"), around)
    street_first = sa.case((is_street, 0), else_=1)
    return query.order_by(street_first, MarketDay.open_at, MarketDay.id).limit(NEAR)


def days_everywhere(at: datetime) -> list[NearDay]:
    """The markets that come next, wherever they are."""
    query = _coming().order_by(MarketDay.open_at, MarketDay.id).limit(EVERYWHERE)
    return [NearDay._make(row) for row in db.session.execute(query, {"of_at": at})]


@cache
def _coming() -> Query:
    at = sa.bindparam("of_at", type_=MarketDay.close_at.type)
    return (
        sa.select(
            MarketDay.id, MarketDay.ref, MarketDay.open_at, MarketDay.close_at, Community.slug,
            Community.name, Venue.name,
        )
        .join(Community, Community.id == MarketDay.community_id)
        .join(Region, Region.id == Community.region_id)
        .join(Venue, Venue.id == MarketDay.venue_id)
        .where(MarketDay.was_public, MarketDay.close_at > at, MarketDay.state.in_(GATE_STATES))
    )  # fmt: skip
