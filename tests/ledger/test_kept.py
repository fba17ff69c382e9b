"""Kept sums are what the lines add up to, whatever is posted, by whom and how often at once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from hypothesis import HealthCheck, given as given_that, settings, strategies as st

from market.db import db, guards, unit_of_work
from market.ledger import kept, service
from market.ledger.chain import FaultCode
from market.ledger.models import Book, KeptSum
from market.ledger.rules import Code, EntryKind, Line, credit, debit
from market.ledger.spans import Span, by_months
from tests.conftest import both_engines
from tests.ledger.conftest import AT, Desk, given, spent
from tests.ledger.test_races import post
from tests.races import at_once

DATES = st.dates(date(2023, 11, 25), date(2024, 3, 5))
BOUNDS = st.none() | DATES


@given_that(BOUNDS, BOUNDS)
def test_every_day_between_two_dates_is_in_whole_months_or_left_over_once(
    since: date | None, until: date | None
) -> None:
    months, days = by_months(since, until)
    first, last = since or date(2023, 11, 1), until or date(2024, 3, 31)
    asked = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    found = Counter(
        day
        for span in (*days, *([months] if months else []))
        for day in _days(Span(max(span.first, date(2023, 11, 1)), min(span.last, date(2024, 3, 31))))
    )
    assert set(found) == asked
    assert set(found.values()) <= {1}
    assert months is None or (months.first.day == 1 and (months.last + timedelta(days=1)).day == 1)


def _days(span: Span) -> list[date]:
    return [span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)]


ACTS = st.lists(
    st.tuples(st.sampled_from(("gift", "spend", "undo")), st.integers(1, 900), DATES), max_size=12
)


@both_engines
@pytest.mark.own_app
def test_balances_are_what_the_lines_add_up_to(context: Flask, desk: Desk) -> None:
    """Against a sum of a few lines, for any acts and any two dates."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given_that(ACTS, BOUNDS, BOUNDS)
    def holds(acts: list[tuple[str, int, date]], since: date | None, until: date | None) -> None:
        with suppress(UndoError), unit_of_work():
            for number, (act, fen, day) in enumerate(acts):
                _do(desk, number, act, fen, day)
            assert service.balances(desk.book, until, since) == _plainly(desk, since, until)
            assert service.contributed(desk.book, since, until) == _contributed(desk, since, until)
            assert service.verify(desk.book).faults == []
            raise UndoError
        db.session.expire_all()

    holds()


class UndoError(Exception):
    """Leaves a unit of work without a trace."""


def _do(desk: Desk, number: int, act: str, fen: int, day: date) -> None:
    posted = service.entries(desk.book)
    open_ones = [one for one in posted if one.reverses_id is None and one.reversed_by is None]
    if act == "gift":
        pending = [*given(fen), *_on_its_way(fen)]
        desk.post(f"settlement:{number}:1", pending, day=day)
    elif act == "spend" and fen <= service.balance(desk.book, Code.AT_CHARITY):
        desk.post(f"payment:{number}", spent(fen), day=day, kind=EntryKind.SPENDING)
    elif act == "undo" and open_ones:
        with suppress(Exception), db.session.begin_nested():
            desk.reverse(open_ones[fen % len(open_ones)], at=AT + timedelta(days=fen % 90))


def _on_its_way(fen: int) -> list[Line]:
    return [debit(Code.TRANSFER_PENDING, fen), credit(Code.UNCONFIRMED, fen)]


def _plainly(desk: Desk, since: date | None, until: date | None) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for entry in service.entries(desk.book, since=since, until=until):
        for line in entry.lines:
            sums[line.account] += line.amount_fen
    return {code: sums[code] for code in sorted(sums)}


def _contributed(desk: Desk, since: date | None, until: date | None) -> int:
    return sum(
        line.amount_fen
        for entry in service.entries(desk.book, since=since, until=until)
        if (entry.reverses or entry).kind is EntryKind.CONTRIBUTION
        for line in entry.lines
        if line.account == Code.TRANSFER_PENDING
    )


@both_engines
def test_many_at_once_lose_nothing_of_a_sum(context: Flask, desk: Desk) -> None:
    at_once(context, [post(desk, f"settlement:{n}:1") for n in range(30)])
    db.session.rollback()
    assert service.balance(desk.book, Code.AT_CHARITY) == 3_000
    assert service.verify(desk.book).ok


class CrashError(Exception):
    """The process ends here."""


def crashed_before_the_sums(context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[FaultCode]:
    def end(name: str) -> None:
        if name == "ledger.keep":
            raise CrashError

    monkeypatch.setitem(context.extensions, "race_point", end)
    act = post(desk, "settlement:a:1")
    db.session.rollback()
    db.engine.dispose()
    with suppress(CrashError):
        at_once(context, [act])
    monkeypatch.undo()
    db.session.rollback()
    return [fault.code for fault in service.verify(desk.book).faults]


def test_a_crash_between_an_entry_and_its_sums_leaves_neither(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crashed_before_the_sums(context, desk, monkeypatch) == []
    monkeypatch.setattr(guards, "on", False)  # the control: every statement commits by itself
    assert FaultCode.KEPT in crashed_before_the_sums(context, desk, monkeypatch)


def test_an_entry_whose_sums_were_not_kept_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.ledger.service.kept.keep", lambda *_a: None)
    with unit_of_work():
        desk.post("settlement:a:1", given(100))
    found = service.verify(desk.book)
    assert [str(fault) for fault in found.faults] == [
        "#2 2024-01 1001 kept 0 ≠ 100",
        "#2 2024-01 4101 kept 0 ≠ -100",
    ]
    assert service.fault_sentence(found.faults[0]).startswith("2024-01 1001 存着的合计")


@both_engines
@pytest.mark.own_app
def test_an_older_book_gets_its_sums_from_its_postings(context: Flask, year: Desk) -> None:
    before = service.balances(year.book)
    book_id = year.book.id
    db.session.remove()
    downgrade(revision="0025")
    upgrade()
    book = db.session.get_one(Book, book_id)
    assert service.balances(book) == before
    assert kept.kept_sums(book) == kept.plain_sums(book)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(KeptSum)) == len(kept.kept_sums(book))
    assert service.verify(book).ok
