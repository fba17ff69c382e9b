"""The takings page in a real browser: the gift is seen while figures are typed, and the server counts it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from market.communities.service import find_community
from market.db import unit_of_work
from market.stalls import service as stalls
from tests.cast import PASSWORD, Cast, make_user, person
from tests.factories import settlement as make
from tests.factories.vendors import act_for
from tests.parts.live import served

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(app: Flask, cast: Cast, browser: Browser) -> Iterator[Page]:
    """The takings page of an open market, before a vendor who agreed to 5 %."""
    with app.app_context(), unit_of_work():
        day = make.open_market(find_community(cast.ours), person("staff"), vendors=3)
        act_for(stalls.assignments(day)[0].vendor, make_user("zhou", "周师傅"))
        ref = day.ref
    with served(app) as address:
        page = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "zhou")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        page.goto(f"{address}/vendor/{cast.ours}/days/{ref}/takings")
        yield page
        page.context.close()


def test_the_gift_follows_what_is_typed(phone: Page) -> None:
    card = phone.locator("[data-gift-card]")
    expect(card).to_be_hidden()
    phone.fill("[name=takings]", "900.10")
    expect(card).to_contain_text("按您签的约定（营业额的 5%，自愿），捐给社区基金 45.01 元")
    phone.fill("[name=takings]", "1,000元")
    expect(card).to_contain_text("50.00 元")
    phone.get_by_text("这次不捐，或改数").click()
    phone.fill("[name=gift]", "2000")
    expect(card).to_contain_text("照您说的，这次捐给社区基金 2,000.00 元")
    expect(card).to_contain_text("捐的比卖的多，请再看一眼。")
    phone.locator("[data-no-gift]").click()
    expect(card).to_have_text("这次不捐，没关系。")
    phone.fill("[name=takings]", "很多")
    expect(card).to_be_hidden()


def test_a_tap_saves_what_was_seen(phone: Page) -> None:
    phone.fill("[name=takings]", "900")
    phone.get_by_role("button", name="确认，报 900.00 元").click()
    expect(phone.get_by_text("捐给社区基金 45.00 元。谢谢您。")).to_be_visible()


def test_a_tap_before_the_answer_shows_the_gift_and_saves_nothing(phone: Page) -> None:
    phone.route(re.compile("/takings/gift"), lambda route: route.abort())
    phone.fill("[name=takings]", "900")
    phone.get_by_role("button", name="下一步", exact=True).last.click()
    expect(phone.locator("[data-gift-card]")).to_contain_text("45.00 元")
    expect(phone.get_by_role("button", name="确认，报 900.00 元")).to_be_visible()
    expect(phone.get_by_text("报好了")).to_have_count(0)


@pytest.fixture
def desk(app: Flask, cast: Cast, browser: Browser) -> Iterator[Page]:
    """The paper list of a market of three stalls, before staff."""
    with app.app_context(), unit_of_work():
        ref = make.ended_market(find_community(cast.ours), person("staff"), (None, None, None)).ref
    with served(app) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        page.goto(f"{address}/staff/{cast.ours}/days/{ref}/takings")
        yield page
        page.context.close()


PASTE = """(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@pytest.mark.parametrize(
    ("row", "text", "takings", "gifts", "said"),
    [
        (0, "880\r\n540\r\n770\r\n", ["880", "540", "770"], ["", "", ""], "贴好了 3 行，请看一眼再存。"),
        (1, "880\n540\n770", ["", "880", "540"], ["", "", ""], "还有 1 行没贴上"),
        (0, "880\t10\n\t\n770\t0", ["880", "", "770"], ["10", "", "0"], "贴好了 3 行"),
    ],
)
def test_a_pasted_column_fills_the_rows_below(
    desk: Page, row: int, text: str, takings: list[str], gifts: list[str], said: str
) -> None:
    fields = desk.locator("input[name^='takings-']")
    fields.nth(row).evaluate(PASTE, text)
    assert [field.input_value() for field in fields.all()] == takings
    assert [field.input_value() for field in desk.locator("input[name^='gift-']").all()] == gifts
    expect(desk.locator("[data-pasted]")).to_contain_text(said)
