"""A long print in a real browser: it says how far it is, can be stopped, and is there without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect

from market.communities.service import find_community
from market.db import unit_of_work
from tests.cast import PASSWORD, Cast, person
from tests.factories import gate as make
from tests.parts.axe import violations
from tests.parts.live import served

pytestmark = pytest.mark.browser

SECONDS = 60_000
VENDORS = 1_000
SEEN = """() => {
  const told = document.querySelector("[data-told]");
  window.seen = [];
  new MutationObserver(() => window.seen.push(told.textContent)).observe(told, { childList: true });
}"""


@pytest.fixture
def address(app: Flask, cast: Cast) -> Iterator[str]:
    """The passes of a market with a thousand vendors."""
    with app.app_context(), unit_of_work():
        day = make.published_day(find_community(cast.ours), person("staff"))
        make.crowd(day, VENDORS - 3)
        path = f"/staff/{cast.ours}/days/{day.ref}/passes"
    with served(app) as server:
        yield server + path


def sign_in(page: Page, address: str) -> None:
    page.goto(address.split("/staff/")[0] + "/sign-in")
    page.fill("[name=login]", "staff")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto(address)


def names(archive: Path) -> list[str]:
    return [name[-13:] for name in ZipFile(archive).namelist()]


def test_the_page_counts_the_passes_as_they_are_made(page: Page, address: str) -> None:
    sign_in(page, address)
    page.evaluate(SEEN)
    with page.expect_download(timeout=SECONDS) as download:
        page.get_by_role("link", name="打印摊位证（一页四张）").click()
    told = page.locator("[data-told]")
    expect(told).to_have_text("1,000 张做好了，压缩包已经存到下载里。", timeout=SECONDS)
    expect(page.locator("progress")).to_be_hidden()
    seen = list(dict.fromkeys(page.evaluate("window.seen")))
    steps = [f"正在做 {done} / 1,000 张…" for done in ("0", "200", "400", "600", "800", "1,000")]
    assert [step for step in seen if "正在做" in step] == steps
    assert names(download.value.path()) == [
        "0001-0200.pdf", "0201-0400.pdf", "0401-0600.pdf", "0601-0800.pdf", "0801-1000.pdf",
    ]  # fmt: skip
    assert download.value.suggested_filename.endswith("摊位证.zip")


def test_a_print_that_is_stopped_keeps_nothing_and_can_be_started_again(page: Page, address: str) -> None:
    sign_in(page, address)
    page.get_by_role("link", name="一页一张").click()
    page.get_by_role("button", name="不做了").click()
    expect(page.locator("[data-told]")).to_have_text("停下了，什么也没存。")
    page.get_by_text("换种纸").click()
    with page.expect_download(timeout=SECONDS) as download:
        page.get_by_role("button", name="生成 PDF").click()
    assert len(names(download.value.path())) == 5


def test_a_lost_network_is_said(page: Page, address: str) -> None:
    def lose(route: Route) -> None:
        route.abort()

    sign_in(page, address)
    page.route("**/passes.zip*", lose)
    page.get_by_role("link", name="一页一张").click()
    expect(page.locator("[data-told]")).to_have_text("没做完，网络断了。请再点一次。", timeout=SECONDS)


@pytest.mark.parametrize("options", [{"java_script_enabled": False}, {"user_agent": "MicroMessenger/8"}])
def test_without_a_script_or_inside_a_chat_program_the_same_link_fetches_the_file(
    browser: Browser, address: str, options: dict[str, object]
) -> None:
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]  # plain keyword values
    sign_in(page, address)
    with page.expect_download(timeout=SECONDS) as download:
        page.get_by_role("link", name="一页一张").click()
    expect(page.locator("[data-making]")).to_be_hidden()
    assert len(names(download.value.path())) == 5


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_while_a_print_is_made(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, address)
    page.evaluate("document.querySelector('[data-making]').hidden = false")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
