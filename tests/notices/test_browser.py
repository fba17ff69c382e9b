"""The telephone list in a browser: texts are copied, also where there is no clipboard; and what axe says."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.parts.axe import violations
from tests.parts.live import served

CALLS = "/staff/huaiyin/notices"


def enter(page: Page, address: str, login: str, path: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto(address + path)


@pytest.mark.usefixtures("published")
def test_what_to_say_is_copied_for_a_chat(app: Flask, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with served(app) as address:
        enter(page, address, "staff", CALLS)
        page.get_by_role("button", name="复制", exact=True).first.click()
        expect(page.get_by_role("button", name="复制好了")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator(".letter").first.inner_text()
        page.get_by_role("button", name="一次复制").click()
        expect(page.get_by_role("button", name="复制好了")).to_have_count(2)
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("textarea").input_value()


@pytest.mark.usefixtures("published")
def test_without_a_clipboard_the_text_is_selected(app: Flask, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    with served(app) as address:
        enter(page, address, "staff", CALLS)
        page.get_by_role("button", name="复制", exact=True).first.click()
        assert page.evaluate("getSelection().toString()") == page.locator(".letter").first.inner_text()


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    "login, path", [("staff", CALLS), ("gate", "/vendor/huaiyin/"), ("gate", "/vendor/huaiyin/notices")]
)
def test_everybody_can_use_the_pages(app: Flask, page: Page, login: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    with served(app) as address:
        enter(page, address, login, path)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
