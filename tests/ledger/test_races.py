"""Many at once: one source is posted once, money is spent once; and what happens when the guards are off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market.db import db, unit_of_work
from market.ledger import service
from market.ledger.models import Book, Entry
from market.ledger.rules import EntryKind
from tests.conftest import both_engines
from tests.ledger.conftest import AT, DAY, Desk, given, spent
from tests.parts.guards import drop_guards, run
from tests.races import at_once, guards_off

pytestmark = both_engines

INDICES = ("uq_entry_source", "uq_entry_sequence", "uq_entry_number")


def post(desk: Desk, source: str, *, spend: int = 0) -> Callable[[], str]:
    """An act for another thread: posts and answers with the voucher number, or the code of the refusal."""
    book_id, clerk_id = desk.book.id, desk.clerk.id

    def act() -> str:
        book, clerk = db.session.get_one(Book, book_id), db.session.get_one(type(desk.clerk), clerk_id)
        kind, lines = (EntryKind.SPENDING, spent(spend)) if spend else (EntryKind.CONTRIBUTION, given(100))
        entry = service.post(book, source, kind, lines, happened_on=DAY, memo="同时", by=clerk, at=AT)
        return entry.voucher

    return act


def without_triggers() -> None:
    """What the database itself refuses, it refuses no longer."""
    with unit_of_work():
        run(drop_guards())


def stored(source: str) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(Entry.source.like(source))) or 0


def test_fifty_posts_of_one_source_are_one_entry(context: Flask, desk: Desk) -> None:
    answers = at_once(context, [post(desk, "settlement:a:1") for _ in range(50)])
    assert answers == ["2024-0001"] * 50
    assert stored("settlement:a:1") == 1
    assert service.verify(desk.book).ok


def test_without_the_guards_one_source_is_posted_more_than_once(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = [post(desk, "settlement:a:1") for _ in range(8)]
    without_triggers()
    with guards_off(context, monkeypatch, together=8, indices=INDICES):
        at_once(context, acts)
    assert stored("settlement:a:1") > 1
    assert not service.verify(desk.book).ok


def test_fifty_sources_at_once_are_fifty_entries_without_a_gap(context: Flask, desk: Desk) -> None:
    answers = at_once(context, [post(desk, f"settlement:{n}:1") for n in range(50)])
    assert sorted(answers) == [f"2024-{n:04d}" for n in range(1, 51)]
    assert service.verify(desk.book).ok
    assert service.balances(desk.book) == {"1001": 5000, "4101": -5000}


def test_two_payments_that_together_are_too_much_do_not_both_pass(context: Flask, desk: Desk) -> None:
    with unit_of_work():
        desk.post("settlement:a:1", given(100))
    answers = at_once(context, [post(desk, f"payment:{n}", spend=60) for n in range(10)])
    assert sorted(answers) == ["2024-0002"] + ["ledger.not_enough"] * 9
    assert service.balance(desk.book, "1001") == 40


def test_without_the_guards_both_payments_pass_and_verify_names_the_overdraft(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        desk.post("settlement:a:1", given(100))
    acts = [post(desk, f"payment:{n}", spend=60) for n in range(2)]
    without_triggers()
    with guards_off(context, monkeypatch, together=2, indices=INDICES):
        at_once(context, acts)
    assert stored("payment:%") == 2
    assert "overdrawn" in [fault.code for fault in service.verify(desk.book).faults]


def test_a_reversal_asked_for_by_many_at_once_happens_once(context: Flask, desk: Desk) -> None:
    with unit_of_work():
        entry_id = desk.post("settlement:a:1", given(100)).id
    second_id = desk.second.id

    def reverse() -> str:
        entry, second = (
            db.session.get_one(Entry, entry_id),
            db.session.get_one(type(desk.second), second_id),
        )
        return service.reverse(entry, reason="报错了", by=second, at=AT).voucher

    assert at_once(context, [reverse] * 20) == ["2024-0002"] * 20
    assert service.balances(desk.book) == {"1001": 0, "4101": 0}
    assert service.verify(desk.book).ok
