"""Everybody of the demo follows every link they are shown: each page is there and says whole sentences."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.demo_year import client_of

pytestmark = pytest.mark.slow

HOMES = {
    None: "/",
    "demo-staff": "/staff/demo/",
    "demo-gate": "/gate/demo/",
    "demo-member-2": "/committee/demo/",
    "demo-vendor": "/vendor/demo/",
    "demo-viewer": "/region/370399001000",
    "demo-platform": "/platform/communities",
}

PREFERENCES = "/preferences"
"""Not followed: it would turn every page after it into another language."""

EACH_PAGE = 3
"""How many pages of one kind are opened: the third settlement looks like the second."""

UNFINISHED = re.compile(r"%\(|\{\{|\bNone\b|Undefined|&lt;market\.|DayState\.|\bnan\b")
"""What a sentence that was not filled in looks like."""

SPOKEN_OF = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.S)


@pytest.mark.parametrize("login", HOMES, ids=str)
def test_every_link_leads_to_a_finished_page(year_app: Flask, login: str | None) -> None:
    faults = [
        f"{path}: {fault}"
        for path, answer in _walk(year_app, client_of(year_app, login), HOMES[login])
        for fault in _faults(answer)
    ]
    assert faults == []


def _walk(app: Flask, client: FlaskClient, home: str) -> Iterator[tuple[str, TestResponse]]:
    waiting, known, opened = [home], {home}, Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = _kind(app, path)
        if opened[kind] >= EACH_PAGE:
            continue
        opened[kind] += 1
        answer = client.get(path)
        yield path, answer
        for link in _links(path, answer):
            if link not in known:
                known.add(link)
                waiting.append(link)
        answer.close()


def _kind(app: Flask, path: str) -> str:
    """The route, or the address itself when there is none (which its 404 will tell)."""
    parts = urlsplit(path)
    with app.test_request_context(parts.path) as context:
        return context.request.endpoint or path


def _links(path: str, answer: TestResponse) -> Iterator[str]:
    if answer.mimetype != "text/html" or answer.status_code != 200:
        return
    for href in re.findall(r'<a\b[^>]*\shref="([^"]*)"', answer.text):
        parts = urlsplit(urljoin(path, html.unescape(href)))
        if not parts.scheme and not parts.netloc and parts.path != PREFERENCES:
            yield parts._replace(fragment="").geturl()


def _faults(answer: TestResponse) -> Iterator[str]:
    if answer.status_code not in (200, 302, 303):
        yield f"status {answer.status_code}"
    elif answer.mimetype == "text/html":
        words = SPOKEN_OF.sub(" ", answer.text)
        yield from sorted({f"unfinished {found!r}" for found in UNFINISHED.findall(words)})


def test_a_paper_that_was_handed_in_waits_to_be_looked_at(year_app: Flask) -> None:
    """The demo shows the road of a photo: the vendor sees that it waits, staff see that it is their turn."""
    assert (
        "承诺达标合格证的照片收到了，等社区看" in client_of(year_app, "demo-vendor").get("/vendor/demo/").text
    )
    staff = client_of(year_app, "demo-staff")
    assert re.search(r"交来的证照有 \d+ 张等您看。", staff.get("/staff/demo/").text)
    papers = set(re.findall(r'href="(/staff/demo/papers/\w{10})"', staff.get("/staff/demo/papers").text))
    pages = [staff.get(address).text for address in papers]
    (shown,) = [page for page in pages if "承诺达标合格证" in page]
    picture = re.search(r'src="(/staff/demo/papers/\w+/pictures/\w+)"', shown)
    assert picture is not None
    assert staff.get(picture[1]).data.startswith(b"\xff\xd8")
