"""Sums that are kept beside the postings, by month, so that no balance adds up a whole book.

What happened is in the postings alone; a kept sum is derived. It is written in the unit of work of its entry,
triggers let it move with an entry only, and `verify` adds everything up again and names one that disagrees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from market.db import db
from market.ledger.models import Book, Entry, KeptSum, Posting
from market.ledger.rules import Code, EntryKind, Line, Moved
from market.ledger.spans import Span, by_months

FILL = """
    INSERT INTO kept_sum (book_id, month, kind, account, amount_fen)
    SELECT e.book_id, substr(CAST(e.happened_on AS VARCHAR), 1, 7), COALESCE(u.kind, e.kind), p.account,
           SUM(p.amount_fen)
    FROM posting p JOIN entry e ON e.id = p.entry_id LEFT JOIN entry u ON u.id = e.reverses_id
    GROUP BY 1, 2, 3, 4
"""
"""Makes every kept sum from the postings, where there is none yet."""

Key = tuple[str, str, str]
"""Month (`2024-03`), what the entry is or undoes, account."""


def keep(book: Book, happened_on: date, kind: str, lines: Iterable[Line]) -> None:
    """Adds the lines of an entry that is being posted; the book is locked."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums[str(line.account)] += line.amount_fen
    place = {"book_id": book.id, "month": f"{happened_on:%Y-%m}", "kind": kind}
    rows = [{**place, "account": account, "amount_fen": fen} for account, fen in sums.items()]
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[db.engine.dialect.name](KeptSum)
    grown = KeptSum.amount_fen + insert.excluded.amount_fen
    key = ["book_id", "month", "kind", "account"]
    db.session.execute(insert.on_conflict_do_update(index_elements=key, set_={"amount_fen": grown}), rows)


def sums(
    book: Book,
    since: date | None,
    until: date | None,
    *,
    kind: str | None = None,
    account: str | None = None,
) -> dict[str, int]:
    """What each account holds or moved between two dates: whole months as kept, other days from postings."""
    months, days = by_months(since, until)
    found: Counter[str] = Counter()
    for query in (_kept(book, months), *(_plain(book, span) for span in days)):
        part = query.subquery()
        asked = sa.select(part.c.account, sa.func.sum(part.c.amount_fen)).group_by(part.c.account)
        if kind is not None:
            asked = asked.where(part.c.kind == kind)
        if account is not None:
            asked = asked.where(part.c.account == account)
        for code, fen in db.session.execute(asked):
            found[code] += int(fen)
    return {code: found[code] for code in sorted(found)}


class MonthSums:
    """What each account of a book moved month by month, read at once: for pages that show many periods."""

    def __init__(self, book: Book) -> None:
        moved = sa.func.sum(KeptSum.amount_fen)
        query = sa.select(KeptSum.month, KeptSum.account, moved).where(KeptSum.book_id == book.id)
        rows = db.session.execute(query.group_by(KeptSum.month, KeptSum.account))
        self._rows = [(month, account, int(fen)) for month, account, fen in rows]

    def until(self, last: date, since: date | None = None) -> dict[str, int]:
        """What each account held at the end of a month, or moved since the first day of another."""
        found: Counter[str] = Counter()
        for month, account, fen in self._rows:
            if (since is None or month >= f"{since:%Y-%m}") and month <= f"{last:%Y-%m}":
                found[account] += fen
        return {code: found[code] for code in sorted(found)}


def moved_in_months(community_ids: Sequence[int] | sa.Select[Any], months: Span) -> list[Moved]:
    """For many communities at once: one question, however many there are. `months` are whole months."""
    first, last = f"{months.first:%Y-%m}", f"{months.last:%Y-%m}"
    inside = sa.case((KeptSum.month >= first, KeptSum.amount_fen), else_=0)
    key = (Book.community_id, KeptSum.kind, KeptSum.account)
    query = (
        sa.select(*key, sa.func.sum(inside), sa.func.sum(KeptSum.amount_fen))
        .join(Book, Book.id == KeptSum.book_id)
        .where(Book.community_id.in_(community_ids), KeptSum.month <= last)
        .group_by(*key)
    )
    return [
        Moved(community_id, kind, account, int(fen), int(held))
        for community_id, kind, account, fen, held in db.session.execute(query)
    ]


def of_communities(
    community_ids: Sequence[int] | sa.Select[Any],
    since: date | None,
    until: date | None,
    *,
    kind: str,
    account: str,
) -> dict[int, int]:
    """What one account of each book moved between the first and the last day of months: one question."""
    query = (
        sa.select(Book.community_id, sa.func.sum(KeptSum.amount_fen))
        .join(Book, Book.id == KeptSum.book_id)
        .where(Book.community_id.in_(community_ids), KeptSum.kind == kind, KeptSum.account == account)
        .group_by(Book.community_id)
    )
    if since is not None:
        query = query.where(KeptSum.month >= f"{since:%Y-%m}")
    if until is not None:
        query = query.where(KeptSum.month <= f"{until:%Y-%m}")
    return {community_id: int(fen) for community_id, fen in db.session.execute(query)}


def contributed_by_month(community_id: int, months: Span) -> dict[str, int]:
    """What the markets of a community contributed in each of some whole months (`2024-03`), as booked."""
    query = (
        sa.select(KeptSum.month, sa.func.sum(KeptSum.amount_fen))
        .join(Book, Book.id == KeptSum.book_id)
        .where(
            Book.community_id == community_id,
            KeptSum.kind == EntryKind.CONTRIBUTION.value,
            KeptSum.account == Code.TRANSFER_PENDING.value,
            KeptSum.month.between(f"{months.first:%Y-%m}", f"{months.last:%Y-%m}"),
        )
        .group_by(KeptSum.month)
    )
    return {month: int(fen) for month, fen in db.session.execute(query)}


def _kept(book: Book, months: Span | None) -> Any:
    query = sa.select(KeptSum.month, KeptSum.kind, KeptSum.account, KeptSum.amount_fen)
    query = query.where(KeptSum.book_id == book.id)
    if months is None:
        return query.where(sa.false())
    return query.where(KeptSum.month.between(f"{months.first:%Y-%m}", f"{months.last:%Y-%m}"))


def _plain(book: Book, days: Span | None) -> Any:
    """The lines themselves; a reversal belongs to what it undoes."""
    entry, posting = Entry.__table__, Posting.__table__
    undone = entry.alias()
    kind = sa.func.coalesce(_word(undone.c.kind), _word(entry.c.kind)).label("kind")
    month = sa.func.substr(sa.cast(entry.c.happened_on, sa.String), 1, 7).label("month")
    joined = posting.join(entry).outerjoin(undone, entry.c.reverses_id == undone.c.id)
    query = sa.select(month, kind, posting.c.account, posting.c.amount_fen).select_from(joined)
    query = query.where(entry.c.book_id == book.id)
    return query if days is None else query.where(entry.c.happened_on.between(*days))


def _word(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.type_coerce(column, sa.String)


def plain_sums(book: Book) -> dict[Key, int]:
    """Everything added up, line by line."""
    part = _plain(book, None).subquery()
    key = (part.c.month, part.c.kind, part.c.account)
    return _by_key(sa.select(*key, sa.func.sum(part.c.amount_fen)).group_by(*key))


def kept_sums(book: Book) -> dict[Key, int]:
    """What is kept."""
    query = sa.select(KeptSum.month, KeptSum.kind, KeptSum.account, KeptSum.amount_fen)
    return _by_key(query.where(KeptSum.book_id == book.id))


def _by_key(query: Any) -> dict[Key, int]:
    return {(month, kind, account): fen for month, kind, account, fen in db.session.execute(query)}


def disagreeing(book: Book) -> Iterator[tuple[Key, int, int]]:
    """Kept sums that are not what the lines add up to, with both."""
    kept, plain = kept_sums(book), plain_sums(book)
    for key in sorted(kept.keys() | plain.keys()):
        if kept.get(key, 0) != plain.get(key, 0) or key not in kept:
            yield key, kept.get(key, 0), plain.get(key, 0)
