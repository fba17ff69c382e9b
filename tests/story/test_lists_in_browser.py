"""Twenty vendors from what staff have – three chains, a workbook –, and the market after: presses counted."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from market.calendar import service as calendar
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.vendors import service as vendors
from tests.cast import PASSWORD, Cast, person
from tests.factories import settlement as make
from tests.factories.calendar import make_day
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.presses import at_most
from tests.story.test_first_hour_in_browser import Hand, take_step

pytestmark = pytest.mark.browser
on_both_screens = pytest.mark.parametrize("width", [1280, 360])

MOST_FOR_A_LIST = 15
MOST_FOR_THE_NEXT = 15
MOST_SECONDS = 120

TRADES = ("修鞋", "理发", "日用百货", "旧书", "手工编织", "磨刀", "绿植", "套圈", "袜子", "配钥匙")
PEOPLE = [(f"第{n}家{TRADES[n % 10]}", TRADES[n % 10], f"1380000{n:04d}") for n in range(1, 21)]

NUMBERED = "\n".join(
    [
        "#接龙",
        "12月19日邻里便民集，摆摊的接一下：",
        "摊名、卖什么、电话",
        "例 老王水果 水果 13900000000",
        "",
        *(
            f"{n}. {name} {sold} {phone[:3]} {phone[3:7]} {phone[7:]}"
            for n, (name, sold, phone) in enumerate(PEOPLE, 1)
        ),
        "21.",
    ]
)
"""As the chain of a chat group is copied."""

LABELLED = "\n".join(
    ["#接龙 周末集市报名", "格式：摊名/卖什么/电话/用电"]
    + [
        f"{n}、3-{n}-501 {name}，卖{sold}，电话{phone}，{'要电1.5千瓦' if n % 2 else '不用电'}（早点到）"
        for n, (name, sold, phone) in enumerate(PEOPLE, 1)
    ]
)
"""As older people write into it: house numbers, full punctuation, power in words."""

CHAT = "\n".join(
    ["—————  2026-11-20  —————"]
    + [
        f"邻居{n}  18:{n:02d}\n我报名，{name}，卖{sold}\n{phone}\n"
        for n, (name, sold, phone) in enumerate(PEOPLE, 1)
    ]
    + ["网格员小高  19:00", "[图片]"]
)
"""As several messages are copied at once."""


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["槐荫社区集市商户名单"])
    sheet.merge_cells("A1:E1")
    sheet.append(["序号", "摊名", "联系电话", "主要商品", "是否用电(kW)"])
    for n, (name, sold, phone) in enumerate(PEOPLE, 1):
        sheet.append([n, name, int(phone), sold, 1.5 if n % 2 else "否"])
    sheet.append(["合计", 20])
    book.save(out)
    return out.getvalue()


def signed_in(browser: Browser, address: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}/sign-in")
    page.fill("[name=login]", "staff")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/staff/**")
    return page


@pytest.fixture
def day(app: Flask, cast: Cast) -> str:
    """A market that takes applications."""
    with app.app_context(), unit_of_work():
        return make_day(find_community(cast.ours), person("staff"), state=DayState.OPEN_FOR_APPLICATION).ref


@pytest.fixture
def address(app: Flask, day: str) -> Iterator[str]:
    with served(app) as found:
        yield found


def enter(hand: Hand) -> None:
    """What is left to do once a list is brought."""
    page = hand.page
    expect(page.get_by_text("新的 20 家")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hand.click(page.locator("label[for=signed]"))
    hand.button("登记并报名 20 家")
    expect(page.locator(".stats")).to_contain_text("20家报上名")


def check_quick(hand: Hand, since: float, what: str, width: int) -> None:
    """Few presses, and by script no time: what is left are the answers of the program."""
    took = time.monotonic() - since
    at_most(MOST_FOR_A_LIST, hand.clicks, f"{what}, {took:.1f} s", width)
    assert took < MOST_SECONDS


def check_entered(app: Flask, day: str) -> None:
    with app.app_context():
        community = find_community("huaiyin")
        found = vendors.applications(calendar.find_day(community, day))
        known = {(one.vendor.trading_name, one.vendor.goods, one.vendor.phone) for one in found}
        assert known == set(PEOPLE)
        assert all(len(one.vendor.documents) == 1 for one in found)


@on_both_screens
@pytest.mark.parametrize("style", [NUMBERED, LABELLED, CHAT], ids=["numbered", "labelled", "chat"])
def test_twenty_vendors_from_a_chain(
    app: Flask, address: str, browser: Browser, day: str, style: str, width: int
) -> None:
    hand, since = Hand(signed_in(browser, address, width), address), time.monotonic()
    hand.page.goto(f"{address}/staff/huaiyin/days/{day}")
    hand.link("贴一份名单")
    hand.type(lines=style)
    hand.button("认一认")
    enter(hand)
    check_entered(app, day)
    check_quick(hand, since, f"20 vendors from a chain of {len(style.splitlines())} lines", width)


@on_both_screens
def test_twenty_vendors_from_a_workbook_and_back(
    app: Flask, address: str, browser: Browser, day: str, tmp_path: Path, width: int
) -> None:
    hand, since = Hand(signed_in(browser, address, width), address), time.monotonic()
    page, file = hand.page, tmp_path / "名单.xlsx"
    file.write_bytes(workbook())
    page.goto(f"{address}/staff/huaiyin/days/{day}")
    hand.link("贴一份名单")
    hand.clicks += 2  # the button of the field, and the file
    page.set_input_files("[name=sheet]", file)
    hand.button("认一认")
    enter(hand)
    check_entered(app, day)
    check_quick(hand, since, "20 vendors from a workbook", width)
    hand.open("整份撤回")
    hand.button("撤回")
    expect(page.locator(".flashes")).to_contain_text("整份撤回了")
    with app.app_context():
        assert vendors.register(find_community("huaiyin")) == []


@on_both_screens
def test_the_next_market_with_those_who_came_last_time(
    app: Flask, cast: Cast, browser: Browser, width: int
) -> None:
    with app.app_context(), unit_of_work():
        held = make.ended_market(find_community(cast.ours), person("staff"), (None,) * 6)
        ref = held.ref
    with served(app) as address:
        hand = Hand(signed_in(browser, address, width), address)
        page = hand.page
        page.goto(f"{address}/staff/huaiyin/days/{ref}")
        hand.open("照样再办一场")
        hand.button("记成草稿")
        take_step(hand, "准备好了")
        take_step(hand, "开始报名")
        take_step(hand, "上次来的 6 家都报名")
        expect(page.locator(".flashes")).to_contain_text("替 6 家报上名了")
        hand.button(re.compile("全部同意"))
        hand.click(page.locator(".crumbs a").last)
        take_step(hand, "提前结束报名")
        hand.link("排摊位")
        hand.button("自动分摊位")
        hand.click(page.locator(".crumbs a").last)
        take_step(hand, "发布并打印")
        page.wait_for_url("**/passes")
        at_most(MOST_FOR_THE_NEXT, hand.clicks, "the next market with last time's vendors", width)
