"""The chain of hashes over the entries of a book: how it is made, and how a whole book is checked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from market.journal.rules import canonical as canonical, fingerprint as fingerprint
from market.ledger.rules import Code, EntryKind, Line, check_lines, mirror, overdraws


@dataclass(frozen=True)
class BookFacts:
    """What ties a chain to one book of one community, and where the book says that the chain ends."""

    ref: str
    community_id: int
    opened_at: datetime
    entry_count: int = 0
    head_hash: str = ""


@dataclass(frozen=True)
class EntryFacts:
    """Everything in an entry that must never change."""

    ref: str
    sequence: int
    fiscal_year: int
    number: int
    kind: str
    source: str
    happened_on: date
    posted_at: datetime
    posted_by: int
    memo: str
    lines: tuple[Line, ...]
    reverses: int | None = None
    """Sequence of the entry that this one undoes."""
    reason: str | None = None
    journal: str | None = None
    """The head of the community's journal when it was posted; None in books older than the journal."""
    salt: str | None = None
    """Keeps the hash from telling what a withheld entry says; None in entries of before."""


@dataclass(frozen=True)
class Sealed:
    """An entry as it was found, with the two hashes that were stored beside it."""

    facts: EntryFacts
    prev_hash: str
    hash: str


def voucher(fiscal_year: int, number: int) -> str:
    """The number that is printed on the voucher: `2024-0012`."""
    return f"{fiscal_year}-{number:04d}"


def entry_facts(entry: EntryFacts) -> dict[str, object]:
    """The facts of an entry under the names that go into its hash."""
    facts = {
        **vars(entry),
        "lines": [[line.account, line.amount_fen, line.dimension] for line in entry.lines],
    }
    for later in ("journal", "salt"):
        if facts[later] is None:
            del facts[later]  # entries of older books were hashed without
    return facts


def genesis(book: BookFacts) -> str:
    """The hash before the first entry: it names the book, so that a chain cannot be moved to another one."""
    return hashlib.sha256(
        canonical({"book": book.ref, "community": book.community_id, "opened_at": book.opened_at})
    ).hexdigest()


def entry_hash(prev_hash: str, entry: EntryFacts) -> str:
    """SHA-256 over the hash of the entry before and the canonical facts of this one."""
    return hashlib.sha256(bytes.fromhex(prev_hash) + canonical(entry_facts(entry))).hexdigest()


class FaultCode(StrEnum):
    """What can be wrong with a stored book."""

    UNREADABLE = "unreadable"
    GAP = "gap"
    NUMBER = "number"
    TIME = "time"
    LINES = "lines"
    HASH = "hash"
    LINK = "link"
    SOURCE = "source"
    REVERSAL = "reversal"
    DOUBLE_REVERSAL = "double_reversal"
    NOT_A_MIRROR = "not_a_mirror"
    OVERDRAWN = "overdrawn"
    HEAD = "head"
    WITNESS = "witness"
    PERIOD = "period"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong: the entry (its place in the book, its voucher number), the code, what was seen."""

    sequence: int
    voucher: str
    code: FaultCode
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (f"#{self.sequence}", self.voucher, self.code, self.detail) if part)


@dataclass
class _Reader:
    """What a checker that reads the book from its first entry to its last has to remember."""

    prev_hash: str
    prev_at: datetime | None = None
    sequence: int = 0
    numbers: Counter[int] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    seen: dict[int, Sealed] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    reversed: set[int] = field(default_factory=set)


def verify_chain(book: BookFacts, entries: Iterable[Sealed]) -> list[Fault]:
    """Everything that is wrong with a book, first entry first; an empty list is the promise kept.

    Faults are collected, not raised. After a fault the checker goes on from what is stored, so that one
    changed entry is one fault and not a fault in every entry behind it.
    """
    reader = _Reader(genesis(book))
    faults: list[Fault] = []
    for entry in entries:
        if entry.facts.sequence != reader.sequence + 1:
            detail = f"{reader.sequence} → {entry.facts.sequence}"
            faults.append(Fault(reader.sequence + 1, "", FaultCode.GAP, detail))
        name = voucher(entry.facts.fiscal_year, entry.facts.number)
        findings = _check_entry(reader, entry)
        faults += [Fault(entry.facts.sequence, name, code, detail) for code, detail in findings]
        _go_on(reader, entry)
    return faults + _check_head(book, reader)


_Finding = tuple[FaultCode, str]


def _check_entry(reader: _Reader, entry: Sealed) -> Iterator[_Finding]:
    yield from _check_place(reader, entry.facts)
    yield from _check_hashes(reader, entry)
    yield from _check_content(reader, entry.facts)
    if entry.facts.reverses is not None or entry.facts.kind == EntryKind.REVERSAL:
        yield from _check_reversal(reader, entry.facts)


def _check_place(reader: _Reader, facts: EntryFacts) -> Iterator[_Finding]:
    expected = reader.numbers[facts.fiscal_year] + 1
    if facts.number != expected or facts.fiscal_year != facts.happened_on.year:
        yield FaultCode.NUMBER, voucher(facts.happened_on.year, expected)
    if reader.prev_at is not None and facts.posted_at < reader.prev_at:
        yield FaultCode.TIME, facts.posted_at.isoformat()


def _check_hashes(reader: _Reader, entry: Sealed) -> Iterator[_Finding]:
    if entry.prev_hash != reader.prev_hash:
        yield FaultCode.LINK, entry.prev_hash[:16]
    if entry.hash != _recomputed(entry):
        yield FaultCode.HASH, entry.hash[:16]


def _recomputed(entry: Sealed) -> str | None:
    try:
        return entry_hash(entry.prev_hash, entry.facts)
    except (ValueError, TypeError):  # a previous hash that is no hash, a text that is no text
        return None


def _check_content(reader: _Reader, facts: EntryFacts) -> Iterator[_Finding]:
    if (fault := check_lines(facts.lines)) is not None:
        yield FaultCode.LINES, fault
    if facts.source in reader.sources:
        yield FaultCode.SOURCE, facts.source
    if overdraws(reader.sums, facts.lines):
        yield FaultCode.OVERDRAWN, Code.AT_CHARITY


def _check_reversal(reader: _Reader, facts: EntryFacts) -> Iterator[_Finding]:
    original = reader.seen.get(facts.reverses or 0)
    if original is None or not facts.reason or facts.kind != EntryKind.REVERSAL:
        yield FaultCode.REVERSAL, str(facts.reverses)
        return
    if original.facts.kind == EntryKind.REVERSAL or original.facts.posted_by == facts.posted_by:
        yield FaultCode.REVERSAL, str(facts.reverses)
    if facts.reverses in reader.reversed:
        yield FaultCode.DOUBLE_REVERSAL, str(facts.reverses)
    if facts.lines != mirror(original.facts.lines):
        yield FaultCode.NOT_A_MIRROR, str(facts.reverses)


def _go_on(reader: _Reader, entry: Sealed) -> None:
    facts = entry.facts
    reader.prev_hash, reader.prev_at, reader.sequence = entry.hash, facts.posted_at, facts.sequence
    reader.numbers[facts.fiscal_year] = facts.number
    for line in facts.lines:
        reader.sums[line.account] += line.amount_fen
    reader.seen[facts.sequence] = entry
    reader.sources.add(facts.source)
    if facts.reverses is not None:
        reader.reversed.add(facts.reverses)


def _check_head(book: BookFacts, reader: _Reader) -> list[Fault]:
    if (book.entry_count, book.head_hash) == (reader.sequence, reader.prev_hash):
        return []
    detail = f"{book.entry_count} {book.head_hash[:16]} ≠ {reader.sequence} {reader.prev_hash[:16]}"
    lost = book.entry_count != reader.sequence
    first = min(book.entry_count, reader.sequence) + 1 if lost else reader.sequence
    return [Fault(first, "", FaultCode.HEAD, detail)]


def witnessed(book: BookFacts, entries: Iterable[Sealed], printed: str) -> bool:
    """Whether a hash or fingerprint that somebody wrote down is that of this book, now or earlier."""
    wanted = printed.replace(" ", "").lower()
    known = [genesis(book), *(entry.hash for entry in entries)]
    return wanted in known or wanted in (fingerprint(hash_).replace(" ", "") for hash_ in known)
