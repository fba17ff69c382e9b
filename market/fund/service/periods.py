"""Closing months and quarters of the fund, and comparing a quarter with what the charity's statement says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, lock_row
from market.errors import Refusal
from market.fund.models import CharityStatement, Fund
from market.fund.rules import Figures, Unclear, figures, unclear
from market.fund.service.funds import refuse_onlooker, require_fund
from market.ledger import periods, service as ledger
from market.ledger.kept import MonthSums
from market.ledger.models import Entry, Period
from market.ledger.spans import PeriodKind, Span, month_of, months_of
from market.people.models import User

MAX_EXPLANATION = 500


@dataclass(frozen=True)
class PeriodView:
    """A quarter or a month as the ledger has it, and how far it is closed."""

    span: Span
    ours: Figures
    on_its_way_fen: int
    owed_fen: int
    period: Period | None = None
    statement: CharityStatement | None = None
    unclear: tuple[tuple[Unclear, int], ...] = ()
    """What differs from the statement, or is under way at the end of the period."""


def quarters(fund: Fund, today: date) -> list[PeriodView]:
    """Every quarter of the fund, the newest first."""
    closed, sums = periods.periods(fund.book, PeriodKind.QUARTER), MonthSums(fund.book)
    statements = _statements(closed)
    views = [_closed_view(sums, period, statements[period.id]) for period in closed]
    views += [_view(sums, span) for span in periods.open_quarters(fund.book, today)]
    return sorted(views, key=lambda view: view.span, reverse=True)


def _statements(closed: list[Period]) -> dict[int, CharityStatement]:
    """The charity's statement of each quarter."""
    ids = [period.id for period in closed]
    query = sa.select(CharityStatement).where(CharityStatement.period_id.in_(ids))
    return {statement.period_id: statement for statement in db.session.scalars(query)}


def months(fund: Fund, quarters: Sequence[Span]) -> dict[Span, list[PeriodView]]:
    """The months of some quarters."""
    closed = {period.span: period for period in periods.periods(fund.book, PeriodKind.MONTH)}
    sums = MonthSums(fund.book)
    return {
        quarter: [_view(sums, span, closed.get(span)) for span in months_of(quarter)] for quarter in quarters
    }


def next_month(fund: Fund, today: date) -> Span | None:
    """The newest month that is over and not closed."""
    last = month_of(month_of(today).first - date.resolution)
    closed = ledger.closed_until(fund.book)
    return last if closed is None or closed < last.last else None


def _view(sums: MonthSums, span: Span, period: Period | None = None) -> PeriodView:
    moved, at_end = sums.until(span.last, since=span.first), sums.until(span.last)
    nothing = Figures(0, 0, 0)
    under_way = dict(unclear(nothing, nothing, at_end))
    return PeriodView(
        span,
        figures(moved, at_end),
        under_way.get(Unclear.IN_TRANSIT, 0),
        under_way.get(Unclear.OWED, 0),
        period,
    )


def _closed_view(sums: MonthSums, period: Period, statement: CharityStatement) -> PeriodView:
    view = _view(sums, period.span, period)
    return PeriodView(
        view.span, view.ours, view.on_its_way_fen, view.owed_fen, period, statement,
        tuple(unclear(view.ours, statement.figures, sums.until(period.last_on))),
    )  # fmt: skip


def statement_of(period: Period) -> CharityStatement:
    """The charity's statement that a quarter was compared with."""
    return db.session.scalars(
        sa.select(CharityStatement).where(CharityStatement.period_id == period.id)
    ).one()


def close_month(fund: Fund, day: date, *, by: User, at: datetime) -> Period:
    """Closes the month of a date: what is found later counts in the open one."""
    return periods.close_period(fund.book, PeriodKind.MONTH, day, by=by, at=at)


def close_quarter(
    fund: Fund,
    day: date,
    theirs: Figures,
    *,
    reference: str,
    explanation: str,
    by: User,
    at: datetime,
) -> Period:
    """Closes a quarter that was compared with the charity's statement; a second person then confirms.

    Whatever differs or is under way must be explained (`fund.unexplained`). Again is the same.
    """
    if not reference.strip():
        raise Refusal("fund.no_statement", _("请填慈善组织对账单的编号。"), 422)
    lock_row(fund.book)
    period = periods.close_period(fund.book, PeriodKind.QUARTER, day, by=by, at=at)
    known = sa.select(CharityStatement).where(CharityStatement.period_id == period.id)
    if db.session.scalar(known) is not None:
        return period
    ours = _view(MonthSums(fund.book), period.span).ours
    found = unclear(ours, theirs, ledger.balances(fund.book, until=period.last_on))
    if found and not explanation.strip():
        sentence = _("有数对不上，或者还有钱在路上。请写一句是怎么回事，再结账。")
        raise Refusal("fund.unexplained", sentence, 422)
    db.session.add(
        CharityStatement(
            period=period, reference=reference.strip(), figures=theirs, explanation=explanation.strip()
        )
    )
    db.session.flush()
    audit.record(
        "fund.close_quarter", period, by=by, at=at, community=fund.community, reference=reference.strip()
    )
    return period


def confirm_quarter(period: Period, *, by: User, at: datetime) -> Period:
    """Another person compared the same statement: the quarter is closed for good. Twice is once."""
    refuse_onlooker(require_fund(period.book.community), by)
    return periods.confirm_period(period, by=by, at=at)


def withdraw_quarter(period: Period, *, by: User, at: datetime) -> None:
    """Takes back a quarter before it is confirmed, to compare it again."""
    periods.lock_period(period)
    if not period.is_final:
        db.session.delete(statement_of(period))
        db.session.flush()
    periods.withdraw_period(period, by=by, at=at)


def closed_quarters(fund: Fund) -> list[Period]:
    """The quarters that are closed for good, newest first."""
    closed = periods.periods(fund.book, PeriodKind.QUARTER)
    return [period for period in reversed(closed) if period.is_final]


def years_of(fund: Fund) -> list[int]:
    """The years in which anything was booked, the newest first."""
    query = sa.select(Entry.fiscal_year).where(Entry.book_id == fund.book_id).distinct()
    return sorted(db.session.scalars(query), reverse=True)
