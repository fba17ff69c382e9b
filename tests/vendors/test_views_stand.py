"""The further questions of a stand, on every page where they are asked or shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people.service import accounts
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.rules import ApplicationState, Category, Conduct
from tests.cast import PASSWORD, Cast, person, post
from tests.factories.calendar import make_day
from tests.factories.vendors import make_application, make_vendor

SignIn = Callable[[str], FlaskClient]

LOGIN = "13800009999"
REGISTER, HOME, PROFILE = "/c/huaiyin/vendors/new", "/vendor/huaiyin/", "/vendor/huaiyin/profile"
TYPED = {
    "trading_name": "三轮果蔬", "holder": "赵师傅", "phone": LOGIN, "category": "produce", "goods": "苹果",
    "power_w": "0",
}  # fmt: skip
AGREED = {"agreed": "y"}
STAND = {
    "width_dm": "3", "depth_dm": "2.5", "price_range": "3 到 15 元", "open_flame": "y", "own_tent": "y",
    "needs_vehicle": "y", "plate": "鲁c 12345",
}  # fmt: skip
KEPT = (30, 25, "3 到 15 元", True, True, "鲁C12345")
MAY_USE_RESERVED = r"<dt>爱心摊位</dt>\s*<dd>可以用</dd>"


def stand_of(app: Flask, name: str = "三轮果蔬") -> tuple[object, ...]:
    with app.app_context():
        vendor = db.session.query(Vendor).filter_by(trading_name=name).one()
        return (
            vendor.width_dm, vendor.depth_dm, vendor.price_range, vendor.open_flame, vendor.own_tent,
            vendor.plate,
        )  # fmt: skip


def fold(page: str) -> str:
    """The start tag of the fold with the further questions."""
    found = re.search(r"<details[^>]*>(?=\s*<summary>(?:用电、用水|摊子的情况))", page)
    assert found is not None
    return found[0]


# ── registration ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_further_questions_are_folded_away(app: Flask, cast: Cast) -> None:
    page = app.test_client().get(REGISTER).text
    folded = page[page.index(fold(page)) :]
    folded = folded[: folded.index("</details>")]
    assert fold(page) == '<details class="fine">'
    for name in ("width_dm", "depth_dm", "price_range", "open_flame", "own_tent"):
        assert f'name="{name}"' in folded
        assert page.count(f'name="{name}"') == 1
    assert re.search(r'class="vehicle-only">\s*<div class="field ">\s*<label for="plate">', page)
    assert "may_use_reserved" not in page


def test_a_vendor_registers_without_answering_them(app: Flask, cast: Cast) -> None:
    assert post(app.test_client(), REGISTER, **TYPED, **AGREED).status_code == 200
    assert stand_of(app) == (0, 0, "", False, False, "")


def test_a_vendor_registers_and_answers_them(app: Flask, cast: Cast) -> None:
    assert post(app.test_client(), REGISTER, **TYPED, **AGREED, **STAND).status_code == 200
    assert stand_of(app) == KEPT


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("width_dm", "0.3", "摊子的宽和深请填 0.5 到 10 米"),
        ("depth_dm", "30", "摊子的宽和深请填 0.5 到 10 米"),
        ("width_dm", "很宽", "请填米数，比如 3 或 2.5。"),
        ("price_range", "贵" * 41, "40"),
        ("plate", "没有牌", "车牌请写成“鲁C12345”这样"),
    ],
)
def test_a_mistake_opens_the_fold_and_keeps_what_was_typed(
    app: Flask, cast: Cast, field: str, value: str, sentence: str
) -> None:
    answer = post(app.test_client(), REGISTER, **{**TYPED, **AGREED, **STAND, field: value})
    assert (answer.status_code, sentence in html.unescape(answer.text)) == (422, True)
    assert fold(answer.text) == '<details class="fine" open>'
    assert f'value="{value}"' in answer.text


def test_who_brings_no_vehicle_is_not_asked_for_a_plate(app: Flask, cast: Cast) -> None:
    on_foot = {name: value for name, value in STAND.items() if name != "needs_vehicle"}
    assert (
        post(app.test_client(), REGISTER, **{**TYPED, **AGREED, **on_foot, "plate": "?"}).status_code == 200
    )
    assert stand_of(app)[-1] == ""


def test_nobody_lets_themselves_use_reserved_stalls(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    post(client, REGISTER, **TYPED, **AGREED, may_use_reserved="y")
    post(client, PROFILE, **TYPED, may_use_reserved="y")
    with app.app_context():
        assert [vendor.may_use_reserved for vendor in db.session.query(Vendor)] == [False]


def test_nobody_waits_while_a_password_is_hashed(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing and checking passwords happens before the transaction in which nobody else can write."""
    writing: list[bool] = []

    class Watched(PasswordHasher):
        def hash(self, *facts: Any, **more: Any) -> str:
            writing.append("in_unit_of_work" in db.session.info)
            return super().hash(*facts, **more)

        def verify(self, *facts: Any) -> Literal[True]:
            writing.append("in_unit_of_work" in db.session.info)
            return super().verify(*facts)

    known = app.test_client()
    assert post(known, REGISTER, **TYPED, **AGREED).status_code == 200
    assert post(known, "/account", "/account/password", password=PASSWORD).status_code == 302
    monkeypatch.setattr(accounts, "_hasher", Watched(memory_cost=64, time_cost=1, parallelism=1))
    typed = {**TYPED, **AGREED, "password": PASSWORD}
    assert post(app.test_client(), "/c/songhe/vendors/new", **typed).status_code == 302
    assert writing == [False]


# ── the vendor's own pages ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def own(app: Flask, cast: Cast, sign_in: SignIn) -> FlaskClient:
    """Signed in as a vendor with all papers, for whom two markets take applications."""
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        for in_days in (10, 20):
            make_day(community, staff, in_days=in_days, state=DayState.OPEN_FOR_APPLICATION)
        make_vendor(community, staff, "三轮果蔬", login=LOGIN, phone=LOGIN, category=Category.PRODUCE)
    return sign_in(LOGIN)


def refs(app: Flask) -> list[str]:
    """The markets, the nearest first."""
    with app.app_context():
        return [day.ref for day in sorted(calendar.days(find_community("huaiyin")), key=lambda d: d.open_at)]


def test_a_vendor_says_what_the_stand_is_like_and_sees_it_again(app: Flask, own: FlaskClient) -> None:
    assert fold(own.get(PROFILE).text) == '<details class="fine">'
    assert post(own, PROFILE, **TYPED, **STAND).status_code == 302
    assert stand_of(app) == KEPT
    page = own.get(PROFILE).text
    assert fold(page) == '<details class="fine" open>'
    for value in ("3", "2.5", "3 到 15 元", "鲁C12345"):
        assert f'value="{value}"' in page


@pytest.mark.parametrize("ticked", [True, False])
def test_two_stalls_are_remembered_from_last_time(app: Flask, own: FlaskClient, ticked: bool) -> None:
    first, second = refs(app)
    answers = {"power_w": "0", "wanted_stall": "", "note": "", **({"double": "y"} if ticked else {})}
    assert post(own, HOME, f"{HOME}days/{first}/application", **answers).status_code == 302
    page = own.get(HOME).text
    assert bool(re.search(rf'id="double-{second}"\s+name="double"\s+value="y"\s+checked', page)) is ticked
    assert ("两个相邻的摊位 · 改一改" in page) is ticked
    with app.app_context():
        day = calendar.find_day_by_ref(first)
        assert [application.double for application in service.applications(day)] == [ticked]


def test_saying_that_the_papers_are_there_keeps_the_two_stalls(app: Flask, own: FlaskClient) -> None:
    first = refs(app)[0]
    with app.app_context(), unit_of_work():
        community = find_community("huaiyin")
        vendor = service.vendor_of(person(LOGIN), community)
        day, state = calendar.find_day_by_ref(first), ApplicationState.NEEDS_MORE
        make_application(day, vendor, person("staff"), state=state, double=True)
    form = own.get(HOME).text.partition(f'action="{HOME}days/{first}/application"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert own.post(f"{HOME}days/{first}/application", data=sent).status_code == 302
    with app.app_context():
        application = service.applications(calendar.find_day_by_ref(first))[0]
        assert (application.state, application.double) == (ApplicationState.SUBMITTED, True)


def earn(app: Flask, *conducts: Conduct) -> None:
    """A market a week ago at which the vendor earned points."""
    with app.app_context(), unit_of_work():
        community = find_community("huaiyin")
        vendor = service.vendor_of(person(LOGIN), community)
        day = make_day(community, person("staff"), in_days=-7, state=DayState.CLOSED)
        for conduct in conducts:
            service.note_conduct(vendor, day, conduct, by=person("staff"), at=clock.now())


def test_a_vendor_sees_its_points_what_for_and_that_giving_earns_none(app: Flask, own: FlaskClient) -> None:
    assert "守约分：最近 4 场 0 分。" in own.get(HOME).text
    assert "还没有记过分。来过一场，就从那一场记起。" in own.get(PROFILE).text
    earn(app, Conduct.CAME_IN_TIME, Conduct.REPORTED_IN_TIME)
    assert "守约分：最近 4 场 2 分。" in own.get(HOME).text
    page = own.get(PROFILE).text
    points = re.sub(r"<[^>]+>", "", page[page.index('id="points"') : page.index('id="held"')])
    assert "最近 4 场一共 2 分。" in points
    assert ("✓ 按时到场" in points, "✓ 收摊干净" in points, "✓ 按时报数" in points) == (True, False, True)
    assert "捐多捐少不算分。" in points


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────

NEW = "/staff/huaiyin/vendors/new"


def test_staff_enter_a_stand_and_decide_on_reserved_stalls(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    answer = post(staff, NEW, **TYPED, **STAND, may_use_reserved="y")
    assert (answer.status_code, stand_of(app)) == (302, KEPT)
    page = staff.get(answer.location).text
    for words in (
        "鲁C12345",
        "宽 3 米、深 2.5 米 · 明火 · 自带帐篷",
        "3 到 15 元",
    ):
        assert words in page
    assert re.search(MAY_USE_RESERVED, page)
    edit = f"{answer.location}/edit"
    assert re.search(r'name="may_use_reserved"\s+value="y"\s+checked', staff.get(edit).text)
    assert post(staff, edit, **TYPED, **STAND).status_code == 302
    assert "爱心摊位" not in staff.get(answer.location).text


def test_public_benefit_needs_no_decision(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    answer = post(staff, NEW, **{**TYPED, "category": "public_service"})
    assert re.search(MAY_USE_RESERVED, staff.get(answer.location).text)


def test_staff_see_the_points_of_a_vendor(app: Flask, own: FlaskClient, sign_in: SignIn) -> None:
    earn(app, Conduct.LEFT_CLEAN)
    with app.app_context():
        ref = service.vendor_of(person(LOGIN), find_community("huaiyin")).ref
    page = sign_in("staff").get(f"/staff/huaiyin/vendors/{ref}").text
    assert ("最近 4 场一共 1 分。" in page, "捐多捐少不算分。" in page) == (True, True)


def test_staff_ask_for_two_stalls_on_behalf_and_read_it_in_the_review(
    app: Flask, own: FlaskClient, sign_in: SignIn
) -> None:
    post(own, PROFILE, **TYPED, **STAND)
    staff, first = sign_in("staff"), refs(app)[0]
    review = f"/staff/huaiyin/days/{first}/applications"
    fields = {"who": LOGIN, "vendor": "", "wanted_stall": "", "double": "y"}
    assert post(staff, review, **fields).status_code == 302
    page = re.sub(r"<[^>]+>", "", staff.get(review).text)
    assert "不用电 · 宽 3 米、深 2.5 米 · 停车 · 明火 · 自带帐篷 · 要两个相邻的摊位" in page


# ── nobody else ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_public_reads_neither_plates_nor_decisions(
    app: Flask, own: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    post(own, PROFILE, **TYPED, **STAND)
    with app.app_context(), unit_of_work():
        vendor = service.vendor_of(person(LOGIN), find_community(cast.ours))
        service.let_use_reserved(vendor, True, by=person("staff"), at=clock.now())
        first = calendar.find_day_by_ref(refs(app)[0])
        make_application(first, vendor, person("staff"), state=ApplicationState.APPROVED)
        address = f"/c/{cast.ours}/markets/{first.ref}"
    page = app.test_client().get(address)
    assert (page.status_code, "鲁C12345" in page.text, "爱心" in page.text) == (200, False, False)
