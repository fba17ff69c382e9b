"""Reading a stored book as it is, however damaged, and saying what is wrong with it and where."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from market.db import db, lock_row
from market.ledger import triggers
from market.ledger.chain import (
    BookFacts,
    EntryFacts,
    Fault,
    FaultCode,
    Noteworthy,
    Reader,
    Sealed,
    check_head,
    check_next,
    fingerprint,
    genesis,
    voucher,
    witnessed,
)
from market.ledger.kept import disagreeing
from market.ledger.models import Book, Entry, Period, Posting
from market.ledger.plain import plainly_right
from market.ledger.rules import Line
from market.stored import UNREADABLE, as_stored, day, spelt_moment, stream_stored, whole


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
    """Checks every entry of a book and the triggers that guard it; a few entries are in memory at a time.

    `printed` is a hash or fingerprint that somebody outside wrote down: only with it can a file put back from
    an old copy, or a chain made anew from end to end, be told from the true one.
    """
    lock_row(book)  # nobody posts between our reading of the head and of the entries
    reading, periods, facts = _Reading(book), _ClosedPeriods(book), book_facts(book)
    reader, chained = Reader(genesis(facts), _noteworthy(book)), list[Fault]()
    for row, lines in reading.rows():
        if periods.leave_out(row) and plainly_right(row, lines, reader):
            reading.readable += 1
        elif (sealed := reading.sealed(row, lines)) is not None:
            periods.check(sealed)
            chained += check_next(reader, sealed)
    faults = reading.faults + chained + check_head(facts, reader)
    if printed and not has_stood_at(book, printed):
        faults.append(Fault(reading.readable + 1, "", FaultCode.WITNESS, printed))
    faults += periods.faults
    faults += _wrong_sums(book, reading.readable + 1)
    faults.sort(key=lambda fault: fault.sequence)
    return Verification(
        book, reading.readable, book.head_hash, faults, triggers.faults(db.session.connection())
    )


def sealed_entries(book: Book) -> Iterator[Sealed]:
    """The entries of a book with their hashes, as far as they can be read."""
    return _Reading(book).each()


def has_stood_at(book: Book, printed: str) -> bool:
    """Whether a hash or fingerprint that somebody wrote down is that of this book, now or earlier.

    What is stored is believed here: `verify` says whether it may be.
    """
    hashes = stream_stored(sa.select(as_stored(_ENTRY.c.hash)).where(Entry.book_id == book.id))
    return witnessed(book_facts(book), (hash_ for (hash_,) in hashes), printed)


def book_facts(book: Book) -> BookFacts:
    """A book as the chain knows it."""
    return BookFacts(book.ref, book.community_id, book.opened_at, book.entry_count, book.head_hash)


def _noteworthy(book: Book) -> Noteworthy:
    undone = aliased(Entry)
    undoing = sa.select(undone.sequence).join(Entry, Entry.reverses_id == undone.id)
    sources = sa.select(Entry.source).where(Entry.book_id == book.id).group_by(Entry.source)
    return Noteworthy(
        frozenset(db.session.scalars(undoing.where(Entry.book_id == book.id))),
        frozenset(db.session.scalars(sources.having(sa.func.count() > 1))),
    )


def _wrong_sums(book: Book, place: int) -> Iterator[Fault]:
    """Kept sums that the lines do not add up to."""
    try:
        for (month, _kind, account), is_kept, adds_up in disagreeing(book):
            detail = f"{is_kept} ≠ {adds_up}"
            yield Fault(place, f"{month} {account}", FaultCode.KEPT, detail)
    except UNREADABLE as error:
        yield Fault(place, "", FaultCode.KEPT, str(error))


class _ClosedPeriods:
    """Entries that came after a period was closed and are dated in it; a period closed over another book."""

    def __init__(self, book: Book) -> None:
        query = sa.select(Period).where(Period.book_id == book.id).order_by(Period.entry_count, Period.id)
        self.periods, self.until = deque(db.session.scalars(query)), date.min
        self._until = self.until.isoformat()
        self.faults: list[Fault] = []

    def leave_out(self, row: Any) -> bool:
        """Whether a stored entry is of a place and a date with which no period has to do."""
        sequence, day = row[_SEQUENCE], row[_DAY]
        if self.periods and not (type(sequence) is int and sequence < self.periods[0].entry_count):
            return False
        return str(day) > self._until

    def check(self, entry: Sealed) -> None:
        facts = entry.facts
        while self.periods and self.periods[0].entry_count < facts.sequence:
            self.until = max(self.until, self.periods.popleft().last_on)
            self._until = self.until.isoformat()
        ends_here = [period for period in self.periods if period.entry_count == facts.sequence]
        wrong_head = any(period.head_hash != entry.hash for period in ends_here)
        if wrong_head or facts.happened_on <= self.until:
            name, day = voucher(facts.fiscal_year, facts.number), facts.happened_on.isoformat()
            self.faults.append(Fault(facts.sequence, name, FaultCode.PERIOD, day))


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


class _Reading:
    """The entries in the order of the book; what cannot be read is a fault."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.passed = self.readable = 0
        self.faults: list[Fault] = []

    def each(self) -> Iterator[Sealed]:
        """Those that can be read."""
        for row, lines in self.rows():
            if (sealed := self.sealed(row, lines)) is not None:
                yield sealed

    def rows(self) -> Iterator[tuple[Any, list[Any]]]:
        """All at once, each with its lines; one by one behind a value that the database cannot read."""
        try:
            yield from self._those(_ENTRY.c.book_id == self.book.id)
        except DBAPIError:
            yield from self._one_by_one()

    def sealed(self, row: Any, lines: list[Any]) -> Sealed | None:
        """A row as an entry; None, and a fault, when it cannot be read."""
        try:
            found = _sealed(row, tuple([_line(line, place) for place, line in enumerate(lines, 1)]))
        except UNREADABLE as error:
            self._cannot(row[_SEQUENCE], error)
            return None
        self.readable += 1
        return found

    def _those(self, condition: sa.ColumnElement[bool]) -> Iterator[tuple[Any, list[Any]]]:
        lines = _Lines(condition)
        for row in stream_stored(_entry_rows(condition)):
            self.passed += 1
            yield row, lines.of(row[0])

    def _one_by_one(self) -> Iterator[tuple[Any, list[Any]]]:
        query = sa.select(_ENTRY.c.id, as_stored(_ENTRY.c.sequence)).where(_ENTRY.c.book_id == self.book.id)
        left = query.order_by(_ENTRY.c.sequence, _ENTRY.c.id).offset(self.passed)
        for entry_id, sequence in db.session.execute(left).all():
            try:
                yield from self._those(_ENTRY.c.id == entry_id)
            except DBAPIError as error:
                self._cannot(sequence, error)

    def _cannot(self, sequence: object, error: Exception) -> None:
        place = sequence if isinstance(sequence, int) else self.readable + 1
        self.faults.append(Fault(place, "", FaultCode.UNREADABLE, str(error)))


_ENTRY: Any = Entry.__table__
_POSTING: Any = Posting.__table__

_COLUMNS = (
    "id", "reverses_id", "ref", "sequence", "fiscal_year", "number", "kind", "source", "happened_on",
    "posted_at", "posted_by", "memo", "reason", "journal", "salt", "prev_hash", "hash",
)  # fmt: skip
_SEQUENCE, _DAY = _COLUMNS.index("sequence"), _COLUMNS.index("happened_on")


def _entry_rows(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """With the place of the entry that is undone, where it is one of the same book."""
    undone = _ENTRY.alias()
    same = (undone.c.id == _ENTRY.c.reverses_id) & (undone.c.book_id == _ENTRY.c.book_id)
    columns = (as_stored(_ENTRY.c[name]) for name in _COLUMNS)
    query = sa.select(*columns, undone.c.sequence.label("undoes")).select_from(_ENTRY.outerjoin(undone, same))
    return query.where(condition).order_by(_ENTRY.c.sequence, _ENTRY.c.id)


def _sealed(row: Any, lines: tuple[Line, ...]) -> Sealed:
    (
        _id, reverses_id, ref, sequence, fiscal_year, number, kind, source, happened_on, posted_at,
        posted_by, memo, reason, journal, salt, prev_hash, hash_, undoes,
    ) = row  # fmt: skip
    facts = EntryFacts(
        ref, whole(sequence), whole(fiscal_year), whole(number), kind, source, day(happened_on),
        spelt_moment(posted_at), whole(posted_by), memo, lines, None if reverses_id is None else undoes or 0,
        reason, journal, salt,
    )  # fmt: skip
    return Sealed(facts, prev_hash, hash_)


class _Lines:
    """The lines of entries, read beside them in the same order."""

    def __init__(self, condition: sa.ColumnElement[bool]) -> None:
        columns = (
            _POSTING.c[name] for name in ("entry_id", "position", "account", "amount_fen", "dimension")
        )
        query = sa.select(*columns).select_from(_POSTING.join(_ENTRY)).where(condition)
        rows = stream_stored(query.order_by(_ENTRY.c.sequence, _ENTRY.c.id, _POSTING.c.position))
        self.groups = groupby(rows, itemgetter(0))
        self.next: Any = next(self.groups, (None, ()))

    def of(self, entry_id: int) -> list[Any]:
        """The lines of the entry that comes next, as they are stored."""
        if self.next[0] != entry_id:
            return []
        rows = list(self.next[1])
        self.next = next(self.groups, (None, ()))
        return rows


def _line(row: Any, place: int) -> Line:
    """A line; those of an entry count 1, 2, 3…"""
    _entry, position, account, amount_fen, dimension = row
    if position != place:
        raise ValueError(f"line {position}")
    return Line(account, whole(amount_fen), dimension)


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
    FaultCode.KEPT: _("存着的合计和分录加起来不一样"),
    FaultCode.WITNESS: _("账簿与此前公示的校验码对不上"),
}


def fault_sentence(fault: Fault) -> str:
    """A fault in words, beginning with the entry it is about."""
    name = fault.voucher or f"#{fault.sequence}"
    detail = str(_("（%(text)s）", text=fault.detail)) if fault.detail else ""
    return f"{name} {_SENTENCES[fault.code]}{detail}"
