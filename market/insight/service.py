"""Adding up settled markets by community, period and region."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from market.calendar.models import MarketDay
from market.clock import at_local, local
from market.communities.models import Community, Region
from market.db import db
from market.insight.rules import Counters
from market.ledger import service as ledger
from market.ledger.queries import find_book
from market.settlement.models import Settlement, SettlementLine
from market.stalls.models import Assignment


def counters(community: Community, since: date | None = None, until: date | None = None) -> Counters:
    """The counters of a community's settled markets between two dates, both included.

    The contribution is the book's, by the dates of its entries: a correction counts when it was made, so the
    sum of a year that is over never changes.
    """
    settled = _latest_settlements(community.id, _moments(community, since, until))
    sums = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Settlement.vendors), 0),
            sa.func.coalesce(sa.func.sum(Settlement.counted), 0),
            sa.func.coalesce(sa.func.sum(Settlement.takings_fen), 0),
            sa.func.coalesce(sa.func.sum(Settlement.given), 0),
            sa.func.count(Settlement.counted),
        ).where(Settlement.id.in_(settled))
    ).one()
    days, appearances, visits, takings, *goods = (int(value) for value in sums)
    book = find_book(community)
    contribution = ledger.contributed(book, since, until) if book is not None else 0
    return Counters(days, _distinct_vendors(settled), appearances, visits, takings, contribution, *goods)


def by_day(community: Community) -> list[Settlement]:
    """The latest settlement of every settled market, oldest first."""
    query = (
        sa.select(Settlement)
        .join(Settlement.day)
        .options(contains_eager(Settlement.day))
        .where(Settlement.id.in_(_latest_settlements(community.id, (None, None))))
        .order_by(MarketDay.open_at)
    )
    return list(db.session.scalars(query))


def years(community: Community) -> list[int]:
    """The years in which markets were settled, newest first."""
    opened = {local(settlement.day.open_at, community.zone).year for settlement in by_day(community)}
    return sorted(opened, reverse=True)


def roll_up(
    region: Region, since: date | None = None, until: date | None = None
) -> list[tuple[Community, Counters]]:
    """Every community of a region and of the regions inside it, by name."""
    query = (
        sa.select(Community)
        .where(Community.region_id.in_(_inside(region)))
        .order_by(Community.name, Community.id)
    )
    return [(community, counters(community, since, until)) for community in db.session.scalars(query)]


def newest_market(region: Region) -> datetime | None:
    """When the newest settled market of a region opened."""
    query = (
        sa.select(sa.func.max(MarketDay.open_at))
        .join(Settlement, Settlement.day_id == MarketDay.id)
        .join(Community, Community.id == MarketDay.community_id)
        .where(Community.region_id.in_(_inside(region)))
    )
    return db.session.scalar(query)


def total(counted: Iterable[Counters]) -> Counters:
    """The sum of several communities."""
    return sum(counted, Counters())


def _inside(region: Region) -> list[int]:
    found, newest = [region.id], [region.id]
    while newest:
        newest = list(db.session.scalars(sa.select(Region.id).where(Region.parent_id.in_(newest))))
        found += newest
    return found


def _moments(
    community: Community, since: date | None, until: date | None
) -> tuple[datetime | None, datetime | None]:
    begin = at_local(since, time.min, community.zone) if since else None
    end = at_local(until, time.max, community.zone) if until else None
    return begin, end


def _latest_settlements(
    community_id: int, between: tuple[datetime | None, datetime | None]
) -> sa.Select[int]:
    """Ids of the settlements that count: the last revision of each day."""
    begin, end = between
    query = (
        sa.select(sa.func.max(Settlement.id))
        .join(MarketDay, MarketDay.id == Settlement.day_id)
        .where(Settlement.community_id == community_id)
        .group_by(Settlement.day_id)
    )
    if begin is not None:
        query = query.where(MarketDay.open_at >= begin)
    if end is not None:
        query = query.where(MarketDay.open_at <= end)
    return query


def _distinct_vendors(settled: sa.Select[int]) -> int:
    query = (
        sa.select(sa.func.count(sa.distinct(Assignment.vendor_id)))
        .join(SettlementLine, SettlementLine.assignment_id == Assignment.id)
        .where(SettlementLine.settlement_id.in_(settled))
    )
    return int(db.session.scalar(query) or 0)
