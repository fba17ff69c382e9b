"""A report: one place and one period, beside earlier ones, and what it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.clock import local
from market.communities.models import Community, Region
from market.db import db
from market.insight.periods import Length, Period, period_of
from market.ledger.kept import contributed_by_month
from market.reports.rules import Figure, Standing, Sums, add_up
from market.reports.service.collector import Collected, collect, different_vendors
from market.reports.service.markets import MarketLine, OpenMarket, market_lines, open_markets
from market.reports.service.places import Area, Place, areas_inside, part_of, place_of, places_in
from market.settlement.models import Settlement


@dataclass(frozen=True)
class Whole:
    """The figures of a place for one period."""

    sums: Sums
    different: int | None = None
    """Different vendors of all its communities together; None for a single community."""

    def of(self, figure: Figure) -> int | None:
        return self.different if figure is Figure.DIFFERENT else self.sums.of(figure)


@dataclass(frozen=True)
class Part:
    """One line of a region's report: a region inside it, or a community."""

    name: str
    sums: Sums
    communities: int
    standings: Counter[Standing]
    open_books: int
    """How many of its books are not closed for this period."""
    area: Area | None = None
    place: Place | None = None
    under: str = ""
    """The region a community lies in, where the list goes deeper than one level."""


@dataclass(frozen=True)
class Report:
    """Everything that page, paper and workbook say."""

    name: str
    period: Period
    now: Whole
    earlier: Sequence[Whole]
    """The same of the periods that it is compared with (`Period.earlier`)."""
    standings: Counter[Standing]
    books: int
    open_books: int

    @property
    def is_closed(self) -> bool:
        """Whether no money of it can change any more."""
        return self.books > 0 and self.open_books == 0


@dataclass(frozen=True)
class MonthLine:
    """One month of a longer period; different vendors are not here, because they cannot be added up."""

    period: Period
    days: int
    appearances: int
    visits: int | None
    contributed_fen: int
    items: int


@dataclass(frozen=True)
class CommunityReport(Report):
    markets: Sequence[MarketLine]
    months: Sequence[MonthLine]
    """Empty for the report of one month."""
    open_markets: Sequence[OpenMarket]
    touched: Sequence[MarketLine]
    """Markets of which something was settled, counted or corrected after the period was closed."""

    @property
    def own_markets(self) -> list[MarketLine]:
        return [line for line in self.markets if line.is_of_period]

    @property
    def elsewhere(self) -> list[MarketLine]:
        """Markets of other periods that were booked or corrected in this one."""
        return [line for line in self.markets if not line.is_of_period]


@dataclass(frozen=True)
class RegionReport(Report):
    parts: Sequence[Part]
    """What lies right under the region."""
    communities: Sequence[Part]
    """Every community in it."""


def community_report(community: Community, period: Period, *, at: datetime) -> CommunityReport:
    """What a community's markets and fund came to in a period."""
    place = place_of(community)
    now, *earlier = (collect([place], each, at=at)[place.id] for each in (period, *period.earlier))
    markets = market_lines(place, period)
    closed_at = now.closed_at
    late = [line for line in markets if closed_at and line.touched_at and line.touched_at > closed_at]
    return CommunityReport(
        community.name, period, Whole(now.sums), [Whole(one.sums) for one in earlier], now.standings,
        int(now.has_book), int(now.has_book and closed_at is None), markets, _months(place, period, markets),
        open_markets(place, period, at=at), late,
    )  # fmt: skip


def _months(place: Place, period: Period, markets: Iterable[MarketLine]) -> list[MonthLine]:
    if period.length is Length.MONTH:
        return []
    given = contributed_by_month(place.id, period.span)
    own = [line for line in markets if line.is_of_period]
    return [_month(month, own, given.get(month.code, 0)) for month in period.months]


def _month(month: Period, markets: Iterable[MarketLine], fen: int) -> MonthLine:
    held = [line for line in markets if month.first <= line.on <= month.last]
    counted = [line.visits for line in held if line.visits is not None]
    return MonthLine(
        month,
        len(held),
        sum(line.appearances or 0 for line in held),
        sum(counted) if counted or not held else None,
        fen,
        sum(line.items or 0 for line in held),
    )


def region_report(region: Region, period: Period, *, at: datetime) -> RegionReport:
    """What all communities of a region came to: the sum of theirs, part by part."""
    areas = areas_inside(region)
    places = places_in(areas)
    found = collect(places, period, at=at)
    each = [_community_part(place, found[place.id], areas, region) for place in places]
    earlier = [_whole(places, collect(places, past, at=at), past) for past in period.earlier]
    return RegionReport(
        region.name, period, _whole(places, found, period), earlier, _standings(each),
        sum(one.has_book for one in found.values()), sum(part.open_books for part in each),
        _parts(each, areas, region), each,
    )  # fmt: skip


def _whole(places: Sequence[Place], found: dict[int, Collected], period: Period) -> Whole:
    return Whole(add_up(one.sums for one in found.values()), different_vendors(places, period))


def _community_part(place: Place, found: Collected, areas: dict[int, Area], top: Region) -> Part:
    under = areas[place.region_id].name if place.region_id != top.id else ""
    is_open = found.has_book and found.closed_at is None
    return Part(place.name, found.sums, 1, found.standings, int(is_open), place=place, under=under)


def _parts(communities: Sequence[Part], areas: dict[int, Area], top: Region) -> list[Part]:
    """Communities of smaller regions are put together; those right in this one stand by themselves."""
    groups: dict[int, list[Part]] = {}
    alone = []
    for part in communities:
        area = part_of(part.place.region_id, top, areas) if part.place else None
        if area is None:
            alone.append(part)
        else:
            groups.setdefault(area.id, []).append(part)
    return [*(_together(areas[id_], groups[id_]) for id_ in areas if id_ in groups), *alone]


def _together(area: Area, parts: Sequence[Part]) -> Part:
    return Part(
        area.name,
        add_up(part.sums for part in parts),
        len(parts),
        _standings(parts),
        sum(part.open_books for part in parts),
        area=area,
    )


def _standings(parts: Iterable[Part]) -> Counter[Standing]:
    found: Counter[Standing] = Counter()
    for part in parts:
        found.update(part.standings)
    return found


# ── which periods there are ───────────────────────────────────────────────────────────────────────────────


def reach(places: Sequence[Place], *, at: datetime, zone: str) -> tuple[date, date]:
    """From the first settled market of these places to today, and to the newest one where that is later."""
    query = (
        sa.select(sa.func.min(MarketDay.open_at), sa.func.max(MarketDay.open_at))
        .join(Settlement, Settlement.day_id == MarketDay.id)
        .where(MarketDay.community_id.in_([place.id for place in places]))
    )
    moments = [moment for moment in db.session.execute(query).one() if moment is not None]
    dates = [local(moment, zone).date() for moment in (*moments, at)]
    return min(dates), max(dates)


def newest_period(places: Sequence[Place], length: Length, *, at: datetime, zone: str) -> Period:
    """The period of the newest settled market: a new month's first days would show nothing but zeros."""
    query = (
        sa.select(sa.func.max(MarketDay.open_at))
        .join(Settlement, Settlement.day_id == MarketDay.id)
        .where(MarketDay.community_id.in_([place.id for place in places]))
    )
    newest = db.session.scalar(query) or at
    return period_of(length, local(newest, zone).date())
