"""What a settlement writes into the book: on its way when it is closed, restated when it is corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from market import clock
from market.calendar.models import MarketDay
from market.db import db
from market.ledger import service as ledger
from market.ledger.chart import N_
from market.ledger.models import Book, Entry
from market.ledger.queries import find_book
from market.ledger.rules import Code, EntryKind, balances, credit, debit
from market.people.models import User
from market.settlement.models import Settlement
from market.settlement.rules import restatement
from market.settlement.service.queries import settlement_of
from market.typed_text import without_persons


def save(settlement: Settlement, *, by: User, at: datetime) -> Settlement:
    """Writes a revision down, with its entry."""
    settlement.entry = _post(settlement, by=by, at=at)
    db.session.add(settlement)
    db.session.flush()
    return settlement


def _post(settlement: Settlement, *, by: User, at: datetime) -> Entry | None:
    """The entry: on its way to the charity, not yet income. Nothing given is no entry.

    It is dated when it is made, so a correction never reaches into a year that is over; the memo names the
    day.
    """
    if settlement.contribution_fen == 0:
        return None
    day, fen = settlement.day, settlement.contribution_fen
    book = ledger.book_of(day.community)
    return ledger.post(
        book,
        f"settlement:{day.ref}:{settlement.revision}",
        EntryKind.CONTRIBUTION,
        [debit(Code.TRANSFER_PENDING, fen), credit(Code.UNCONFIRMED, fen)],
        happened_on=_today(book, at),
        memo=_memo(settlement),
        by=by,
        at=at,
        reason=settlement.reason or None,
    )


def _today(book: Book, at: datetime) -> date:
    """Today, or the first open day when the clock is behind what is closed."""
    return ledger.booking_date(book, clock.local(at, book.community.zone).date(), at)


def _memo(settlement: Settlement) -> str:
    opened = clock.local(settlement.day.open_at, settlement.day.community.zone)
    facts = {
        "theme": without_persons(settlement.day.theme),
        "year": opened.year,
        "month": opened.month,
        "day": opened.day,
    }
    first = N_("%(theme)s（%(month)s 月 %(day)s 日）集市反哺")
    later = N_("%(theme)s（%(year)s 年 %(month)s 月 %(day)s 日）集市反哺，更正")
    return (first if settlement.revision == 1 else later) % facts


MARKET_SOURCES = ("settlement", "remittance", "restated", "refund")
"""The beginnings of the sources of all entries that one market leads to; its reference follows."""


def entries_of_market(book: Book, day: MarketDay) -> list[Entry]:
    """Every entry that one market led to, in the order of the book."""
    return ledger.entries_about(book, day.ref, MARKET_SOURCES)


def entries_of_markets(book: Book, days: Sequence[MarketDay]) -> list[Entry]:
    """The same of several markets."""
    return ledger.entries_about_any(book, [day.ref for day in days], MARKET_SOURCES)


def restate(day: MarketDay, *, by: User, at: datetime) -> Entry | None:
    """Brings the accounts of a settled market to what its newest revision says; None when they do already.

    What the charity received beyond the contribution is no income any more, but owed. A market that was
    posted as income at its close, as older versions did, is brought in order by the same entry.
    """
    book, closed = find_book(day.community), settlement_of(day)
    if book is None or closed is None:
        return None
    entries = entries_of_market(book, day)
    position = balances(line for entry in entries for line in entry.lines)
    lines = restatement(position, closed.contribution_fen)
    if not lines:
        return None
    earlier = sum(entry.kind is EntryKind.RECLASSIFICATION for entry in entries)
    opened = clock.local(day.open_at, day.community.zone)
    memo = N_("%(theme)s（%(year)s 年 %(month)s 月 %(day)s 日）反哺款按现在的数重新归类")
    return ledger.post(
        book,
        f"restated:{day.ref}:{earlier + 1}",
        EntryKind.RECLASSIFICATION,
        lines,
        happened_on=_today(book, at),
        memo=memo
        % {
            "theme": without_persons(day.theme),
            "year": opened.year,
            "month": opened.month,
            "day": opened.day,
        },
        by=by,
        at=at,
    )
