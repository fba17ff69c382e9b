"""Looking into a book: finding entries and adding up what the accounts hold."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased, joinedload

from market.communities.models import Community
from market.db import db
from market.errors import NotFound
from market.ledger import kept
from market.ledger.chain import fingerprint, voucher
from market.ledger.models import Book, Entry, Period, Posting
from market.ledger.rules import Code, EntryKind


def book_of(community: Community) -> Book:
    """The book of a community's fund, or a refusal that says that there is none yet."""
    book = find_book(community)
    if book is None:
        raise NotFound("ledger.no_book", _("这个社区还没有开设基金账簿，请先开设基金。"))
    return book


def find_book(community: Community) -> Book | None:
    """The book of a community's fund, if there is one."""
    return db.session.scalar(sa.select(Book).where(Book.community_id == community.id))


def books() -> list[Book]:
    """Every book, for whoever checks or exports all of them."""
    return list(db.session.scalars(sa.select(Book).order_by(Book.id)))


def last_posted_at(book: Book) -> datetime | None:
    """When the newest entry was posted."""
    query = sa.select(Entry.posted_at).where(Entry.book_id == book.id, Entry.sequence == book.entry_count)
    return db.session.scalar(query)


def last_number(book: Book, year: int) -> int:
    """The last number given in a fiscal year, 0 before the first."""
    query = sa.select(sa.func.max(Entry.number)).where(Entry.book_id == book.id, Entry.fiscal_year == year)
    return db.session.scalar(query) or 0


def reversal_of(entry: Entry) -> Entry | None:
    """The entry that undid this one."""
    return db.session.scalar(sa.select(Entry).where(Entry.reverses_id == entry.id))


def undone_vouchers(book: Book) -> dict[int, str]:
    """The vouchers of the entries that another one undoes, by sequence."""
    undoing = aliased(Entry)
    query = sa.select(Entry.sequence, Entry.fiscal_year, Entry.number).join(
        undoing, undoing.reverses_id == Entry.id
    )
    found = db.session.execute(query.where(undoing.book_id == book.id))
    return {sequence: voucher(year, number) for sequence, year, number in found}


def entry_by_source(book: Book, source: str) -> Entry | None:
    """The entry that some fact was posted as."""
    return db.session.scalar(sa.select(Entry).where(Entry.book_id == book.id, Entry.source == source))


def entry_of(book: Book, ref: str) -> Entry:
    """An entry of this book by its address."""
    entry = db.session.scalar(sa.select(Entry).where(Entry.book_id == book.id, Entry.ref == ref))
    if entry is None:
        raise NotFound("ledger.no_entry", _("这本账簿里没有这笔凭证，请从基金页面重新进入。"))
    return entry


def entries(
    book: Book,
    *,
    kind: EntryKind | None = None,
    since: date | None = None,
    until: date | None = None,
    newest_first: bool = False,
    limit: int | None = None,
) -> list[Entry]:
    """Entries in the order of the book (or the other way round), both dates included."""
    query = sa.select(Entry).where(Entry.book_id == book.id)
    if kind is not None:
        query = query.where(Entry.kind == kind)
    if since is not None:
        query = query.where(Entry.happened_on >= since)
    if until is not None:
        query = query.where(Entry.happened_on <= until)
    order = Entry.sequence.desc() if newest_first else Entry.sequence
    return list(db.session.scalars(query.order_by(order).limit(limit)))


def entries_without(book: Book, kind: EntryKind, known: sa.Select[Any]) -> list[Entry]:
    """Entries of a kind that are none of those whose ids are known from elsewhere."""
    ids = known.subquery()
    some = sa.select(ids.c[0]).where(
        ids.c[0].is_not(None)
    )  # NOT IN with an empty one among them is never true
    query = sa.select(Entry).where(Entry.book_id == book.id, Entry.kind == kind, Entry.id.not_in(some))
    return list(db.session.scalars(query.order_by(Entry.sequence)))


def entries_about(book: Book, subject: str, kinds: Sequence[str]) -> list[Entry]:
    """Every entry whose source has a kind and this subject (`remittance:<subject>:2`), and its reversal."""
    return entries_about_any(book, [subject], kinds)


def entries_about_any(book: Book, subjects: Sequence[str], kinds: Sequence[str]) -> list[Entry]:
    """The same of several subjects."""
    found: list[Entry] = []
    for start in range(0, len(subjects), SUBJECTS_AT_ONCE):
        found += _about(book, subjects[start : start + SUBJECTS_AT_ONCE], kinds)
    return sorted(found, key=lambda entry: entry.sequence)


SUBJECTS_AT_ONCE = 50


def _about(book: Book, subjects: Sequence[str], kinds: Sequence[str]) -> list[Entry]:
    """Looked up by the indexes of source, of what is undone and of ids, never by going through the book."""
    named = (_begins(book, f"{kind}:{subject}:") for subject in subjects for kind in kinds)
    about = sa.select(Entry.id).where(sa.or_(*named))
    undoing = sa.select(Entry.id).where(Entry.reverses_id.in_(about))
    return list(db.session.scalars(sa.select(Entry).where(Entry.id.in_(sa.union(about, undoing)))))


def _begins(book: Book, words: str) -> sa.ColumnElement[bool]:
    """How a source begins, up to a colon, compared byte by byte: either engine finds it by its index.

    LIKE would not do: SQLite asks no case of it, and in either an underscore stands for any letter.
    """
    at_least, below = (">=", "<") if db.engine.dialect.name == "sqlite" else ("~>=~", "~<~")
    behind = words.removesuffix(":") + ";"
    return sa.and_(
        Entry.book_id == book.id,
        Entry.source.bool_op(at_least)(words),
        Entry.source.bool_op(below)(behind),
    )


def newest_entries(book: Book, limit: int, without: Container[int]) -> list[Entry]:
    """The newest entries but those of some sequences, newest first."""
    places = (place for place in range(book.entry_count, 0, -1) if place not in without)
    query = sa.select(Entry).where(Entry.book_id == book.id, Entry.sequence.in_(list(islice(places, limit))))
    return list(db.session.scalars(query.order_by(Entry.sequence.desc())))


def entries_after(book: Book, sequence: int, limit: int, without: Container[int]) -> list[Entry]:
    """The entries behind a place in the book but those of some sequences, oldest first."""
    places = (place for place in range(sequence + 1, book.entry_count + 1) if place not in without)
    query = sa.select(Entry).where(Entry.book_id == book.id, Entry.sequence.in_(list(islice(places, limit))))
    return list(db.session.scalars(query.options(joinedload(Entry.reverses)).order_by(Entry.sequence)))


def moved(book: Book, account: str, since: date, until: date) -> list[tuple[Entry, int]]:
    """The entries between two days, both included, with what each did to one account; the oldest first."""
    on_account = sa.func.sum(Posting.amount_fen)
    query = (
        sa.select(Entry, on_account)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Entry.book_id == book.id, Entry.happened_on.between(since, until))
        .where(Posting.account == str(account))
        .group_by(Entry.id)
        .having(on_account != 0)
        .order_by(Entry.happened_on, Entry.sequence)
    )
    return [(entry, fen) for entry, fen in db.session.execute(query)]


def balance(book: Book, account: str, until: date | None = None) -> int:
    """What one account holds, debit positive, counting what happened up to and on a day."""
    return kept.sums(book, None, until, account=str(account)).get(str(account), 0)


def balances(book: Book, until: date | None = None, since: date | None = None) -> dict[str, int]:
    """What every account that was ever touched holds, debit positive, in the order of the chart.

    With `since`, what moved between two dates, both included.
    """
    return kept.sums(book, since, until)


def contributed(book: Book, since: date | None = None, until: date | None = None) -> int:
    """What markets contributed between two dates, both included; corrections count when they were made."""
    account = Code.TRANSFER_PENDING.value
    of_markets = kept.sums(book, since, until, kind=EntryKind.CONTRIBUTION.value, account=account)
    return of_markets.get(account, 0)


def contributed_by_community(
    community_ids: Sequence[int] | sa.Select[Any], since: date | None, until: date | None
) -> dict[int, int]:
    """The same of many communities, by community, between the first and the last day of months."""
    return kept.of_communities(
        community_ids, since, until, kind=EntryKind.CONTRIBUTION.value, account=Code.TRANSFER_PENDING.value
    )


def closed_until(book: Book) -> date | None:
    """The last day of the newest period that is closed; nothing is dated up to it any more."""
    return db.session.scalar(sa.select(sa.func.max(Period.last_on)).where(Period.book_id == book.id))


def head_fingerprint(book: Book) -> str:
    """The newest hash in four groups of four digits, for a printed notice."""
    return fingerprint(book.head_hash)
