"""Changing what was posted, by hand and on each engine: refused by the database, or named by `verify`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from market.db import db, unit_of_work
from market.ledger import kept, service
from market.ledger.chain import FaultCode, fingerprint, genesis
from market.ledger.models import Book
from market.ledger.verification import Verification, book_facts, fault_sentence
from tests.cast import Cast
from tests.conftest import both_engines
from tests.ledger.conftest import Desk
from tests.parts.guards import drop_guards, put_back_guards

pytestmark = pytest.mark.own_app

THIRD = "(SELECT id FROM entry WHERE sequence = 3)"

FORGED = """
    INSERT INTO entry (ref, book_id, sequence, fiscal_year, number, kind, source, happened_on, posted_at,
                       posted_by, memo, prev_hash, hash)
    SELECT 'forged0000', id, entry_count + 1, 2025, 2, 'receipt', 'forged', '2025-02-01',
           '2025-02-01 00:00:00', opened_by, 'x', head_hash, prev.hash
    FROM book, (SELECT hash FROM entry WHERE sequence = 1) AS prev
"""

SEAL = """
    UPDATE book SET entry_count = entry_count + 1, head_hash = (
        SELECT hash FROM entry WHERE book_id = book.id AND sequence = book.entry_count + 1
    )
"""

FULL_BOOK = """
    INSERT INTO book (ref, community_id, title, entry_count, head_hash, opened_at, opened_by)
    SELECT 'forged0000', (SELECT max(id) FROM community), 'x', 3, head_hash, opened_at, opened_by FROM book
"""

LINE = "INSERT INTO posting (entry_id, position, account, amount_fen)"

REFUSED = {
    "a line updated": f"UPDATE posting SET amount_fen = amount_fen * 9 WHERE entry_id = {THIRD}",
    "a line deleted": f"DELETE FROM posting WHERE entry_id = {THIRD}",
    "a line added": f"{LINE} VALUES ({THIRD}, 3, '1001', 100)",
    "a line upserted": "INSERT INTO posting (id, entry_id, position, account, amount_fen)"
    " SELECT id, entry_id, position, account, amount_fen FROM posting WHERE true"
    " ON CONFLICT (id) DO UPDATE SET amount_fen = 999",
    "an entry updated": "UPDATE entry SET memo = 'x' WHERE sequence = 3",
    "an entry deleted": "DELETE FROM entry WHERE sequence = 6",
    "an entry not the next": FORGED.replace("entry_count + 1", "entry_count + 2"),
    "an entry behind another": FORGED.replace("head_hash, prev.hash", "prev.hash, prev.hash"),
    "the head moved": "UPDATE book SET head_hash = (SELECT hash FROM entry WHERE sequence = 3)",
    "the count moved": "UPDATE book SET entry_count = entry_count + 1",
    "the count set back": "UPDATE book SET entry_count = entry_count - 1",
    "the book renamed inside": "UPDATE book SET ref = 'other00000'",
    "the book deleted": "DELETE FROM book",
    "a book that starts full": FULL_BOOK,
    "a kept sum changed": "UPDATE kept_sum SET amount_fen = amount_fen + 1",
    "a kept sum deleted": "DELETE FROM kept_sum",
    "a kept sum added": "INSERT INTO kept_sum (book_id, month, kind, account, amount_fen)"
    " SELECT id, '2030-01', 'receipt', '1001', 5 FROM book",
}

REFUSED_ON = {
    "sqlite": {
        "a line replaced": "REPLACE INTO posting SELECT id, entry_id, position, account, 9, '' FROM posting",
        "an entry replaced": "REPLACE INTO entry SELECT * FROM entry WHERE sequence = 3",
        "a book replaced": "REPLACE INTO book SELECT * FROM book",
    },
    "postgresql": {
        "the lines truncated": "TRUNCATE posting",
        "the entries truncated": "TRUNCATE entry CASCADE",
        "the books truncated": "TRUNCATE book CASCADE",
    },
}


def by_hand(*statements: str) -> None:
    """Runs SQL as somebody with the database password would."""
    with unit_of_work():
        for statement in statements:
            db.session.execute(sa.text(statement))


@contextmanager
def unguarded() -> Iterator[None]:
    """Takes the triggers away and puts them back, as a careful forger would."""
    by_hand(*drop_guards())
    yield
    by_hand(*put_back_guards())


def found(book: Book, printed: str | None = None) -> Verification:
    db.session.rollback()
    return service.verify(book, printed)


def first(book: Book) -> tuple[int, FaultCode]:
    fault = found(book).faults[0]
    return fault.sequence, fault.code


@both_engines
def test_the_database_refuses_to_change_what_was_posted(year: Desk, engine: str) -> None:
    before = found(year.book)
    for statement in (REFUSED | REFUSED_ON[engine]).values():
        with pytest.raises(DBAPIError, match=r"ledger (is append-only|book|entry|sum)"):
            by_hand(statement)
    after = found(year.book)
    assert after.ok
    assert (after.entries, after.head) == (before.entries, before.head)


@both_engines
def test_only_a_balanced_entry_of_two_lines_can_be_sealed(year: Desk) -> None:
    forged = "(SELECT id FROM entry WHERE source = 'forged')"
    for lines in (
        [],
        [f"{LINE} VALUES ({forged}, 1, '1001', 5)"],
        [f"{LINE} VALUES ({forged}, 1, '1001', 5), ({forged}, 2, '4101', -4)"],
    ):
        with pytest.raises(DBAPIError, match="ledger book moves by one balanced entry"):
            by_hand(FORGED, *lines, SEAL)
    assert found(year.book).ok


@both_engines
def test_an_entry_beside_the_book_is_refused_or_found(year: Desk, engine: str) -> None:
    if engine == "postgresql":
        with pytest.raises(DBAPIError, match="ledger entry was not sealed"):
            by_hand(FORGED)
        assert found(year.book).ok
    else:
        by_hand(FORGED)
        assert [fault.sequence for fault in found(year.book).faults] == [7, 7, 7]


@both_engines
def test_an_entry_forged_with_all_triggers_content_is_found_by_its_hash(year: Desk) -> None:
    forged = "(SELECT id FROM entry WHERE source = 'forged')"
    by_hand(FORGED, f"{LINE} VALUES ({forged}, 1, '1001', 5), ({forged}, 2, '4101', -5)", SEAL)
    assert first(year.book) == (7, FaultCode.HASH)


@both_engines
def test_the_title_of_a_fund_may_change(year: Desk) -> None:
    by_hand("UPDATE book SET title = '市慈善总会槐荫社区慈善基金'")
    assert found(year.book).ok


TAMPERED = {
    "UPDATE posting SET amount_fen = amount_fen * 2 WHERE entry_id = {third}": (3, FaultCode.HASH),
    "UPDATE posting SET account = '4104' WHERE entry_id = {third} AND position = 2": (3, FaultCode.HASH),
    "UPDATE posting SET dimension = '蔬菜' WHERE entry_id = {third} AND position = 2": (3, FaultCode.HASH),
    "UPDATE posting SET position = 9 WHERE entry_id = {third} AND position = 2": (3, FaultCode.UNREADABLE),
    "DELETE FROM posting WHERE entry_id = {third} AND position = 1": (3, FaultCode.UNREADABLE),
    "DELETE FROM posting WHERE entry_id = {third} AND position = 2": (3, FaultCode.HASH),
    "DELETE FROM posting WHERE entry_id = {third}": (3, FaultCode.HASH),
    LINE + " VALUES ({third}, 3, '1001', 5), ({third}, 4, '4101', -5)": (3, FaultCode.HASH),
    "UPDATE entry SET memo = '第 4 场' WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET ref = 'other00000' WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET kind = 'nonsense' WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET happened_on = '2024-12-31' WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET posted_by = posted_by + 1 WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET posted_at = '2020-01-01 00:00:00' WHERE sequence = 3": (3, FaultCode.TIME),
    "UPDATE entry SET reason = '后补' WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET number = 77 WHERE sequence = 3": (3, FaultCode.NUMBER),
    "UPDATE entry SET sequence = 99 WHERE sequence = 3": (3, FaultCode.GAP),
    "UPDATE entry SET hash = prev_hash WHERE sequence = 3": (3, FaultCode.HASH),
    "UPDATE entry SET prev_hash = 'none' WHERE sequence = 3": (3, FaultCode.LINK),
    "UPDATE entry SET reverses_id = {third} WHERE sequence = 4": (4, FaultCode.HASH),
    "UPDATE entry SET memo = (SELECT memo FROM entry e WHERE e.sequence = 5 - entry.sequence)"
    " WHERE sequence IN (2, 3)": (2, FaultCode.HASH),
    "UPDATE kept_sum SET amount_fen = 7 WHERE account = '1001'": (7, FaultCode.KEPT),
    "UPDATE kept_sum SET kind = 'goods'": (7, FaultCode.KEPT),
    "UPDATE kept_sum SET month = '2024-12' WHERE id = (SELECT max(id) FROM kept_sum)": (7, FaultCode.KEPT),
    "DELETE FROM kept_sum": (7, FaultCode.KEPT),
    "UPDATE book SET head_hash = (SELECT hash FROM entry WHERE sequence = 3)": (6, FaultCode.HEAD),
    "UPDATE book SET entry_count = 7": (7, FaultCode.HEAD),
    "UPDATE book SET ref = 'other00000'": (1, FaultCode.LINK),
    "UPDATE book SET community_id = community_id + 1": (1, FaultCode.LINK),
}

TAMPERED_ON = {
    "sqlite": {
        "UPDATE posting SET amount_fen = 300.5 WHERE entry_id = {third}": FaultCode.UNREADABLE,
        "UPDATE entry SET happened_on = '某日' WHERE sequence = 3": FaultCode.UNREADABLE,
        "UPDATE entry SET posted_at = 5 WHERE sequence = 3": FaultCode.UNREADABLE,
        "UPDATE entry SET number = 'x' WHERE sequence = 3": FaultCode.UNREADABLE,
        "UPDATE entry SET memo = x'00' WHERE sequence = 3": FaultCode.HASH,
        "UPDATE entry SET memo = CAST(x'ff' AS TEXT) WHERE sequence = 3": FaultCode.UNREADABLE,
    },
    "postgresql": {},
}


class UndoError(Exception):
    """Leaves a unit of work without a trace."""


def tried(book: Book, statement: str) -> tuple[int, FaultCode]:
    """What `verify` would name first after this statement, which is then undone."""
    faults = []
    with suppress(UndoError), unit_of_work():
        db.session.execute(sa.text(statement.format(third=THIRD)))
        faults = service.verify(book).faults
        raise UndoError
    return faults[0].sequence, faults[0].code


@both_engines
def test_what_is_changed_without_triggers_is_named_by_verify(year: Desk, engine: str) -> None:
    expected = TAMPERED | {statement: (3, code) for statement, code in TAMPERED_ON[engine].items()}
    with unguarded():
        seen = {statement: tried(year.book, statement) for statement in expected}
    assert seen == expected
    assert found(year.book).ok


NO_TEXT, NEWEST = "CAST(x'ff' AS TEXT)", "WHERE id = (SELECT max(id) FROM kept_sum)"


def test_kept_sums_that_cannot_be_read_are_named(year: Desk) -> None:
    """SQLite takes any value; the lines of the book itself are right."""
    with unguarded():
        assert tried(year.book, f"UPDATE kept_sum SET month = {NO_TEXT} {NEWEST}") == (7, FaultCode.KEPT)


def test_a_book_with_an_entry_that_cannot_be_read_is_not_exported_without_it(year: Desk) -> None:
    with unguarded():
        by_hand("UPDATE entry SET number = 'x' WHERE sequence = 3")
    with pytest.raises(ValueError, match="5 of 6 entries can be read"):
        service.export_csv(year.book, io.StringIO())


@both_engines
def test_deleted_entries_are_named(year: Desk) -> None:
    with unguarded():
        by_hand("DELETE FROM posting WHERE entry_id IN (SELECT id FROM entry WHERE sequence = 6)")
        by_hand("DELETE FROM entry WHERE sequence = 6")
    assert first(year.book) == (6, FaultCode.HEAD)
    with unguarded():
        by_hand(f"DELETE FROM posting WHERE entry_id = {THIRD}", "DELETE FROM entry WHERE sequence = 3")
    assert first(year.book) == (3, FaultCode.GAP)


@both_engines
def test_an_entry_moved_to_another_book_is_named_in_both(year: Desk, cast: Cast) -> None:
    with unit_of_work():
        theirs = year.theirs(cast)
    with unguarded():
        by_hand(f"UPDATE entry SET book_id = {theirs.id} WHERE sequence = 3")
    assert first(year.book) == (3, FaultCode.GAP)
    assert first(theirs) == (1, FaultCode.GAP)


@both_engines
def test_an_old_copy_put_back_is_told_by_what_was_printed(year: Desk) -> None:
    printed = found(year.book).fingerprint
    before = service.entries(year.book)[-2].hash
    last = "(SELECT id FROM entry WHERE sequence = 6)"
    with unguarded():
        by_hand(
            f"UPDATE book SET entry_count = 5, head_hash = '{before}'",
            f"DELETE FROM posting WHERE entry_id = {last}",
            "DELETE FROM entry WHERE sequence = 6",
            "DELETE FROM kept_sum",
            kept.FILL,
        )
    assert found(year.book).ok
    assert [fault.code for fault in found(year.book, printed).faults] == [FaultCode.WITNESS]
    assert found(year.book, fingerprint(before)).ok


@both_engines
def test_an_empty_book_is_right(desk: Desk) -> None:
    verification = found(desk.book)
    assert (verification.ok, verification.entries) == (True, 0)
    assert verification.head == genesis(book_facts(desk.book))


@both_engines
def test_a_missing_trigger_is_named_even_while_the_book_is_right(year: Desk, engine: str) -> None:
    table = " ON entry" if engine == "postgresql" else ""
    by_hand(f"DROP TRIGGER ledger_entry_no_update{table}")
    verification = found(year.book)
    assert (verification.ok, verification.faults) == (False, [])
    assert verification.trigger_faults == ["ledger_entry_no_update"]
    by_hand("UPDATE entry SET memo = 'x' WHERE sequence = 3")
    assert first(year.book) == (3, FaultCode.HASH)


def test_a_trigger_with_another_body_is_named(year: Desk) -> None:
    by_hand(
        "DROP TRIGGER ledger_posting_no_delete",
        "CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON posting BEGIN SELECT 1; END",
    )
    assert found(year.book).trigger_faults == ["ledger_posting_no_delete"]


def test_a_trigger_taken_out_of_the_schema_is_named(year: Desk, database_url: str) -> None:
    by_hand(
        "PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE name = 'ledger_posting_no_update'"
    )
    db.session.remove()
    db.engine.dispose()
    book = service.books()[0]
    assert service.verify(book).trigger_faults == ["ledger_posting_no_update"]


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_on_postgresql_a_trigger_that_is_off_or_hollow_is_named(year: Desk) -> None:
    by_hand("ALTER TABLE posting DISABLE TRIGGER ledger_posting_no_update")
    assert found(year.book).trigger_faults == ["ledger_posting_no_update"]
    by_hand(
        "CREATE OR REPLACE FUNCTION ledger_book_step() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN RETURN NEW; END$$"
    )
    assert found(year.book).trigger_faults == ["ledger_posting_no_update", "ledger_book_step"]


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_on_postgresql_a_session_that_fires_no_triggers_is_caught_by_the_chain(year: Desk) -> None:
    by_hand("SET LOCAL session_replication_role = 'replica'", REFUSED["a line updated"])
    assert first(year.book) == (3, FaultCode.HASH)
    assert found(year.book).trigger_faults == []


@pytest.mark.parametrize(
    ("there", "code"), [("慰问走亲".encode(), FaultCode.HASH), (b"\xff" * 12, FaultCode.UNREADABLE)]
)
def test_bytes_changed_in_the_file_are_named(
    year: Desk, tmp_path: Path, there: bytes, code: FaultCode
) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.session.remove()
    db.engine.dispose()
    file = tmp_path / "market.sqlite3"
    content = file.read_bytes()
    assert content.count("慰问走访".encode()) == 1
    file.write_bytes(content.replace("慰问走访".encode(), there))
    assert first(service.books()[0]) == (5, code)


def test_a_fault_is_told_in_words_that_begin_with_the_entry(year: Desk) -> None:
    with unguarded():
        by_hand("UPDATE posting SET amount_fen = amount_fen * 2 WHERE entry_id = " + THIRD)
    hash_ = service.entries(year.book)[2].hash
    said, *sums = [fault_sentence(fault) for fault in found(year.book).faults]
    assert said == f"2024-0003 内容与记账时的校验值不符，被改动过（{hash_[:16]}）"
    assert [" 存着的合计" in sentence for sentence in sums] == [True, True]
    with unguarded():
        by_hand("UPDATE book SET entry_count = 9")
    assert fault_sentence(found(year.book).faults[1]).startswith("#7 账簿末尾与实际凭证不符")
