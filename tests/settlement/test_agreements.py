"""The donation agreement: its text is kept as it was signed, printed for a pen, and typed back in."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.insight.proof import _changed_agreements
from market.journal.verification import check_journal
from market.settlement import service
from market.settlement.agreement import agreement_lines, text_hash
from market.settlement.models import AgreedTerms
from market.settlement.rules import NO_TERMS, WORDING
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person
from tests.factories.calendar import bring_to
from tests.factories.gate import planned_day
from tests.factories.settlement import FIVE_PERCENT, make_fund, open_market
from tests.settlement.conftest import Desk


def test_an_agreement_keeps_its_whole_text_and_its_hash(desk: Desk) -> None:
    day = desk.open(terms=None)
    vendor = desk.held(day).vendor
    with unit_of_work():
        agreed = service.agree_terms(vendor, FIVE_PERCENT, by=desk.clerk, at=day.open_at)
    for part in (
        WORDING,
        vendor.trading_name,
        "示例慈善总会",
        "营业额的 5%",
        "本社区的公益服务",
        "以受赠人确认到账为准",
    ):
        assert part in agreed.text
    assert agreed.text_hash == text_hash(agreed.text)
    assert list(_changed_agreements(desk.community)) == []


def test_who_signs_is_named_once_where_the_stall_is_called_like_its_holder(desk: Desk) -> None:
    vendor = desk.held(desk.open()).vendor
    named = {}
    for holder in ("周大勇", vendor.trading_name, ""):
        with unit_of_work():
            vendor.holder = holder
        named[holder] = agreement_lines(vendor, None)[0]
    alone = f"捐赠人：{vendor.trading_name}。"
    assert named == {
        "周大勇": f"捐赠人：{vendor.trading_name}（摊主 周大勇）。",
        vendor.trading_name: alone,
        "": alone,
    }


def test_zero_is_an_answer_with_a_text_of_its_own(desk: Desk) -> None:
    day = desk.open(terms=None)
    with unit_of_work():
        agreed = service.agree_terms(desk.held(day).vendor, NO_TERMS, by=desk.clerk, at=day.open_at)
    assert "每场数额：不捐" in agreed.text


def test_the_same_is_signed_once_and_again_when_the_charity_is_another(desk: Desk) -> None:
    day = desk.open()
    vendor, later = desk.held(day).vendor, day.open_at + timedelta(days=1)

    def sign() -> AgreedTerms:
        with unit_of_work():
            return service.agree_terms(vendor, FIVE_PERCENT, by=desk.clerk, at=later)

    first = sign()
    assert sign() is first
    with unit_of_work():
        db.session.execute(sa.text("UPDATE fund SET charity = '另一家慈善会'"))
    second = sign()
    assert (second is first, "另一家慈善会" in second.text) == (False, True)
    assert "示例慈善总会" in first.text


def test_a_text_changed_afterwards_is_named(desk: Desk) -> None:
    day = desk.open()
    with unit_of_work():
        db.session.execute(sa.text("UPDATE terms SET text = replace(text, '5%', '50%')"))
    found = list(_changed_agreements(desk.community))
    assert len(found) == len(stalls.assignments(day))
    assert "全文被改过" in found[0]


def test_who_is_forgotten_stands_in_no_text_and_everything_still_holds(desk: Desk) -> None:
    day = desk.open()
    vendor = desk.held(day).vendor
    with unit_of_work():
        vendor.holder = "欧阳修竹"
    with unit_of_work():
        agreed = service.agree_terms(vendor, NO_TERMS, by=desk.clerk, at=day.open_at + timedelta(days=1))
    assert "欧阳修竹" in agreed.text
    signed = agreed.text_hash
    without_code = agreed.text.rpartition("\n")[0]
    with unit_of_work():
        for application in vendor.applications:
            application.state = ApplicationState.WITHDRAWN
        vendors.forget_vendor(vendor, by=desk.clerk, at=day.open_at + timedelta(days=2))
    assert [one.text for one in service.terms_history(vendor)] == ["", ""]
    assert agreed.text_hash == signed != text_hash(without_code)
    every = [str(row) for row in db.session.execute(sa.text("SELECT detail FROM audit_row")).scalars()]
    assert not any("欧阳修竹" in detail for detail in every)
    assert list(_changed_agreements(desk.community)) == []
    assert check_journal().fact_faults == []
    with unit_of_work():
        db.session.execute(sa.text("UPDATE terms SET text = ''"))
    assert len(list(_changed_agreements(desk.community))) == len(stalls.assignments(day)) - 1


def test_the_paper_names_both_parties_and_leaves_the_choice_to_a_pen(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        day = bring_to(planned_day(community, by, vendors=2), DayState.PUBLISHED, by)
        make_fund(community, by, day.open_at - timedelta(days=200))
        vendor, ref = stalls.assignments(day)[0].vendor, day.ref
        name, vendor_ref = vendor.trading_name, vendor.ref
    staff = sign_in("staff")
    one = PdfReader(io.BytesIO(staff.get(f"/staff/huaiyin/vendors/{vendor_ref}/agreement.pdf").data))
    text = "".join(one.pages[0].extract_text().split())
    for part in ("捐赠协议", WORDING, name, "示例慈善总会", "捐赠人签字", "（盖章）", "百分之几", "不捐"):
        assert part in text
    everybody = PdfReader(io.BytesIO(staff.get(f"/staff/huaiyin/days/{ref}/agreements.pdf").data))
    assert (len(one.pages), len(everybody.pages)) == (1, 2)
    assert "示例慈善总会" in staff.get(f"/staff/huaiyin/vendors/{vendor_ref}/terms").text
    assert "agreements.pdf" in staff.get(f"/staff/huaiyin/days/{ref}/agreements").text


def test_where_everybody_has_said_there_is_nothing_to_sign(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        ref = open_market(find_community(cast.ours), person("staff")).ref
    answer = sign_in("staff").get(f"/staff/huaiyin/days/{ref}/agreements.pdf")
    assert (answer.status_code, "都说过捐不捐了，没有要签的。" in answer.text) == (409, True)
