"""The pass on a vendor's phone: kept without a network, saved as a picture, and where the stall is."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Error, Page, expect

from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from tests.cast import PASSWORD, Cast, make_user, person
from tests.factories import gate as make
from tests.factories.vendors import act_for
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.pdf import codes

pytestmark = pytest.mark.browser


class Phone(NamedTuple):
    """A vendor's phone with the pass page open, and what the pass says."""

    page: Page
    site: str
    address: str
    url: str


@pytest.fixture
def phone(app: Flask, cast: Cast, browser: Browser) -> Iterator[Phone]:
    with app.app_context(), unit_of_work():
        day = make.running_today(find_community(cast.ours), person("staff"))
        one = make.passes_by_stall(day)["A02"]
        act_for(one.assignment.vendor, make_user("zhou", "周师傅"))
        ref, url = day.ref, passes.pass_url(one)
    with served(app) as site:
        page = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
        page.goto(f"{site}/sign-in")
        page.fill("[name=login]", "zhou")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        address = f"{site}/vendor/{cast.ours}/days/{ref}/pass"
        page.goto(address)
        yield Phone(page, site, address, url)
        page.context.close()


def is_kept(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-kept", "yes")


def test_the_page_opens_without_a_network_and_says_since_when(phone: Phone) -> None:
    errors: list[str] = []
    phone.page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    is_kept(phone.page)
    assert violations(phone.page) == []
    phone.page.context.set_offline(True)
    phone.page.reload()
    expect(phone.page.locator("[data-offline]")).to_contain_text("没有网络。看到的是")
    assert phone.page.locator("[data-loaded]").get_attribute("datetime")
    assert codes(Image.open(BytesIO(phone.page.screenshot()))) == [phone.url]
    page = phone.page.context.new_page()
    page.goto(phone.address)
    expect(page.locator("[data-offline]")).to_be_visible()
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(phone.address.replace("/pass", "/takings"))
    page.context.set_offline(False)
    phone.page.reload()
    expect(phone.page.locator("[data-offline]")).to_be_hidden()
    assert [text for text in errors if "ERR_INTERNET" not in text] == []


def test_signing_out_leaves_no_copy(phone: Phone) -> None:
    is_kept(phone.page)
    phone.page.get_by_role("button", name="退出").click()
    phone.page.wait_for_url(f"{phone.site}/")
    assert phone.page.evaluate("caches.keys()") == []
    assert phone.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    phone.page.context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        phone.page.goto(phone.address)


def test_the_pass_is_saved_as_a_picture(phone: Phone) -> None:
    phone.page.get_by_text("存成图片").click()
    expect(phone.page.get_by_text("长按图片保存")).to_be_visible()
    picture = phone.page.locator(".pass-picture")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 1080)
    answer = phone.page.request.get(f"{phone.address}.png")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/png", "no-store")
    drawn = Image.open(BytesIO(answer.body()))
    assert codes(drawn) == codes(drawn.resize((360, 520))) == [phone.url]


def test_the_own_stall_is_marked_on_the_plan(phone: Phone) -> None:
    mine = phone.page.locator("svg .stall.mine")
    expect(mine).to_have_attribute("data-stall", "A02")
    expect(phone.page.get_by_role("heading", name="您的摊位在这里")).to_be_visible()
