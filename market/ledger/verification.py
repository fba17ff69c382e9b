"""Reading a stored book as it is, however damaged, and saying what is wrong with it and where."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import DBAPIError

from market.db import db, lock_row
from market.ledger import triggers
from market.ledger.chain import (
    BookFacts,
    EntryFacts,
    Fault,
    FaultCode,
    Sealed,
    fingerprint,
    verify_chain,
    voucher,
    witnessed,
)
from market.ledger.models import Book, Entry, Period, Posting
from market.ledger.rules import Line


@dataclass(frozen=True)
class Verification:
    """What a check of one book found."""

    book: Book
    entries: int
    head: str
    faults: list[Fault]
    trigger_faults: list[str]
    """Names of the triggers that are missing, switched off or changed: the book's guard is down."""

    @property
    def ok(self) -> bool:
        return not self.faults and not self.trigger_faults

    @property
    def fingerprint(self) -> str:
        """The head in four groups of four digits, for a printed notice."""
        return fingerprint(self.head)


def verify(book: Book, printed: str | None = None) -> Verification:
    """Checks every entry of a book and the triggers that guard it.

    `printed` is a hash or fingerprint that somebody outside wrote down: only with it can a file put back from
    an old copy, or a chain made anew from end to end, be told from the true one.
    """
    lock_row(book)  # nobody posts between our reading of the head and of the entries
    facts = book_facts(book)
    readable, faults = _read_entries(book)
    faults += verify_chain(facts, readable)
    if printed and not witnessed(facts, readable, printed):
        faults.append(Fault(len(readable) + 1, "", FaultCode.WITNESS, printed))
    faults += _in_closed_periods(book, readable)
    faults.sort(key=lambda fault: fault.sequence)
    return Verification(book, len(readable), book.head_hash, faults, triggers.faults(db.session.connection()))


def _in_closed_periods(book: Book, entries: list[Sealed]) -> Iterator[Fault]:
    """Entries that came after a period was closed and are dated in it; a period closed over another book."""
    query = sa.select(Period).where(Period.book_id == book.id).order_by(Period.entry_count, Period.id)
    periods, closed_until = deque(db.session.scalars(query)), date.min
    for entry in entries:
        while periods and periods[0].entry_count < entry.facts.sequence:
            closed_until = max(closed_until, periods.popleft().last_on)
        ends_here = [period for period in periods if period.entry_count == entry.facts.sequence]
        wrong_head = any(period.head_hash != entry.hash for period in ends_here)
        if wrong_head or entry.facts.happened_on <= closed_until:
            name = voucher(entry.facts.fiscal_year, entry.facts.number)
            yield Fault(entry.facts.sequence, name, FaultCode.PERIOD, entry.facts.happened_on.isoformat())


def sealed_entries(book: Book) -> list[Sealed]:
    """The entries of a book with their hashes, as far as they can be read."""
    return _read_entries(book)[0]


def has_stood_at(book: Book, printed: str) -> bool:
    """Whether a hash or fingerprint that somebody wrote down is that of this book, now or earlier.

    What is stored is believed here: `verify` says whether it may be.
    """
    return witnessed(book_facts(book), sealed_entries(book), printed)


def book_facts(book: Book) -> BookFacts:
    """A book as the chain knows it."""
    return BookFacts(book.ref, book.community_id, book.opened_at, book.entry_count, book.head_hash)


_ENTRY_COLUMNS = (
    Entry.id,
    Entry.reverses_id,
    Entry.ref,
    Entry.sequence,
    Entry.fiscal_year,
    Entry.number,
    sa.type_coerce(Entry.kind, sa.String).label("kind"),  # a word that is no kind must not stop the reading
    Entry.source,
    Entry.happened_on,
    Entry.posted_at,
    Entry.posted_by,
    Entry.memo,
    Entry.reason,
    Entry.prev_hash,
    Entry.hash,
    Entry.journal,
    Entry.salt,
)


_UNREADABLE = (LookupError, TypeError, ValueError, DBAPIError)


def _read_entries(book: Book) -> tuple[list[Sealed], list[Fault]]:
    """All entries at once; one by one when some value is so broken that it cannot even be read."""
    sequences = _sequences(book)
    try:
        return _sealed(Entry.book_id == book.id, sequences), []
    except _UNREADABLE:
        return _read_one_by_one(sequences)


def _read_one_by_one(sequences: dict[int, int]) -> tuple[list[Sealed], list[Fault]]:
    readable: list[Sealed] = []
    faults: list[Fault] = []
    for entry_id, sequence in sequences.items():
        try:
            readable += _sealed(Entry.id == entry_id, sequences)
        except _UNREADABLE as error:
            faults.append(Fault(_place(sequence, len(readable) + 1), "", FaultCode.UNREADABLE, str(error)))
    return readable, faults


def _place(stored: object, otherwise: int) -> int:
    return stored if isinstance(stored, int) else otherwise


def _sequences(book: Book) -> dict[int, int]:
    """Place in the book of every entry, by its id, in the order of the book."""
    query = (
        sa.select(Entry.id, Entry.sequence).where(Entry.book_id == book.id).order_by(Entry.sequence, Entry.id)
    )
    return {row.id: row.sequence for row in db.session.execute(query.order_by(Entry.sequence, Entry.id))}


def _sealed(condition: sa.ColumnElement[bool], sequences: dict[int, int]) -> list[Sealed]:
    lines = _lines(condition)
    rows = db.session.execute(sa.select(*_ENTRY_COLUMNS).where(condition).order_by(Entry.sequence, Entry.id))
    return [_sealed_row(row, lines[row.id], sequences) for row in rows]


def _sealed_row(row: Any, lines: list[Line], sequences: dict[int, int]) -> Sealed:
    facts = EntryFacts(
        ref=row.ref,
        sequence=_whole(row.sequence),
        fiscal_year=_whole(row.fiscal_year),
        number=_whole(row.number),
        kind=row.kind,
        source=row.source,
        happened_on=row.happened_on,
        posted_at=row.posted_at,
        posted_by=_whole(row.posted_by),
        memo=row.memo,
        lines=tuple(lines),
        reverses=None if row.reverses_id is None else sequences.get(row.reverses_id, 0),
        reason=row.reason,
        journal=row.journal,
        salt=row.salt,
    )
    return Sealed(facts, row.prev_hash, row.hash)


def _lines(condition: sa.ColumnElement[bool]) -> defaultdict[int, list[Line]]:
    """The lines of the entries in question, by entry; their positions must count 1, 2, 3…"""
    query = sa.select(Posting).join(Entry).where(condition).order_by(Posting.entry_id, Posting.position)
    columns = (Posting.entry_id, Posting.position, Posting.account, Posting.amount_fen, Posting.dimension)
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    for row in db.session.execute(query.with_only_columns(*columns)):
        if row.position != len(lines[row.entry_id]) + 1:
            raise ValueError(f"line {row.position}")
        lines[row.entry_id].append(Line(row.account, _whole(row.amount_fen), row.dimension))
    return lines


def _whole(value: object) -> int:
    """SQLite keeps any value in any column; a number of the books is a whole number or nothing."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


_SENTENCES = {
    FaultCode.UNREADABLE: _("内容已经读不出来"),
    FaultCode.GAP: _("账簿序号不连续，有凭证被删除或改号"),
    FaultCode.NUMBER: _("凭证号不连续"),
    FaultCode.TIME: _("记账时间早于上一笔"),
    FaultCode.LINES: _("借贷分录不成立"),
    FaultCode.HASH: _("内容与记账时的校验值不符，被改动过"),
    FaultCode.LINK: _("与上一笔的校验链断开"),
    FaultCode.SOURCE: _("同一来源记了两次"),
    FaultCode.REVERSAL: _("冲销缺少原凭证、原因或第二人"),
    FaultCode.DOUBLE_REVERSAL: _("同一凭证被冲销两次"),
    FaultCode.NOT_A_MIRROR: _("冲销分录与原凭证不相对"),
    FaultCode.OVERDRAWN: _("支出超过慈善组织账上本基金的余额"),
    FaultCode.HEAD: _("账簿末尾与实际凭证不符，末尾的凭证可能被删除"),
    FaultCode.PERIOD: _("期间结账以后，还有凭证记进了这个期间"),
    FaultCode.WITNESS: _("账簿与此前公示的校验码对不上"),
}


def fault_sentence(fault: Fault) -> str:
    """A fault in words, beginning with the entry it is about."""
    name = fault.voucher or f"#{fault.sequence}"
    detail = str(_("（%(text)s）", text=fault.detail)) if fault.detail else ""
    return f"{name} {_SENTENCES[fault.code]}{detail}"
