"""Chromium for tests, driven by playwright; tests/conftest.py names it in `pytest_plugins`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page

from tests.parts import camera

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# No sandbox: the tests may run as root. The others keep the browser from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


def chromium_path() -> str | None:
    """The browser on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def launch_arguments() -> dict[str, Any]:
    """How playwright starts it; skips the test when there is no browser."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: install the Debian package chromium")
    return {"executable_path": path, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """What pytest-playwright starts for `page`, `context` and `browser`."""
    return launch_arguments()


@pytest.fixture
def page(new_context: Callable[[], BrowserContext]) -> Page:
    """A page of its own. (The plugin's `page` wants a fixture `context`, a name this project uses itself.)"""
    return new_context().new_page()


@pytest.fixture
def camera_browser(browser_type: BrowserType, tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """Opens browsers whose camera sees these texts as QR codes, one after the other, for ever."""
    with ExitStack() as opened:

        def open_browser(*texts: str) -> Browser:
            film = camera.film([camera.qr_picture(text) for text in texts], tmp_path / "camera.mjpeg")
            browser = browser_type.launch(
                **{**launch_arguments(), "args": [*ARGUMENTS, *camera.arguments(film)]}
            )
            opened.callback(browser.close)
            return browser

        yield open_browser
