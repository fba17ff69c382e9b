"""A vendor's trust: who sees its number, what it may take along and have deleted, and who it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.feedback import service as feedback
from market.feedback.models import Complaint
from market.feedback.rules import About, Door
from market.outbox import service as outbox
from market.people import service as people
from market.people.models import UserSession
from market.vendors import service
from market.vendors.models import Application, Vendor
from market.vendors.rules import (
    KEPT_AFTER_MARKET,
    REFUSED_KEPT,
    SILENT_AFTER,
    ApplicationState as A,
    Category,
    DocumentKind,
    HowKnown,
    WhyPhone,
)
from tests.cast import Cast, make_user, person, post
from tests.factories.calendar import make_day
from tests.factories.vendors import act_for, make_application, make_vendor
from tests.vendors.conftest import Stage
from tests.vendors.test_service import audited, code_of

SignIn = Callable[[str], FlaskClient]
BASE, OWN = "/staff/huaiyin", "/vendor/huaiyin"
NUMBER = "13800001234"


# ── whole numbers ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_look_says_who_and_why_to_staff_and_to_the_vendor(stage: Stage) -> None:
    at = clock.now()
    number = service.see_phone(stage.vendor, WhyPhone.CALL, by=stage.staff, at=at)
    service.see_phone(stage.vendor, WhyPhone.OTHER, note=" 快递放错了 ", by=stage.staff, at=at)
    assert number == stage.vendor.phone
    assert audited("vendors.see_phone")[0].detail == {"why": "call", "note": ""}


def test_another_reason_has_to_be_said(stage: Stage) -> None:
    look = lambda: service.see_phone(stage.vendor, WhyPhone.OTHER, note=" ", by=stage.staff, at=clock.now())  # noqa: E731 - asked once
    assert code_of(look) == "vendors.no_reason"
    assert audited("vendors.see_phone") == []


@pytest.fixture
def known(app: Flask, cast: Cast) -> str:
    """A vendor with an account; its address in the register."""
    with app.app_context(), unit_of_work():
        vendor = make_vendor(find_community("huaiyin"), person("staff"), phone=NUMBER)
        act_for(vendor, make_user("zhang", "张师傅"))
        return vendor.ref


def test_a_number_is_shown_after_a_reason_and_everybody_sees_who_looked(known: str, sign_in: SignIn) -> None:
    staff, page = sign_in("staff"), f"{BASE}/vendors/{known}/phone"
    assert NUMBER not in staff.get(page).text
    unsaid = post(staff, page)
    assert (unsaid.status_code, "请选一个原因" in unsaid.text, NUMBER in unsaid.text) == (422, True, False)
    assert NUMBER in post(staff, page, why="check").text
    looks = staff.get(f"{BASE}/vendors/phone-looks").text
    assert "看了老张豆浆坊的号码" in looks
    assert "核对登记的资料" in looks
    assert "核对登记的资料" in sign_in("zhang").get(f"{OWN}/profile").text


def test_who_took_all_numbers_along_looked_at_each(app: Flask, known: str, sign_in: SignIn) -> None:
    with app.app_context():
        with unit_of_work():
            community, staff = find_community("huaiyin"), person("staff")
            service.take_contacts(community, by=staff, at=clock.now())
            newer = make_vendor(community, staff, phone="13800005678", trading_name="后来的")
            newer.registered_at = clock.now() + timedelta(seconds=1)
        whys = [[look.why for look in service.looks_of(one)] for one in (_found(known), newer)]
    assert whys == [[None], []]
    assert "导出了商户通讯录" in sign_in("zhang").get(f"{OWN}/profile").text


def _found(ref: str) -> Vendor:
    return service.find_vendor(find_community("huaiyin"), ref)


@pytest.mark.parametrize("login", ["gate", "staff-b", "zhang"])
def test_nobody_else_looks(known: str, sign_in: SignIn, login: str) -> None:
    answer = sign_in(login).get(f"{BASE}/vendors/{known}/phone")
    assert answer.status_code == 403


def test_the_middle_of_a_number_is_hidden_where_facts_are_corrected(
    app: Flask, known: str, sign_in: SignIn
) -> None:
    staff, page = sign_in("staff"), f"{BASE}/vendors/{known}/edit"
    assert 'value="138****1234"' in staff.get(page).text
    facts = {
        "trading_name": "老张豆腐坊", "holder": "张师傅", "category": "daily_goods", "goods": "豆腐",
        "power_w": "0",
    }  # fmt: skip
    assert post(staff, page, phone="138****1234", **facts).status_code == 302
    assert post(staff, page, phone="138****9999", **facts).status_code == 422
    with app.app_context():
        vendor = service.find_vendor(find_community("huaiyin"), known)
        assert (vendor.trading_name, vendor.phone) == ("老张豆腐坊", NUMBER)


# ── own data ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_takes_everything_along_that_is_kept_of_it(app: Flask, known: str, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        vendor, staff = service.find_vendor(find_community("huaiyin"), known), person("staff")
        day = make_day(vendor.community, staff, state=DayState.OPEN_FOR_APPLICATION)
        make_application(day, vendor, staff, note="靠树的那边")
        service.see_phone(vendor, WhyPhone.CHECK, by=staff, at=clock.now())
        outbox.choose_ways(vendor, "zhang@example.org", no_email=False, no_sms=True, by=staff, at=clock.now())
        complaint = Complaint(
            community=vendor.community, vendor=vendor, about=About.WEIGHT, text="少了二两", door=Door.DESK,
            receipt="123456789012", made_at=clock.now(),
        )  # fmt: skip
        db.session.add(complaint)
        db.session.flush()
        feedback.tell_side(complaint, vendor, "换了秤", by=staff, at=clock.now())
        theme = day.theme
    answer = sign_in("zhang").get(f"{OWN}/my-data.xlsx")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = {str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None}
    papers = {document.number for document in _vendor(app, known).documents}
    told = {"zhang@example.org", "少了二两", "换了秤"}
    assert {NUMBER, "老张豆浆坊", "靠树的那边", theme, "核对登记的资料", *papers, *told} <= cells


def _vendor(app: Flask, ref: str) -> Vendor:
    with app.app_context():
        vendor = _found(ref)
        assert vendor.documents
        return vendor


def stood(stage: Stage, days_ago: int) -> Application:
    """The vendor stood on a market so many days ago."""
    day = make_day(stage.community, stage.staff, in_days=-days_ago, state=DayState.CLOSED)
    at = day.apply_from + timedelta(hours=1)
    application = Application(
        community_id=stage.community.id, day=day, vendor=stage.vendor, state=A.ALLOCATED, power_w=0,
        submitted_at=at,
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    return application


def test_who_never_stood_on_a_market_is_forgotten_at_once(stage: Stage) -> None:
    at = clock.now()
    assert service.ask_to_be_forgotten(stage.vendor, by=stage.staff, at=at) == at
    assert stage.vendor.forgotten


def test_who_stood_on_a_market_is_forgotten_when_six_months_have_passed(stage: Stage) -> None:
    closed, at = stood(stage, 30).day.close_at, clock.now()
    due = closed + KEPT_AFTER_MARKET
    assert service.ask_to_be_forgotten(stage.vendor, by=stage.staff, at=at) == due
    moments = (due - timedelta(seconds=1), due, due)
    steps = [(service.forget_leaving(at=moment), stage.vendor.forgotten) for moment in moments]
    assert steps == [(0, False), (1, True), (0, True)]


def test_who_applies_again_or_says_so_stays(stage: Stage) -> None:
    stood(stage, 30)
    at, later = clock.now() - timedelta(hours=1), clock.now() + timedelta(days=400)
    service.ask_to_be_forgotten(stage.vendor, by=stage.staff, at=at)
    service.stay(stage.vendor, by=stage.staff, at=at)
    assert service.leaves_at(stage.vendor, at) is None
    service.ask_to_be_forgotten(stage.vendor, by=stage.staff, at=at)
    make_application(stage.day, stage.vendor, stage.staff, state=A.WITHDRAWN)
    assert service.leaves_at(stage.vendor, later) is None
    assert service.forget_leaving(at=later) == 0


def test_who_is_expected_is_not_forgotten(stage: Stage) -> None:
    make_application(stage.day, stage.vendor, stage.staff)
    ask = lambda: service.ask_to_be_forgotten(stage.vendor, by=stage.staff, at=clock.now())  # noqa: E731 - asked once
    assert code_of(ask) == "vendors.still_expected"
    assert stage.vendor.leaving_since is None


def test_the_numbers_of_papers_go_too_and_signed_texts_stay(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "仇记卤味", category=Category.COOKED_FOOD)
    service.sign_agreements(vendor, by=stage.staff, at=clock.now())
    texts = {one.ref: one.number for one in vendor.documents if one.kind in ("D15", "D16")}
    service.forget_vendor(vendor, by=stage.staff, at=clock.now())
    assert len(texts) == 4
    for document in vendor.documents:
        assert document.number == texts.get(document.ref, f"#{document.ref}")
    assert {one.issuer for one in vendor.documents if one.kind is DocumentKind.HEALTH_CERT} == {""}


def test_a_vendor_deletes_itself_from_its_own_page(app: Flask, known: str, sign_in: SignIn) -> None:
    vendor = sign_in("zhang")
    answer = post(vendor, f"{OWN}/profile", f"{OWN}/deletion")
    assert (answer.status_code, answer.location) == (302, "/c/huaiyin/")
    assert vendor.get(f"{OWN}/profile").status_code == 302
    with app.app_context():
        assert service.find_vendor(find_community("huaiyin"), known).forgotten


def test_a_helper_deletes_nobody(stage: Stage) -> None:
    helper = service.add_helper(stage.vendor, "张嫂", "13800005555", by=stage.staff, at=clock.now()).user
    db.session.refresh(stage.vendor)
    ask = lambda: service.ask_to_be_forgotten(stage.vendor, by=helper, at=clock.now())  # noqa: E731 - asked once
    assert code_of(ask) == "vendors.not_the_holder"


def test_the_words_of_applications_that_came_to_nothing_are_erased(stage: Stage) -> None:
    application = make_application(stage.day, stage.vendor, stage.staff, note="想靠树", state=A.REJECTED)
    kept = make_application(
        stage.day, make_vendor(stage.community, stage.staff, "陈记"), stage.staff, note="靠墙"
    )
    over = stage.day.close_at + REFUSED_KEPT
    assert service.forget_refused(at=over) == 0
    assert service.forget_refused(at=over + timedelta(seconds=1)) == 1
    db.session.refresh(application)
    db.session.refresh(kept)
    assert (application.note, application.decision_note, kept.note) == ("", "", "靠墙")


# ── a number that was given out again ─────────────────────────────────────────────────────────────────────


def silent(stage: Stage) -> None:
    """Nothing was heard of the vendor for three months."""
    stage.vendor.registered_at = clock.now() - SILENT_AFTER
    assert stage.vendor.user is not None
    db.session.execute(sa.delete(UserSession).where(UserSession.user_id == stage.vendor.user.id))
    db.session.flush()


def test_after_three_months_of_silence_staff_say_how_they_know_the_person(stage: Stage) -> None:
    silent(stage)
    at = clock.now()
    assert code_of(lambda: service.open_account(stage.vendor, by=stage.staff, at=at)) == "vendors.long_silent"
    secret = service.open_account(stage.vendor, by=stage.staff, at=at, known=HowKnown.LAST_STALL)
    assert people.find_sign_in_link(secret, at=at).user is stage.vendor.user
    assert audited("vendors.open_account")[-1].detail == {"known": "last_stall"}


@pytest.mark.parametrize("sign", ["session", "application"])
def test_a_sign_of_the_vendor_is_enough(stage: Stage, sign: str) -> None:
    silent(stage)
    at = clock.now() - SILENT_AFTER + timedelta(seconds=1)
    assert stage.vendor.user is not None
    if sign == "session":
        people.start_session(stage.vendor.user, device="phone", at=at)
    else:
        make_application(stage.day, stage.vendor, stage.staff, state=A.WITHDRAWN)
    assert not service.is_long_silent(stage.vendor, clock.now())


def test_staff_are_asked_on_the_page_of_the_vendor(app: Flask, known: str, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        service.find_vendor(find_community("huaiyin"), known).registered_at = clock.now() - SILENT_AFTER
    staff, page = sign_in("staff"), f"{BASE}/vendors/{known}"
    assert "手机号可能已经换了主人" in staff.get(page).text
    refused = post(staff, page, f"{page}/links")
    assert (refused.status_code, "请先认一认是不是本人" in refused.text) == (409, True)
    assert "/enter/" in post(staff, page, f"{page}/links", known="in_person").text
