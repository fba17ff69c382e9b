"""Adding up settled markets by community, period and region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from market.calendar.models import MarketDay
from market.clock import at_local, local
from market.communities.models import Community, Region
from market.communities.service import regions_inside
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
    book = find_book(community)
    contribution = ledger.contributed(book, since, until) if book is not None else 0
    return replace(settled_counters(community, since, until), contribution_fen=contribution)


def settled_counters(community: Community, since: date | None = None, until: date | None = None) -> Counters:
    """The same without what the book says."""
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
    return Counters(days, _distinct_vendors(settled), appearances, visits, takings, 0, *goods)


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
    region: Region,
    since: date | None = None,
    until: date | None = None,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> list[tuple[Community, Counters]]:
    """Every community of a region and of the regions inside it, by name, or a page of them.

    Between the first and the last day of months, as sums are kept.
    """
    query = (
        sa.select(Community)
        .where(Community.region_id.in_(regions_inside(region)))
        .order_by(Community.name, Community.id)
    )
    found = list(db.session.scalars(query.offset(offset).limit(limit)))
    counted = _counted([community.id for community in found], _zones(found), since, until)
    return [(community, counted.get(community.id, Counters())) for community in found]


def whole_region(
    region: Region, since: date | None = None, until: date | None = None
) -> tuple[int, Counters]:
    """How many communities a region has, and the sum of them."""
    inside = Community.region_id.in_(regions_inside(region))
    zones = sa.select(Community.zone, sa.func.count()).where(inside).group_by(Community.zone)
    by_zone = {zone: int(count) for zone, count in db.session.execute(zones)}
    counted = _counted(communities_inside(region), by_zone, since, until)
    return sum(by_zone.values()), total(counted.values())


def communities_inside(region: Region) -> sa.Select[Any]:
    """The numbers of a region's communities, as part of a question."""
    return sa.select(Community.id).where(Community.region_id.in_(regions_inside(region)))


def _zones(communities: Iterable[Community]) -> set[str]:
    return {community.zone for community in communities}


def _counted(
    ids: Sequence[int] | sa.Select[Any], zones: Iterable[str], since: date | None, until: date | None
) -> dict[int, Counters]:
    """The counters of many communities, in as many questions as one has; their dates are of their zones."""
    found: dict[int, Counters] = {}
    for zone in zones:
        settled = _newest_of(ids, zone, since, until)
        vendors = _vendors_by_community(settled)
        for community_id, *sums in db.session.execute(_sums(settled)):
            days, appearances, visits, takings, items, counted_days = map(int, sums)
            came = vendors.get(community_id, 0)
            found[community_id] = Counters(days, came, appearances, visits, takings, 0, items, counted_days)
    for community_id, fen in ledger.contributed_by_community(ids, since, until).items():
        found[community_id] = replace(found.get(community_id, Counters()), contribution_fen=fen)
    return found


def _newest_of(
    ids: Sequence[int] | sa.Select[Any], zone: str, since: date | None, until: date | None
) -> sa.Select[int]:
    """Ids of the settlements that count, of communities that live by this clock."""
    query = (
        sa.select(sa.func.max(Settlement.id))
        .join(MarketDay, MarketDay.id == Settlement.day_id)
        .join(Community, Community.id == MarketDay.community_id)
        .where(MarketDay.community_id.in_(ids), Community.zone == zone)
        .group_by(Settlement.day_id)
    )
    if since is not None:
        query = query.where(MarketDay.open_at >= at_local(since, time.min, zone))
    if until is not None:
        query = query.where(MarketDay.open_at <= at_local(until, time.max, zone))
    return query


def _sums(settled: sa.Select[int]) -> Any:
    return (
        sa.select(
            Settlement.community_id,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Settlement.vendors), 0),
            sa.func.coalesce(sa.func.sum(Settlement.counted), 0),
            sa.func.coalesce(sa.func.sum(Settlement.takings_fen), 0),
            sa.func.coalesce(sa.func.sum(Settlement.given), 0),
            sa.func.count(Settlement.counted),
        )
        .where(Settlement.id.in_(settled))
        .group_by(Settlement.community_id)
    )


def _vendors_by_community(settled: sa.Select[int]) -> dict[int, int]:
    query = (
        sa.select(Settlement.community_id, sa.func.count(sa.distinct(Assignment.vendor_id)))
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .join(Assignment, Assignment.id == SettlementLine.assignment_id)
        .where(Settlement.id.in_(settled))
        .group_by(Settlement.community_id)
    )
    return {community_id: int(count) for community_id, count in db.session.execute(query)}


def newest_market(region: Region) -> datetime | None:
    """When the newest settled market of a region opened."""
    query = (
        sa.select(sa.func.max(MarketDay.open_at))
        .join(Settlement, Settlement.day_id == MarketDay.id)
        .join(Community, Community.id == MarketDay.community_id)
        .where(Community.region_id.in_(regions_inside(region)))
    )
    return db.session.scalar(query)


def total(counted: Iterable[Counters]) -> Counters:
    """The sum of several communities."""
    return sum(counted, Counters())


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
