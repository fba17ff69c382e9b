"""Closed months and quarters: compared with the charity's statement by two people, and then they stay."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.models import CharityStatement
from market.fund.rules import Figures, Unclear, figures, unclear
from market.ledger import periods, service as ledger, triggers
from market.ledger.models import Book, Entry, Period
from market.ledger.rules import EntryKind, credit, debit
from market.ledger.spans import PeriodKind, Span, month_of, quarter_of
from market.people.models import User
from market.settlement import service as settlement
from market.stalls import service as stalls
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories.settlement import evening, make_fund
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_service import app_of, code_of
from tests.ledger.test_export import bean_check
from tests.races import at_once, guards_off

PAST = quarter_of(day_of(AT) - timedelta(days=100))
"""A quarter that is over, whatever today is."""
IN_PAST = (PAST.first - day_of(AT)).days + 40


@pytest.fixture
def held(desk: Desk) -> Desk:
    """One market in a quarter that is over; its gift of 43.00 arrived in it."""
    day = desk.market(40_000, 20_000, 26_000, in_days=IN_PAST).day
    desk.arrive(day, "GZ-1")
    assert PAST.first <= day_of(evening(day)) <= PAST.last
    return desk


def close(
    desk: Desk,
    *,
    by: str = "staff",
    balance: int = 4_300,
    why: str = "",
    day: date = PAST.first,
    at: datetime = AT,
) -> Period:
    theirs = Figures(4_300, 0, balance)
    return do_in_unit_of_work(
        lambda: service.close_quarter(
            desk.fund, day, theirs, reference="DZ-1", explanation=why, by=person(by), at=at
        )
    )


def confirm(period: Period, by: str = "member1") -> Period:
    return do_in_unit_of_work(lambda: service.confirm_quarter(period, by=person(by), at=AT))


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("theirs", "at_end", "found"),
    [
        (Figures(10, 4, 6), {"1001": 6}, []),
        (Figures(10, 4, 6), {"1001": 6, "1003": 3}, [(Unclear.IN_TRANSIT, 3)]),
        (Figures(10, 4, 6), {"1001": 6, "1002": 2, "2002": -5}, [(Unclear.IN_TRANSIT, 2), (Unclear.OWED, 5)]),
        (Figures(12, 4, 8), {"1001": 6}, [(Unclear.INCOME, -2), (Unclear.BALANCE, -2)]),
        (Figures(10, 0, 6), {"1001": 6}, [(Unclear.SPENT, 4)]),
    ],
)
def test_what_must_be_explained(
    theirs: Figures, at_end: dict[str, int], found: list[tuple[Unclear, int]]
) -> None:
    ours = figures({"4101": -9, "4108": -1, "5103": 4, "1001": 6}, {"1001": 6})
    assert ours == Figures(10, 4, 6)
    assert unclear(ours, theirs, at_end) == found


# ── closing ───────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_quarter_is_closed_by_two_people_and_never_opened_again(held: Desk) -> None:
    period = close(held)
    assert close(held, by="second") is period
    assert service.closed_quarters(held.fund) == []
    assert code_of(lambda: service.confirm_quarter(period, by=person("staff"), at=AT)) == (
        "ledger.period_second_person"
    )
    assert confirm(period) is confirm(period, "member2") is period
    assert period.confirmer is person("member1")
    assert service.closed_quarters(held.fund) == [period]
    assert (
        code_of(lambda: service.withdraw_quarter(period, by=person("staff"), at=AT)) == "ledger.period_closed"
    )
    assert ledger.verify(held.fund.book).ok


def test_what_differs_from_the_statement_is_explained_first(held: Desk) -> None:
    assert code_of(lambda: close(held, balance=4_299)) == "fund.unexplained"
    period = close(held, balance=4_299, why="对方扣了一分手续费")
    view = next(view for view in service.quarters(held.fund, day_of(AT)) if view.period is period)
    assert view.unclear == ((Unclear.BALANCE, 1),)


def test_what_is_on_its_way_at_the_end_is_explained_first(held: Desk) -> None:
    held.market(10_000, 10_000, 10_000, in_days=IN_PAST + 3)
    assert code_of(lambda: close(held)) == "fund.unexplained"
    close(held, why="十五元还在路上，下个季度到账")


def test_a_quarter_that_nobody_confirmed_is_taken_back_and_compared_again(held: Desk) -> None:
    period = close(held, why="先结一下")
    with unit_of_work():
        service.withdraw_quarter(period, by=person("second"), at=AT)
    assert db.session.scalars(sa.select(CharityStatement)).all() == []
    assert confirm(close(held, by="second"), "staff").is_final


def test_quarters_are_closed_in_order_and_only_when_they_are_over(held: Desk) -> None:
    today = day_of(AT)
    assert code_of(lambda: close(held, day=today)) == "ledger.period_runs"
    following = quarter_of(PAST.last + timedelta(days=1))
    later = AT + timedelta(days=200)  # the following quarter is over then, whatever today is
    assert code_of(lambda: close(held, day=following.first, at=later)) == "ledger.earlier_open"
    assert [view.span for view in service.quarters(held.fund, today)][-1] == PAST


def test_a_statement_without_its_number_is_refused(held: Desk) -> None:
    theirs = Figures(4_300, 0, 4_300)
    assert (
        code_of(
            lambda: service.close_quarter(
                held.fund, PAST.first, theirs, reference=" ", explanation="", by=person("staff"), at=AT
            )
        )
        == "fund.no_statement"
    )


# ── what is closed stays ──────────────────────────────────────────────────────────────────────────────────


def sums(desk: Desk, span: Span) -> dict[str, int]:
    return ledger.balances(desk.fund.book, since=span.first, until=span.last)


def test_a_correction_after_the_close_moves_nothing_in_the_closed_quarter(held: Desk) -> None:
    confirm(close(held))
    before = sums(held, PAST)
    day = settlement.settlements(held.community)[0].day
    with unit_of_work():
        settlement.correct_takings(stalls.assignments(day)[0], 10_000, "看错了一行", by=held.second, at=AT)
    assert sums(held, PAST) == before
    assert ledger.balance(held.fund.book, "2002") == -1_500
    assert ledger.verify(held.fund.book).ok


def test_another_program_finds_the_closed_quarter_as_it_was_after_a_correction(
    held: Desk, tmp_path: Path
) -> None:
    """D18: bean-check takes the whole year, and the quarter ends with what the charity confirmed."""
    confirm(close(held))
    held.market(50_000, in_days=-1)
    day = settlement.settlements(held.community)[0].day
    for fen, by in ((10_000, held.second), (30_000, held.clerk)):
        with unit_of_work():
            first = stalls.assignments(day)[0]
            settlement.correct_takings(first, fen, "看错了一行", by=by, at=AT)
    out, end = io.StringIO(), PAST.last + timedelta(days=1)
    ledger.export_beancount(held.fund.book, out)
    assert "reversal" in out.getvalue()
    for fen, accepted in ((4_300, True), (4_302, False)):  # one fen may be rounding there
        stands = f"{end} balance Assets:Fund:1001-存于慈善组织 {fen / 100:.2f} CNY\n"
        assert (bean_check(out.getvalue() + stands, tmp_path).returncode == 0) is accepted


def test_a_payment_of_a_closed_month_counts_now_and_says_when_it_was_made(held: Desk) -> None:
    with unit_of_work():
        service.close_month(held.fund, PAST.last, by=person("staff"), at=AT)
    proposal = held.approved(2_000)
    payment = held.pay(proposal, paid_on=PAST.last)
    assert (payment.paid_on, payment.entry.happened_on) == (PAST.last, day_of(AT))
    assert f"{PAST.last.isoformat()} 付款，属于前期" in payment.entry.memo
    assert sums(held, month_of(PAST.last)) == {}


def test_a_clock_that_is_behind_books_on_the_first_open_day(held: Desk) -> None:
    confirm(close(held))
    day = held.market(10_000, 10_000, 10_000, in_days=IN_PAST + 3).day
    entry = settlement.settlement_of(day)
    assert entry is not None
    assert entry.entry is not None
    assert entry.entry.happened_on == PAST.last + timedelta(days=1)


def backdate(desk: Desk) -> Entry:
    """An entry as the service would write it, dated in the closed quarter."""
    with unit_of_work():
        return ledger.post(
            desk.fund.book,
            "interest:1",
            EntryKind.GOODS,
            [debit("1001", 5), credit("4108", 5)],
            happened_on=PAST.last,
            memo="利息",
            by=person("staff"),
            at=AT,
        )


@both_engines
def test_nothing_is_posted_into_a_closed_period(held: Desk) -> None:
    confirm(close(held))
    assert code_of(lambda: backdate(held)) == "ledger.period_closed"


@both_engines
def test_the_database_refuses_what_the_service_would_let_through(
    held: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(close(held))
    monkeypatch.setattr("market.ledger.service._check_period", lambda _book, _draft: None)
    with pytest.raises(DBAPIError, match="ledger period is closed"):
        backdate(held)


@both_engines
def test_without_both_guards_a_closed_quarter_changes_and_verify_says_so(
    held: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    confirm(close(held))
    before = sums(held, PAST)
    monkeypatch.setattr("market.ledger.service._check_period", lambda _book, _draft: None)
    dialect = db.engine.dialect.name
    run(*triggers.drop_period_statements(dialect))
    entry = backdate(held)
    assert sums(held, PAST) != before
    run(*triggers.create_period_statements(dialect))
    found = ledger.verify(held.fund.book)
    assert [(fault.sequence, fault.code) for fault in found.faults] == [(entry.sequence, "period")]


def run(*statements: str) -> None:
    with unit_of_work():
        for statement in statements:
            db.session.execute(sa.text(statement))


REFUSED = (
    "DELETE FROM period",
    "UPDATE period SET last_on = first_on",
    "UPDATE period SET confirmed_at = NULL, confirmed_by = NULL",
)


@both_engines
def test_the_database_keeps_a_closed_period(held: Desk, engine: str) -> None:
    confirm(close(held))
    truncated = ("TRUNCATE period CASCADE",) if engine == "postgresql" else ()
    for statement in (*REFUSED, *truncated):
        with pytest.raises(DBAPIError, match="ledger period is closed"):
            run("DELETE FROM charity_statement", statement)
    assert ledger.verify(held.fund.book).ok


def test_a_missing_guard_of_periods_is_named(held: Desk) -> None:
    run("DROP TRIGGER ledger_entry_period")
    assert ledger.verify(held.fund.book).trigger_faults == ["ledger_entry_period"]


# ── many at once ──────────────────────────────────────────────────────────────────────────────────────────


def closings(desk: Desk) -> list[Callable[[], str]]:
    book_id, ids = desk.fund.book_id, [person(login).id for login in ("staff", "second")]

    def act_of(by_id: int) -> Callable[[], str]:
        def act() -> str:
            book = db.session.get_one(Book, book_id)
            by = db.session.get_one(User, by_id)
            return periods.close_period(book, PeriodKind.QUARTER, PAST.first, by=by, at=AT).ref

        return act

    return [act_of(ids[number % 2]) for number in range(8)]


def stored() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Period)) or 0


@both_engines
def test_many_closes_at_once_are_one(held: Desk) -> None:
    assert len(set(at_once(app_of(), closings(held)))) == stored() == 1


@both_engines
def test_without_the_guards_a_quarter_is_closed_more_than_once(
    held: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = closings(held)
    run("DROP INDEX uq_period_span")
    with guards_off(app_of(), monkeypatch, "ledger.close_period", together=len(acts)):
        at_once(app_of(), acts)
    assert stored() > 1


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_close_a_quarter_and_a_member_confirms_it_and_everybody_sees_it(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        with unit_of_work():
            community = find_community(cast.ours)
            fund = make_fund(community, person("staff"), AT - timedelta(days=400))
        desk = Desk(community, fund)
        day = desk.market(40_000, 20_000, 26_000, in_days=IN_PAST).day
        desk.arrive(day, "GZ-1")
    staff, member, anybody = sign_in("staff"), sign_in("member1"), app.test_client()
    page = "/staff/huaiyin/fund/periods"
    assert "43.00" in staff.get(page).text
    typed = {"reference": "DZ-1", "income": "43", "spent": "0", "balance": "42.99", "explanation": ""}
    refused = post(staff, page, f"{page}/quarters/{PAST.first}", **typed)
    assert refused.status_code == 409 or refused.status_code == 422
    assert "有数对不上" in refused.text
    typed["balance"] = "43.00"
    assert post(staff, page, f"{page}/quarters/{PAST.first}", **typed).status_code == 302
    told = staff.get(page).text
    assert "等另一个人确认" in told
    assert "我也核对过" not in told
    with app.app_context():
        ref = db.session.scalars(sa.select(Period.ref)).one()
    theirs = "/committee/huaiyin/periods"
    assert "我也核对过" in member.get(theirs).text
    assert post(member, theirs, f"{theirs}/{ref}/confirmation").status_code == 302
    assert f"{PAST.last.year} 年第 {PAST.quarter} 季度" in anybody.get("/c/huaiyin/fund").text
    assert "和对账单都对得上" in staff.get(page).text


def test_staff_close_a_month_and_take_back_a_quarter(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context():
        with unit_of_work():
            community = find_community(cast.ours)
            fund = make_fund(community, person("staff"), AT - timedelta(days=400))
        desk = Desk(community, fund)
        desk.arrive(desk.market(40_000, 20_000, 26_000, in_days=IN_PAST).day, "GZ-1")
        ref = close(desk).ref
    staff, page = sign_in("staff"), "/staff/huaiyin/fund/periods"
    assert post(staff, page, f"{page}/{ref}/withdrawal").status_code == 302
    again = post(staff, page, f"{page}/{ref}/withdrawal")
    assert (again.status_code, "没有这个结账期间，可能刚被撤回。" in again.text) == (404, True)
    month = month_of(month_of(day_of(AT)).first - timedelta(days=1))
    assert post(staff, page, f"{page}/months/{month.first}").status_code == 302
    assert "一个人就能结" not in staff.get(page).text
    assert post(staff, page, f"{page}/months/never").status_code == 404
