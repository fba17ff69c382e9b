"""Questions about the fund: asked without a name within bounds, answered in public, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import db, do_in_unit_of_work
from market.fund import service
from market.fund.question_rows import FundQuestion
from market.fund.service import questions as acts
from market.ledger import service as ledger
from market.people import service as people
from market.people.rules import Role
from tests.cast import Cast, make_user, person, post
from tests.conftest import both_engines
from tests.fund.conftest import AT, Desk
from tests.fund.test_service import app_of, code_of
from tests.fund.test_views import at_desk
from tests.races import at_once, guards_off

SignIn = Callable[[str], FlaskClient]
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A fund with a voucher of three vendors, and somebody who looks on."""
    desk.arrive(desk.market(40_000, 20_000, 26_000).day, "GZ-1")
    do_in_unit_of_work(lambda: watcher(desk))
    return desk


def watcher(desk: Desk) -> None:
    people.grant(make_user("watch", "监督人"), Role.SUPERVISOR, community=desk.community, at=AT)


def about(desk: Desk) -> str:
    return f"entry:{ledger.entries(desk.fund.book)[-1].ref}"


def ask(
    desk: Desk, text: str = "这笔钱到了吗", token: str = "phone-1", address: str = "10.0.0.1"
) -> FundQuestion:
    return do_in_unit_of_work(
        lambda: acts.ask(desk.fund, about(desk), text, token=token, address=address, at=AT)
    )


def answer(question: FundQuestion, text: str = "到了，见凭证。", by: str = "staff") -> FundQuestion:
    return do_in_unit_of_work(lambda: acts.answer(question, text, by=person(by), at=AT))


@both_engines
def test_a_question_is_public_with_its_answer(asked: Desk) -> None:
    question = ask(asked)
    assert acts.public_questions(asked.fund) == []
    assert acts.open_questions(asked.fund) == [question]
    assert answer(question) is answer(question, by="member1") is question
    assert question.answerer is person("staff")
    assert acts.public_questions(asked.fund, about(asked)) == [question]
    assert code_of(lambda: answer(question, "其实没到。")) == "fund.answered"


def test_of_who_asked_nothing_is_kept_but_marks(asked: Desk) -> None:
    question = ask(asked)
    kept = f"{question.phone} {question.network}"
    assert ("phone-1" in kept, "10.0.0.1" in kept, question.asked_by) == (False, False, None)


def test_one_phone_asks_three_times_a_week_and_the_same_is_once(asked: Desk) -> None:
    assert ask(asked) is ask(asked)
    for number in range(acts.MOST_OF_PHONE - 1):
        ask(asked, f"第 {number} 问")
    assert code_of(lambda: ask(asked, "还有一问")) == "fund.asked_too_often"
    assert ask(asked, "还有一问", token="phone-2").is_open


def test_one_network_asks_twenty_times_a_week(asked: Desk) -> None:
    for number in range(acts.MOST_OF_NETWORK):
        ask(asked, token=f"phone-{number}")
    assert code_of(lambda: ask(asked, token="another")) == "fund.asked_too_often"
    assert ask(asked, token="another", address="10.0.0.2").is_open


@pytest.mark.parametrize("text", ["", "  ", "打 13800000001 问问", "长" * 201])
def test_an_unfit_question_is_refused(asked: Desk, text: str) -> None:
    assert code_of(lambda: ask(asked, text)) == "fund.unfit_question"


@pytest.mark.parametrize("subject", ["entry:nosuchentr", "notice:nosuchnoti", "vendor:1", ""])
def test_only_what_is_public_is_asked_about(asked: Desk, subject: str) -> None:
    def act() -> FundQuestion:
        return acts.ask(asked.fund, subject, "为什么", token="phone-1", address="10.0.0.1", at=AT)

    assert code_of(lambda: do_in_unit_of_work(act)) in {
        "ledger.no_entry",
        "fund.no_quarter_notice",
        "fund.no_subject",
    }


def test_abuse_is_put_aside_and_counted(asked: Desk) -> None:
    question = ask(asked)
    do_in_unit_of_work(lambda: acts.put_aside(question, by=person("staff"), at=AT))
    do_in_unit_of_work(lambda: acts.put_aside(question, by=person("second"), at=AT))
    assert (acts.public_questions(asked.fund), acts.put_aside_count(asked.fund)) == ([], 1)
    assert code_of(lambda: answer(question)) == "fund.answered"


@both_engines
def test_a_supervisors_question_is_public_at_once_and_must_be_answered(asked: Desk) -> None:
    def act() -> FundQuestion:
        return acts.ask_as_supervisor(asked.fund, about(asked), "发票呢", by=person("watch"), at=AT)

    question = do_in_unit_of_work(act)
    assert do_in_unit_of_work(act) is question
    assert acts.public_questions(asked.fund) == [question]
    aside = code_of(lambda: do_in_unit_of_work(lambda: acts.put_aside(question, by=person("staff"), at=AT)))
    assert aside == "fund.supervisors_question"
    assert code_of(lambda: answer(question, by="watch")) == "fund.onlooker"
    assert answer(question, "在附件里").is_answered


def test_nobody_else_asks_by_name(asked: Desk) -> None:
    def act() -> FundQuestion:
        return acts.ask_as_supervisor(asked.fund, about(asked), "发票呢", by=person("staff"), at=AT)

    assert code_of(lambda: do_in_unit_of_work(act)) == "fund.no_supervisor"


def answers(question_id: int) -> list[Callable[[], str]]:
    def say(login: str) -> Callable[[], str]:
        def act() -> str:
            question = db.session.get_one(FundQuestion, question_id)
            acts.answer(question, f"{login} 答", by=person(login), at=AT + timedelta(minutes=1))
            return "answered"

        return act

    return [say("staff"), say("second")]


@both_engines
def test_of_two_answers_at_once_one_counts(asked: Desk) -> None:
    doings = answers(ask(asked).id)
    assert sorted(at_once(app_of(), doings)) == ["answered", "fund.answered"]


@both_engines
def test_without_the_guards_a_second_answer_takes_the_place_of_the_first(
    asked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    doings = answers(ask(asked).id)
    with guards_off(app_of(), monkeypatch, "fund.answer", together=2):
        assert at_once(app_of(), doings) == ["answered", "answered"]


def many(subject: str) -> list[Callable[[], str]]:
    def say(number: int) -> Callable[[], str]:
        def act() -> str:
            fund = service.require_fund(find_community("huaiyin"))
            acts.ask(fund, subject, f"第 {number} 问", token="phone-1", address="10.0.0.1", at=AT)
            return "asked"

        return act

    return [say(number) for number in range(acts.MOST_OF_PHONE + 3)]


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(FundQuestion)) or 0


@both_engines
def test_many_questions_at_once_keep_to_the_bound(asked: Desk) -> None:
    ask(asked, token="phone-0")
    found = at_once(app_of(), many(about(asked)))
    assert (found.count("asked"), stored()) == (acts.MOST_OF_PHONE, acts.MOST_OF_PHONE + 1)


@both_engines
def test_without_the_guards_they_do_not(asked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(asked, token="phone-0")
    doings = many(about(asked))
    with guards_off(app_of(), monkeypatch, "fund.ask", together=len(doings)):
        at_once(app_of(), doings)
    assert stored() == len(doings) + 1


def test_a_resident_asks_on_the_page_and_reads_the_answer(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with at_desk(app, cast) as desk:
        desk.arrive(desk.market(40_000, 20_000, 26_000).day, "GZ-1")
        ref = ledger.entries(desk.fund.book)[-1].ref
    phone, page = app.test_client(), f"/c/huaiyin/fund/questions/entries/{ref}"
    assert f"{page}" in phone.get(f"/c/huaiyin/fund/entries/{ref}").text
    told = phone.post(page, data={"text": "这笔钱到了吗"}, headers=HERE)
    assert told.status_code == 302
    assert "问题收到了" in phone.get(told.location).text
    assert "这笔钱到了吗" not in app.test_client().get(page).text
    staff, desk_page = sign_in("staff"), "/staff/huaiyin/fund/questions"
    assert "这笔钱到了吗" in staff.get(desk_page).text
    with app.app_context():
        question = db.session.scalars(sa.select(FundQuestion.ref)).one()
    assert post(staff, desk_page, f"{desk_page}/{question}/answer", answer="到了").status_code == 302
    for address in (page, "/c/huaiyin/fund/questions"):
        told_page = app.test_client().get(address).text
        assert ("这笔钱到了吗" in told_page, "答：到了" in told_page) == (True, True)
