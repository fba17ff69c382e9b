"""Finding entries by what they are about, in a book that is never gone through."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from market.db import db, unit_of_work
from market.ledger import service
from tests.conftest import both_engines
from tests.ledger.conftest import Desk, given

pytestmark = both_engines

KINDS = ("settlement", "remittance")


def about(desk: Desk, subject: str) -> list[str]:
    return [entry.source for entry in service.entries_about(desk.book, subject, KINDS)]


def test_entries_about_a_market_are_found_with_what_undoes_them(desk: Desk) -> None:
    with unit_of_work():
        desk.post("settlement:m1:1", given(100))
        for name in ("m", "m11", "M1", "m1x", "m_"):
            desk.post(f"settlement:{name}:1", given(100))
        desk.post("goods:m1:1", given(100))
        desk.post("remittance:m1:1", given(100))
        undone = desk.post("settlement:m1:2", given(100))
    with unit_of_work():
        undoing = desk.reverse(undone)
    assert about(desk, "m1") == ["settlement:m1:1", "remittance:m1:1", "settlement:m1:2", undoing.source]
    assert about(desk, "m_") == ["settlement:m_:1"]
    assert about(desk, "m2") == []


@pytest.mark.parametrize("begins", [True, False])
def test_they_are_found_by_the_index_of_sources(
    desk: Desk, engine: str, monkeypatch: pytest.MonkeyPatch, begins: bool
) -> None:
    if not begins:  # the control: a condition that no index serves
        monkeypatch.setattr("market.ledger.queries._begins", lambda _book, words: _somewhere(words))
    asked: list[tuple[str, Any]] = []
    with unit_of_work():
        desk.post("settlement:m1:1", given(100))
    db.session.flush()

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        service.entries_about(desk.book, "m1", KINDS)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listen)
    statement, parameters = next(one for one in asked if " OR " in one[0])
    connection = db.session.connection()
    if engine == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN QUERY PLAN" if engine == "sqlite" else "EXPLAIN"
    plan = "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))
    words = "source>? AND source<?" if engine == "sqlite" else "~>=~"
    assert ("uq_entry_source" in plan and words in plan) is begins


def _somewhere(words: str) -> sa.ColumnElement[bool]:
    return sa.literal_column("entry.source").like(f"%{words}%")
