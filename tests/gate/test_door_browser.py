"""The phone at the gate in a real browser: let in by a code, alone with printed passes, together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Page, Route, expect

from market import clock
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate import service
from market.gate.door_files import size_before_decoder
from market.gate.models import GatePhone, HeldScan, Scan
from market.gate.rules import ScanMethod, Verdict
from market.passes import service as passes
from market.passes.rules import RevokeReason
from market.people.models import UserSession
from tests.cast import PASSWORD, Cast, person
from tests.factories import gate as make
from tests.parts import camera
from tests.parts.axe import violations
from tests.parts.browser import ARGUMENTS, launch_arguments
from tests.parts.live import served
from tests.parts.pdf import picture

pytestmark = pytest.mark.browser

SECONDS = 20_000
SITE = "HTTPS://MARKET.EXAMPLE/P/"


class Plaza:
    """A market that is on, its passes and its two gates, and the address where all of it is served."""

    def __init__(self, app: Flask, address: str, vendors: int = 3) -> None:
        self.app, self.address = app, address
        with app.app_context(), unit_of_work():
            day = make.running_today(find_community("huaiyin"), person("staff"))
            if vendors > 3:
                make.crowd(day, vendors - 3)
            live = make.passes_by_stall(day)
            self.ref, self.gates = day.ref, day.venue.entrance_names()
            self.tokens = {stall: SITE + passes.pass_token(one) for stall, one in live.items()}
            self.codes = {stall: one.short_code for stall, one in live.items()}
            self.names = [one.assignment.vendor.trading_name for one in live.values()]
            out = BytesIO()
            passes.write_passes(day, out)
            self.pdf = out.getvalue()

    def invitation(self, gate: str = "") -> str:
        with self.app.app_context(), unit_of_work():
            day = service.day_of_phone(self.ref)
            phone = service.invite(day, gate or self.gates[0], by=person("staff"), at=clock.now())
            return f"/door/join/{service.invitation_secret(phone)}"

    def enrol(self, page: Page, name: str, gate: str = "") -> Page:
        """Lets this browser mind a gate."""
        page.goto(self.address + self.invitation(gate))
        page.fill("[name=name]", name)
        page.click("button")
        expect(page.locator("[data-scan]")).to_be_visible(timeout=SECONDS)
        return page

    def ready(self, page: Page) -> Page:
        expect(page.locator("[data-ready]")).to_have_text("断网也能用", timeout=SECONDS)
        return page

    def staff(self, page: Page) -> Page:
        page.goto(f"{self.address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        page.goto(f"{self.address}/staff/huaiyin/days/{self.ref}/phones")
        return page

    def scans(self) -> list[Scan]:
        with self.app.app_context():
            return db.session.query(Scan).order_by(Scan.id).all()


@pytest.fixture
def plaza(app: Flask, cast: Cast) -> Iterator[Plaza]:
    with served(app) as address:
        yield Plaza(app, address)


def type_code(page: Page, code: str) -> None:
    page.locator("[data-typed]").evaluate("typed => (typed.open = true)")
    page.fill("#code", code)
    page.press("#code", "Enter")


def expect_verdict(page: Page, kind: str, word: str, stall: str = "") -> None:
    expect(page.locator("[data-verdict-word]")).to_have_text(word, timeout=SECONDS)
    expect(page.locator("[data-verdict]")).to_have_attribute("data-kind", kind)
    if stall:
        expect(page.locator("[data-verdict-stall]")).to_have_text(stall)


def test_a_code_lets_one_phone_in_and_it_is_ready_for_a_morning_alone(plaza: Plaza, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    plaza.ready(plaza.enrol(page, "老高", "东门"))
    expect(page.locator("[data-line]")).to_have_text("在线")
    expect(page.locator("[data-title]")).to_contain_text("东门")
    assert violations(page) == []
    page.context.set_offline(True)
    page.reload()
    type_code(page, plaza.tokens["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    expect(page.locator("[data-later]")).to_have_text("真证 · 离线，回头再对")
    expect(page.locator("[data-line]")).to_have_text("离线 · 已存 1 条", timeout=SECONDS)
    expect(page.locator("[data-unknown]")).to_contain_text("离线时不知道")
    page.context.set_offline(False)
    expect(page.locator("[data-line]")).to_have_text("已同步 1 条", timeout=SECONDS)
    (seen,) = plaza.scans()
    assert (seen.verdict, seen.entrance) == (Verdict.ADMITTED, "东门")
    assert [text for text in errors if "ERR_INTERNET" not in text] == []


def test_alone_each_kind_of_code_has_its_true_answer(plaza: Plaza, page: Page) -> None:
    with plaza.app.app_context(), unit_of_work():
        other = make.published_day(find_community("huaiyin"), person("staff"), in_days=10)
        foreign = make.published_day(find_community("songhe"), person("staff-b"))
        another, elsewhere = (passes.pass_token(passes.live_passes(day)[0]) for day in (other, foreign))
        day = service.day_of_phone(plaza.ref)
        old = make.passes_by_stall(day)["A02"]
        replaced = passes.pass_token(old)
        passes.reissue(old, RevokeReason.LOST, by=person("staff"), at=clock.now())
        newest = passes.pass_token(make.passes_by_stall(day)["A02"])
    plaza.ready(plaza.enrol(page, "老高"))
    page.context.set_offline(True)
    genuine = plaza.tokens["A01"]
    forged = genuine[:-1] + ("0" if genuine[-1] != "0" else "1")
    for code, kind, word in (
        (genuine, "go", "可以进场"),
        (genuine, "wait", "已经进过了"),
        (forged, "stop", "不是真证"),
        (SITE + another, "stop", "不是这一场"),
        (SITE + elsewhere, "stop", "别的社区的证"),
        (SITE + replaced, "stop", "这张证作废了"),
        (SITE + newest, "go", "可以进场"),
        (plaza.codes["A03"], "go", "可以进场"),
        ("7K4M00", "stop", "不是摊位证"),
        ("hello", "stop", "不是摊位证"),
        ("https://example.com/pay", "stop", "不是摊位证"),
    ):
        type_code(page, code)
        expect_verdict(page, kind, word)
    assert page.locator("[data-verdict-stall]").inner_text() == ""
    expect(page.locator("[data-line]")).to_have_text("离线 · 已存 8 条")


@pytest.mark.parametrize("service_workers", ["allow", "block"])
def test_two_gates_alone_all_morning_and_together_again(
    app: Flask, cast: Cast, browser: Browser, service_workers: Literal["allow", "block"]
) -> None:
    """Twenty scans at two gates, both without a network before the first; eight passes at both gates."""
    with served(app) as address:
        plaza = Plaza(app, address, vendors=12)
        pages = []
        for name, gate in zip(("老高", "小李"), plaza.gates, strict=False):
            context = browser.new_context(service_workers=service_workers)
            page = plaza.enrol(context.new_page(), name, gate)
            if service_workers == "allow":
                plaza.ready(page)
            else:
                expect(page.locator("[data-ready]")).to_have_text("断网时有缺的，点开看", timeout=SECONDS)
                expect(page.locator("[data-ready-list]")).to_contain_text("别关，别刷新")
            context.set_offline(True)
            if service_workers == "allow":
                page.reload()
            pages.append(page)
        stalls = sorted(plaza.tokens)
        for page, mine in zip(pages, (stalls[:10], stalls[2:]), strict=True):
            for count, stall in enumerate(mine, start=1):
                type_code(page, plaza.tokens[stall])
                expect(page.locator("[data-line]")).to_have_text(f"离线 · 已存 {count} 条", timeout=SECONDS)
        assert plaza.scans() == []
        with app.app_context(), unit_of_work():
            db.session.query(UserSession).delete()
        age_the_queues(pages)
        for page in reversed(pages):  # the later gate first
            page.context.set_offline(False)
            expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
        with app.app_context():
            assert [one.reason for one in db.session.query(HeldScan)] == []
        scans = plaza.scans()
        assert len(scans) == len({seen.client_id for seen in scans}) == 20
        admitted = [seen for seen in scans if seen.verdict is Verdict.ADMITTED]
        assert len(admitted) == 12
        lead = plaza.staff(browser.new_context().new_page())
        conflict = lead.locator("#conflicts li")
        expect(conflict).to_have_count(8)
        expect(conflict.filter(has_text=stalls[7])).to_contain_text("老高")
        expect(conflict.filter(has_text=stalls[7])).to_contain_text("小李")
        assert violations(lead) == []


def age_the_queues(pages: list[Page]) -> None:
    """As if every scan had been made a minute ago: what comes within seconds was answered by the server."""
    for page in pages:
        page.evaluate(
            """async () => {
                const { scans } = await import("/static/js/door/store.js");
                const earlier = (scan) => ({ ...scan, seen_at: scan.seen_at - 60_000 });
                for (const scan of await scans.all()) await scans.add(earlier(scan));
            }"""
        )


def test_printed_passes_before_the_camera_are_let_in_without_a_press_or_a_network(
    plaza: Plaza, browser_type: BrowserType, tmp_path: Path
) -> None:
    cards = [card_in_hand(plaza.pdf, number) for number in (1, 2)]
    film = camera.film(cards, tmp_path / "passes.mjpeg", frames_each=60)
    arguments = {**launch_arguments(), "args": [*ARGUMENTS, *camera.arguments(film)]}
    with browser_type.launch(**arguments) as browser:
        page = plaza.ready(plaza.enrol(browser.new_page(viewport={"width": 393, "height": 660}), "老高"))
        page.context.set_offline(True)
        page.reload()
        page.get_by_role("button", name="开始扫码").click()
        expect_verdict(page, "go", "可以进场")
        expect(page.locator("[data-line]")).to_have_text("离线 · 已存 2 条", timeout=SECONDS)
        expect(page.locator("[data-verdict-word]")).to_have_text("已经进过了", timeout=SECONDS)
        page.context.set_offline(False)
        expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
    stalls = {seen.assignment.stall.label for seen in plaza.scans() if seen.assignment}
    assert stalls == {"A01", "A02"}


def card_in_hand(pdf: bytes, number: int) -> Image.Image:
    """The lower half of a printed pass, as it fills the picture of a phone, held a little askew."""
    card = picture("pdfium", pdf, number, dpi=150)
    lower = card.crop((0, card.height - 465, card.width, card.height))
    return lower.rotate(3, Image.Resampling.BICUBIC, fillcolor=128)


WATCH = """() => {
    globalThis.told = [];
    const word = document.querySelector("[data-verdict-word]");
    const note = () => globalThis.told.push(word.textContent);
    new MutationObserver(note).observe(word, { childList: true, characterData: true, subtree: true });
}"""


@pytest.mark.parametrize("service_workers", ["allow", "block"])
def test_each_kind_of_pass_before_the_camera_has_its_answer_without_a_network(
    plaza: Plaza, camera_browser: Callable[..., Browser], service_workers: Literal["allow", "block"]
) -> None:
    """Genuine, again, forged, of another community, replaced: without a press, without a network."""
    with plaza.app.app_context(), unit_of_work():
        foreign = make.published_day(find_community("songhe"), person("staff-b"))
        elsewhere = SITE + passes.pass_token(passes.live_passes(foreign)[0])
        old = make.passes_by_stall(service.day_of_phone(plaza.ref))["A02"]
        passes.reissue(old, RevokeReason.LOST, by=person("staff"), at=clock.now())
    genuine = plaza.tokens["A01"]
    forged = genuine[:-1] + ("0" if genuine[-1] != "0" else "1")
    browser = camera_browser(genuine, forged, elsewhere, plaza.tokens["A02"])
    page = browser.new_context(service_workers=service_workers).new_page()
    plaza.enrol(page, "老高")
    ready = "断网也能用" if service_workers == "allow" else "断网时有缺的，点开看"
    expect(page.locator("[data-ready]")).to_have_text(ready, timeout=SECONDS)
    page.context.set_offline(True)
    if service_workers == "allow":
        page.reload()
        expect(page.locator("[data-scan]")).to_be_visible(timeout=SECONDS)
    page.evaluate(WATCH)
    page.get_by_role("button", name="开始扫码").click()
    wanted = ["可以进场", "已经进过了", "不是真证", "别的社区的证", "这张证作废了"]
    page.wait_for_function(
        "(all) => all.every((word) => told.includes(word))", arg=wanted, timeout=4 * SECONDS
    )
    assert plaza.scans() == []
    page.get_by_role("button", name="停一下").click()
    page.context.set_offline(False)
    expect(page.locator("[data-line]")).to_contain_text("已同步", timeout=SECONDS)
    scans = plaza.scans()
    assert len(scans) == len({seen.client_id for seen in scans})
    assert sum(seen.verdict is Verdict.ADMITTED for seen in scans) == 1


DUMP = """async () => {
    const said = [JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])];
    const done = (asked) => new Promise((told) => (asked.onsuccess = () => told(asked.result)));
    for (const { name } of await indexedDB.databases()) {
        const db = await done(indexedDB.open(name));
        for (const store of db.objectStoreNames) {
            said.push(JSON.stringify(await done(db.transaction(store).objectStore(store).getAll())));
        }
        db.close();
    }
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            if (/\\.(wasm|js|css|svg)/.test(request.url)) continue;
            said.push(await (await cache.match(request)).text());
        }
    }
    return said.join(" ");
}"""


@pytest.mark.parametrize("how", ["leaves", "revoked"])
def test_a_phone_that_is_done_keeps_nothing(plaza: Plaza, page: Page, how: str) -> None:
    plaza.ready(plaza.enrol(page, "老高"))
    type_code(page, plaza.tokens["A01"])
    expect_verdict(page, "go", "可以进场", "A01")
    held = page.evaluate(DUMP)
    assert "老高" in held  # its own name, while it works
    assert [name for name in plaza.names if name in held] == []  # and nobody else's
    if how == "revoked":
        with plaza.app.app_context(), unit_of_work():
            (phone,) = db.session.query(GatePhone)
            service.revoke_phone(phone, by=person("staff"), at=clock.now())
        page.evaluate("dispatchEvent(new Event('online'))")
    else:
        page.locator("[data-part=scan] summary").last.click()
        page.get_by_role("button", name="我值完了").click()
    expect(page.get_by_role("heading", name="值完了")).to_be_visible(timeout=SECONDS)
    left = page.evaluate(DUMP)
    assert [word for word in (*plaza.names, "老高", plaza.ref, "13800") if word in left] == []
    page.reload()
    expect(page.get_by_role("heading", name="这部手机还没有登记")).to_be_visible(timeout=SECONDS)


def test_a_code_can_be_taken_once(plaza: Plaza, browser: Browser) -> None:
    path = plaza.invitation()
    first, second = (browser.new_context().new_page() for _ in range(2))
    for page in (first, second):
        page.goto(plaza.address + path)
        page.fill("[name=name]", "老高")
    first.click("button")
    expect(first.locator("[data-scan]")).to_be_visible(timeout=SECONDS)
    second.click("button")
    expect(second.locator("[data-wrong]")).to_contain_text("只能用一次")
    second.reload()
    expect(second.locator("[data-join]")).to_be_hidden()


@pytest.mark.parametrize("again", ["press", "reload"])
def test_the_same_phone_may_press_again_when_the_answer_got_lost(
    plaza: Plaza, browser: Browser, again: str
) -> None:
    """The server enrolled it and the phone does not know; another phone is still told no."""
    path = plaza.invitation()
    # What a page with a worker asks may go past `page.route`.
    page, other = (browser.new_context(service_workers="block").new_page() for _ in range(2))
    lost: list[int] = []

    def throw_away(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/door/join/**", throw_away)
    for one in (page, other):
        one.goto(plaza.address + path)
        one.fill("[name=name]", "老高")
    page.click("button")
    expect(page.locator("[data-wrong]")).to_contain_text("没有网络", timeout=SECONDS)
    assert lost == [200]
    other.click("button")
    expect(other.locator("[data-wrong]")).to_contain_text("只能用一次", timeout=SECONDS)
    if again == "reload":
        page.reload()
    page.locator("[data-join] button").click()
    expect(page.locator("[data-scan]")).to_be_visible(timeout=SECONDS)
    with plaza.app.app_context():
        (phone,) = db.session.query(GatePhone)
        assert phone.name == "老高"


def test_somebody_known_is_found_by_pinyin_and_let_in(plaza: Plaza, page: Page) -> None:
    plaza.enrol(page, "老高")
    page.get_by_text("找商户").click()
    page.fill("#query", "A02")
    page.press("#query", "Enter")
    page.get_by_role("button", name="放行 A02").click()
    expect_verdict(page, "go", "可以进场", "A02")
    (seen,) = plaza.scans()
    assert (seen.method, seen.verdict) == (ScanMethod.LIST, Verdict.ADMITTED)


@pytest.mark.parametrize(
    ("trouble", "name"),
    [
        ("BarcodeDetector.getSupportedFormats = async () => { throw new TypeError('no'); };", "wasm"),
        ("BarcodeDetector.prototype.detect = async () => [];", "wasm"),
        ("WebAssembly.instantiate = WebAssembly.instantiateStreaming = async () => { throw 0; };", "plain"),
    ],
)
def test_a_reader_that_only_has_the_name_is_passed_over(
    plaza: Plaza, page: Page, trouble: str, name: str
) -> None:
    native = """globalThis.BarcodeDetector = class {
        static async getSupportedFormats() { return ["qr_code"]; }
        async detect() { throw new Error("no service"); }
    };"""
    page.add_init_script(native + trouble)
    page.goto(f"{plaza.address}/door/")
    found = page.evaluate(
        """async () => (await (await import("/static/js/readers.js")).chooseReader()).name"""
    )
    assert found == name


def test_the_page_is_light_before_its_decoder(plaza: Plaza, page: Page) -> None:
    with plaza.app.app_context():
        page.goto(f"{plaza.address}/door/")
        whole = size_before_decoder() + len(page.content().encode())
    assert whole <= 150_000
