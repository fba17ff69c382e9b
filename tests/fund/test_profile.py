"""The fund's profile with its history, and the terms of its committee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient

from market.communities.profile_files import profiles
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work
from market.fund import service
from market.fund.models import Fund
from market.fund.profile_rows import CommitteeTerm, ProfileChange
from market.fund.rules import Choice, Seat, committee_fault, fund_name
from market.fund.service import profile as acts
from market.fund.service.profile import ProfileDraft
from market.people import service as people
from market.people.rules import Role
from tests.cast import Cast, make_user, person, post
from tests.conftest import both_engines
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_service import app_of, code_of
from tests.fund.test_views import at_desk
from tests.races import at_once, guards_off

TODAY = day_of(AT)
YEAR = timedelta(days=365)


def draft(fund: Fund, **changes: object) -> ProfileDraft:
    now = ProfileDraft(
        charity=fund.charity,
        given_name=fund.given_name,
        licence_no=fund.licence_no,
        agreement_no=fund.agreement_no,
        signed_on=fund.signed_on,
        purpose=fund.purpose,
        fee_clause=fund.fee_clause,
    )
    return replace(now, **changes)  # type: ignore[arg-type]  # plain keyword values


def edit(desk: Desk, seen: int = 0, by: str = "staff", **changes: object) -> list[ProfileChange]:
    said = draft(desk.fund, **changes)
    return do_in_unit_of_work(lambda: acts.edit_profile(desk.fund, said, seen, by=person(by), at=AT))


def term(
    desk: Desk, login: str, first: date, last: date, seat: Seat = Seat.MEMBER, by: str = "staff"
) -> CommitteeTerm:
    return do_in_unit_of_work(
        lambda: acts.set_term(desk.fund, person(login), seat, first, last, by=person(by), at=AT)
    )


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("charity", "given", "name"),
    [
        ("泉城慈善总会", "槐荫社区发展基金", "泉城慈善总会·槐荫社区发展基金"),
        (" 泉城慈善总会 ", "泉城慈善总会槐荫基金", "泉城慈善总会槐荫基金"),
        ("", "槐荫社区发展基金", "槐荫社区发展基金"),
    ],
)
def test_the_name_of_a_fund_begins_with_its_charity(charity: str, given: str, name: str) -> None:
    assert fund_name(charity, given) == name


def test_hunan_asks_for_five_members_and_a_supervisor() -> None:
    rule = profiles()["hunan"].committee
    found = {(n, s): committee_fault(n, s, rule) for n in (3, 4, 5, 6, 7) for s in (0, 1)}
    assert {pair for pair, fault in found.items() if fault is None} == {(5, 1), (7, 1)}
    assert (found[3, 1], found[5, 0], found[6, 1]) == ("too_small", "unsupervised", "even")


# ── the profile ───────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_change_keeps_what_stood_there_before(desk: Desk) -> None:
    old = desk.fund.charity
    changes = edit(desk, charity="泉城慈善总会", given_name="槐荫社区发展基金", fee_clause="第六条：不收")
    assert {one.field for one in changes} == {"charity", "given_name", "name", "fee_clause"}
    assert desk.fund.name == "泉城慈善总会·槐荫社区发展基金"
    first = next(one for one in acts.history(desk.fund) if one.field == "charity")
    assert (first.before, first.after, first.changer, first.changed_at) == (
        old,
        "泉城慈善总会",
        person("staff"),
        AT,
    )
    assert edit(desk, seen=4) == []


def test_a_name_that_does_not_fit_is_refused(desk: Desk) -> None:
    charity = "会" * 100
    assert code_of(lambda: edit(desk, charity=charity, given_name="基" * 20)) == "fund.long_name"
    edit(desk, charity=charity, given_name="基" * 19)
    assert len(desk.fund.name) == 120


def test_a_page_that_is_old_changes_nothing(desk: Desk) -> None:
    edit(desk, licence_no="51370000MJ00000000")
    assert code_of(lambda: edit(desk, fee_clause="不收")) == "fund.profile_changed"
    assert desk.fund.fee_clause == ""
    edit(desk, seen=1, fee_clause="不收")
    assert desk.fund.fee_clause == "不收"


def test_who_only_looks_on_changes_nothing(desk: Desk) -> None:
    assert code_of(lambda: edit(desk, by="gate", fee_clause="不收")) == "fund.onlooker"


def test_an_unfit_profile_is_refused(desk: Desk) -> None:
    assert code_of(lambda: edit(desk, purpose="找 13800000001")) == "fund.unfit_profile"
    assert code_of(lambda: edit(desk, signed_on=TODAY + timedelta(days=2))) == "fund.signed_in_future"


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_vote_after_the_term_is_refused(desk: Desk) -> None:
    for login in ("member1", "member2", "member3"):
        term(desk, login, TODAY - YEAR, TODAY + YEAR)
    desk.money(10_000)
    proposal = desk.propose()
    desk.vote(proposal, "member1")
    term(desk, "member2", TODAY - YEAR, TODAY - timedelta(days=1))
    assert code_of(lambda: desk.vote(proposal, "member2")) == "fund.not_a_member"
    assert code_of(lambda: desk.vote(proposal, "member3")) == "fund.committee_too_small"
    term(desk, "member2", TODAY - YEAR, TODAY)
    assert desk.vote(proposal, "member2").choice is Choice.YES


def test_who_was_a_member_on_a_day(desk: Desk) -> None:
    term(desk, "member1", TODAY - YEAR, TODAY - timedelta(days=30))
    assert person("member1") not in service.committee(desk.fund)
    assert person("member1") in service.committee(desk.fund, TODAY - timedelta(days=30))
    assert len(service.committee(desk.fund, TODAY - YEAR)) == 3


def test_a_term_has_an_order_a_member_and_one_chair(desk: Desk) -> None:
    assert code_of(lambda: term(desk, "member1", TODAY, TODAY - timedelta(days=1))) == "fund.term_wrong"
    assert code_of(lambda: term(desk, "second", TODAY, TODAY + YEAR)) == "fund.no_such_member"
    chair = term(desk, "member1", TODAY, TODAY + YEAR, Seat.CHAIR)
    assert term(desk, "member1", TODAY, TODAY + YEAR, Seat.CHAIR) is chair
    assert code_of(lambda: term(desk, "member2", TODAY, TODAY + YEAR, Seat.CHAIR)) == "fund.two_chairs"
    later = TODAY + YEAR + timedelta(days=1)
    assert term(desk, "member2", later, later + YEAR, Seat.CHAIR).seat is Seat.CHAIR


def chairs() -> list[Callable[[], str]]:
    def chair(login: str) -> Callable[[], str]:
        def act() -> str:
            fund = service.require_fund(find_community("huaiyin"))
            acts.set_term(fund, person(login), Seat.CHAIR, TODAY, TODAY + YEAR, by=person("staff"), at=AT)
            return "chair"

        return act

    return [chair("member1"), chair("member2")]


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(CommitteeTerm)) or 0


@both_engines
def test_two_chairs_at_once_are_one(desk: Desk) -> None:
    assert sorted(at_once(app_of(), chairs())) == ["chair", "fund.two_chairs"]
    assert stored() == 1


@both_engines
def test_without_the_guards_there_are_two_chairs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with guards_off(app_of(), monkeypatch, "fund.set_term", together=2):
        at_once(app_of(), chairs())
    assert stored() == 2


def test_what_a_member_stayed_away_from_is_public(desk: Desk) -> None:
    desk.money(10_000)
    desk.vote(desk.propose(payee="委员一"), "member1", Choice.RECUSE)
    found = {one.user.login: one for one in acts.member_facts(desk.fund)}
    assert [one.purpose for one in found["member1"].recused] == ["慰问走访"]
    assert "回避：慰问走访" in current_app.test_client().get("/c/huaiyin/fund/profile").text


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_change_it_and_everybody_sees_what_stood_there(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with at_desk(app, cast) as desk:
        before = desk.fund.charity
        facts = {"agreement_no": desk.fund.agreement_no, "signed_on": desk.fund.signed_on.isoformat()}
        member = person("member1").ref
        supervisor = do_in_unit_of_work(lambda: make_user("watch", "监督人").id)
        do_in_unit_of_work(
            lambda: people.appoint(desk.community, "监督人", "watch", Role.SUPERVISOR, by=None, at=AT)
        )
    assert supervisor
    staff, page = sign_in("staff"), "/staff/huaiyin/fund/profile"
    typed = {
        **facts,
        "charity": "泉城慈善总会",
        "given_name": "槐荫社区发展基金",
        "licence_no": "51370000MJ00000000",
        "purpose": "社区公益",
        "fee_clause": "第六条：不收管理费",
        "seen": "0",
    }
    assert post(staff, page, page, **typed).status_code == 302
    assert post(staff, page, page, **{**typed, "fee_clause": "收"}).status_code == 409
    until = (TODAY + YEAR).isoformat()
    seat = {"member": member, "seat": "chair", "first_on": TODAY.isoformat(), "last_on": until}
    assert post(staff, page, "/staff/huaiyin/fund/terms", **seat).status_code == 302
    told = app.test_client().get("/c/huaiyin/fund/profile").text
    wanted = (before, "泉城慈善总会·槐荫社区发展基金", "51370000MJ00000000", "不收管理费", "主任", "监督人")
    assert [word for word in wanted if word not in told] == []
