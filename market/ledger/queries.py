"""Looking into a book: finding entries and adding up what the accounts hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.communities.models import Community
from market.db import db
from market.errors import NotFound
from market.ledger import kept
from market.ledger.chain import fingerprint
from market.ledger.models import Book, Entry, Period
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
    named = (Entry.source.like(f"{kind}:{subject}:%") for kind in kinds)
    about = sa.select(Entry.id).where(Entry.book_id == book.id, sa.or_(*named))
    query = sa.select(Entry).where(
        Entry.book_id == book.id, sa.or_(Entry.id.in_(about), Entry.reverses_id.in_(about))
    )
    return list(db.session.scalars(query.order_by(Entry.sequence)))


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


def closed_until(book: Book) -> date | None:
    """The last day of the newest period that is closed; nothing is dated up to it any more."""
    return db.session.scalar(sa.select(sa.func.max(Period.last_on)).where(Period.book_id == book.id))


def head_fingerprint(book: Book) -> str:
    """The newest hash in four groups of four digits, for a printed notice."""
    return fingerprint(book.head_hash)
