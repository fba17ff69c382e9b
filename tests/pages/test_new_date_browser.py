"""Moving a market in a real browser: how many clicks it takes, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db
from market.stalls import service as stalls
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.presses import at_most

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_CLICKS = 6
COUNT = """
  document.addEventListener("click", (event) => {
    if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
  }, true);
"""
WIDTHS = pytest.mark.parametrize("width", [360, 1280])


class Town(NamedTuple):
    """The demo year where it is served, and its published market."""

    app: Flask
    address: str
    ref: str

    @property
    def on(self) -> date:
        with self.app.app_context():
            return service.local_date(service.find_day_by_ref(self.ref))

    def placed(self) -> list[tuple[str, str]]:
        with self.app.app_context():
            day = service.find_day_by_ref(self.ref)
            return [(held.ref, held.label) for held in stalls.assignments(day)]


@pytest.fixture
def town(year_app: Flask) -> Iterator[Town]:
    with served(year_app) as address:
        with year_app.app_context():
            ref = db.session.query(MarketDay).filter_by(state=DayState.PUBLISHED).one().ref
        yield Town(year_app, address, ref)


def at_desk(town: Town, browser: Browser, width: int) -> Page:
    """Our clerk before the page that staff open first; clicks are counted from here on."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": 780})
    page = context.new_page()
    page.goto(f"{town.address}/sign-in")
    page.get_by_role("button", name="王晓敏").first.click()
    expect(page).not_to_have_url(re.compile("/sign-in"))
    page.add_init_script(COUNT)
    page.goto(f"{town.address}/staff/demo/")
    return page


def clicks(page: Page) -> int:
    return int(page.evaluate("Number(sessionStorage.clicks || 0)"))


def fits(page: Page, width: int) -> bool:
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width


@WIDTHS
def test_a_published_market_moves_by_a_day_in_six_clicks_at_most(
    town: Town, browser: Browser, width: int
) -> None:
    old, placed, page = town.on, town.placed(), at_desk(town, browser, width)
    page.get_by_role("link", name="看这一场").click()
    page.get_by_role("link", name="改日子、时间或场地").click()
    page.get_by_label("新日子").click()
    page.get_by_label("新日子").fill((old + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="看看会碰到什么").click()
    expect(page.locator("#preview")).to_contain_text("24 个摊位")
    assert fits(page, width)
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^就改到")).click()
    expect(page.get_by_text("不算数了").first).to_be_visible()
    at_most(MOST_CLICKS, clicks(page), "a published market moves by a day", width)
    assert (town.on, town.placed()) == (old + timedelta(days=1), placed)


@WIDTHS
def test_with_a_shortcut_it_takes_four(town: Town, browser: Browser, width: int) -> None:
    old, page = town.on, at_desk(town, browser, width)
    page.get_by_role("link", name="看这一场").click()
    page.get_by_role("link", name="改日子、时间或场地").click()
    page.get_by_role("link", name="推迟一周").click()
    page.get_by_role("button", name=re.compile("^就改到")).click()
    expect(page.get_by_text(re.compile("^改好了"))).to_be_visible()
    at_most(MOST_CLICKS, clicks(page), "a published market moves by a week", width)
    assert clicks(page) == 4
    assert town.on == old + timedelta(days=7)


@WIDTHS
def test_a_series_is_shown_ticked_and_taken_back(town: Town, browser: Browser, width: int) -> None:
    page = at_desk(town, browser, width)
    page.get_by_role("link", name="一次排一串").click()
    page.get_by_label("多久一次").select_option(label="每月第一个")
    page.get_by_label("星期几").select_option(label="星期日")
    page.get_by_role("button", name="看看是哪几天").click()
    boxes = page.locator("#dates input[type=checkbox]")
    expect(boxes.first).to_be_checked()
    assert fits(page, width)
    assert violations(page) == []
    number = boxes.count()
    boxes.first.uncheck()
    page.get_by_role("button", name="都记成草稿").click()
    expect(page.get_by_text(f"记下了 {number - 1} 场")).to_be_visible()
    assert violations(page) == []
    page.get_by_text("撤销，全部删掉").first.click()
    page.locator("details[open] form button").click()
    expect(page.get_by_text(f"删掉了 {number - 1} 份草稿")).to_be_visible()
