"""The buttons and keys of the plan in a browser: pin, free, keep empty, two stalls as one; taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from market import clock
from market.calendar.service import find_day_by_ref
from market.db import unit_of_work
from market.stalls import service
from tests.cast import person
from tests.factories.stalls import approved, held_by, stall
from tests.parts.axe import violations
from tests.stalls.screen import Screen, drag, on

PATH = "/staff/huaiyin/days/{ref}/plan"


@pytest.fixture
def desk(desk: Screen) -> Screen:
    """With 花伞 on A05 and A06, E01 reserved, and E03 kept empty."""
    with desk.app.app_context(), unit_of_work():
        day, by, at = find_day_by_ref(desk.ref), person("staff"), clock.now()
        wide = approved(day, by, "花伞")
        wide.double = True
        service.place(wide, stall(day, "A05"), by=by, at=at)
        service.keep_free(day, stall(day, "E03"), by=by, at=at)
        stall(day, "E01").reserved = True
    desk.open(PATH.format(ref=desk.ref))
    return desk


@pytest.fixture
def phone(desk: Screen, browser: Browser) -> Iterator[Page]:
    """The same staff member with a phone."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True,
        storage_state=desk.page.context.storage_state(),
    )  # fmt: skip
    page = context.new_page()
    page.goto(desk.address + PATH.format(ref=desk.ref))
    yield page
    context.close()


def button(page: Page, name: str) -> Locator:
    return page.locator("[data-plan-bar]").get_by_role("button", name=name, exact=True)


def test_p_pins_and_unpins_and_the_step_is_taken_back(desk: Screen) -> None:
    desk.stall("A01").focus()
    desk.press("p")
    desk.answer("周记鲜蔬固定在 A01 号，重新分也不动他。")
    expect(desk.stall("A01")).to_be_focused()
    expect(desk.stall("A01")).to_have_attribute("aria-label", "A01 周记鲜蔬，有人，已固定")
    expect(button(desk.page, "不固定")).to_be_visible()
    desk.press("Control+z")
    desk.answer("周记鲜蔬不再固定在 A01 号。")
    expect(button(desk.page, "固定")).to_be_visible()


def test_delete_asks_and_frees_and_the_step_is_taken_back(desk: Screen) -> None:
    desk.stall("A01").focus()
    desk.press("Delete")
    desk.says("A01 让出来吗？选一个，按 Esc 不让。")
    expect(button(desk.page, "退回候补")).to_be_focused()
    desk.press("Escape")
    expect(desk.stall("A01")).to_be_focused()
    desk.press("Delete", "Enter")
    desk.answer("周记鲜蔬回到候补，A01 号空出来了。")
    assert desk.stall_of("周记鲜蔬") is None
    expect(desk.stall("A01")).to_be_focused()
    desk.press("Control+z")
    desk.answer("周记鲜蔬排到 A01 号。")
    assert desk.stall_of("周记鲜蔬") == "A01"


def test_k_keeps_a_free_stall_empty_and_uses_it_again(desk: Screen) -> None:
    desk.stall("A04").focus()
    desk.press("k")
    desk.answer("A04 号这一场留空，不排人。")
    expect(desk.stall("A04")).to_have_attribute("aria-label", "A04 留空")
    expect(desk.page.locator(".legend")).to_contain_text("留空")
    desk.press("Space")
    desk.says("A04 没有商户。要排一家，先在候补名单里按「排摊位」。")
    desk.press("k")
    desk.answer("A04 号不再留空，可以排人了。")


def test_keys_that_make_no_sense_say_so(desk: Screen) -> None:
    desk.stall("A04").focus()
    desk.press("p")
    desk.says("A04 没有商户，不能固定，也不用让出。")
    desk.press("Delete")
    desk.says("A04 没有商户，不能固定，也不用让出。")
    desk.stall("A01").focus()
    desk.press("k")
    desk.says("A01 有人，不能留空。请先给他换一个摊位。")


def test_a_pair_is_dragged_as_one_and_brought_back(desk: Screen) -> None:
    drag(desk.page, on("A06"), on("A12"))
    expect(desk.page.locator(".held")).to_have_count(2)
    desk.page.mouse.up()
    desk.answer("花伞从 A05+A06 换到 A11+A12 号。")
    desk.press("Control+z")
    desk.answer("花伞从 A11+A12 换到 A05+A06 号。")


def test_a_pair_makes_do_with_one_and_gets_the_second_again(desk: Screen) -> None:
    desk.stall("A06").focus()
    expect(desk.page.locator("[data-plan-bar]")).to_contain_text("A05+A06 花伞")
    button(desk.page, "只要一个").click()
    desk.answer("花伞只要一个摊位，留在 A05 号。")
    expect(desk.page.locator(".pair")).to_have_count(0)
    button(desk.page, "加旁边的").click()
    desk.answer("旁边的摊位也给花伞：A05+A06。")


def test_a_step_that_somebody_made_impossible_meanwhile_is_refused_politely(desk: Screen) -> None:
    with desk.app.app_context(), unit_of_work():
        day, by, at = find_day_by_ref(desk.ref), person("second"), clock.now()
        service.place(service.waiting_list(day)[0], stall(day, "A04"), by=by, at=at)
        service.withdraw(held_by(day, "周记鲜蔬").application, by=by, at=at)
    desk.stall("A04").focus()
    desk.press("k")
    alert = desk.page.get_by_role("alert").first
    expect(alert).to_contain_text("A04 号已经排给候补甲。请先给他换一个摊位，再留空。")
    expect(desk.stall("A01")).to_have_attribute("aria-label", "A01 空")


def test_on_a_phone_the_buttons_are_big_enough_and_do_the_same(desk: Screen, phone: Page) -> None:
    phone.locator(on("A01")).tap()
    expect(phone.locator("[data-plan-live]")).to_have_text("拿起了周记鲜蔬。点要去的摊位。")
    for name in ("放回", "固定", "加旁边的", "让出"):
        box = button(phone, name).bounding_box() if name != "让出" else phone.locator(
            "[data-plan-bar] summary"
        ).bounding_box()  # fmt: skip
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, name
        assert box["x"] + box["width"] <= 360, name
    button(phone, "固定").tap()
    expect(phone.locator(".flashes")).to_contain_text("周记鲜蔬固定在 A01 号")
    phone.get_by_role("button", name="撤回这一步").tap()
    expect(phone.locator(".flashes")).to_contain_text("周记鲜蔬不再固定在 A01 号。")
    phone.locator(on("A01")).tap()
    phone.locator("[data-plan-bar] summary").tap()
    button(phone, "退回候补").tap()
    expect(phone.locator(".flashes")).to_contain_text("周记鲜蔬回到候补，A01 号空出来了。")
    assert desk.stall_of("周记鲜蔬") is None


def test_on_a_phone_somebody_waiting_is_picked_up_put_back_and_placed(desk: Screen, phone: Page) -> None:
    pick = phone.get_by_role("link", name="排摊位 候补甲")
    pick.tap()
    expect(phone.locator("[data-plan-live]")).to_have_text("拿起了候补甲。点要去的摊位。")
    expect(button(phone, "固定")).to_be_hidden()
    button(phone, "放回").tap()
    expect(phone.locator("[data-plan-live]")).to_have_text("放回原处，没有变动。")
    pick.tap()
    phone.locator(on("A12")).tap()
    expect(phone.locator(".flashes")).to_contain_text("候补甲排到 A12 号。")
    expect(phone.locator(on("A12"))).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("elder", ["0", "1"])
@pytest.mark.parametrize("width", [360, 1280])
def test_with_every_mark_the_page_fits_and_axe_has_nothing_to_say(
    desk: Screen, width: int, elder: str
) -> None:
    desk.page.set_viewport_size({"width": width, "height": 800})
    desk.open(f"/preferences?elder={elder}&next=/sign-in")
    desk.open(PATH.format(ref=desk.ref))
    desk.stall("A05").focus()
    desk.press("p")
    desk.answer("花伞固定在 A05+A06 号")
    for key in ("Space", "Delete"):
        desk.stall("A05").focus()
        desk.press(key)
        assert desk.page.evaluate("document.documentElement.scrollWidth") == width
        assert violations(desk.page) == []


def test_without_the_script_the_list_has_the_same_buttons(desk: Screen, browser: Browser) -> None:
    state = desk.page.context.storage_state()
    page = browser.new_context(java_script_enabled=False, storage_state=state).new_page()
    page.goto(desk.address + PATH.format(ref=desk.ref))
    expect(page.locator("[data-plan-bar]")).to_be_hidden()
    row = page.locator("[data-holds]", has_text="花伞")
    row.get_by_role("button", name="只要一个摊位").click()
    expect(page.locator(".flashes")).to_contain_text("花伞只要一个摊位，留在 A05 号。")
    page.locator(on("A05")).click()
    page.get_by_role("button", name="旁边的摊位也给他").click()
    expect(page.locator(".flashes")).to_contain_text("旁边的摊位也给花伞：A05+A06。")
    page.locator(on("E03")).click()
    page.get_by_role("button", name="不再留空").first.click()
    expect(page.locator(".flashes")).to_contain_text("E03 号不再留空，可以排人了。")
