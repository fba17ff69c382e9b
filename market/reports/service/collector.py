"""The one collector of reports: the figures of many places and one period, in a few grouped questions.

How many questions it asks does not depend on how many communities, markets or entries there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.clock import at_local
from market.db import db
from market.feedback.models import Complaint
from market.insight.periods import Period
from market.inspection.models import Incident
from market.ledger.kept import moved_in_months
from market.ledger.models import Book, Entry, Period as ClosedPeriod
from market.ledger.rules import EntryKind, Moved
from market.ledger.spans import PeriodKind
from market.reports.rules import Standing, Sums, money_of, standing
from market.reports.service.places import Place
from market.settlement.models import Settlement, SettlementLine
from market.stalls.models import Assignment
from market.vendors.models import Vendor


@dataclass(frozen=True)
class Collected:
    """What was found of one community."""

    sums: Sums = field(default_factory=Sums)
    standings: Counter[Standing] = field(default_factory=Counter)
    """Markets of the period that are not among the figures, by the reason."""
    has_book: bool = False
    closed_at: datetime | None = None
    """When the money of the period was closed; None while it is open."""


def collect(places: Sequence[Place], period: Period, *, at: datetime) -> dict[int, Collected]:
    """The figures of each place, by the id of its community."""
    settled, vendors, money = _settled(places, period), _vendors(places, period), _money(places, period)
    projects, incidents = _projects(places, period), _incidents(places, period)
    complaints = _complaints(places, period)
    standings, closed = _standings(places, period, at), _closed(places, period)
    return {
        place.id: Collected(
            Sums(
                **settled.get(place.id, {}),
                vendors=vendors.get(place.id, 0),
                projects=projects.get(place.id, 0),
                complaints=complaints.get(place.id, 0),
                incidents=incidents.get(place.id, 0),
                **money_of(money[place.id])._asdict(),
            ),
            standings[place.id],
            place.id in closed,
            closed.get(place.id),
        )
        for place in places
    }


def in_period(places: Iterable[Place], period: Period) -> sa.ColumnElement[bool]:
    """Markets of these communities that open in a period, each by the clock on its own wall."""
    return _happened(MarketDay.community_id, MarketDay.open_at, places, period)


def _happened(
    community: InstrumentedAttribute[int],
    moment: InstrumentedAttribute[datetime],
    places: Iterable[Place],
    period: Period,
) -> sa.ColumnElement[bool]:
    """What happened in these communities in a period, each by the clock on its own wall."""
    zones: defaultdict[str, list[int]] = defaultdict(list)
    for place in places:
        zones[place.zone].append(place.id)
    each = (
        sa.and_(
            community.in_(ids),
            moment.between(at_local(period.first, time.min, zone), at_local(period.last, time.max, zone)),
        )
        for zone, ids in zones.items()
    )
    return sa.or_(sa.false(), *each)


def latest_settlements(places: Iterable[Place], period: Period) -> sa.Select[int]:
    """Ids of the settlements that count: the last revision of each market of a period."""
    return (
        sa.select(sa.func.max(Settlement.id))
        .join(MarketDay, MarketDay.id == Settlement.day_id)
        .where(in_period(places, period))
        .group_by(Settlement.day_id)
    )


def _settled(places: Sequence[Place], period: Period) -> dict[int, dict[str, int]]:
    names = ("days", "appearances", "visits", "counted_days", "items")
    query = (
        sa.select(
            Settlement.community_id,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Settlement.vendors), 0),
            sa.func.coalesce(sa.func.sum(Settlement.counted), 0),
            sa.func.count(Settlement.counted),
            sa.func.coalesce(sa.func.sum(Settlement.given), 0),
        )
        .where(Settlement.id.in_(latest_settlements(places, period)))
        .group_by(Settlement.community_id)
    )
    return {
        community_id: {name: int(figure or 0) for name, figure in zip(names, figures, strict=True)}
        for community_id, *figures in db.session.execute(query)
    }


def _came(places: Iterable[Place], period: Period, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(SettlementLine)
        .join(Assignment, SettlementLine.assignment_id == Assignment.id)
        .where(SettlementLine.settlement_id.in_(latest_settlements(places, period)))
    )


def _vendors(places: Sequence[Place], period: Period) -> dict[int, int]:
    different = sa.func.count(sa.distinct(Assignment.vendor_id))
    query = _came(places, period, Assignment.community_id, different).group_by(Assignment.community_id)
    return {community_id: int(count) for community_id, count in db.session.execute(query)}


def different_vendors(places: Sequence[Place], period: Period) -> int:
    """Vendors that came anywhere in these communities: who is in two registers under one number, once."""
    alone = sa.literal("#") + sa.cast(Vendor.id, sa.String)
    known_by = sa.func.coalesce(sa.func.nullif(Vendor.phone, ""), alone)
    query = _came(places, period, sa.func.count(sa.distinct(known_by)))
    return int(db.session.scalar(query.join(Vendor, Vendor.id == Assignment.vendor_id)) or 0)


def _money(places: Sequence[Place], period: Period) -> defaultdict[int, list[Moved]]:
    found: defaultdict[int, list[Moved]] = defaultdict(list)
    for moved in moved_in_months([place.id for place in places], period.span):
        found[moved.community_id].append(moved)
    return found


def _projects(places: Sequence[Place], period: Period) -> dict[int, int]:
    """Payments of the period; one that was taken back counts against the period in which it was."""
    undone = sa.orm.aliased(Entry)
    kind = sa.func.coalesce(undone.kind, Entry.kind)
    counted = sa.func.sum(sa.case((Entry.reverses_id.is_(None), 1), else_=-1))
    query = (
        sa.select(Book.community_id, counted)
        .select_from(Entry)
        .join(Book, Book.id == Entry.book_id)
        .outerjoin(undone, Entry.reverses_id == undone.id)
        .where(
            Book.community_id.in_([place.id for place in places]),
            Entry.happened_on.between(*period.span),
            kind == EntryKind.SPENDING,
        )
        .group_by(Book.community_id)
    )
    return {community_id: int(count) for community_id, count in db.session.execute(query)}


def _incidents(places: Sequence[Place], period: Period) -> dict[int, int]:
    query = (
        sa.select(MarketDay.community_id, sa.func.count(Incident.id))
        .join(MarketDay, MarketDay.id == Incident.day_id)
        .where(in_period(places, period))
        .group_by(MarketDay.community_id)
    )
    return {community_id: int(count) for community_id, count in db.session.execute(query)}


def _complaints(places: Sequence[Place], period: Period) -> dict[int, int]:
    query = (
        sa.select(Complaint.community_id, sa.func.count())
        .where(_happened(Complaint.community_id, Complaint.made_at, places, period))
        .group_by(Complaint.community_id)
    )
    return {community_id: int(count) for community_id, count in db.session.execute(query)}


DONE = (DayState.SETTLED, DayState.ARCHIVED)


def not_settled(places: Iterable[Place], period: Period) -> sa.ColumnElement[bool]:
    """Markets of a period that nobody has settled."""
    return sa.and_(in_period(places, period), MarketDay.state.not_in(DONE))


def _standings(places: Sequence[Place], period: Period, at: datetime) -> defaultdict[int, Counter[Standing]]:
    found: defaultdict[int, Counter[Standing]] = defaultdict(Counter)
    query = sa.select(MarketDay.community_id, MarketDay.state, MarketDay.close_at)
    for community_id, state, close_at in db.session.execute(query.where(not_settled(places, period))):
        how = standing(state, close_at, at)
        if how is not None:
            found[community_id][how] += 1
    return found


def _closed(places: Sequence[Place], period: Period) -> dict[int, datetime | None]:
    """For each community with a book: when the whole period was closed for good, None while it is open."""
    final = sa.or_(ClosedPeriod.kind == PeriodKind.MONTH, ClosedPeriod.confirmed_at.is_not(None))
    ended = sa.case((sa.and_(ClosedPeriod.last_on >= period.last, final), ClosedPeriod.closed_at))
    query = (
        sa.select(Book.community_id, sa.func.min(ended))
        .outerjoin(ClosedPeriod, ClosedPeriod.book_id == Book.id)
        .where(Book.community_id.in_([place.id for place in places]))
        .group_by(Book.community_id)
    )
    return dict(db.session.execute(query).all())
