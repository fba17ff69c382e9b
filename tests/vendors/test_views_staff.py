"""The register and the review, for the staff of this community and nobody else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people import service as people
from market.stalls import service as stalls
from market.vendors import service
from market.vendors.rules import ApplicationState, Category
from tests.cast import Cast, csrf_token, person, post
from tests.factories.calendar import bring_to, make_day
from tests.factories.vendors import make_application, make_vendor

A = ApplicationState
BASE = "/staff/huaiyin"
NEW = f"{BASE}/vendors/new"
TYPED = {
    "trading_name": "单家修鞋", "holder": "单师傅", "phone": "13811112222", "category": "repair_service",
    "goods": "修鞋、配钥匙", "power_w": "0",
}  # fmt: skip


class Desk(NamedTuple):
    """Addresses of a market in review and of its three vendors."""

    app: Flask
    staff: FlaskClient
    day: str
    complete: str
    lacking: str
    idle: str

    @property
    def review(self) -> str:
        return f"{BASE}/days/{self.day}/applications"

    def vendor(self, ref: str) -> str:
        return f"{BASE}/vendors/{ref}"

    def application(self, vendor_ref: str) -> str:
        """The address of a vendor's application."""
        with self.app.app_context():
            community = find_community("huaiyin")
            day = calendar.find_day(community, self.day)
            return service.application_of(day, service.find_vendor(community, vendor_ref)).ref

    def state(self, vendor_ref: str) -> tuple[ApplicationState, str]:
        with self.app.app_context():
            found = service.find_application(find_community("huaiyin"), self.application(vendor_ref))
            return found.state, found.decision_note

    def decide(self, vendor_ref: str, **fields: str) -> Any:
        action = f"{self.review}/{self.application(vendor_ref)}/decision"
        return post(self.staff, self.review, action, **fields)


@pytest.fixture
def desk(app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]) -> Desk:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        complete = make_vendor(community, staff, "老张豆浆坊", phone="13800001111")
        lacking = make_vendor(
            community, staff, "仇记卤味", holder="仇老板", category=Category.COOKED_FOOD, papers=False
        )
        idle = make_vendor(community, staff, "陈记百货", holder="陈姐", phone="13900002222")
        make_application(day, complete, staff)
        make_application(day, lacking, staff, note="老摊位")
        bring_to(day, DayState.REVIEWING, staff)
        refs = day.ref, complete.ref, lacking.ref, idle.ref
    return Desk(app, sign_in("staff"), *refs)


def names(page: str) -> list[str]:
    """The vendors of a register page in their order."""
    return re.findall(r'<th scope="row">\s*<a [^>]*>([^<]+)</a>', page)


# ── the register ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["陈记百货", "老张豆浆坊", "仇记卤味"]),
        ("?q=qjlw", ["仇记卤味"]),
        ("?q=1111", ["老张豆浆坊"]),
        ("?category=cooked_food", ["仇记卤味"]),
        ("?papers=lacking", ["仇记卤味"]),
        ("?papers=complete", ["陈记百货", "老张豆浆坊"]),
        ("?page=999", ["陈记百货", "老张豆浆坊", "仇记卤味"]),
        ("?page=x&category=nothing", []),
    ],
)
def test_the_register_is_searched_and_filtered(desk: Desk, query: str, found: list[str]) -> None:
    answer = desk.staff.get(f"{BASE}/vendors{query}")
    assert (answer.status_code, names(answer.text)) == (200, found)


def test_the_register_masks_numbers(desk: Desk) -> None:
    page = desk.staff.get(f"{BASE}/vendors").text
    assert "138****1111" in page
    assert "13800001111" not in page


def test_a_vendor_is_entered_on_behalf(desk: Desk) -> None:
    answer = post(desk.staff, NEW, **TYPED)
    assert answer.status_code == 302
    page = desk.staff.get(answer.location).text
    assert "社区代登记，没有账号" in page
    assert "还没有入场经营协议。" in page


@pytest.mark.parametrize(
    ("field", "value", "status", "sentence"),
    [
        ("trading_name", "", 422, "请填招牌名"),
        ("phone", "1381111", 422, "手机号是 1 开头的 11 位数字"),
        ("phone", "13800001111", 409, "已经登记过了"),
        ("category", "", 422, "请选一类"),
        ("power_w", "-1", 422, "请填 0 到 20 之间的千瓦数"),
    ],
)
def test_a_mistake_keeps_what_was_typed(
    desk: Desk, field: str, value: str, status: int, sentence: str
) -> None:
    answer = post(desk.staff, NEW, **{**TYPED, field: value})
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert 'value="修鞋、配钥匙"' in answer.text


def test_a_vendor_is_corrected(desk: Desk) -> None:
    page = f"{desk.vendor(desk.complete)}/edit"
    assert 'value="老张豆浆坊"' in desk.staff.get(page).text
    assert post(desk.staff, page, **{**TYPED, "phone": "13800001111"}).status_code == 302
    assert "单家修鞋" in desk.staff.get(desk.vendor(desk.complete)).text
    assert post(desk.staff, page, **{**TYPED, "phone": "13900002222"}).status_code == 409


# ── papers, agreements, the link ──────────────────────────────────────────────────────────────────────────

PAPER = {"kind": "D07", "number": "JK-331", "issuer": "区疾控中心", "valid_to": "2099-01-31", "seen": "y"}


def test_a_paper_is_entered_and_renewed(desk: Desk) -> None:
    page = desk.vendor(desk.lacking)
    assert post(desk.staff, page, f"{page}/documents", **PAPER).status_code == 302
    shown = desk.staff.get(page).text
    assert "健康证" in shown
    assert "到 2099-01-31" in shown
    assert "王社工" in shown
    assert (
        post(desk.staff, page, f"{page}/documents", **{**PAPER, "valid_to": "2099-12-31"}).status_code == 302
    )
    renewed = desk.staff.get(page).text
    assert ("到 2099-12-31" in renewed, "到 2099-01-31" in renewed) == (True, False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": ""}, "请填证照上的编号"),
        ({"seen": ""}, "要看过原件才能登记"),
        ({"valid_to": "明年"}, "有效期到"),
        ({"kind": "D15"}, "哪一种"),
    ],
)
def test_a_paper_with_a_mistake_is_not_kept(desk: Desk, changes: dict[str, str], sentence: str) -> None:
    page = desk.vendor(desk.lacking)
    answer = post(desk.staff, page, f"{page}/documents", **{**PAPER, **changes})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'value="区疾控中心"' in answer.text


def test_a_mistyped_credit_code_and_a_past_term_are_kept_with_a_warning(desk: Desk) -> None:
    page = desk.vendor(desk.lacking)
    licence = {**PAPER, "kind": "D01", "number": "91350100M000100Y44", "valid_to": "2020-01-01"}
    post(desk.staff, page, f"{page}/documents", **licence)
    shown = desk.staff.get(page).text
    assert "对不上校验位" in shown
    assert "已经过期" in shown


def test_agreements_signed_on_paper_are_entered(desk: Desk) -> None:
    page = desk.vendor(desk.lacking)
    assert post(desk.staff, page, f"{page}/agreements").status_code == 302
    assert "收到签好的纸" in desk.staff.get(page).text


def test_the_link_is_shown_once_with_its_code_and_signs_in(desk: Desk) -> None:
    page = desk.vendor(desk.idle)
    shown = post(desk.staff, page, f"{page}/links")
    assert shown.status_code == 200
    found = re.search(r'value="http://127\.0\.0\.1:8000(/enter/[^"]+)"', shown.text)
    assert found is not None
    assert "<svg" in shown.text
    assert "data-copy" in shown.text
    assert found[1] not in desk.staff.get(page).text
    phone = desk.app.test_client()
    assert post(phone, found[1]).location == "/vendor/huaiyin/"
    assert "陈记百货" in phone.get("/vendor/huaiyin/").text


def test_no_link_to_an_account_that_is_used_elsewhere(desk: Desk) -> None:
    with desk.app.app_context(), unit_of_work():
        people.create_user("13900002222", "别处的人", None, at=clock.now())
    page = desk.vendor(desk.idle)
    answer = post(desk.staff, page, f"{page}/links")
    assert (answer.status_code, "在别处也有用" in answer.text) == (409, True)


def test_personal_data_is_deleted_on_request(desk: Desk) -> None:
    page = desk.vendor(desk.idle)
    assert post(desk.staff, page, f"{page}/deletion").status_code == 302
    shown = desk.staff.get(page).text
    assert "个人信息已经删去" in shown
    assert "陈姐" not in shown
    assert "13900002222" not in shown
    refused = post(desk.staff, desk.vendor(desk.complete), f"{desk.vendor(desk.complete)}/deletion")
    assert (refused.status_code, "还报着名" in refused.text) == (409, True)


# ── the review ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_review_shows_applications_in_order_with_what_they_lack(desk: Desk) -> None:
    page = desk.staff.get(desk.review).text
    assert page.index("老张豆浆坊") < page.index("仇记卤味")
    assert "还没有健康证。" in page
    assert "“老摊位”" in page
    assert "2 家等答复，0 家可以来，当天开 6 个摊位。" in page
    assert "证照齐全的 1 家，全部同意" in page


def test_one_click_for_each_decision(desk: Desk) -> None:
    assert desk.decide(desk.complete, decision="approve").status_code == 302
    assert desk.state(desk.complete) == (A.APPROVED, "")
    assert desk.decide(desk.lacking, decision="ask", note="请补：健康证。").status_code == 302
    assert desk.state(desk.lacking) == (A.NEEDS_MORE, "请补：健康证。")
    assert desk.decide(desk.lacking, decision="reject", note="满了").status_code == 302
    assert desk.state(desk.lacking) == (A.REJECTED, "满了")


def test_the_missing_papers_are_ready_to_be_asked_for(desk: Desk) -> None:
    page = desk.staff.get(desk.review).text
    assert 'name="note" value="请补：入场经营协议、食品经营许可证' in page


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"decision": "reject", "note": " "}, 422, "请写一句缺什么"),
        ({"decision": "ask"}, 422, "请写一句缺什么"),
        ({"decision": "maybe"}, 422, "改一改"),
        ({}, 422, "请选同意、要补证照或这次不行"),
        ({"decision": "reject", "note": "长" * 201}, 422, "改一改"),
    ],
)
def test_a_decision_that_says_nothing_changes_nothing(
    desk: Desk, fields: dict[str, str], status: int, sentence: str
) -> None:
    answer = desk.decide(desk.complete, **fields)
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert desk.state(desk.complete) == (A.SUBMITTED, "")


def test_everyone_with_complete_papers_is_approved_in_one_click(desk: Desk) -> None:
    assert post(desk.staff, desk.review, f"{desk.review}/approvals").status_code == 302
    assert (desk.state(desk.complete)[0], desk.state(desk.lacking)[0]) == (A.APPROVED, A.SUBMITTED)
    assert "同意了 1 家" in desk.staff.get(desk.review).text


def test_when_all_are_answered_the_plan_comes_next(desk: Desk) -> None:
    desk.decide(desk.complete, decision="approve")
    desk.decide(desk.lacking, decision="reject", note="满了")
    assert f'class="btn first" href="{BASE}/days/{desk.day}/plan"' in desk.staff.get(desk.review).text


def test_a_placed_vendor_is_asked_nothing_more_and_withdrawn_or_refused_here(desk: Desk) -> None:
    desk.decide(desk.complete, decision="approve")
    with desk.app.app_context(), unit_of_work():
        day = calendar.find_day(find_community("huaiyin"), desk.day)
        stalls.compute_plan(day, by=person("staff"), at=clock.now())
    for decision in ("approve", "ask"):
        refused = desk.decide(desk.complete, decision=decision, note="还缺一样")
        assert (refused.status_code, "已经参加排摊" in refused.text) == (409, True)
    assert desk.decide(desk.complete, decision="reject", note="满了").status_code == 302
    assert desk.state(desk.complete) == (A.REJECTED, "满了")


def test_a_placed_vendor_is_withdrawn_here(desk: Desk) -> None:
    desk.decide(desk.complete, decision="approve")
    with desk.app.app_context(), unit_of_work():
        day = calendar.find_day(find_community("huaiyin"), desk.day)
        stalls.compute_plan(day, by=person("staff"), at=clock.now())
    action = f"{desk.review}/{desk.application(desk.complete)}/withdrawal"
    assert post(desk.staff, desk.review, action).status_code == 302
    assert desk.state(desk.complete)[0] is A.WITHDRAWN


@pytest.mark.parametrize("how", ["chosen", "phone", "name", "initials"])
def test_somebody_who_telephoned_is_entered(desk: Desk, how: str) -> None:
    said = {
        "chosen": {"vendor": desk.idle},
        "phone": {"who": "139 0000 2222"},
        "name": {"who": "陈记百货"},
        "initials": {"who": "cjbh"},
    }[how]
    answer = post(desk.staff, desk.review, **said, power_w="0.5", wanted_stall="A03", note="电话来的")
    assert answer.status_code == 302
    assert desk.state(desk.idle) == (A.SUBMITTED, "")
    page = desk.staff.get(desk.review).text
    assert "用电 0.5 千瓦" in page
    assert "想要 A03" in page
    assert "（社区代报）" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "请选一位商户"),
        ({"who": "没有这家"}, "登记里没有这一位"),
        ({"who": "记"}, "有好几位都对得上"),
        ({"vendor": "zzzzzzzzzz"}, "改一改"),
        ({"who": "陈记百货", "power_w": "一点点"}, "请填 0 到 20 之间的千瓦数"),
    ],
)
def test_who_is_meant_must_be_clear(desk: Desk, fields: dict[str, str], sentence: str) -> None:
    answer = post(desk.staff, desk.review, **{"note": "电话来的", **fields})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'value="电话来的"' in answer.text


# ── nobody else's business ────────────────────────────────────────────────────────────────────────────────


def test_refs_of_another_community_are_not_found(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> None:
    theirs, base = sign_in("staff-b"), "/staff/songhe"
    entry = f"{base}/vendors"
    application = desk.application(desk.complete)
    for page in (f"/vendors/{desk.idle}", f"/vendors/{desk.idle}/edit", f"/days/{desk.day}/applications"):
        assert theirs.get(base + page).status_code == 404
    for action in (
        f"/vendors/{desk.idle}/edit",
        f"/vendors/{desk.idle}/documents",
        f"/vendors/{desk.idle}/agreements",
        f"/vendors/{desk.idle}/links",
        f"/vendors/{desk.idle}/deletion",
        f"/days/{desk.day}/applications",
        f"/days/{desk.day}/applications/approvals",
        f"/days/{desk.day}/applications/{application}/decision",
        f"/days/{desk.day}/applications/{application}/withdrawal",
    ):
        assert post(theirs, entry, base + action, decision="approve").status_code == 404


def test_an_application_belongs_to_the_day_in_the_address(desk: Desk) -> None:
    with desk.app.app_context(), unit_of_work():
        other = make_day(find_community("huaiyin"), person("staff"), in_days=20).ref
    action = f"{BASE}/days/{other}/applications/{desk.application(desk.complete)}/decision"
    assert post(desk.staff, desk.review, action, decision="approve").status_code == 404


@pytest.mark.parametrize("login", ["gate", "member1", "staff-b"])
def test_the_register_is_for_the_staff_of_this_community(
    desk: Desk, sign_in: Callable[[str], FlaskClient], login: str
) -> None:
    client = sign_in(login)
    for page in ("/vendors", "/vendors/new", f"/vendors/{desk.idle}", f"/days/{desk.day}/applications"):
        assert client.get(BASE + page).status_code == 403


def test_public_pages_know_no_numbers_and_no_holders(desk: Desk) -> None:
    with desk.app.app_context(), unit_of_work():
        community, staff = find_community("huaiyin"), person("staff")
        day = calendar.find_day(community, desk.day)
        vendor = service.find_vendor(community, desk.complete)
        service.approve(service.application_of(day, vendor), by=staff, at=clock.now())
        stalls.compute_plan(day, by=staff, at=clock.now())
        bring_to(day, DayState.PUBLISHED, staff)
        db.session.flush()
    reader = desk.app.test_client()
    for page in ("/", "/c/huaiyin/", f"/c/huaiyin/markets/{desk.day}", "/c/huaiyin/vendors/new"):
        text = reader.get(page).text
        for secret in ("13800001111", "138****1111", "张师傅", "13900002222"):
            assert secret not in text, page


def test_pages_say_what_to_do_when_there_is_nothing(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        ref = make_day(find_community("huaiyin"), person("staff"), state=DayState.REVIEWING).ref
    client = sign_in("staff")
    assert "还没有商户。" in client.get(f"{BASE}/vendors").text
    assert "没有找到。" in client.get(f"{BASE}/vendors?q=x").text
    assert "还没有人报名。" in client.get(f"{BASE}/days/{ref}/applications").text


def test_after_a_mistake_the_large_type_link_leads_to_a_page_that_can_be_opened(desk: Desk) -> None:
    page = desk.vendor(desk.lacking)
    token = csrf_token(desk.staff.get(page).text)
    answer = desk.staff.post(
        f"{page}/documents", data={"csrf_token": token}, headers={"Referer": f"http://localhost{page}"}
    )
    found = re.search(r'href="(/preferences\?[^"]*elder=1)"', answer.text)
    assert found is not None
    assert desk.staff.get(html.unescape(found[1])).location == page
