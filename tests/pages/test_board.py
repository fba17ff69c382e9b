"""The lead's board: who is missing, what needs somebody, a substitute in one press, asked by its tag."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from market import clock
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.gate import service as gate
from market.gate.rules import CountMethod, ScanMethod, Verdict
from market.gate.service import Told
from market.inspection import service as inspection
from market.inspection.rules import Result
from market.inspection.service import Problem
from market.vendors.service import approve
from tests.cast import PASSWORD, Cast, person, post
from tests.factories import gate as make
from tests.factories.vendors import make_application, make_vendor
from tests.parts.axe import violations
from tests.parts.live import served

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def market(app: Flask, cast: Cast) -> str:
    """A market that is on: A01 has come, A02 and A03 have not; one waits; something was found."""
    with app.app_context(), unit_of_work():
        by, at = person("staff"), clock.now()
        day = make.running_today(find_community(cast.ours), by)
        waiting = make_application(day, make_vendor(day.community, by, "补位的"), by)
        approve(waiting, by=by, at=day.open_at)
        held = make.passes_by_stall(day)["A01"].assignment
        make.scan_code(day, make.passes_by_stall(day)["A01"].short_code, by, at=at, entrance="东门")
        make.scan_code(day, make.passes_by_stall(day)["A01"].short_code, by, at=at, entrance="西门")
        make.scan_code(day, "nonsense", by, at=at)
        problem = Problem("waste", Result.STOPPED, "鱼鳞没收")
        inspection.check_spot(day, held, 1, [problem], client_id="c1", by=by, at=at)
        gate.count_visits(day, "东门", 1, 40, CountMethod.FULL_COUNT, by=by, at=at)
        return day.ref


@pytest.fixture
def staff(sign_in: SignIn) -> FlaskClient:
    return sign_in("staff")


def board(market: str, page: str = "") -> str:
    return f"/staff/huaiyin/days/{market}/board{page}"


def text(client: FlaskClient, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).get_data(as_text=True))


def test_the_board_says_who_is_missing_and_what_needs_somebody(staff: FlaskClient, market: str) -> None:
    shown = text(staff, board(market))
    for said in ("没到的 2 家", "要看一眼的 3 件", "鱼鳞没收", "两个门", "查不到", "来了 40 人次", "没数"):
        assert said in shown, said
    assert shown.count('href="tel:') == 2


def test_the_board_shows_the_phones_at_the_gates_and_what_they_said_alone(
    app: Flask, staff: FlaskClient, market: str
) -> None:
    assert "门口的手机 0 部" in text(staff, board(market))
    with app.app_context(), unit_of_work():
        day, at = find_day_by_ref(market), clock.now()
        phone = gate.invite(day, "西门", by=person("staff"), at=at - timedelta(hours=2))
        gate.enrol(phone, "小高", "1" * 64, at=at - timedelta(hours=1))
        gate.note_seen(phone, 3, at=at - timedelta(minutes=30))
        code = make.passes_by_stall(day)["A01"].short_code
        alone = Told("door-00001", code, ScanMethod.CAMERA, at, at, Verdict.ADMITTED)
        gate.receive(day, phone, [alone], at=at + timedelta(minutes=20))
    shown = text(staff, board(market))
    for said in (
        "门口的手机 1 部",
        "断了",
        "小高",
        "还有 3 条没送到",
        "要看一眼的 4 件",
        "对不上",
        "小高的手机断网时放了行，其实",
    ):
        assert said in shown, said


def test_before_the_hour_of_arrival_nobody_is_missing(app: Flask, staff: FlaskClient, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        ref = make.published_day(find_community(cast.ours), person("staff")).ref
    shown = text(staff, board(ref))
    assert ("等着来的 3 家" in shown, "没到的" in shown, 'class="stop"' in shown) == (True, False, False)


def test_the_live_part_is_not_sent_twice(app: Flask, staff: FlaskClient, market: str) -> None:
    live = board(market, "/live")
    first = staff.get(live)
    assert staff.get(live, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "csrf" not in first.get_data(as_text=True)
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(market)
        make.scan_code(day, make.passes_by_stall(day)["A02"].short_code, person("staff"), at=clock.now())
    again = staff.get(live, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, "没到的 1 家" in again.get_data(as_text=True)) == (200, True)


def test_one_press_brings_the_first_in_line_and_one_takes_it_back(staff: FlaskClient, market: str) -> None:
    page = board(market)
    shown = text(staff, page)
    found = re.search(r'formaction="(\S+/substitution)" name="instead" value="(\w+)"', shown)
    assert found is not None
    assert post(staff, page, found[1], instead=found[2]).location.endswith("/board")
    assert post(staff, page, found[1], instead=found[2]).location.endswith("/board")
    shown = text(staff, page)
    assert "补位的补到 A02 号" in shown
    back = re.search(r'formaction="(\S+/return)"', shown)
    assert back is not None
    assert post(staff, page, back[1]).location.endswith("/board")
    assert "撤回了：第2家百货在" in text(staff, page)


def test_not_counted_is_never_nothing(app: Flask, cast: Cast, staff: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        ref = make.running_today(find_community(cast.ours), person("staff")).ref
    shown = text(staff, board(ref))
    assert ("还没有数人" in shown, "来了 0" in shown) == (True, False)


@pytest.fixture
def signed_in(app: Flask, page: Page) -> Callable[[str], None]:
    def enter(address: str) -> None:
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()

    return enter


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_the_board_lives_says_when_it_is_old_and_substitutes(
    app: Flask, market: str, page: Page, signed_in: Callable[[str], None], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    with served(app) as address:
        signed_in(address)
        page.goto(address + board(market))
        expect(page.locator("#missing")).to_have_text("没到的 2 家")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        with app.app_context(), unit_of_work():
            day = find_day_by_ref(market)
            make.scan_code(day, make.passes_by_stall(day)["A03"].short_code, person("staff"), at=clock.now())
        expect(page.locator("#missing")).to_have_text("没到的 1 家", timeout=10_000)
        page.context.set_offline(True)
        expect(page.locator("[data-stale]")).to_be_visible(timeout=10_000)
        page.context.set_offline(False)
        expect(page.locator("[data-stale]")).to_be_hidden(timeout=10_000)
        page.get_by_role("button", name="请补位的补到 A02").click()
        expect(page.locator(".flashes")).to_contain_text("补位的补到 A02 号")
