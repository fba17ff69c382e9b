"""At the desk in the morning, in a real browser: presses from the page of the market, wide and narrow."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from market.communities.service import find_community
from market.db import unit_of_work
from market.vendors.service import approve
from tests.cast import PASSWORD, Cast, person
from tests.factories import gate as make
from tests.factories.vendors import make_application, make_vendor
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.presses import at_most

pytestmark = pytest.mark.browser


class Presses:
    """A thumb that counts."""

    def __init__(self) -> None:
        self.made = 0

    def press(self, target: Locator) -> None:
        target.click()
        self.made += 1


@pytest.fixture
def market(app: Flask, cast: Cast) -> str:
    """A market that is on, with one who waits."""
    with app.app_context(), unit_of_work():
        by = person("staff")
        day = make.running_today(find_community(cast.ours), by)
        waiting = make_application(day, make_vendor(day.community, by, "补位的"), by)
        approve(waiting, by=by, at=day.open_at)
        return day.ref


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=login]", "staff")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [1280, 360])
def test_three_presses_bring_the_next_in_line_and_two_take_a_mistake_back(
    app: Flask, market: str, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    with served(app) as address:
        sign_in(page, address)
        page.goto(f"{address}/staff/huaiyin/days/{market}")
        hand = Presses()
        hand.press(page.get_by_role("link", name="摊位证和签到表"))
        hand.press(page.get_by_role("link", name="A02 第2家百货 没来"))
        expect(page.get_by_role("link", name="打电话给补位的")).to_be_visible()
        assert violations(page) == []
        hand.press(page.get_by_role("button", name="没来，请补位的来补"))
        expect(page.locator(".flashes")).to_contain_text("补位的补到 A02 号")
        at_most(4, hand.made, "no-show and substitute", width)
        assert hand.made == 3

        page.goto(f"{address}/staff/huaiyin/days/{market}")
        hand = Presses()
        hand.press(page.get_by_role("link", name="摊位证和签到表"))
        hand.press(page.get_by_role("button", name="记错了，撤回"))
        expect(page.locator(".flashes")).to_contain_text("撤回了：第2家百货在 A04 号。")
        at_most(2, hand.made, "no-show taken back", width)
        assert hand.made == 2
        assert violations(page) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_on_the_board_two_presses_do_either(app: Flask, market: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    with served(app) as address:
        sign_in(page, address)
        page.goto(f"{address}/staff/huaiyin/days/{market}")
        hand = Presses()
        hand.press(page.get_by_role("link", name="现场").first)
        hand.press(page.get_by_role("button", name="请补位的补到 A01"))
        expect(page.locator(".flashes")).to_contain_text("补位的补到 A01 号")
        at_most(4, hand.made, "no-show and substitute on the board", width)

        page.goto(f"{address}/staff/huaiyin/days/{market}")
        hand = Presses()
        hand.press(page.get_by_role("link", name="现场").first)
        hand.press(page.get_by_role("button", name="记错了，撤回"))
        expect(page.locator(".flashes")).to_contain_text("撤回了")
        at_most(2, hand.made, "no-show taken back on the board", width)
