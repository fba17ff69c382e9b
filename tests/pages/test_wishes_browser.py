"""Asking for a stall in a real browser: an elderly resident with large type, one tap, without a script."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from market import clock
from market.communities.service import find_community
from market.db import unit_of_work
from market.demand import service
from market.demand.rules import PaperKind, Way, WishState
from market.demand.service import VotesDraft
from tests.cast import PASSWORD, Cast, person
from tests.parts.axe import violations
from tests.parts.live import served

pytestmark = pytest.mark.browser


@pytest.fixture
def wanted(app: Flask, cast: Cast) -> None:
    """A list with a voice, votes on paper, an answer, a new word and a house behind one router."""
    at = clock.now()
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        for number in range(23):
            word, address = ("修鞋", "203.0.113.1") if number < 21 else ("弹棉花", f"203.0.113.{number}")
            service.ask(community, word, token=f"phone {number}", address=address, way=Way.PAGE, at=at)
        today = clock.today(community.zone)
        row = service.add_votes(
            community, VotesDraft("理发", PaperKind.PAPER, 7, "3 号楼", today), by=staff, at=at
        )
        service.answer(row.wish, WishState.LOOKING, "下周有信。", by=staff, at=at)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.usefixtures("wanted")
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_an_elderly_resident_asks_in_one_tap(app: Flask, browser: Browser, scripts: bool) -> None:
    """From the poster's code: the list in large type, one tap, the answer; and back again."""
    with served(app) as address:
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
        context.add_cookies([{"name": "preferences", "value": "elder", "url": address}])
        page = context.new_page()
        page.goto(f"{address}/c/huaiyin/wishes?from=poster")
        assert [cookie["name"] for cookie in context.cookies()] == ["preferences"]
        page.get_by_role("button", name="想要 · 7").click()
        expect(page.get_by_text("记下了：理发，现在 8 票。")).to_be_visible()
        assert sorted(cookie["name"] for cookie in context.cookies()) == ["preferences", "voice"]
        if scripts:
            assert fits(page)
            assert violations(page) == []
        page.get_by_role("button", name="点错了，收回").click()
        expect(page.get_by_text("收回了，理发现在 7 票。")).to_be_visible()
        context.close()


@pytest.mark.usefixtures("wanted")
@pytest.mark.parametrize("chosen", ["", "elder", "en"])
def test_axe_finds_nothing_on_what_residents_open(app: Flask, page: Page, chosen: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    with served(app) as address:
        if chosen:
            page.context.add_cookies([{"name": "preferences", "value": chosen, "url": address}])
        for path in ("wishes", "wishes?word=弹棉花", "wishes?word=修皮鞋", ""):
            page.goto(f"{address}/c/huaiyin/{path}")
            assert violations(page) == [], path
            assert fits(page), path


@pytest.mark.usefixtures("wanted")
def test_staff_answer_on_a_small_phone(app: Flask, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    with served(app) as address:
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        page.goto(f"{address}/staff/huaiyin/wishes")
        assert violations(page) == []
        assert fits(page)
        page.get_by_role("link", name="理发").click()
        assert violations(page) == []
        assert fits(page)
        page.get_by_label("没找到").check()
        page.get_by_label("写给居民的一句话").fill("师傅回老家了。")
        page.get_by_role("button", name="公开答复").click()
        expect(page.locator(".flashes")).to_contain_text("居民在单子上看得到")
