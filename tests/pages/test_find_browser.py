"""An elderly resident looks for the barber: from the poster to the stall on the plan, without typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from market import clock
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.pages.metadata import page_address
from market.stalls import service as stalls
from market.vendors.rules import Category
from tests.cast import Cast, person
from tests.factories.calendar import bring_to
from tests.factories.stalls import approved, day_under_review
from tests.parts.axe import violations
from tests.parts.live import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SELLERS = (
    ("老顾理发", Category.HAIRCUT), ("义剪小队", Category.HAIRCUT), ("周记鲜蔬", Category.PRODUCE),
    ("万家豆制品", Category.GRAIN_SEASONING), ("磨剪子戗菜刀", Category.REPAIR_SERVICE),
)  # fmt: skip


@pytest.fixture
def poster(app: Flask, cast: Cast) -> Iterator[str]:
    """What the code on the poster of the next market leads to."""
    with app.app_context(), unit_of_work():
        by = person("staff")
        day = day_under_review(find_community(cast.ours), by, in_days=5)
        for name, category in SELLERS:
            approved(day, by, name, category)
        stalls.compute_plan(day, by=by, at=clock.now())
        bring_to(day, DayState.PUBLISHED, by)
        with app.test_request_context():
            path = page_address(day).partition("//")[2].partition("/")[2]
    with served(app) as address:
        yield f"{address}/{path}"


@pytest.fixture
def elder(page: Page, poster: str) -> Page:
    """A phone with large type, at the page of the poster."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(poster)
    page.get_by_role("link", name="大字版").click()
    page.wait_for_url(poster)
    return page


def fits(page: Page) -> bool:
    """Whether nothing hangs out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_from_the_poster_to_the_barber_on_the_plan_in_two_taps(elder: Page) -> None:
    elder.get_by_role("navigation", name="按种类找").get_by_role("link", name="理发").click()
    expect(elder.get_by_role("status")).to_contain_text("来。理发在")
    assert elder.locator("svg [data-found]").count() == 2
    assert fits(elder)
    elder.get_by_role("link", name="放大看").click()
    found = elder.locator("[data-found]").first
    expect(found).to_be_in_viewport()
    box = found.bounding_box()
    assert box is not None
    assert box["width"] >= 44
    assert fits(elder)
    elder.get_by_role("link", name="缩小").click()
    expect(elder.get_by_role("link", name="放大看")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("preference", ["elder=0", "elder=1", "elder=0&lang=en"])
def test_axe_finds_nothing_and_nothing_hangs_out(
    page: Page, poster: str, width: int, preference: str
) -> None:
    base = poster.partition("/c/")[0]
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{base}/preferences?{preference}&next=/")
    for path in (
        "/",
        "/find?q=lifa",
        "/c/huaiyin/find",
        "/c/huaiyin/find?kind=haircut#plan-large",
        "/c/huaiyin/find?q=xiuxie",
        "/c/huaiyin/",
        f"{poster.removeprefix(base)}?q=lifa",
    ):
        page.goto(base + path)
        assert violations(page) == [], path
        assert fits(page), path


def test_a_keyboard_is_enough(page: Page, poster: str) -> None:
    page.goto(poster.partition("/markets/")[0] + "/find")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jiantou")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("来。理发在")
    page.get_by_role("link", name="放大看").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#plan-large")).to_be_focused()
    before = page.evaluate("document.querySelector('#plan-large').scrollLeft")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#plan-large")).not_to_have_js_property("scrollLeft", before)


def test_it_works_without_a_script(browser: Browser, poster: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(poster)
    page.get_by_role("link", name="理发").first.click()
    expect(page.get_by_role("status")).to_contain_text("来。理发在")
    page.get_by_role("link", name="放大看").click()
    box = page.locator(".finder-plan").bounding_box()
    assert box is not None
    assert box["width"] > 800
    context.close()


def test_the_first_page_offers_what_was_seen_on_this_phone(page: Page, poster: str) -> None:
    first = poster.partition("/c/")[0] + "/"
    page.goto(first)
    seen = page.locator("[data-last-visited]")
    expect(seen).to_be_hidden()
    page.goto(poster)
    page.goto(first)
    expect(seen.get_by_role("link", name="槐荫社区")).to_be_visible()
    assert page.context.cookies() == []
    seen.get_by_role("button", name="不记了").click()
    page.goto(first)
    expect(seen).to_be_hidden()
