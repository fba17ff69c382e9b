"""Closing months and quarters of a book. What is closed stays so: there is no act that opens it again."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point, still_there
from market.errors import NotFound, Refusal
from market.ledger import spans
from market.ledger.models import Book, KeptSum, Period
from market.ledger.queries import closed_until
from market.ledger.spans import PeriodKind, Span
from market.people.models import User


def booking_date(book: Book, happened_on: date, at: datetime) -> date:
    """The date under which something is booked: its own, or in the open period when its own is closed."""
    return spans.booking_date(happened_on, closed_until(book), local(at, book.community.zone).date())


def periods(book: Book, kind: PeriodKind) -> list[Period]:
    """What is closed of a book, oldest first."""
    query = sa.select(Period).where(Period.book_id == book.id, Period.kind == kind)
    return list(db.session.scalars(query.order_by(Period.last_on, Period.id)))


def find_period(book: Book, ref: str) -> Period:
    """A closed period of this book by its address."""
    period = db.session.scalar(sa.select(Period).where(Period.book_id == book.id, Period.ref == ref))
    if period is None:
        raise _no_period()
    return period


def lock_period(period: Period) -> None:
    """Nobody else acts on the book; refuses `ledger.no_period` when it was taken back meanwhile."""
    lock_row(period.book)
    if not still_there(period):
        raise _no_period()


def _no_period() -> NotFound:
    return NotFound("ledger.no_period", _("没有这个结账期间，可能刚被撤回。"))


def open_quarters(book: Book, today: date) -> list[Span]:
    """The quarters with a past that nobody has closed, oldest first, the one of today last."""
    closed = {period.first_on for period in periods(book, PeriodKind.QUARTER)}
    month = db.session.scalar(sa.select(sa.func.min(KeptSum.month)).where(KeptSum.book_id == book.id))
    first = min(date.fromisoformat(f"{month}-01") if month else today, today)
    return [span for span in spans.quarters_until(first, today) if span.first not in closed]


def close_period(book: Book, kind: PeriodKind, day: date, *, by: User, at: datetime) -> Period:
    """Closes the month or the quarter that a date lies in; closing it again gives the same period.

    Quarters are closed in order. Refuses `ledger.period_runs` and `ledger.earlier_open`.
    """
    lock_row(book)
    span = spans.span_of(kind, day)
    earlier = _same(book, kind, span)
    if earlier is not None:
        return earlier
    today = local(at, book.community.zone).date()
    if span.last >= today:
        raise Refusal("ledger.period_runs", _("这个期间还没有过完，过完了才能结账。"))
    if kind is PeriodKind.QUARTER and open_quarters(book, today)[:1] != [span]:
        raise Refusal("ledger.earlier_open", _("前面还有季度没有结账，请按先后来结。"))
    race_point("ledger.close_period")
    period = Period(
        book=book,
        kind=kind,
        first_on=span.first,
        last_on=span.last,
        entry_count=book.entry_count,
        head_hash=book.head_hash,
        closed_by=by.id,
        closed_at=at,
    )
    db.session.add(period)
    db.session.flush()
    audit.record(
        "ledger.close_period", period, by=by, at=at, community=book.community, last_on=span.last.isoformat()
    )
    return period


def _same(book: Book, kind: PeriodKind, span: Span) -> Period | None:
    query = sa.select(Period).where(
        Period.book_id == book.id, Period.kind == kind, Period.first_on == span.first
    )
    return db.session.scalar(query)


def confirm_period(period: Period, *, by: User, at: datetime) -> Period:
    """The second person's word: from now on nobody can take the quarter back. Twice is once."""
    lock_period(period)
    if period.is_final:
        return period
    if period.closed_by == by.id:
        sentence = _("这个季度是您结的账，要由另一位同事或一位委员来确认。")
        raise Refusal("ledger.period_second_person", sentence, 403)
    race_point("ledger.confirm_period")
    period.confirmed_by, period.confirmed_at = by.id, at
    db.session.flush()
    audit.record("ledger.confirm_period", period, by=by, at=at, community=period.book.community)
    return period


def withdraw_period(period: Period, *, by: User, at: datetime) -> None:
    """Takes back a quarter that nobody has confirmed, because something does not agree after all."""
    lock_period(period)
    if period.is_final:
        raise Refusal("ledger.period_closed", _("已经结账的期间不能再打开。要改的事记在现在。"))
    audit.record("ledger.withdraw_period", period, by=by, at=at, community=period.book.community)
    db.session.delete(period)
    db.session.flush()
