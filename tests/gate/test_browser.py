"""The gate in a real browser: printed passes, a network that goes away, a thumb that counts."""

from __future__ import annotations

import time
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
from market.gate.models import FootfallCount, FootfallTap, GatePhone, Scan
from market.gate.rules import CountMethod, ScanMethod, Verdict, Way
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

# What a page with a worker asks goes past `page.route`, as soon as the worker looks after it.
routed = pytest.mark.browser_context_args(service_workers="block")


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

    def mind(self, page: Page, login: str = "gate") -> Page:
        """Signs in and makes this browser one of the phones at the gate, by one press."""
        self.open(page, self.gate, login).get_by_role("button", name="用这部手机扫码").click()
        expect(page.locator("[data-scan]")).to_be_visible(timeout=SECONDS)
        return page

    def ready(self, page: Page) -> Page:
        expect(page.locator("[data-ready]")).to_have_text("断网也能用", timeout=SECONDS)
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
    page.locator("[data-typed]").evaluate("typed => (typed.open = true)")
    page.fill("#code", code)
    page.press("#code", "Enter")


def test_printed_passes_before_the_camera_open_the_gate_one_after_the_other(
    town: Town, film_browser: Callable[..., Browser]
) -> None:
    browser = film_browser(card_in_hand(town.pdf, 1), card_in_hand(town.pdf, 2))
    page = town.mind(browser.new_page(viewport={"width": 390, "height": 800}))
    page.get_by_role("button", name="开始扫码").click()
    expect(page.locator("[data-verdict-word]")).to_have_text("可以进场", timeout=SECONDS)
    until = time.monotonic() + SECONDS / 1000
    while len(town.scans()) < 2 and time.monotonic() < until:  # which card is seen first is chance
        page.wait_for_timeout(100)
    scans = town.scans()
    assert {seen.assignment.stall.label for seen in scans if seen.assignment} == {"A01", "A02"}
    assert [(seen.verdict, seen.method) for seen in scans] == [(Verdict.ADMITTED, ScanMethod.CAMERA)] * 2


def test_somebody_signed_in_goes_on_without_a_network_session_or_account(town: Town, page: Page) -> None:
    """One press, then: reload without a network, signed out elsewhere, session ended, network back."""
    town.ready(town.mind(page))
    page.context.set_offline(True)
    page.reload()
    type_code(page, town.codes["A03"])
    expect_verdict(page, "go", "可以进场", "A03")
    expect(page.locator("[data-line]")).to_have_text("离线 · 已存 1 条")
    assert town.scans() == []
    end_sessions(town)
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator("[data-line]")).to_have_text("已同步 1 条", timeout=SECONDS)
    (seen,) = town.scans()
    assert seen.verdict is Verdict.ADMITTED
    with town.app.app_context():
        assert db.session.query(GatePhone).one().id == seen.phone_id


def person_name(town: Town, login: str) -> str:
    with town.app.app_context():
        return person(login).display_name


def test_whoever_enrolled_by_one_press_stands_in_the_list_of_phones(town: Town, page: Page) -> None:
    town.mind(page, "staff")
    page.goto(f"{town.address}/staff/huaiyin/days/{town.ref}/phones")
    line = page.get_by_role("listitem").filter(has_text=person_name(town, "staff"))
    expect(line).to_contain_text("在值班")
    expect(line).to_contain_text("东门")
    page.goto(town.address + town.gate)
    page.get_by_role("link", name="这部手机已经在值班").click()
    expect(page.locator("[data-title]")).to_contain_text("东门", timeout=SECONDS)


@routed
def test_going_to_another_gate_brings_what_was_scanned_at_the_first(town: Town, page: Page) -> None:
    town.mind(page)
    page.route("**/door/scans", lambda route: route.abort())
    type_code(page, town.codes["A01"])
    expect(page.locator("[data-line]")).to_have_text("离线 · 已存 1 条", timeout=SECONDS)
    page.goto(town.address + town.gate)
    page.select_option("#own-entrance", "西门")
    page.get_by_role("button", name="用这部手机扫码").click()
    expect(page.locator("[data-own] [data-wrong]")).to_contain_text("上一个门的没送到", timeout=SECONDS)
    page.unroute("**/door/scans")
    page.get_by_role("button", name="用这部手机扫码").click()
    expect(page.locator("[data-title]")).to_contain_text("西门", timeout=SECONDS)
    type_code(page, town.codes["A02"])
    expect_verdict(page, "go", "可以进场", "A02")
    expect(page.locator("[data-line]")).to_contain_text("同步", timeout=SECONDS)
    assert {seen.entrance for seen in town.scans()} == {"东门", "西门"}


def lose_the_first(page: Page, path: str, carrying: str = "") -> list[APIResponse]:
    """The server hears the first request that carries this text; its answer is thrown away.

    A phone also asks with empty hands, when its page opens and every 15 seconds: losing that proves nothing.
    """
    lost: list[APIResponse] = []

    def handle(route: Route) -> None:
        request = route.request
        if lost or request.method != "POST" or carrying not in (request.post_data or ""):
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route(path, handle)
    return lost


@routed
def test_an_answer_that_got_lost_on_its_way_is_asked_for_again(town: Town, page: Page) -> None:
    """The server heard the scan, the phone did not hear the verdict: the same number, the same verdict."""
    town.mind(page)
    lost = lose_the_first(page, "**/door/scans", carrying='"id":')
    type_code(page, town.codes["A01"])
    expect(page.locator("[data-later]")).to_have_text("真证 · 离线，回头再对", timeout=SECONDS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
    expect_verdict(page, "go", "可以进场", "A01")
    assert [seen.verdict for seen in town.scans()] == [Verdict.ADMITTED]
    assert len(lost) == 1


@routed
def test_a_press_whose_answer_got_lost_makes_one_phone(town: Town, page: Page) -> None:
    town.open(page, town.gate)
    lost = lose_the_first(page, "**/own-phone")
    page.get_by_role("button", name="用这部手机扫码").click()
    expect(page.locator("[data-own] [data-wrong]")).to_contain_text("没有网络", timeout=SECONDS)
    assert lost[0].status == 200
    page.get_by_role("button", name="用这部手机扫码").click()
    expect(page.locator("[data-scan]")).to_be_visible(timeout=SECONDS)
    with town.app.app_context():
        assert db.session.query(GatePhone).count() == 1


def test_a_second_scan_is_told_apart_in_word_and_kind(town: Town, page: Page) -> None:
    town.mind(page)
    type_code(page, town.codes["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    type_code(page, town.codes["A01"])
    expect(page.locator("[data-verdict]")).to_have_attribute("data-kind", "wait", timeout=SECONDS)
    expect(page.locator("[data-verdict-word]")).to_have_text("已经进过了")
    type_code(page, "7K4M00")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-kind", "stop", timeout=SECONDS)


def test_without_a_camera_the_photo_and_the_short_code_remain(town: Town, page: Page, tmp_path: Path) -> None:
    town.mind(page)
    page.get_by_role("button", name="开始扫码").click()
    expect(page.locator("[data-verdict-detail]")).to_contain_text("用不了摄像头", timeout=SECONDS)
    expect(page.locator("#code")).to_be_visible()
    picture("pdfium", town.pdf, 2, dpi=200).save(tmp_path / "photo.png")
    page.set_input_files("[data-picture]", tmp_path / "photo.png")
    expect_verdict(page, "go", "可以进场", "A02")


def test_visitors_are_counted_without_a_network_and_add_up_once(town: Town, page: Page) -> None:
    town.open(page, f"{town.gate}/footfall").get_by_role("button", name="用这部手机数人").click()
    button, undo = page.locator("[data-press-in]"), page.get_by_role("button", name="撤回刚才这一下")
    expect(button).to_be_visible(timeout=SECONDS)
    town.ready(page)
    for _press in range(3):
        button.click()
    expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-slot-visits]")).to_have_text("3", timeout=SECONDS)
    for _press in range(5):
        button.click()
    undo.click()
    page.get_by_role("button", name="出去一个").click()
    expect(page.locator("[data-slot-visits]")).to_have_text("7")
    expect(page.locator("[data-total-visits]")).to_have_text("今天一共 7 人次")
    expect(page.locator("[data-line]")).to_have_text("离线 · 已存 7 条", timeout=SECONDS)
    assert violations(page) == []
    page.context.set_offline(False)
    expect(page.locator("[data-line]")).to_contain_text("已同步 7 条", timeout=SECONDS)
    page.reload()
    expect(page.locator("[data-slot-visits]")).to_have_text("7", timeout=SECONDS)
    with town.app.app_context():
        assert [(count.visits, count.entrance) for count in db.session.query(FootfallCount)] == [(7, "东门")]
        assert sum(tap.number for tap in db.session.query(FootfallTap) if tap.way is Way.OUT) == 1


@routed
def test_presses_whose_answer_got_lost_and_a_sample_count_once(town: Town, page: Page) -> None:
    town.open(page, f"{town.gate}/footfall").get_by_role("button", name="用这部手机数人").click()
    expect(page.locator("[data-press-in]")).to_be_visible(timeout=SECONDS)
    lose_the_first(page, "**/door/scans", carrying='"id":')
    page.locator("[data-press-in]").click()
    expect(page.locator("[data-line]")).to_have_text("离线 · 已存 1 条", timeout=SECONDS)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
    expect(page.locator("[data-slot-visits]")).to_have_text("1")
    page.get_by_text("抽样数的，在这里记").click()
    page.select_option("#sampling", "five_of_thirty")
    page.fill("#number", "12")
    page.get_by_role("button", name="记这个时段").click()
    expect(page.locator("[data-count-note]")).to_have_text("记下了：12 × 6 = 72 人次。")
    expect(page.locator("[data-slot-visits]")).to_have_text("72", timeout=SECONDS)
    with town.app.app_context():
        count = db.session.query(FootfallCount).one()
        assert (count.visits, count.raw, count.method) == (72, 12, CountMethod.SAMPLE)


@pytest.mark.parametrize("preferences", ["", "elder", "elder.en"])
@pytest.mark.parametrize(
    "size",
    [
        (320, 568),
        (360, 560),
        (360, 640),
        (360, 740),
        (390, 844),
        (393, 660),
        (412, 915),
        (414, 736),
        (640, 360),
    ],
)
@routed
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
    """Minds the gate, and scans without being heard."""
    town.mind(page)
    page.route("**/door/scans", lambda route: route.abort())
    for stall in stalls:
        type_code(page, town.codes[stall])
        expect_verdict(page, "go", "可以进场", stall)


def end_sessions(town: Town) -> None:
    with town.app.app_context(), unit_of_work():
        db.session.query(UserSession).delete()


@routed
def test_every_page_of_the_gate_says_what_waits_and_signing_out_asks_and_keeps_it(
    town: Town, page: Page
) -> None:
    keep_offline(page, town, "A01", "A02", "A03")
    for path in ("/gate/huaiyin/", f"{town.gate}/sign-in", f"{town.gate}/footfall"):
        page.goto(town.address + path)
        expect(page.locator("[data-waiting]")).to_contain_text("还有 3 条没送到")
    assert violations(page) == []
    page.get_by_role("button", name="退出").click()
    expect(page.locator("[data-leaving]")).to_contain_text("还有 3 条没送到")
    page.get_by_role("button", name="先不退出").click()
    expect(page.locator("[data-leaving]")).to_be_hidden()
    page.get_by_role("button", name="退出").click()
    page.get_by_role("button", name="退出，留着").click()
    page.wait_for_url(f"{town.address}/")
    page.unroute("**/door/scans")
    town.open(page, "/gate/huaiyin/")
    page.get_by_role("link", name="打开就送").click()
    expect(page.locator("[data-line]")).to_contain_text("已同步 3 条", timeout=SECONDS)
    assert len(town.scans()) == 3


@routed
def test_counted_visitors_survive_signing_out_too(town: Town, page: Page) -> None:
    town.open(page, f"{town.gate}/footfall").get_by_role("button", name="用这部手机数人").click()
    expect(page.locator("[data-press-in]")).to_be_visible(timeout=SECONDS)
    page.route("**/door/scans", lambda route: route.abort())
    for count in range(1, 5):
        page.locator("[data-press-in]").click()
        expect(page.locator("[data-slot-visits]")).to_have_text(str(count))
    page.goto(town.address + town.gate)
    expect(page.locator("[data-waiting]")).to_contain_text("还有 4 条没送到")
    page.get_by_role("button", name="退出").click()
    page.get_by_role("button", name="退出，留着").click()
    page.wait_for_url(f"{town.address}/")
    page.unroute("**/door/scans")
    page.goto(f"{town.address}/door/#count")
    expect(page.locator("[data-line]")).to_contain_text("已同步 4 条", timeout=SECONDS)
    with town.app.app_context():
        assert [count.visits for count in db.session.query(FootfallCount)] == [4]


STORED = """async () => {
    const said = [JSON.stringify([{ ...localStorage }, { ...sessionStorage }])];
    const done = (asked) => new Promise((told) => (asked.onsuccess = () => told(asked.result)));
    for (const { name } of await indexedDB.databases()) {
        const db = await done(indexedDB.open(name));
        for (const store of db.objectStoreNames) {
            said.push(JSON.stringify(await done(db.transaction(store).objectStore(store).getAll())));
        }
        db.close();
    }
    return said;
}"""


@routed
def test_nothing_readable_is_left_when_somebody_signed_in_is_done(town: Town, page: Page) -> None:
    """While it works the queue is in one store only, and names nobody; afterwards there is nothing at all."""
    town.mind(page)
    page.route("**/door/scans", lambda route: route.abort())
    type_code(page, town.codes["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    web, *indexed = page.evaluate(STORED)
    assert town.codes["A01"] not in web
    assert town.codes["A01"] in "".join(indexed)
    assert [word for word in ("百货", "134") if word in "".join(indexed)] == []
    page.unroute("**/door/scans")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
    page.locator("[data-part=scan] summary").last.click()
    page.get_by_role("button", name="我值完了").click()
    expect(page.get_by_role("heading", name="值完了")).to_be_visible(timeout=SECONDS)
    left = "".join(page.evaluate(STORED))
    words = (town.codes["A01"], town.ref, "百货", person_name(town, "gate"), "gate-phone")
    assert [word for word in words if word in left] == []


def test_without_a_network_links_stay_on_the_page_and_say_why(town: Town, page: Page) -> None:
    town.open(page, town.gate)
    page.context.set_offline(True)
    page.get_by_role("link", name="名单").click()
    said = page.locator("[data-unreachable]")
    expect(said).to_contain_text("没有网络")
    page.get_by_role("button", name="用这部手机扫码").click()
    expect(page.locator("[data-own] [data-wrong]")).to_contain_text("没有网络")
    said.evaluate(
        "strip => { strip.hidden = true; }"
    )  # so that what is seen next is the answer to the next press
    page.get_by_role("button", name="退出").click()
    expect(said).to_be_visible()
    assert page.url == town.address + town.gate
    page.context.set_offline(False)
    page.get_by_role("link", name="名单").click()
    page.wait_for_url("**/sign-in")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{town.address}/")


@routed
def test_a_reader_that_could_not_be_fetched_is_no_fault_of_the_camera(
    town: Town, film_browser: Callable[..., Browser]
) -> None:
    # A service worker fetches the reader behind the test's back, and whether it was there first was chance.
    context = film_browser(card_in_hand(town.pdf, 1)).new_context(service_workers="block")
    page = context.new_page()
    page.route("**/static/vendor/**", lambda route: route.abort())
    town.mind(page)
    page.get_by_role("button", name="开始扫码").click()
    detail = page.locator("[data-verdict-detail]")
    expect(detail).to_contain_text("还没下载到这部手机", timeout=SECONDS)
    expect(detail).not_to_contain_text("允许")


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
    town.mind(page)
    for pane, shown in (("数人", "[data-press-in]"), ("扫码", "[data-scan]")):
        page.get_by_role("button", name=pane, exact=True).click()
        expect(page.locator(shown)).to_be_visible()
        assert (pane, violations(page)) == (pane, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"large type: {pane}"
    type_code(page, town.codes["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    assert violations(page) == []
