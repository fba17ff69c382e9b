"""The camera reader in a real browser, under a strict content policy, with a film before the camera."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.parts import camera

ROOT = Path(__file__).resolve().parent.parent
POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
PAGE = b"<!doctype html><title>scan</title><video width=640 height=480></video>"
CODES = ["HTTPS://MARKET.EXAMPLE/P/ABC123", "睦邻集市 A01 䶮", "third"]

pytestmark = pytest.mark.browser

SCAN = """async () => {
    const { startScanner } = await import("/static/js/scanner.js");
    window.codes = [];
    window.stop = new AbortController();
    await startScanner(document.querySelector("video"), text => codes.push(text), { signal: stop.signal });
    window.track = document.querySelector("video").srcObject.getVideoTracks()[0];
}"""

# (page.wait_for_function would need eval, which the policy forbids.)
UNTIL = """async count => {
    for (let tries = 0; tries < 150 && new Set(codes).size < count; tries++) {
        await new Promise(resolve => setTimeout(resolve, 100));
    }
}"""


class _Files(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(ROOT))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_every_code_before_the_camera_is_read_from_our_own_files(
    address: str, camera_browser: Callable[..., Browser]
) -> None:
    page = camera_browser(*CODES).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate(SCAN)
    page.evaluate(UNTIL, 3)
    assert set(page.evaluate("codes")) == set(CODES)
    assert [url for url in asked if not url.startswith(address)] == []


def test_a_code_that_stays_in_view_is_told_once(address: str, camera_browser: Callable[..., Browser]) -> None:
    page = camera_browser("the only one").new_page()
    page.goto(address)
    page.evaluate(SCAN)
    page.evaluate(UNTIL, 1)
    page.wait_for_timeout(2_000)
    assert page.evaluate("codes") == ["the only one"]


def test_abort_puts_the_camera_out(address: str, camera_browser: Callable[..., Browser]) -> None:
    page = camera_browser("x").new_page()
    page.goto(address)
    page.evaluate(SCAN)
    assert page.evaluate("track.readyState") == "live"
    page.evaluate("stop.abort()")
    assert page.evaluate("[track.readyState, document.querySelector('video').srcObject]") == ["ended", None]


def test_abort_while_the_camera_is_being_opened_leaves_it_closed(
    address: str, camera_browser: Callable[..., Browser]
) -> None:
    page = camera_browser("x").new_page()
    page.goto(address)
    page.evaluate(
        """async () => {
            const { startScanner } = await import("/static/js/scanner.js");
            const stop = new AbortController();
            const started = startScanner(document.querySelector("video"), () => {}, { signal: stop.signal });
            stop.abort();
            await started;
        }"""
    )
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_a_refused_camera_is_told_by_its_name(address: str, page: Page) -> None:
    page.goto(address)
    name = page.evaluate(f"({SCAN})().then(() => 'started', error => error.name)")
    assert name in {"NotAllowedError", "NotFoundError"}


def test_a_photo_is_read_without_a_camera(address: str, page: Page, tmp_path: Path) -> None:
    camera.qr_picture("from a photo").save(tmp_path / "photo.png")
    page.goto(address)
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), { type: 'file' }))")
    page.set_input_files("input", tmp_path / "photo.png")
    read = """async () => {
        const { readPicture } = await import("/static/js/scanner.js");
        return readPicture(document.querySelector("input").files[0]);
    }"""
    assert page.evaluate(read) == "from a photo"
