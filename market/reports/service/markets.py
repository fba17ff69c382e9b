"""The markets of one community in a period, each with what the book has of it in that period."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from market.calendar.models import MarketDay
from market.clock import local
from market.db import db
from market.gate.models import FootfallCount
from market.insight.periods import Period
from market.ledger.models import Book, Entry, Posting
from market.ledger.rules import Code, EntryKind
from market.reports.rules import Standing, standing
from market.reports.service.collector import latest_settlements, not_settled
from market.reports.service.places import Place
from market.settlement.models import InKindItem, Settlement


@dataclass(frozen=True)
class MarketLine:
    """One market of a report."""

    ref: str
    theme: str
    on: date
    booked_fen: int
    """What the book has of its contribution in the period of the report."""
    appearances: int | None = None
    """This and the next are None for a market of another period, of which only money is here."""
    visits: int | None = None
    items: int | None = None
    touched_at: datetime | None = None
    """When somebody last settled, counted or entered something of it."""

    @property
    def is_of_period(self) -> bool:
        """Whether the market itself was held in the period; else only its correction is here."""
        return self.appearances is not None


@dataclass(frozen=True)
class OpenMarket:
    """A market of the period that is not among the figures."""

    ref: str
    theme: str
    on: date
    standing: Standing


def market_lines(place: Place, period: Period) -> list[MarketLine]:
    """The settled markets of the period by date; then those of other periods that were booked in it."""
    booked, settled = _booked(place, period), db.session.execute(_settled(place, period))
    own = [_line(row, booked.pop(row.day_id, 0), place) for row in settled]
    return [*own, *_of_other_periods(booked, place)]


def _settled(place: Place, period: Period) -> sa.Executable:
    counted = _newest(FootfallCount.counted_at, FootfallCount.day_id)
    received = _newest(InKindItem.received_at, InKindItem.day_id)
    return (
        sa.select(
            Settlement.day_id, MarketDay.ref, MarketDay.theme, MarketDay.open_at, Settlement.vendors,
            Settlement.counted.label("counted"), Settlement.given.label("given"), Settlement.settled_at,
            counted.label("counted_at"), received.label("received_at"),
        )
        .join(MarketDay, MarketDay.id == Settlement.day_id)
        .where(Settlement.id.in_(latest_settlements([place], period)))
        .order_by(MarketDay.open_at, MarketDay.id)
    )  # fmt: skip


def _newest(
    moment: orm.InstrumentedAttribute[datetime], day_id: orm.InstrumentedAttribute[int]
) -> sa.ScalarSelect[datetime]:
    query = sa.select(sa.func.max(moment)).where(day_id == Settlement.day_id)
    return query.correlate(Settlement).scalar_subquery()


def _line(row: sa.Row[Any], booked_fen: int, place: Place) -> MarketLine:
    on = local(row.open_at, place.zone).date()
    moments = (row.settled_at, row.counted_at, row.received_at)
    touched_at = max(moment for moment in moments if moment is not None)
    figures = (row.vendors, row.counted, row.given)
    return MarketLine(row.ref, row.theme, on, booked_fen, *figures, touched_at)


def _booked(place: Place, period: Period) -> Counter[int]:
    """What entries of a period say of each market's contribution; a reversal belongs to what it undoes."""
    subject = sa.func.coalesce(Entry.reverses_id, Entry.id)
    undone = orm.aliased(Entry)
    query = (
        sa.select(Settlement.day_id, sa.func.sum(Posting.amount_fen))
        .select_from(Entry)
        .join(Book, Book.id == Entry.book_id)
        .join(Posting, Posting.entry_id == Entry.id)
        .outerjoin(undone, Entry.reverses_id == undone.id)
        .join(Settlement, Settlement.entry_id == subject)
        .where(
            Book.community_id == place.id,
            Entry.happened_on.between(*period.span),
            sa.func.coalesce(undone.kind, Entry.kind) == EntryKind.CONTRIBUTION,
            Posting.account == Code.TRANSFER_PENDING.value,
        )
        .group_by(Settlement.day_id)
    )
    return Counter({day_id: int(fen) for day_id, fen in db.session.execute(query)})


def _of_other_periods(booked: Counter[int], place: Place) -> list[MarketLine]:
    query = sa.select(MarketDay.id, MarketDay.ref, MarketDay.theme, MarketDay.open_at).where(
        MarketDay.id.in_([day_id for day_id, fen in booked.items() if fen])
    )
    return [
        MarketLine(row.ref, row.theme, local(row.open_at, place.zone).date(), booked[row.id])
        for row in db.session.execute(query.order_by(MarketDay.open_at, MarketDay.id))
    ]


def open_markets(place: Place, period: Period, *, at: datetime) -> list[OpenMarket]:
    """The markets of the period that nobody has settled, by date."""
    query = sa.select(MarketDay.ref, MarketDay.theme, MarketDay.open_at, MarketDay.state, MarketDay.close_at)
    rows = db.session.execute(query.where(not_settled([place], period)).order_by(MarketDay.open_at))
    return [
        OpenMarket(row.ref, row.theme, local(row.open_at, place.zone).date(), how)
        for row in rows
        if (how := standing(row.state, row.close_at, at)) is not None
    ]
