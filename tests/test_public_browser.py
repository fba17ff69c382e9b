"""Every page that residents read, in Chromium: on small screens, in large type, without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.demo_year import OURS
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.public import public_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NewContext = Callable[..., BrowserContext]
READERS = [
    pytest.param("zh_Hans_CN", "0", id="chinese"),
    pytest.param("zh_Hans_CN", "1", id="chinese-large"),
    pytest.param("en", "0", id="english"),
    pytest.param("en", "1", id="english-large"),
]
WIDTHS = {"phone": 320, "twice as large": 640}
"""A phone of 320 px, which is also a screen of 1280 px at 400 %; and that screen at 200 %."""
SIDEWAYS = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .filter(one => !one.closest('.table-wrap, .plan, .tabs'))
  .map(one => one.tagName + '.' + one.className).slice(0, 3)"""


@pytest.fixture
def address(year_app: Flask) -> Iterator[str]:
    with served(year_app) as found:
        yield found


@pytest.mark.parametrize(("language", "elder"), READERS)
def test_nothing_has_to_be_pushed_sideways(
    year_app: Flask, address: str, new_context: NewContext, language: str, elder: str
) -> None:
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{address}/preferences?lang={language}&elder={elder}")
    wrong = []
    for width in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": 640})
        for path in public_pages(year_app):
            page.goto(address + path)
            if page.evaluate(SIDEWAYS) > 0:
                wrong.append((width, path, page.evaluate(WIDEST)))
    assert wrong == []


@pytest.mark.parametrize(("language", "elder"), READERS)
def test_axe_finds_nothing_on_any_public_page(
    year_app: Flask, address: str, new_context: NewContext, language: str, elder: str
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"{address}/preferences?lang={language}&elder={elder}")
    wrong = []
    for path in public_pages(year_app):
        page.goto(address + path)
        wrong += [(path, fault) for fault in violations(page)]
    assert wrong == []


def tab_to(page: Page, selector: str) -> None:
    """Goes on from field to field until this one has the focus, as somebody without a mouse does."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way to {selector} by the keyboard")


def test_somebody_without_a_mouse_finds_the_barber(address: str, page: Page) -> None:
    page.goto(f"{address}/c/{OURS}/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    tab_to(page, "input[name=q]")
    page.keyboard.type("剪头")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?q=*")
    expect(page.locator("main")).to_contain_text("理发")
    assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") != "static"


def test_somebody_without_a_mouse_asks_for_a_stall(address: str, page: Page) -> None:
    page.goto(f"{address}/c/{OURS}/wishes")
    tab_to(page, ".wish-ask button:not(.pressed)")
    page.keyboard.press("Enter")
    expect(page.locator(".wish-ask .pressed")).to_have_count(1)


def test_somebody_without_a_mouse_reads_how_a_figure_is_found(address: str, page: Page) -> None:
    page.goto(f"{address}/c/{OURS}/impact")
    tab_to(page, "details.card > summary")
    page.keyboard.press("Enter")
    expect(page.locator(".methods dd").first).to_be_visible()
