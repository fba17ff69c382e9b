"""The notice of a quarter: due on a day, made by two people, and the same bytes whatever comes later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient

from market.communities.service import find_community, profile_of
from market.db import db, do_in_unit_of_work
from market.errors import Refusal
from market.fund import service
from market.fund.due import Due, Standing, due_of
from market.fund.models import CharityNotice
from market.fund.notice_rows import QuarterNotice
from market.fund.published import public_book
from market.fund.quarter import corrections, facts_of
from market.fund.quarter_facts import QuarterFacts, read_facts
from market.fund.rules import Source
from market.fund.service import NoticeDraft, quarter_notices as acts
from market.ledger.models import Period
from market.ledger.spans import Span
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_periods import IN_PAST, PAST, close, confirm
from tests.fund.test_service import app_of, code_of
from tests.fund.test_views import at_desk
from tests.parts.pdf import text
from tests.races import at_once, guards_off

PUBLIC, STAFF = "/c/huaiyin/fund", "/staff/huaiyin/fund"
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def held(desk: Desk) -> Desk:
    """One market in a quarter that is over; its gift of 43.00 arrived in it."""
    desk.arrive(desk.market(40_000, 20_000, 26_000, in_days=IN_PAST).day, "GZ-1")
    return desk


def closed(desk: Desk) -> Period:
    return confirm(close(desk))


def prepared(desk: Desk, by: str = "staff") -> QuarterNotice:
    period = closed(desk)
    return do_in_unit_of_work(lambda: acts.prepare_notice(desk.fund, period, by=person(by), at=AT))


def publish(notice: QuarterNotice, by: str = "second", seen: str = "") -> QuarterNotice:
    return do_in_unit_of_work(lambda: acts.publish_notice(notice, seen or notice.hash, by=person(by), at=AT))


def correct(desk: Desk) -> None:
    """Later somebody sees that all three sold less than was said."""
    day = settlement.settlements(desk.community)[0].day
    for number, stall in enumerate(stalls.assignments(day)):

        def act(stall: Assignment = stall, number: int = number) -> None:
            by = person("staff" if number % 2 else "second")
            settlement.correct_takings(stall, 10_000 + number, "看错了一行", by=by, at=AT)

        do_in_unit_of_work(act)


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────

QUARTER = Span(date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("published", "today", "standing", "days"),
    [
        (None, date(2026, 9, 30), Standing.RUNNING, 30),
        (None, date(2026, 10, 1), Standing.DUE, 29),
        (None, date(2026, 10, 30), Standing.DUE, 0),
        (None, date(2026, 10, 31), Standing.LATE, -1),
        (date(2026, 10, 30), date(2026, 12, 1), Standing.IN_TIME, 0),
        (date(2026, 11, 2), date(2026, 12, 1), Standing.PUBLISHED_LATE, -3),
    ],
)
def test_the_clock_of_a_quarter(published: date | None, today: date, standing: Standing, days: int) -> None:
    due = due_of(QUARTER, 30, published, today)
    assert (due.due_on, due.standing, due.days) == (date(2026, 10, 30), standing, days)


def test_the_days_come_from_the_region(held: Desk) -> None:
    days = profile_of(held.community).disclosure.publish_days
    found = {due.span: due for due, _period, _notice in acts.clocks(held.fund, day_of(AT))}
    assert found[PAST] == Due(PAST, PAST.last + timedelta(days=days), None, day_of(AT))


# ── what it says ──────────────────────────────────────────────────────────────────────────────────────────


def test_it_closes_with_what_it_opened_with_and_what_moved(held: Desk) -> None:
    facts = facts_of(held.fund, closed(held))
    assert (facts.opening_fen, facts.income_fen, facts.spent_fen, facts.closing_fen) == (0, 4_300, 0, 4_300)
    assert [(one.code, one.quarter_fen, one.ever_fen) for one in facts.income] == [("4101", 4_300, 4_300)]
    assert [(one.stalls, one.fen) for one in facts.markets] == [(3, 4_300)]
    assert [one.seat for one in facts.members] == ["member"] * 3
    assert facts.adds_up


def test_reading_it_gives_what_was_written(held: Desk) -> None:
    facts = facts_of(held.fund, closed(held))
    assert read_facts(facts.written()) == facts
    assert isinstance(read_facts(facts.written()), QuarterFacts)


def test_it_keeps_no_name_of_a_donor(held: Desk) -> None:
    gift = NoticeDraft(Source.PERSON, 20_000, PAST.last, "JZ-1", donor="赵大爷", may_name=True)
    notice = do_in_unit_of_work(lambda: service.enter_notice(held.fund, gift, by=person("staff"), at=AT))
    do_in_unit_of_work(lambda: service.confirm_notice(notice, by=person("second"), at=AT))
    period = close(held, balance=24_300, why="个人捐款在对账单第 2 页")
    confirm(period)
    kept = do_in_unit_of_work(lambda: acts.prepare_notice(held.fund, period, by=person("staff"), at=AT))
    publish(kept)
    page = f"{PUBLIC}/quarterly/{kept.ref}"
    assert "赵大爷" not in kept.facts
    assert "赵大爷" in current_app.test_client().get(page).text
    gift_row = db.session.scalars(sa.select(CharityNotice)).one()
    do_in_unit_of_work(lambda: service.set_naming(gift_row, False, by=person("staff"), at=AT))
    told = current_app.test_client().get(page).text
    assert ("赵大爷" in told, "爱心人士" in told) == (False, True)


# ── two people ────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_two_people_make_it_and_twice_is_once(held: Desk) -> None:
    notice = prepared(held)
    assert code_of(lambda: publish(notice, "staff")) == "fund.second_person"
    assert publish(notice) is publish(notice, "member1") is notice
    assert (notice.reviewer, notice.is_published) == (person("second"), True)
    again = do_in_unit_of_work(
        lambda: acts.prepare_notice(held.fund, notice.period, by=person("second"), at=AT)
    )
    assert (again is notice, again.preparer) == (True, person("staff"))


def test_only_a_quarter_that_two_people_closed_is_published(held: Desk) -> None:
    period = close(held)
    refused = code_of(lambda: acts.prepare_notice(held.fund, period, by=person("staff"), at=AT))
    assert refused == "fund.quarter_open"


def test_what_was_prepared_anew_or_says_something_else_by_now_is_read_again(held: Desk) -> None:
    notice = prepared(held)
    assert code_of(lambda: publish(notice, seen="0" * 64)) == "fund.notice_changed"
    do_in_unit_of_work(lambda: setattr(held.fund, "purpose", "用于社区服务"))
    assert code_of(lambda: publish(notice)) == "fund.notice_changed"
    period = notice.period
    do_in_unit_of_work(lambda: acts.prepare_notice(held.fund, period, by=person("staff"), at=AT))
    assert publish(notice).is_published


def race(desk: Desk) -> list[Callable[[], str]]:
    period_id = closed(desk).id

    def act() -> str:
        period = db.session.get_one(Period, period_id)
        fund = service.require_fund(find_community("huaiyin"))
        return acts.prepare_notice(fund, period, by=person("staff"), at=AT).ref

    return [act] * 4


def stored() -> int:
    db.session.rollback()  # what this thread has read is older than what the others wrote
    return db.session.scalar(sa.select(sa.func.count()).select_from(QuarterNotice)) or 0


@both_engines
def test_prepared_by_many_at_once_it_is_one(held: Desk) -> None:
    assert len(set(at_once(app_of(), race(held)))) == stored() == 1


@both_engines
def test_without_the_guards_a_quarter_has_several_notices(
    held: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    doings = race(held)
    indices = ("uq_quarter_notice_period",)
    with guards_off(app_of(), monkeypatch, "fund.prepare_notice", together=len(doings), indices=indices):
        at_once(app_of(), doings)
    assert stored() > 1


# ── and then it stays ─────────────────────────────────────────────────────────────────────────────────────


def seen_of(notice: QuarterNotice) -> list[bytes]:
    client, address = current_app.test_client(), f"{PUBLIC}/quarterly/{notice.ref}"
    return [client.get(f"{address}{ending}").data for ending in ("", ".pdf", ".xlsx")]


@both_engines
def test_a_later_correction_changes_no_byte_and_stands_in_its_own_quarter(held: Desk) -> None:
    notice = publish(prepared(held))
    before = seen_of(notice)
    figures = facts_of(held.fund, notice.period)
    correct(held)
    assert seen_of(notice) == before
    now = facts_of(held.fund, notice.period)
    changing = {"markets", "waiting"}  # what a market gave and how much waits is said as it counts now
    assert now.model_dump(exclude=changing) == figures.model_dump(exclude=changing)
    public = public_book(held.community)
    mine = list(corrections(held.fund, public))
    assert list(corrections(held.fund, public, PAST)) == []
    year, quarter = day_of(AT).year, f"{PAST.last.year}-{PAST.quarter}"
    assert [(one.number, one.reason, one.earlier) for one in mine] == [
        (f"{year}-1", "看错了一行", quarter),
        (f"{year}-2", "看错了一行", ""),
        (f"{year}-3", "看错了一行", ""),
    ]
    told = current_app.test_client().get(f"{PUBLIC}/corrections").text
    assert told.count("看错了一行") == len(mine)


def test_what_is_found_after_the_close_has_a_remark_of_its_own_that_moves_no_other_number(held: Desk) -> None:
    notice = publish(prepared(held))
    before = seen_of(notice)
    correct(held)
    draft = NoticeDraft(Source.PERSON, 20_000, PAST.last, "JZ-9", None, "赵大爷", False)
    typed = do_in_unit_of_work(lambda: service.enter_notice(held.fund, draft, by=person("staff"), at=AT))
    do_in_unit_of_work(lambda: service.confirm_notice(typed, by=person("second"), at=AT))
    public, year = public_book(held.community), day_of(AT).year
    mine = list(corrections(held.fund, public))
    assert [one.number for one in mine] == [f"{year}-1", f"{year}-2", f"{year}-3", f"{year}-补1"]
    late = mine[-1]
    assert (late.undoes, late.before_fen, late.after_fen) == (False, None, 20_000)
    assert (late.earlier, PAST.last.isoformat() in late.reason) == (f"{PAST.last.year}-{PAST.quarter}", True)
    assert list(corrections(held.fund, public, PAST)) == []
    assert seen_of(notice) == before
    told = current_app.test_client().get(f"{PUBLIC}/corrections").text
    assert f"更正说明 {year}-补1" in told
    assert "补记 200.00 元" in told


def test_what_is_booked_in_its_own_quarter_has_no_remark(held: Desk) -> None:
    draft = NoticeDraft(Source.PERSON, 20_000, PAST.last, "JZ-9", None, "赵大爷", False)
    typed = do_in_unit_of_work(lambda: service.enter_notice(held.fund, draft, by=person("staff"), at=AT))
    do_in_unit_of_work(lambda: service.confirm_notice(typed, by=person("second"), at=AT))
    assert list(corrections(held.fund, public_book(held.community))) == []


def test_the_control_a_notice_worked_out_anew_would_show_what_came_later(held: Desk) -> None:
    """Were it not kept, the page of the same quarter would change: so the test above can fail."""
    notice = publish(prepared(held))
    before = seen_of(notice)[0]
    correct(held)
    do_in_unit_of_work(lambda: setattr(notice, "facts", facts_of(held.fund, notice.period).written()))
    assert seen_of(notice)[0] != before


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_make_it_and_everybody_reads_it(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with at_desk(app, cast) as desk:
        desk.arrive(desk.market(40_000, 20_000, 26_000, in_days=IN_PAST).day, "GZ-1")
        period = closed(desk).ref
    staff, second, everybody = sign_in("staff"), sign_in("second"), app.test_client()
    assert "以前公布" in everybody.get(f"{PUBLIC}/quarterly").text
    answer = post(staff, f"{STAFF}/quarterly", f"{STAFF}/quarterly/quarters/{period}")
    draft = answer.location
    public = f"{PUBLIC}/quarterly/{draft.rsplit('/', 1)[1]}"
    assert everybody.get(public).status_code == 404
    assert "要由另一位同事" in staff.get(draft).text
    with app.app_context():
        seen = db.session.scalars(sa.select(QuarterNotice.hash)).one()
    assert post(second, draft, f"{draft}/publication", seen=seen).status_code == 302
    page = everybody.get(public).text
    wanted = ("43.00", "期初结余", "期末结余", "编制", "审核", "监督电话", "公示期", "DZ-1")
    assert [word for word in wanted if word not in page] == []
    assert public in everybody.get(f"{PUBLIC}/quarterly").text


def test_paper_and_workbook_say_the_same(held: Desk) -> None:
    _page, pdf, workbook = seen_of(publish(prepared(held)))
    found = "".join(text("pdfium", pdf).split())
    columns = (
        "期初结余",
        "收入（按来源）",
        "支出（按类型）",
        "期末结余",
        "编制",
        "审核",
        "公示期",
        "监督电话",
    )
    assert [word for word in columns if word not in found] == []
    book = openpyxl.load_workbook(BytesIO(workbook))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [word for word in columns if word not in cells] == []
    assert 43 in cells


@both_engines
def test_a_member_is_the_second_person_and_a_supervisor_is_not(cast: Cast, held: Desk) -> None:
    notice = prepared(held)
    with pytest.raises(Refusal, match="监督员") as refused:
        publish(notice, "gate")
    assert refused.value.code == "fund.onlooker"
    assert publish(notice, "member2").reviewer is person("member2")
