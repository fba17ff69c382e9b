"""The history of an object, and the way from a public line back to the scan and forward to what was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund.models import Proposal
from market.insight.act_words import ACTS
from market.insight.fact_words import KINDS
from market.insight.facts import FACTS
from market.insight.history import History, Step, figures_by, history, walk
from market.people import service as people
from market.people.rules import Role
from market.settlement import service as settlement
from tests.cast import make_user
from tests.factories.settlement import evening
from tests.journal.conftest import Year, year as year
from tests.settlement.conftest import desk as desk

SignIn = Callable[[str], FlaskClient]


def steps(year: Year, kind: str, ref: str) -> list[tuple[str, str | None]]:
    return [(step.act, step.who) for step in history(year.desk.community, kind, ref).steps]


def proposal() -> Proposal:
    return db.session.scalars(sa.select(Proposal)).one()


def test_every_step_of_a_proposal_is_there_with_who_took_it(year: Year) -> None:
    assert steps(year, "proposal", proposal().ref) == [
        ("fund.propose", "王社工"),
        ("fund.vote", "委员甲"),
        ("fund.vote", "委员乙"),
        ("fund.vote", "委员丙"),
        ("fund.record_payment", "李书记"),
    ]
    assert history(year.desk.community, "proposal", proposal().ref).alone is None


def test_what_one_person_did_alone_is_named(year: Year) -> None:
    held = year.desk.held(db.session.scalars(sa.select(MarketDay).order_by(MarketDay.id.desc())).first())  # type: ignore[arg-type]  # there are two
    found = history(year.desk.community, "assignment", held.ref)
    assert found.alone == "王社工"
    assert {"settlement.report_takings"} <= {step.act for step in found.steps}
    assert history(year.desk.community, "assignment", "nosuchrefx").alone is None


def step(act: str, person_id: int | None) -> Step:
    return Step(
        1,
        act,
        person_id,
        f"{person_id} 号" if person_id else None,
        None,
        datetime(2024, 1, 27, tzinfo=UTC),
        {},
    )


@pytest.mark.parametrize(
    ("steps", "alone"),
    [
        ([], []),
        ([("报", 1), ("报", 1)], []),
        ([("报", 1), ("结", 1)], [("1 号", ["报", "结"])]),
        ([("扫", 2), ("报", 1), ("结", 1), ("报", 1)], [("1 号", ["报", "结"])]),
        ([("报", 1), ("报", 2), ("结", 1)], []),
        ([("报", None), ("报", 1), ("结", 1)], []),
        (
            [("报", 1), ("扫", 2), ("结", 1), ("收", 2)],
            [("1 号", ["报", "结"]), ("2 号", ["扫", "收"])],
        ),
    ],
)
def test_what_exactly_one_person_did_alone(
    steps: list[tuple[str, int | None]], alone: list[tuple[str, list[str]]]
) -> None:
    found = History([step(act, person_id) for act, person_id in steps]).alone_in
    assert [(one.who, one.acts) for one in found] == alone


def test_the_history_says_who_alone_reported_and_settled(year: Year, sign_in: SignIn) -> None:
    ours = year.desk.community
    corrected, other = (closed.ref for closed in settlement.settlements(ours))
    assert [figures_by(ours, "settlement", ref) for ref in (corrected, other)] == [None, "王社工"]
    assert figures_by(ours, "marketday", year.day.ref) is None
    assert figures_by(ours, "proposal", proposal().ref) is None
    db.session.remove()
    page = sign_in("staff").get(f"/staff/huaiyin/history/settlement/{other}").text
    assert "报数和结算都是 王社工 一个人做的。" in page
    assert "走了一步、收市结算：都是 王社工 一个人做的，没有第二个人。" in page


def test_another_community_has_no_history_of_it(year: Year) -> None:
    assert history(find_community("songhe"), "proposal", proposal().ref).steps == []


def test_the_walk_leads_back_to_report_and_scan_and_forward_to_the_payment(year: Year) -> None:
    found = walk(year.day)
    assert found is not None
    assert [len(proof.reports) for proof in found.proofs] == [2, 1, 1]
    assert all(proof.scan is not None for proof in found.proofs)
    assert [one.reference for one in found.arrived] == ["GZ-1"]
    assert [one.reference for one in found.spent] == ["FK-1"]


def test_before_the_charity_confirmed_nothing_was_paid_with_it(year: Year) -> None:
    other = db.session.scalars(sa.select(MarketDay).where(MarketDay.id != year.day.id)).one()
    found = walk(other)
    assert found is not None
    assert (found.arrived, found.spent) == ([], [])


def test_a_market_that_is_not_settled_has_no_walk(year: Year) -> None:
    assert walk(year.desk.ended((100,), in_days=40)) is None


@pytest.mark.parametrize("login", ["staff", "member1", "watcher"])
def test_staff_and_supervisor_read_the_history(year: Year, sign_in: SignIn, login: str) -> None:
    with unit_of_work():
        watcher, ours = make_user("watcher", "监督员"), year.desk.community
        people.grant(watcher, Role.SUPERVISOR, community=ours, at=evening(year.day))
    ref, frame = proposal().ref, "staff" if login == "staff" else "committee"
    db.session.remove()
    answer = sign_in(login).get(f"/{frame}/huaiyin/history/proposal/{ref}")
    assert answer.status_code == 200
    for said in ("提议用款", "委员甲", "登记付款", "李书记"):
        assert said in answer.text


def test_what_has_no_history_is_not_found(year: Year, sign_in: SignIn) -> None:
    db.session.remove()
    staff = sign_in("staff")
    assert staff.get("/staff/huaiyin/history/proposal/nosuchrefx").status_code == 404
    assert staff.get("/staff/huaiyin/history/vote/1").status_code == 404


def test_staff_walk_from_the_statement_to_each_stall(year: Year, sign_in: SignIn) -> None:
    ref = year.day.ref
    later = year.desk.ended((100,), in_days=40).ref
    db.session.remove()
    staff = sign_in("staff")
    page = staff.get(f"/staff/huaiyin/days/{ref}/proof")
    assert page.status_code == 200
    for said in ("第 2 次报", "慰问走访", "慈善组织确认到账"):
        assert said in page.text
    assert f"/staff/huaiyin/days/{ref}/proof" in staff.get(f"/staff/huaiyin/days/{ref}/statement").text
    assert staff.get(f"/staff/huaiyin/days/{later}/proof").status_code == 409


def test_every_kind_of_fact_has_a_word() -> None:
    assert set(KINDS) == {kind.name for kind in FACTS}
    assert all(str(word) for word in ACTS.values())


@pytest.mark.parametrize(
    ("login", "frame", "reads", "sees_takings"),
    [
        ("staff", "staff", True, True),
        ("second", "staff", True, True),
        ("member1", "committee", True, False),
        ("watcher", "committee", True, False),
        ("member1", "staff", False, False),
        ("gate", "committee", False, False),
        (None, "committee", False, False),
    ],
)
def test_each_role_walks_as_far_as_it_may(
    year: Year, app: Flask, sign_in: SignIn, login: str | None, frame: str, reads: bool, sees_takings: bool
) -> None:
    with unit_of_work():
        watcher, ours = make_user("watcher", "监督员"), year.desk.community
        people.grant(watcher, Role.SUPERVISOR, community=ours, at=evening(year.day))
    ref = year.day.ref
    db.session.remove()
    client = sign_in(login) if login else app.test_client()
    page = client.get(f"/{frame}/huaiyin/days/{ref}/proof")
    assert (page.status_code == 200) is reads
    assert ("第 2 次报：" in page.text) is sees_takings
    if reads:
        assert "第 2 次报" in page.text
        assert f"/{frame}/huaiyin/history/settlement/" in page.text
    if reads and frame == "committee":
        assert f"/committee/huaiyin/days/{ref}/proof" in client.get("/committee/huaiyin/proofs").text
        assert "/committee/huaiyin/proofs" in client.get("/committee/huaiyin/").text


def test_who_wrote_every_figure_and_settled_is_named(year: Year) -> None:
    found = walk(year.day)
    assert found is not None
    clerk = found.closed.settled_by
    for proof in found.proofs:
        for report in proof.reports:
            report.reported_by = clerk
    assert found.alone == found.closed.person.display_name
    found.proofs[0].reports[0].reported_by = None
    assert found.alone is None
