"""Markets that settle themselves, what only a person can say, and receipts of the charity."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from market import clock, jobs
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import service as gate
from market.gate.rules import CountMethod
from market.ledger.models import Entry
from market.settlement import service
from market.settlement.models import CloseWaiver, Settlement
from market.settlement.paper_kit.statement import report_sheets
from market.settlement.rules import NO_TERMS, CloseFault, CloseTiming
from market.stalls import service as stalls
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories import settlement as make
from tests.races import at_once, guards_off
from tests.settlement.conftest import Desk

SignIn = Callable[[str], FlaskClient]


# ── the clock at work ─────────────────────────────────────────────────────────────────────────────────────


def decide(desk: Desk, *, after: int = 2, deadline: int | None = 48, automatic: bool = True) -> None:
    with unit_of_work():
        service.set_close_rule(
            desk.community,
            automatic=automatic,
            after_hours=after,
            deadline_hours=deadline,
            by=desk.clerk,
            at=clock.now(),
        )


def count_everybody(desk: Desk, day: MarketDay) -> None:
    """Every cell of the sheet of visits is filled."""
    sheet = gate.footfall(day)
    with unit_of_work():
        for name in sheet.entrances:
            for slot in range(1, len(sheet.slots) + 1):
                gate.count_visits(day, name, slot, 10, CountMethod.FULL_COUNT, by=desk.clerk, at=day.close_at)


def settle(day: MarketDay, hours: float) -> Settlement | None:
    with unit_of_work():
        return service.settle_when_due(day.id, at=day.close_at + timedelta(hours=hours))


def test_nothing_settles_itself_before_a_community_decides_so(desk: Desk) -> None:
    day = desk.ended()
    late = day.close_at + timedelta(days=30)
    assert service.days_to_settle(at=late) == []
    assert settle(day, 1_000) is None
    decide(desk)
    assert service.days_to_settle(at=late) == [day.id]
    decide(desk, automatic=False)
    assert service.days_to_settle(at=late) == []
    assert settle(day, 1_000) is None


@both_engines
def test_what_agrees_and_is_counted_settles_after_a_while(desk: Desk) -> None:
    day = desk.ended()
    decide(desk)
    count_everybody(desk, day)
    assert settle(day, 1) is None
    settled = settle(day, 2)
    assert settled is not None
    assert (settled.automatic, settled.person, settled.contribution_fen) == (True, desk.clerk, 8_601)
    assert day.state is DayState.SETTLED
    assert settle(day, 3) is None
    assert service.recompute(settled) == []


def test_at_the_deadline_what_is_missing_is_named_and_gives_nothing(desk: Desk) -> None:
    day = desk.ended((90_000, None, 0))
    decide(desk)
    assert settle(day, 47) is None
    settled = settle(day, 48)
    assert settled is not None
    assert settled.contribution_fen == 4_500
    waived = db.session.scalars(sa.select(CloseWaiver)).all()
    assert [(one.fault, one.person) for one in waived] == [(CloseFault.NOT_REPORTED, desk.clerk)]
    news = service.close_news(desk.community, at=settled.settled_at + timedelta(hours=1))
    assert [row.assignment.label for row in news[0].waived] == ["A02"]
    assert service.close_news(desk.community, at=settled.settled_at + timedelta(days=8)) == []


def test_whether_somebody_came_only_a_person_says(desk: Desk) -> None:
    day = desk.ended((90_000, None, 0), scanned=False)
    decide(desk)
    assert settle(day, 1_000) is None
    assert day.state is DayState.CLOSED
    news = service.close_news(desk.community, at=day.close_at + timedelta(hours=49))
    assert [(one.day, one.settled) for one in news] == [(day, None)]
    assert {row.fault for row in news[0].view.faults} >= {CloseFault.NOT_SCANNED}


def test_a_market_that_nobody_ended_and_one_without_a_fund_are_told(desk: Desk) -> None:
    day = desk.open(with_fund=False)
    decide(desk)
    assert settle(day, 100) is None
    news = service.close_news(desk.community, at=day.close_at + timedelta(hours=49))
    assert [one.is_open for one in news] == [True]
    ended = desk.ended(in_days=20, with_fund=False)
    assert settle(ended, 100) is None
    assert service.close_news(desk.community, at=ended.close_at + timedelta(hours=49))[-1].lacks_fund


def test_without_a_deadline_no_market_is_overdue(desk: Desk) -> None:
    day = desk.ended((90_000, None, 0))
    late = day.close_at + timedelta(days=30)
    assert service.close_news(desk.community, at=late) == []
    decide(desk, deadline=None)
    assert service.close_news(desk.community, at=late) == []
    decide(desk)
    assert [one.day for one in service.close_news(desk.community, at=late)] == [day]


def test_who_made_the_rule_does_not_correct_what_it_settled(desk: Desk) -> None:
    day = desk.ended((90_000, None, 0))
    decide(desk)
    settle(day, 48)
    held = desk.held(day, "A02")
    with pytest.raises(Refusal) as refused:
        desk.correct(held, 50_000, by=desk.clerk)
    assert refused.value.code == "settlement.second_person"
    assert desk.correct(held, 50_000).contribution_fen == 7_000


@pytest.mark.parametrize(
    ("after", "deadline", "code"),
    [(-1, 5, "hours_range"), (0, 337, "hours_range"), (337, None, "hours_range"), (5, 4, "deadline_early")],
)
def test_a_rule_nobody_can_mean_is_refused(desk: Desk, after: int, deadline: int | None, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        decide(desk, after=after, deadline=deadline)
    assert refused.value.code == f"settlement.{code}"


# ── twice, and on several hosts ───────────────────────────────────────────────────────────────────────────


def tick(day: MarketDay) -> Callable[[], str]:
    """What one host does in its minute."""
    day_id, at = day.id, day.close_at + timedelta(hours=48)

    def act() -> str:
        settled = service.settle_when_due(day_id, at=at)
        return f"{settled.revision}: {settled.contribution_fen}" if settled else "nothing"

    return act


def counted(model: type[Settlement] | type[Entry] | type[CloseWaiver]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@both_engines
def test_twenty_hosts_at_once_settle_and_post_once(context: Flask, desk: Desk) -> None:
    day = desk.ended((90_000, None, 0))
    decide(desk)
    answers = at_once(context, [tick(day) for _ in range(20)])
    assert sorted(answers) == ["1: 4500"] + ["nothing"] * 19
    assert (counted(Settlement), counted(Entry), counted(CloseWaiver)) == (1, 1, 1)


@both_engines
def test_without_the_guards_it_would_be_settled_more_than_once(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is given, because the book has guards of its own, which tests/ledger takes away."""
    day = desk.ended((90_000, 0), terms=None)
    decide(desk)
    acts = [tick(day) for _ in range(8)]
    with guards_off(
        context,
        monkeypatch,
        "settlement.close_day",
        "calendar.step",
        together=8,
        indices=["uq_settlement_revision"],
    ):
        at_once(context, acts)
    assert counted(Settlement) > 1


def test_the_tick_settles_and_a_second_one_does_nothing(
    context: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = desk.ended((90_000, None, 0))
    day_id, at = day.id, day.close_at + timedelta(hours=48)
    decide(desk)
    db.session.remove()
    monkeypatch.setattr(clock, "now", lambda: at)
    jobs.run()
    jobs.run()
    assert (counted(Settlement), counted(Entry)) == (1, 1)
    assert db.session.get_one(MarketDay, day_id).state is DayState.SETTLED


# ── receipts ──────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_receipt_is_asked_for_once_and_numbered_by_the_charity(desk: Desk) -> None:
    day = desk.settled().day
    one, other = desk.held(day), desk.held(day, "A02")
    by = {"by": desk.clerk, "at": make.evening(day)}
    with unit_of_work():
        first = service.ask_receipt(one, **by)  # type: ignore[arg-type]  # by and at
        assert service.ask_receipt(one, **by) is first  # type: ignore[arg-type]  # by and at
        second = service.ask_receipt(other, **by)  # type: ignore[arg-type]  # by and at
        service.number_receipt(first, " 2024-000017 ", **by)  # type: ignore[arg-type]  # by and at
    assert (first.number, second.number) == ("2024-000017", None)
    for number, code in (("2024-000017", "number_taken"), ("  ", "no_number")):
        with pytest.raises(Refusal) as refused, unit_of_work():
            service.number_receipt(second, number, **by)  # type: ignore[arg-type]  # by and at
        assert refused.value.code == f"settlement.{code}"


def test_who_gave_nothing_gets_no_receipt(desk: Desk) -> None:
    day = desk.settled().day
    open_day = desk.open(in_days=20)
    for held in (desk.held(day, "A03"), desk.held(open_day)):
        with pytest.raises(Refusal) as refused, unit_of_work():
            service.ask_receipt(held, by=desk.clerk, at=make.evening(day))
        assert refused.value.code == "settlement.nothing_given"


# ── pages and papers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def page(app: Flask, cast: Cast) -> str:
    """Where a settled market is found."""
    with app.app_context(), unit_of_work():
        settled = make.settled_market(find_community(cast.ours), person("staff"))
        return f"/staff/huaiyin/days/{settled.day.ref}"


def words_of(data: bytes) -> str:
    return "".join(part.extract_text() for part in pypdf.PdfReader(io.BytesIO(data)).pages)


def test_slips_say_that_they_are_no_receipts(page: str, sign_in: SignIn) -> None:
    answer = sign_in("staff").get(f"{page}/slips.pdf")
    assert answer.mimetype == "application/pdf"
    said = words_of(answer.data)
    assert said.count("不是捐赠票据") == 3
    assert "45.00" in said
    assert "章" not in said


def test_the_report_on_paper_and_as_a_workbook(page: str, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    said = words_of(staff.get(f"{page}/settlement.pdf").data)
    assert "86.01" in said
    assert "1,720.10" in said
    book = load_workbook(io.BytesIO(staff.get(f"{page}/settlement.xlsx").data))
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]  # type: ignore[union-attr]  # it has a sheet
    assert 45 in cells


def test_the_report_names_what_was_given_in_kind_and_how_often_it_was_corrected(desk: Desk) -> None:
    day, at = desk.ended((90_000, 0)), clock.now()
    with unit_of_work():
        service.give_in_kind(day, desk.held(day).vendor, "大白菜", 20, by=desk.clerk, at=day.close_at)
    first = desk.close(day)
    again = desk.correct(desk.held(day, "A02"), 10_000, at=at)
    assert first.entry is not None
    assert again.entry is not None
    sheets = [report_sheets(one, service.goods(day), []) for one in (first, again)]
    assert [sheet.rows for _lines, sheet in sheets] == [
        ((desk.held(day).vendor.trading_name, "大白菜", 20, None),)
    ] * 2
    foot = "备查账，以慈善组织的账为准。"
    assert [lines.note.split(" · ")[1:] for lines, _goods in sheets] == [
        [f"凭证 {first.entry.voucher}", foot],
        [f"凭证 {again.entry.voucher}", "第 1 次更正", foot],
    ]


def test_where_nobody_gave_the_report_names_no_voucher_and_no_goods(desk: Desk) -> None:
    settled = desk.settled((90_000,), terms=NO_TERMS)
    (lines,) = report_sheets(settled, [], [])
    assert "凭证" not in lines.note


def test_before_the_settlement_there_is_no_report(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        ref = make.ended_market(find_community(cast.ours), person("staff")).ref
    for paper in ("settlement.pdf", "settlement.xlsx", "slips.pdf"):
        assert sign_in("staff").get(f"/staff/huaiyin/days/{ref}/{paper}").status_code == 409


def test_staff_notes_who_wants_a_receipt_and_types_its_number(app: Flask, page: str, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    with app.app_context():
        day = db.session.scalars(sa.select(MarketDay)).one()
        held = stalls.assignments(day)[0].ref
    assert post(staff, f"{page}/receipts", assignment=held).status_code == 302
    with app.app_context():
        request = service.receipt_requests(db.session.scalars(sa.select(MarketDay)).one())[0]
    assert (
        post(staff, f"{page}/receipts", f"{page}/receipts/{request.ref}/number", number="").status_code == 422
    )
    done = post(staff, f"{page}/receipts", f"{page}/receipts/{request.ref}/number", number="鲁 0017")
    assert done.status_code == 302
    assert "鲁 0017" in staff.get(f"{page}/receipts").text


def test_staff_decides_how_markets_are_settled(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff, address = sign_in("staff"), "/staff/huaiyin/close-rule"
    assert post(staff, address, automatic="yes", after="3", deadline="1").status_code == 422
    assert post(staff, address, automatic="yes", after="3", deadline="24").status_code == 302
    with app.app_context():
        rule = service.close_rule(find_community(cast.ours))
        assert rule is not None
        assert rule.timing == CloseTiming(3, 24)
    assert 'value="24"' in staff.get(address).text


def test_the_desk_says_what_the_clock_could_not_settle(
    app: Flask, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make.ended_market(community, staff, (90_000, None), scanned=False)
        service.set_close_rule(
            community, automatic=True, after_hours=0, deadline_hours=1, by=staff, at=day.close_at
        )
        late = day.close_at + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: late)
    page = sign_in("staff").get("/staff/huaiyin/").text
    assert "过了结算的最后期限，这几处要人来定" in page
