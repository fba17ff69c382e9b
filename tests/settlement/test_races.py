"""Many at once: a market is settled once, a mistake corrected once; and what happens without the guards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db
from market.insight import service as insight
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.people.models import User
from market.settlement import service
from market.settlement.models import Settlement, TakingsReport
from market.settlement.rules import TakingsSource
from market.stalls.models import Assignment
from tests.conftest import both_engines
from tests.factories.settlement import TWENTY_YUAN, evening
from tests.races import at_once, guards_off
from tests.settlement.conftest import Desk

pytestmark = both_engines


def close(day: MarketDay, by: User) -> Callable[[], str]:
    """An act for another thread: settles and answers with revision and sum."""
    day_id, by_id, at = day.id, by.id, evening(day)

    def act() -> str:
        day, by = db.session.get_one(MarketDay, day_id), db.session.get_one(User, by_id)
        settlement = service.close_day(day, by=by, at=at)
        return f"{settlement.revision}: {settlement.contribution_fen}"

    return act


def correct(held: Assignment, fen: int, by: User) -> Callable[[], str]:
    held_id, by_id, at = held.id, by.id, evening(held.day)

    def act() -> str:
        held, by = db.session.get_one(Assignment, held_id), db.session.get_one(User, by_id)
        settlement = service.correct_takings(held, fen, "看错了一行", by=by, at=at)
        return f"{settlement.revision}: {settlement.contribution_fen}"

    return act


def report(held: Assignment, fen: int, by: User) -> Callable[[], str]:
    held_id, by_id, at = held.id, by.id, evening(held.day)

    def act() -> str:
        held, by = db.session.get_one(Assignment, held_id), db.session.get_one(User, by_id)
        told = service.report_takings(held, fen, source=TakingsSource.STAFF, by=by, at=at)
        return f"{told.revision}: {told.takings_fen}"

    return act


def count(model: type[Settlement] | type[Entry] | type[TakingsReport]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_fifty_closes_at_once_settle_and_post_once(context: Flask, desk: Desk) -> None:
    day = desk.ended()
    answers = at_once(context, [close(day, desk.clerk) for _ in range(50)])
    assert answers == ["1: 8601"] * 50
    assert (count(Settlement), count(Entry), day.state) == (1, 1, DayState.SETTLED)
    book = ledger.book_of(desk.community)
    assert ledger.balances(book) == {"1003": 8_601, "2001": -8_601}
    assert ledger.verify(book).ok


def test_without_the_guards_one_market_is_settled_and_counted_more_than_once(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No locks, no unique key, and everyone has looked before the first one writes. Nothing is given, because
    the book has guards of its own, which tests/ledger takes away."""
    day = desk.ended([90_000, 0], terms=None)
    acts = [close(day, desk.clerk) for _ in range(8)]
    with guards_off(
        context,
        monkeypatch,
        "settlement.close_day",
        "calendar.step",
        together=8,
        indices=["uq_settlement_revision"],
    ):
        at_once(context, acts)
    assert count(Settlement) > 1


def test_a_report_and_a_close_at_once_never_lose_the_report(context: Flask, desk: Desk) -> None:
    day = desk.ended([90_000], terms=TWENTY_YUAN)
    held = desk.held(day)
    acts = [report(held, 100_000 + n, desk.clerk) for n in range(10)] + [close(day, desk.clerk)]
    answers = at_once(context, acts)
    assert answers[-1] == "1: 2000"
    settlement, latest = service.settlement_of(day), service.latest_report(held)
    assert settlement is not None
    assert latest is not None
    assert settlement.takings_fen == latest.takings_fen
    taken = [answer for answer in answers[:-1] if answer != "settlement.settled"]
    assert count(TakingsReport) == latest.revision == 1 + len(taken)


def test_twenty_corrections_of_one_person_at_once_are_one_revision(context: Flask, desk: Desk) -> None:
    first = desk.settled()
    answers = at_once(context, [correct(desk.held(first.day), 80_000, desk.second)] * 20)
    assert answers == ["2: 8101"] * 20
    assert (count(Settlement), count(Entry)) == (2, 3)
    assert ledger.balances(ledger.book_of(desk.community)) == {"1003": 8_101, "2001": -8_101}


def test_corrections_of_two_stalls_at_once_take_turns(context: Flask, desk: Desk) -> None:
    first = desk.settled()
    day = first.day
    answers = at_once(
        context,
        [
            correct(desk.held(day, "A01"), 80_000, desk.second),
            correct(desk.held(day, "A02"), 80_000, desk.second),
        ],
    )
    assert sorted(answers) in (
        ["2: 8101", "settlement.second_person"],
        ["2: 8500", "settlement.second_person"],
    )
    sums = insight.counters(desk.community)
    latest = service.settlement_of(day)
    assert latest is not None
    assert (sums.days, sums.contribution_fen) == (1, latest.contribution_fen)
    assert ledger.verify(ledger.book_of(desk.community)).ok
