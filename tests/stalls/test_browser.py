"""The plan in a browser: dragged, tapped, moved by keyboard, announced; and what axe says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from market import clock
from market.calendar.service import find_day_by_ref
from market.db import unit_of_work
from market.stalls import service
from tests.cast import person
from tests.factories.stalls import stall as stall_named
from tests.parts.axe import violations
from tests.stalls.screen import Screen, drag, middle, on


def test_a_vendor_is_dragged_to_a_free_stall_and_brought_back(desk: Screen) -> None:
    drag(desk.page, on("A01"), on("A04"))
    expect(desk.page.locator(".target")).to_have_attribute("data-stall", "A04")
    desk.page.mouse.up()
    desk.answer("周记鲜蔬从 A01 换到 A04 号。")
    assert desk.stall_of("周记鲜蔬") == "A04"
    expect(desk.page.locator(on("A04"))).to_be_focused()
    desk.page.get_by_role("button", name="撤回这一步").click()
    desk.answer("周记鲜蔬从 A04 换到 A01 号。")


def test_dragging_onto_another_vendor_swaps_them(desk: Screen) -> None:
    drag(desk.page, on("A01"), on("B01"))
    desk.page.mouse.up()
    desk.answer("周记鲜蔬和王家百货对调了。")
    assert (desk.stall_of("周记鲜蔬"), desk.stall_of("王家百货")) == ("B01", "A01")


def test_letting_go_beside_the_stalls_changes_nothing(desk: Screen) -> None:
    desk.page.mouse.move(*middle(desk.page, on("A01")))
    desk.page.mouse.down()
    desk.page.mouse.move(20, 20, steps=4)
    desk.page.mouse.up()
    expect(desk.page.locator("[data-plan-live]")).to_have_text("放回原处，没有变动。")
    assert desk.stall_of("周记鲜蔬") == "A01"


def test_a_click_that_picks_up_and_one_that_puts_back_leave_no_drag_begun(desk: Screen) -> None:
    at = middle(desk.page, on("A01"))
    for _ in range(2):
        desk.page.mouse.click(*at)
    expect(desk.page.locator("[data-plan-live]")).to_have_text("放回原处，没有变动。")
    desk.page.mouse.move(at[0] + 60, at[1] + 60, steps=4)
    assert desk.page.locator(".held, .target").count() == 0


def test_a_narrow_screen_is_told_of_taps_and_not_of_a_mouse(desk: Screen) -> None:
    desk.page.set_viewport_size({"width": 360, "height": 740})
    desk.page.reload()
    assert desk.page.locator('[data-plan-help="Coarse"]').is_visible()
    assert not desk.page.locator('[data-plan-help="Fine"]').is_visible()


def test_the_server_is_the_judge_of_a_drop(desk: Screen) -> None:
    drag(desk.page, on("C01"), on("A04"))
    desk.page.mouse.up()
    expect(desk.page.get_by_role("alert").first).to_contain_text("A04 号没有电，老张豆浆坊需要 2000 瓦。")
    assert desk.stall_of("老张豆浆坊") == "C01"


def test_the_keyboard_walks_picks_up_cancels_and_puts_down(desk: Screen) -> None:
    live = desk.page.locator("[data-plan-live]")
    desk.page.locator(on("A01")).focus()
    desk.page.keyboard.press("ArrowRight")
    expect(desk.page.locator(on("A02"))).to_be_focused()
    desk.page.keyboard.press("Space")
    expect(live).to_have_text("A02 没有商户。要排一家，先在候补名单里按「排摊位」。")
    desk.page.keyboard.press("ArrowLeft")
    desk.page.keyboard.press("Space")
    expect(live).to_have_text("拿起了周记鲜蔬。选一个摊位放下，按 Esc 取消。")
    desk.page.keyboard.press("Escape")
    expect(live).to_have_text("放回原处，没有变动。")
    desk.page.keyboard.press("Space")
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator(on("B01"))).to_be_focused()
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("Space")
    desk.answer("周记鲜蔬从 A01 换到 B02 号。")
    expect(desk.page.locator(on("B02"))).to_be_focused()


def test_somebody_waiting_is_picked_up_from_the_list_and_put_down_by_a_tap(desk: Screen) -> None:
    desk.page.get_by_role("link", name="排摊位 候补甲").click()
    desk.page.locator(on("E03")).click()
    desk.answer("候补甲排到 E03 号。")
    assert desk.stall_of("候补甲") == "E03"


def test_two_taps_move_a_vendor(desk: Screen) -> None:
    desk.page.locator(on("D01")).click()
    desk.page.locator(on("D03")).click()
    desk.answer("李姐缝补从 D01 换到 D03 号。")


def test_a_row_is_shown_on_the_plan_while_it_is_described(desk: Screen) -> None:
    desk.open(f"/staff/huaiyin/venues/{desk.venue}/stalls/new")
    desk.page.fill("#x", "2")
    desk.page.fill("#y", "36")
    desk.page.fill("#count", "3")
    expect(desk.page.locator("[data-preview]")).to_contain_text("要画的：A13 到 A15，共 3 个。")
    expect(desk.page.locator("[data-preview] .stall.mine")).to_have_count(3)
    desk.page.fill("#y", "1")
    expect(desk.page.locator("[data-preview]")).to_contain_text("A13 和 A01 叠在一起了。")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("elder", ["0", "1"])
def test_pages_fit_the_screen_and_axe_has_nothing_to_say(desk: Screen, width: int, elder: str) -> None:
    desk.page.set_viewport_size({"width": width, "height": 800})
    desk.open(f"/preferences?elder={elder}&next=/sign-in")
    for path in (
        f"/staff/huaiyin/days/{desk.ref}/plan",
        "/staff/huaiyin/venues",
        "/staff/huaiyin/venues/new",
        f"/staff/huaiyin/venues/{desk.venue}",
        f"/staff/huaiyin/venues/{desk.venue}/stalls/new",
    ):
        desk.open(path)
        assert desk.page.evaluate("document.documentElement.scrollWidth") == width, path
        assert violations(desk.page) == [], path


def test_nothing_breaks_without_the_script(
    desk: Screen, browser: object, new_context: Callable[..., object]
) -> None:
    state = desk.page.context.storage_state()
    plain = new_context(java_script_enabled=False, storage_state=state).new_page()  # type: ignore[attr-defined]  # a playwright context
    plain.goto(f"{desk.address}/staff/huaiyin/days/{desk.ref}/plan")
    plain.click(on("A01"))
    plain.select_option("#to", label="A05 · 空")
    plain.get_by_role("button", name="换过去").click()
    expect(plain.locator(".flashes")).to_contain_text("周记鲜蔬从 A01 换到 A05 号。")


def test_two_vendors_are_swapped_by_keyboard_and_the_step_is_undone(desk: Screen) -> None:
    desk.page.locator(on("A01")).focus()
    desk.page.keyboard.press("Space")
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator(on("B01"))).to_be_focused()
    desk.page.keyboard.press("Space")
    desk.answer("周记鲜蔬和王家百货对调了。")
    assert (desk.stall_of("周记鲜蔬"), desk.stall_of("王家百货")) == ("B01", "A01")
    desk.page.get_by_role("button", name="撤回这一步").click()
    desk.answer("对调了。")
    assert (desk.stall_of("周记鲜蔬"), desk.stall_of("王家百货")) == ("A01", "B01")


def test_the_loser_of_a_race_reads_who_was_faster_and_goes_on(desk: Screen) -> None:
    with desk.app.app_context(), unit_of_work():
        day = find_day_by_ref(desk.ref)
        faster = service.waiting_list(day)[0]
        service.place(faster, stall_named(day, "A04"), by=person("second"), at=clock.now())
    drag(desk.page, on("A01"), on("A04"))
    desk.page.mouse.up()
    expect(desk.page.get_by_role("alert").first).to_contain_text("A04 已经给了 候补甲。")
    assert (desk.stall_of("周记鲜蔬"), desk.stall_of("候补甲")) == ("A01", "A04")
    drag(desk.page, on("A01"), on("A05"))
    desk.page.mouse.up()
    desk.answer("周记鲜蔬从 A01 换到 A05 号。")


def test_anybody_draws_the_lots_again_in_the_browser_and_a_changed_byte_is_noticed(
    desk: Screen, tmp_path: Path
) -> None:
    with desk.app.app_context(), unit_of_work():
        day, by, at = find_day_by_ref(desk.ref), person("staff"), clock.now()
        service.choose_method(day, "draw", by=by, at=at)
        frozen = service.freeze_list(day, "witnesses", "居民代表、摊主代表、社区书记", by=by, at=at)
        service.hold_lottery(day, service.SeedAnswer(numbers=(7, 42, 1999)), by=by, at=at)
        changed = frozen.list_text.replace("候补甲".encode(), "候补乙".encode())
    desk.open(f"/c/huaiyin/markets/{desk.ref}/draw")
    verdict, again = desk.page.locator("[data-verdict]"), desk.page.get_by_role("button", name="重抽一遍")
    again.click()
    expect(verdict).to_have_text("一致：重抽的结果和公布的一字不差。")
    desk.page.fill("[data-seed]", "7-42-1998")
    again.click()
    expect(verdict).to_have_text("不一致：重抽的结果和公布的不同。")
    desk.page.fill("[data-seed]", "7-42-1999")
    (tmp_path / "list.jsonl").write_bytes(changed)
    desk.page.set_input_files("[data-file]", tmp_path / "list.jsonl")
    again.click()
    expect(verdict).to_have_text("不一致：名单和抽签以前公布的不是同一份。")
    for width in (360, 1280):
        desk.page.set_viewport_size({"width": width, "height": 800})
        for path in (
            f"/c/huaiyin/markets/{desk.ref}/draw",
            f"/staff/huaiyin/days/{desk.ref}/draw",
            f"/staff/huaiyin/days/{desk.ref}/plan-comparison",
        ):
            desk.open(path)
            assert desk.page.evaluate("document.documentElement.scrollWidth") == width, path
            assert violations(desk.page) == [], path
