"""The chain of hashes over the entries of a book: how it is made, and how a whole book is checked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

from market.journal.rules import canonical as canonical, fingerprint as fingerprint
from market.ledger.rules import Code, EntryKind, Line, check_lines, mirror, overdraws


class BookFacts(NamedTuple):
    """What ties a chain to one book of one community, and where the book says that the chain ends."""

    ref: str
    community_id: int
    opened_at: datetime
    entry_count: int = 0
    head_hash: str = ""


class EntryFacts(NamedTuple):
    """Everything in an entry that must never change."""

    ref: str
    sequence: int
    fiscal_year: int
    number: int
    kind: str
    source: str
    happened_on: date
    posted_at: datetime | str
    """A moment, or how it is spelt."""
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


class Sealed(NamedTuple):
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
        **entry._asdict(),
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
    return hashlib.sha256(bytes.fromhex(prev_hash) + spelt_entry(entry).encode()).hexdigest()


def spelt_entry(entry: EntryFacts) -> str:
    """The canonical spelling of `entry_facts`, put together at once (see journal.rules: spelt)."""
    (
        ref, sequence, year, number, kind, source, happened_on, posted_at, posted_by, memo, lines, reverses,
        reason, journal, salt,
    ) = entry  # fmt: skip
    return entry_of(
        ref, sequence, year, number, kind, source, happened_on.isoformat(), _spelling(posted_at), posted_by,
        memo, ",".join([spelt_line(*line) for line in lines]), reverses, reason, journal, salt,
    )  # fmt: skip


def spelt_line(account: str, fen: int, dimension: str | None) -> str:
    """One line of an entry in canonical spelling."""
    return f"[{quoted(account)},{fen:d},{'null' if dimension is None else quoted(dimension)}]"


def entry_of(
    ref: str,
    sequence: int,
    year: int,
    number: int,
    kind: str,
    source: str,
    day: str,
    at: str,
    by: int,
    memo: str,
    lines: str,
    reverses: int | None,
    reason: str | None,
    journal: str | None,
    salt: str | None,
) -> str:
    """An entry in canonical spelling, of which day, moment and lines are spelt already."""
    with_journal = f'"journal":{quoted(journal)},' if journal is not None else ""
    with_salt = f'"salt":{quoted(salt)},' if salt is not None else ""
    why = "null" if reason is None else quoted(reason)
    return (
        f'{{"fiscal_year":{year:d},"happened_on":{quoted(day)},{with_journal}'
        f'"kind":{quoted(kind)},"lines":[{lines}],"memo":{quoted(memo)},"number":{number:d},'
        f'"posted_at":{quoted(at)},"posted_by":{by:d},"reason":{why},'
        f'"ref":{quoted(ref)},"reverses":{"null" if reverses is None else format(reverses, "d")},'
        f'{with_salt}"sequence":{sequence:d},"source":{quoted(source)}}}'
    )


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
    KEPT = "kept"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong: the entry (its place in the book, its voucher number), the code, what was seen."""

    sequence: int
    voucher: str
    code: FaultCode
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (f"#{self.sequence}", self.voucher, self.code, self.detail) if part)


class _Everything:
    def __contains__(self, _thing: object) -> bool:
        return True


@dataclass(frozen=True)
class Noteworthy:
    """What of a long book must be remembered until its end; whoever can ask beforehand says it."""

    undone: Container[int] = _Everything()
    """Sequences of the entries that another one undoes."""
    repeated: Container[str] = _Everything()
    """Sources that more than one entry has."""


@dataclass
class Reader:
    """What a checker that reads the book from its first entry to its last has to remember."""

    prev_hash: str
    noteworthy: Noteworthy
    prev_at: str = ""
    sequence: int = 0
    numbers: Counter[int] = field(default_factory=Counter)
    at_charity: int = 0
    seen: dict[int, EntryFacts] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    reversed: set[int] = field(default_factory=set)


def verify_chain(
    book: BookFacts, entries: Iterable[Sealed], noteworthy: Noteworthy = Noteworthy()
) -> list[Fault]:
    """Everything that is wrong with a book, first entry first; an empty list is the promise kept.

    Faults are collected, not raised. After a fault the checker goes on from what is stored, so that one
    changed entry is one fault and not a fault in every entry behind it.
    """
    reader = Reader(genesis(book), noteworthy)
    faults = [fault for entry in entries for fault in check_next(reader, entry)]
    return faults + check_head(book, reader)


def check_next(reader: Reader, entry: Sealed) -> list[Fault]:
    """Everything that is wrong with the entry that comes next in a book."""
    facts, faults = entry.facts, []
    if facts.sequence != reader.sequence + 1:
        detail = f"{reader.sequence} → {facts.sequence}"
        faults.append(Fault(reader.sequence + 1, "", FaultCode.GAP, detail))
    for code, detail in _check_entry(reader, entry):
        faults.append(Fault(facts.sequence, voucher(facts.fiscal_year, facts.number), code, detail))
    _go_on(reader, entry)
    return faults


_Finding = tuple[FaultCode, str]


def _check_entry(reader: Reader, entry: Sealed) -> list[_Finding]:
    found = _check_place(reader, entry.facts)
    found += _check_hashes(reader, entry)
    found += _check_content(reader, entry.facts)
    if entry.facts.reverses is not None or entry.facts.kind == EntryKind.REVERSAL:
        found += _check_reversal(reader, entry.facts)
    return found


def _check_place(reader: Reader, facts: EntryFacts) -> list[_Finding]:
    found = []
    expected = reader.numbers[facts.fiscal_year] + 1
    if facts.number != expected or facts.fiscal_year != facts.happened_on.year:
        found.append((FaultCode.NUMBER, voucher(facts.happened_on.year, expected)))
    at = _spelling(facts.posted_at)
    if at < reader.prev_at:
        found.append((FaultCode.TIME, at))
    return found


def _spelling(moment: datetime | str) -> str:
    return moment if isinstance(moment, str) else moment.isoformat(timespec="microseconds")


def _check_hashes(reader: Reader, entry: Sealed) -> list[_Finding]:
    found = []
    if entry.prev_hash != reader.prev_hash:
        found.append((FaultCode.LINK, entry.prev_hash[:16]))
    if entry.hash != _recomputed(entry):
        found.append((FaultCode.HASH, entry.hash[:16]))
    return found


def _recomputed(entry: Sealed) -> str | None:
    try:
        return entry_hash(entry.prev_hash, entry.facts)
    except (ValueError, TypeError):  # a previous hash that is no hash, a text that is no text
        return None


def _check_content(reader: Reader, facts: EntryFacts) -> list[_Finding]:
    found: list[_Finding] = []
    if (fault := check_lines(facts.lines)) is not None:
        found.append((FaultCode.LINES, fault))
    if facts.source in reader.sources:
        found.append((FaultCode.SOURCE, facts.source))
    if overdraws({Code.AT_CHARITY: reader.at_charity}, facts.lines):
        found.append((FaultCode.OVERDRAWN, Code.AT_CHARITY))
    return found


def _check_reversal(reader: Reader, facts: EntryFacts) -> list[_Finding]:
    original = reader.seen.get(facts.reverses or 0)
    where = str(facts.reverses)
    if original is None or not facts.reason or facts.kind != EntryKind.REVERSAL:
        return [(FaultCode.REVERSAL, where)]
    found = []
    if original.kind == EntryKind.REVERSAL or original.posted_by == facts.posted_by:
        found.append((FaultCode.REVERSAL, where))
    if facts.reverses in reader.reversed:
        found.append((FaultCode.DOUBLE_REVERSAL, where))
    if facts.lines != mirror(original.lines):
        found.append((FaultCode.NOT_A_MIRROR, where))
    return found


def _go_on(reader: Reader, entry: Sealed) -> None:
    facts, noteworthy = entry.facts, reader.noteworthy
    reader.prev_hash, reader.prev_at = entry.hash, _spelling(facts.posted_at)
    reader.sequence = facts.sequence
    reader.numbers[facts.fiscal_year] = facts.number
    reader.at_charity += sum([line.amount_fen for line in facts.lines if line.account == Code.AT_CHARITY])
    if facts.sequence in noteworthy.undone:
        reader.seen[facts.sequence] = facts
    if facts.source in noteworthy.repeated:
        reader.sources.add(facts.source)
    if facts.reverses is not None:
        reader.reversed.add(facts.reverses)


def check_head(book: BookFacts, reader: Reader) -> list[Fault]:
    """What is wrong when a book does not end where it says."""
    if (book.entry_count, book.head_hash) == (reader.sequence, reader.prev_hash):
        return []
    detail = f"{book.entry_count} {book.head_hash[:16]} ≠ {reader.sequence} {reader.prev_hash[:16]}"
    lost = book.entry_count != reader.sequence
    first = min(book.entry_count, reader.sequence) + 1 if lost else reader.sequence
    return [Fault(first, "", FaultCode.HEAD, detail)]


def witnessed(book: BookFacts, hashes: Iterable[str], printed: str) -> bool:
    """Whether a hash or fingerprint that somebody wrote down is that of this book, now or earlier."""
    wanted = printed.replace(" ", "").lower()
    return any(wanted in (hash_, fingerprint(hash_).replace(" ", "")) for hash_ in (genesis(book), *hashes))
