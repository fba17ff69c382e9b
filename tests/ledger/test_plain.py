"""What passes at a glance has no fault when looked at closely, whatever was changed in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from hypothesis import example, given, settings, strategies as st

from market.ledger.chain import Noteworthy, Reader, Sealed, check_next, entry_of, genesis, spelt_line
from market.ledger.plain import plainly_right
from market.ledger.rules import Line
from market.ledger.verification import _COLUMNS, _line, _sealed
from market.stored import UNREADABLE, spelt_moment
from tests.ledger.test_chain import BOOK, a_year, sealed

Row = list[Any]
NOTED = Noteworthy(frozenset({2}), frozenset({"settlement:5:1"}))
PLAIN = (1, 3, 6)
"""Of the year, entries that nothing undoes, that undo nothing and whose source nobody else has."""


def stored(entry: Sealed) -> Row:
    facts = entry.facts
    assert isinstance(facts.posted_at, datetime)
    at = facts.posted_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    return [
        facts.sequence, None if facts.reverses is None else 99, facts.ref, facts.sequence, facts.fiscal_year,
        facts.number, str(facts.kind), facts.source, facts.happened_on.isoformat(), at, facts.posted_by,
        facts.memo, facts.reason, facts.journal, facts.salt, entry.prev_hash, entry.hash, facts.reverses,
    ]  # fmt: skip


def stored_lines(entry: Sealed) -> list[Row]:
    return [[entry.facts.sequence, place, *line] for place, line in enumerate(entry.facts.lines, 1)]


def reader_at(entries: list[Sealed], place: int) -> Reader:
    """Where a reader stands before an entry."""
    reader = Reader(genesis(BOOK), NOTED)
    for entry in entries[: place - 1]:
        assert check_next(reader, entry) == []
    return reader


def copied(reader: Reader) -> Reader:
    return replace(
        reader, numbers=Counter(reader.numbers), seen=dict(reader.seen), sources=set(reader.sources),
        reversed=set(reader.reversed),
    )  # fmt: skip


def state(reader: Reader) -> tuple[Any, ...]:
    return reader.prev_hash, reader.prev_at, reader.sequence, +reader.numbers, reader.at_charity


def closely(row: Row, lines: list[Row], reader: Reader) -> Any:
    """What looking closely finds; the sentence of an error where it cannot even be read."""
    try:
        entry = _sealed(row, tuple(_line(line, place) for place, line in enumerate(lines, 1)))
        return check_next(reader, entry)
    except UNREADABLE as error:
        return str(error) or "unreadable"


def hashed_anew(row: Row, lines: list[Row]) -> None:
    """As somebody would who changes an entry and knows the program; where that can be spelt at all."""
    named = dict(zip(_COLUMNS, row, strict=False))
    try:
        said = ",".join(spelt_line(*line[2:]) for line in lines)
        text = entry_of(
            named["ref"], named["sequence"], named["fiscal_year"], named["number"], named["kind"],
            named["source"], named["happened_on"], spelt_moment(named["posted_at"]), named["posted_by"],
            named["memo"], said, row[-1], named["reason"], named["journal"], named["salt"],
        )  # fmt: skip
        row[_COLUMNS.index("hash")] = sha256(bytes.fromhex(named["prev_hash"]) + text.encode()).hexdigest()
    except UNREADABLE:
        pass


ODD = st.sampled_from([
    None, 0, 1, 2, 3, -1, 7, 2024, 2025, "1", "2024", "", "x", 1.0, 1.5, b"x", "1001", "4101", "9999", 10**12,
    10**12 + 1, -(10**13), "2024-03-20", "2024-03-21", "20240320", "2024-99-99", "2025-01-01", "0001-01-01",
    "2024-01-02 00:00:00.000000", "2024-01-02T00:00:00", "1999-01-01 00:00:00.000000", "reversal", "goods",
    "settlement:5:1", "settlement:1:1", "0" * 64, "Z" * 64, "中",
])  # fmt: skip
CHANGE = st.tuples(st.integers(0, len(_COLUMNS) + 11), ODD)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(range(1, 7)), st.lists(CHANGE, max_size=3), st.booleans())
@example(3, [(_COLUMNS.index("number"), 2.0)], True)
@example(3, [(_COLUMNS.index("happened_on"), "20240320")], True)
@example(3, [(_COLUMNS.index("source"), "settlement:5:1")], True)
@example(3, [(len(_COLUMNS) + 3, 200_00)], True)
@example(5, [(len(_COLUMNS) + 3, "1001"), (len(_COLUMNS) + 9, "5103")], True)
def test_what_passes_at_a_glance_has_no_fault(place: int, changes: list[tuple[int, Any]], anew: bool) -> None:
    _book, entries = sealed(a_year())
    row, lines = stored(entries[place - 1]), stored_lines(entries[place - 1])
    for at, value in changes:
        if at < len(_COLUMNS):
            row[at] = value
        else:
            line, column = divmod(at - len(_COLUMNS), 6)
            lines[line][min(column, 4)] = value
    if anew:
        hashed_anew(row, lines)
    glance = reader_at(entries, place)
    close, before = copied(glance), state(glance)
    passed = plainly_right(row, lines, glance)
    found = closely(row, lines, close)
    if passed:
        assert found == []
        assert state(glance) == state(close)
    else:
        assert state(glance) == before


def test_nearly_everything_passes() -> None:
    _book, entries = sealed(a_year())
    passed = [
        place
        for place in range(1, 7)
        if plainly_right(
            stored(entries[place - 1]), stored_lines(entries[place - 1]), reader_at(entries, place)
        )
    ]
    assert passed == [*PLAIN]


def test_an_overdraft_never_passes() -> None:
    """The money of the charity's account is counted at a glance too."""
    spent = (Line("5103", 900_00), Line("1001", -900_00))
    facts = a_year()[2]._replace(kind="spending", lines=spent)
    _book, entries = sealed([*a_year()[:2], facts])
    reader = reader_at(entries, 3)
    assert not plainly_right(stored(entries[2]), stored_lines(entries[2]), reader)
    assert [fault.code for fault in check_next(reader, entries[2])] == ["overdrawn"]
