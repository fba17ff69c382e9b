"""The gate in a real browser: printed passes, a network that goes away, a thumb that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import APIResponse, Browser, BrowserType, Page, Route, expect

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate.models import FootfallCount, Scan
from market.gate.rules import ScanMethod, Verdict
from market.passes import service as passes
from market.people.models import UserSession
from tests.cast import PASSWORD, Cast, person
from tests.factories import gate as make
from tests.factories.vendors import act_for
from tests.parts import camera
from tests.parts.axe import violations
from tests.parts.browser import ARGUMENTS, launch_arguments
from tests.parts.live import served
from tests.parts.pdf import picture

pytestmark = pytest.mark.browser

SECONDS = 20_000


class Town:
    """A market that is on, the printed passes, and the address where all of it is served."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app, self.address = app, address
        with app.app_context(), unit_of_work():
            day = make.running_today(find_community("huaiyin"), person("staff"))
            live = make.passes_by_stall(day)
            act_for(live["A02"].assignment.vendor, person("member3"))
            self.ref, self.codes = day.ref, {stall: p.short_code for stall, p in live.items()}
            self.token = passes.pass_token(live["A01"])
            self.own_pass = passes.pass_url(live["A02"])
            out = BytesIO()
            passes.write_passes(day, out)
            self.pdf = out.getvalue()

    @property
    def gate(self) -> str:
        return f"/gate/huaiyin/days/{self.ref}"

    def open(self, page: Page, path: str, login: str = "gate") -> Page:
        """Signs in and opens a page."""
        page.goto(f"{self.address}/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        page.goto(self.address + path)
        return page

    def scans(self) -> list[Scan]:
        """Every scan that was kept, in order."""
        with self.app.app_context():
            return db.session.query(Scan).order_by(Scan.id).all()


@pytest.fixture
def town(app: Flask, cast: Cast) -> Iterator[Town]:
    with served(app) as address:
        yield Town(app, address)


@pytest.fixture
def film_browser(browser_type: BrowserType, tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """Opens a browser whose camera sees these pictures, one after the other, for ever."""
    with ExitStack() as opened:

        def open_browser(*pictures: Image.Image) -> Browser:
            film = camera.film(pictures, tmp_path / "passes.mjpeg")
            arguments = {**launch_arguments(), "args": [*ARGUMENTS, *camera.arguments(film)]}
            browser = browser_type.launch(**arguments)
            opened.callback(browser.close)
            return browser

        yield open_browser


def card_in_hand(pdf: bytes, number: int) -> Image.Image:
    """The lower half of a printed pass, as it fills the picture of a phone, held a little askew."""
    card = picture("pdfium", pdf, number, dpi=150)
    lower = card.crop((0, card.height - 465, card.width, card.height))
    return lower.rotate(3, Image.Resampling.BICUBIC, fillcolor=128)


def expect_verdict(page: Page, kind: str, word: str, stall: str = "") -> None:
    expect(page.locator("[data-verdict-word]")).to_have_text(word, timeout=SECONDS)
    expect(page.locator("[data-verdict]")).to_have_attribute("data-kind", kind)
    expect(page.locator("[data-verdict-stall]")).to_have_text(stall)


def type_code(page: Page, code: str) -> None:
    """As a hand scanner does: keys, wherever the focus is, and Enter."""
    page.locator("[data-scan]").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_printed_passes_before_the_camera_open_the_gate_one_after_the_other(
    town: Town, film_browser: Callable[..., Browser]
) -> None:
    browser = film_browser(card_in_hand(town.pdf, 1), card_in_hand(town.pdf, 2))
    page = town.open(browser.new_page(viewport={"width": 390, "height": 800}), town.gate)
    page.get_by_role("button", name="开始扫码").click()
    expect(page.locator("[data-verdict-word]")).to_have_text("可以进场", timeout=SECONDS)
    first = page.locator("[data-verdict-stall]").inner_text()
    page.get_by_role("button", name="继续扫码").click()
    expect(page.locator("[data-verdict-word]")).to_have_text("可以进场", timeout=SECONDS)
    second = page.locator("[data-verdict-stall]").inner_text()
    assert {first, second} == {"A01", "A02"}
    expect(page.locator("[data-missing]")).to_have_text("未到 1 家")
    scans = town.scans()
    assert [(seen.verdict, seen.method) for seen in scans] == [(Verdict.ADMITTED, ScanMethod.CAMERA)] * 2


def test_without_a_network_a_scan_waits_and_says_so_and_is_sent_once_later(town: Town, page: Page) -> None:
    town.open(page, town.gate)
    page.context.set_offline(True)
    type_code(page, town.codes["A03"])
    expect_verdict(page, "wait", "还没核验")
    expect(page.locator("[data-queue]")).to_have_text("离线，已存 1 条，还没核验")
    assert town.scans() == []
    page.get_by_role("button", name="退出").click()
    expect_verdict(page, "wait", "还没核验")
    page.context.set_offline(False)
    expect(page.locator("[data-delivered-list]")).to_contain_text("可以进场", timeout=SECONDS)
    expect(page.locator("[data-queue]")).to_be_hidden()
    page.reload()
    page.wait_for_timeout(500)
    assert [seen.verdict for seen in town.scans()] == [Verdict.ADMITTED]


def test_an_answer_that_got_lost_on_its_way_is_asked_for_again(town: Town, page: Page) -> None:
    """The server heard the scan, the phone did not hear the verdict: the same number, the same verdict."""
    town.open(page, town.gate)
    lost: list[APIResponse] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/scans", lose_the_first)
    type_code(page, town.codes["A01"])
    expect_verdict(page, "wait", "还没核验")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-delivered-list]")).to_contain_text("可以进场", timeout=SECONDS)
    assert [seen.verdict for seen in town.scans()] == [Verdict.ADMITTED]


def test_a_second_scan_is_told_apart_in_word_and_kind(town: Town, page: Page) -> None:
    town.open(page, town.gate)
    type_code(page, town.codes["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    type_code(page, town.codes["A01"])
    expect_verdict(page, "wait", "已经进过了", "A01")
    type_code(page, "7K4M00")
    expect_verdict(page, "stop", "查不到")


def test_without_a_camera_the_photo_and_the_short_code_remain(town: Town, page: Page, tmp_path: Path) -> None:
    town.open(page, town.gate)
    page.get_by_role("button", name="开始扫码").click()
    expect(page.locator("[data-verdict-detail]")).to_contain_text("用不了摄像头", timeout=SECONDS)
    expect(page.locator("#code")).to_be_visible()
    picture("pdfium", town.pdf, 2, dpi=200).save(tmp_path / "photo.png")
    page.set_input_files("[data-picture]", tmp_path / "photo.png")
    expect_verdict(page, "go", "可以进场", "A02")


def test_the_clicker_counts_without_a_network_and_adds_up_once(town: Town, page: Page) -> None:
    town.open(page, f"{town.gate}/footfall")
    button = page.locator(".clicker")
    for _press in range(3):
        button.click()
    expect(page.locator("[data-total]")).to_have_text("3", timeout=SECONDS)
    page.context.set_offline(True)
    for _press in range(4):
        button.click()
    expect(page.locator("[data-unsent]")).to_be_visible(timeout=SECONDS)
    expect(page.locator("[data-slot-visits]")).to_have_text("7")
    page.context.set_offline(False)
    expect(page.locator("[data-total]")).to_have_text("7", timeout=SECONDS)
    expect(page.locator('[data-column-sum="东门"]')).to_have_text("7")
    with town.app.app_context():
        assert [count.visits for count in db.session.query(FootfallCount)] == [7]


@pytest.mark.parametrize("preferences", ["", "elder", "elder.en"])
@pytest.mark.parametrize(
    "size", [(320, 568), (360, 560), (360, 640), (360, 740), (390, 844), (414, 736), (640, 360)]
)
def test_a_screenshot_of_the_pass_is_as_good_as_the_page(
    town: Town, page: Page, size: tuple[int, int], preferences: str
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    town.open(page, f"/vendor/huaiyin/days/{town.ref}/pass", "member3")
    page.context.add_cookies([{"name": "preferences", "value": preferences, "url": town.address}])
    page.reload()
    screen = Image.open(BytesIO(page.screenshot()))
    codes = zxingcpp.read_barcodes(screen, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert [code.text for code in codes] == [town.own_pass]
    code, bar = page.locator(".qr svg").bounding_box(), page.locator(".tabs").bounding_box()
    assert code is not None
    assert bar is not None
    assert code["y"] >= 0
    assert code["y"] + code["height"] <= bar["y"]
    assert code["width"] >= 180


# ── a phone that is alone ──


def keep_offline(page: Page, town: Town, *stalls: str) -> None:
    """Scans without a network."""
    town.open(page, town.gate)
    page.context.set_offline(True)
    for stall in stalls:
        type_code(page, town.codes[stall])
        expect_verdict(page, "wait", "还没核验")


def end_sessions(town: Town) -> None:
    with town.app.app_context(), unit_of_work():
        db.session.query(UserSession).delete()


def test_every_page_of_the_gate_says_what_waits_and_signing_out_asks_and_keeps_it(
    town: Town, page: Page
) -> None:
    keep_offline(page, town, "A01", "A02", "A03")
    page.route("**/scans", lambda route: route.abort())
    page.context.set_offline(False)
    for path in ("/gate/huaiyin/", f"{town.gate}/sign-in", f"{town.gate}/footfall"):
        page.goto(town.address + path)
        expect(page.locator("[data-waiting]")).to_contain_text("3 条扫码")
    assert violations(page) == []
    page.get_by_role("button", name="退出").click()
    expect(page.locator("[data-leaving]")).to_contain_text("还有 3 条没送到")
    page.get_by_role("button", name="先不退出").click()
    expect(page.locator("[data-leaving]")).to_be_hidden()
    page.get_by_role("button", name="退出").click()
    page.get_by_role("button", name="退出，留着").click()
    page.wait_for_url(f"{town.address}/")
    page.unroute("**/scans")
    town.open(page, "/gate/huaiyin/")
    page.get_by_role("link", name="3 条扫码").click()
    expect(page.locator("[data-delivered-list] li")).to_have_count(3, timeout=SECONDS)
    assert len(town.scans()) == 3


def test_counted_visitors_survive_signing_out_too(town: Town, page: Page) -> None:
    town.open(page, f"{town.gate}/footfall")
    page.route("**/counts", lambda route: route.abort())
    for _press in range(4):
        page.locator(".clicker").click()
    page.goto(town.address + town.gate)
    expect(page.locator("[data-waiting]")).to_contain_text("4 人次")
    page.get_by_role("button", name="退出").click()
    page.get_by_role("button", name="退出，留着").click()
    page.wait_for_url(f"{town.address}/")
    page.unroute("**/counts")
    town.open(page, f"{town.gate}/footfall")
    expect(page.locator("[data-total]")).to_have_text("4", timeout=SECONDS)


def test_a_session_that_ended_is_said_and_signing_in_again_sends_what_waited(town: Town, page: Page) -> None:
    keep_offline(page, town, "A01", "A02")
    end_sessions(town)
    page.context.set_offline(False)
    stopped = page.locator("[data-stopped]")
    expect(stopped).to_contain_text("登录过期了", timeout=SECONDS)
    expect(stopped).to_contain_text("没送到的 2 条都还在这部手机里")
    assert violations(page) == []
    stopped.get_by_role("link", name="重新登录").click()
    page.fill("[name=login]", "gate")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator("[data-delivered-list] li")).to_have_count(2, timeout=SECONDS)
    expect(stopped).to_be_hidden()
    assert [seen.verdict for seen in town.scans()] == [Verdict.ADMITTED] * 2


def test_the_clicker_says_when_the_session_ended(town: Town, page: Page) -> None:
    town.open(page, f"{town.gate}/footfall")
    end_sessions(town)
    page.locator(".clicker").click()
    expect(page.locator("[data-stopped]")).to_contain_text("登录过期了", timeout=SECONDS)


def test_without_a_network_each_kind_of_code_has_its_own_true_answer(town: Town, page: Page) -> None:
    with town.app.app_context(), unit_of_work():
        other = make.published_day(find_community("huaiyin"), person("staff"), in_days=10)
        foreign = make.published_day(find_community("songhe"), person("staff-b"))
        another, elsewhere = (passes.pass_token(passes.live_passes(day)[0]) for day in (other, foreign))
    town.open(page, town.gate)
    page.context.set_offline(True)
    site = "HTTPS://MARKET.EXAMPLE/P/"
    for code, kind, word, detail in (
        (site + town.token, "wait", "还没核验", "证上写的是这一场"),
        (site + another, "stop", "不是这一场", "另一场集市"),
        (site + elsewhere, "stop", "别的社区的证", "不是这个社区"),
        (town.codes["A02"], "wait", "还没核验", "短码没念错"),
        ("7K4M00", "stop", "短码不对", "再念一遍"),
        ("https://example.com/pay", "stop", "不是摊位证", "别处的链接"),
        (f"{town.address}/c/huaiyin/", "stop", "不是摊位证", "集市网页"),
        ("hello", "stop", "不是摊位证", "一段文字"),
    ):
        page.locator("[data-typed] summary").click()
        page.fill("#code", code)
        page.press("#code", "Enter")
        expect_verdict(page, kind, word)
        expect(page.locator("[data-verdict-detail]")).to_contain_text(detail)
    expect(page.locator("[data-queue-count]")).to_have_text("4")


def test_without_a_network_links_stay_on_the_page_and_say_why(town: Town, page: Page) -> None:
    town.open(page, town.gate)
    page.context.set_offline(True)
    page.get_by_role("link", name="名单").click()
    expect(page.locator("[data-unreachable]")).to_contain_text("没有网络")
    page.get_by_role("button", name="退出").click()
    expect(page.locator("[data-unreachable]")).to_be_visible()
    assert page.url == town.address + town.gate
    page.context.set_offline(False)
    page.get_by_role("link", name="名单").click()
    page.wait_for_url("**/sign-in")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{town.address}/")


def test_a_reader_that_could_not_be_fetched_is_no_fault_of_the_camera(
    town: Town, film_browser: Callable[..., Browser]
) -> None:
    page = film_browser(card_in_hand(town.pdf, 1)).new_page()
    page.route("**/static/vendor/**", lambda route: route.abort())
    town.open(page, town.gate)
    page.get_by_role("button", name="开始扫码").click()
    detail = page.locator("[data-verdict-detail]")
    expect(detail).to_contain_text("还没下载到这部手机", timeout=SECONDS)
    expect(detail).not_to_contain_text("允许")


def test_the_reader_is_there_before_the_network_goes(
    town: Town, film_browser: Callable[..., Browser]
) -> None:
    page = film_browser(card_in_hand(town.pdf, 1)).new_page()
    with page.expect_response("**/*.wasm*"):
        town.open(page, town.gate)
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    page.get_by_role("button", name="开始扫码").click()
    expect_verdict(page, "wait", "还没核验")
    expect(page.locator("[data-verdict-detail]")).to_contain_text("证上写的是这一场")


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(town: Town, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    staff, vendor = f"/staff/huaiyin/days/{town.ref}", f"/vendor/huaiyin/days/{town.ref}"
    pages = {
        "gate": ["/gate/huaiyin/", town.gate, f"{town.gate}/sign-in", f"{town.gate}/footfall"],
        "staff": [f"{staff}/passes", f"{staff}/call-off"],
        "member3": [f"{vendor}/pass", f"/p/{town.token}", "/p/ABC"],
    }
    for login, addresses in pages.items():
        page.context.clear_cookies()
        for address in addresses:
            town.open(page, address, login) if address == addresses[0] else page.goto(town.address + address)
            assert (address, violations(page)) == (address, [])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "preferences", "value": "elder", "url": town.address}])
    for address in pages["gate"]:
        town.open(page, address) if address == pages["gate"][0] else page.goto(town.address + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"large type: {address}"
    page.goto(town.address + town.gate)
    type_code(page, town.codes["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    assert violations(page) == []
