"""From nothing to the first published market with twenty vendors: every click counted, on both screens."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from market import clock
from market.db import do_in_unit_of_work
from market.people import service as people
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.presses import at_most

pytestmark = pytest.mark.browser

PASSWORD = "four plain words here"
MOST_CLICKS = 60
"""The platform's part and the community's together, each field that is typed into counted."""

TRADES = ["修鞋", "理发", "日用百货", "旧书", "手工编织", "磨刀", "绿植", "套圈", "袜子百货", "配钥匙"]
LIST = "\n".join(
    ["招牌名\t手机号\t做什么"]
    + [f"{n}. 第{n}家{TRADES[n % 10]}，1380000{n:04d}，{TRADES[n % 10]}" for n in range(1, 21)]
    + ["21. 没写电话的老李，修伞"]
)


class Hand:
    """A person at a page: every press counts as one, and so does every field that is typed into."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address, self.clicks = page, address, 0

    def click(self, where: Locator) -> None:
        self.clicks += 1
        where.locator("visible=true").first.click()
        self.page.wait_for_load_state()

    def button(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("button", name=name))

    def link(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("link", name=name))

    def open(self, summary: str) -> None:
        self.click(self.page.locator("summary", has_text=summary))

    def type(self, **fields: str) -> None:
        for name, text in fields.items():
            self.clicks += 1
            self.page.locator(f"[name={name}]").locator("visible=true").first.fill(text)

    def next_step(self) -> None:
        """Back to the desk, and what its guide puts first."""
        self.link("集市日程")
        self.click(self.page.locator("details .btn.first"))


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as found:
        yield found


def token_of(app: Flask) -> str:
    with app.app_context():
        return do_in_unit_of_work(lambda: people.make_setup_token(at=clock.now()))


def set_up(hand: Hand, token: str) -> str:
    """The platform's part: region, community, its first staff member; the link that was made."""
    page = hand.page
    page.goto(f"{hand.address}/setup")
    hand.type(token=token, display_name="平台", login="platform", password=PASSWORD)
    hand.button("建好账号")
    expect(page.locator("#guide")).to_be_visible()
    assert violations(page) == []
    hand.type(**{"region-code": "370303001000", "region-name": "槐荫街道"})
    hand.button(re.compile("^添加$"))
    hand.type(name="槐荫社区", slug="huaiyin", host_org="槐荫社区居民委员会", phone="0533-000-0000")
    hand.button("添加社区")
    expect(page.get_by_text("还没有工作人员")).to_be_visible()
    hand.open("指定工作人员")
    hand.type(display_name="王社工", login="wang")
    hand.button("指定，并给登录链接")
    link = page.locator("[data-copy-source]").input_value()
    hand.link("回到各社区")
    expect(page.locator("#guide")).to_have_count(0)
    return link[link.index("/enter/") :]


def draw_the_plaza(hand: Hand) -> None:
    hand.click(hand.page.locator("details .btn.first"))
    hand.type(name="睦邻广场", address="槐荫路 1 号", width="36", depth="24", entrances="东门")
    hand.button("添加场地")
    hand.button("画一个标准广场")
    expect(hand.page.locator(".flashes")).to_contain_text("画好了 24 个摊位")


def paste_the_vendors(hand: Hand) -> None:
    page = hand.page
    hand.link("贴一份名单")
    hand.type(lines=LIST)
    hand.button("认一认")
    expect(page.get_by_text("没看到手机号")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hand.click(page.locator("label[for=signed]"))
    hand.button("登记并报名 20 家")
    expect(page.locator(".stats")).to_contain_text("20家新登记")
    assert violations(page) == []


def take_step(hand: Hand, label: str) -> None:
    """The next step on the page of the market, and its question when it asks one."""
    hand.click(hand.page.locator("main").get_by_text(label, exact=True))
    answer = hand.page.locator("details[open][data-confirm] form button")
    if answer.count() and answer.first.is_visible():
        hand.click(answer)


def gather_applications(hand: Hand) -> None:
    take_step(hand, "准备好了")
    take_step(hand, "开始报名")
    paste_the_vendors(hand)
    hand.link("看报名")
    hand.button(re.compile("全部同意"))
    hand.link("第一场")
    take_step(hand, "提前结束报名")


def place_and_publish(hand: Hand) -> None:
    page = hand.page
    hand.link("排摊位")
    expect(page.get_by_text("还没排。20 家等着排")).to_be_visible()
    expect(page.get_by_text("候补", exact=True)).to_have_count(0)
    hand.button("自动分摊位")
    hand.link("第一场")
    take_step(hand, "发布并打印")
    page.wait_for_url("**/passes")


@pytest.mark.parametrize("width", [1280, 360])
def test_from_nothing_to_the_first_published_market(
    app: Flask, address: str, browser: Browser, width: int
) -> None:
    platform = Hand(browser.new_page(viewport={"width": width, "height": 800}), address)
    link = set_up(platform, token_of(app))
    hand = Hand(browser.new_page(viewport={"width": width, "height": 800}), address)
    page = hand.page
    page.goto(address + link)
    hand.button("进去")
    expect(page.get_by_text("办第一场集市，一步一步来")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    draw_the_plaza(hand)
    hand.next_step()
    hand.type(theme="第一场")
    hand.button("记成草稿")
    gather_applications(hand)
    place_and_publish(hand)
    page.goto(f"{address}/staff/huaiyin/")
    expect(page.get_by_text("一步一步来")).to_have_count(0)
    at_most(
        MOST_CLICKS, platform.clicks + hand.clicks, "nothing to a published market with 20 vendors", width
    )
