"""Every page that residents read: valid HTML in both languages, and light enough for an old phone."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.config import ROOT
from tests.demo_year import client_of
from tests.parts.public import public_pages

FIRST_VIEW = 30_000
"""Bytes of page, styles and scripts together, packed, before anything is seen."""

CARRIED_ALONG = frozenset({"/door/"})
"""The phone at a gate fetches all it needs at once, and keeps it: it will have no network."""

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "details",
        "div",
        "dl",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "header",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "button",
        "code",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "i",
        "label",
        "p",
        "q",
        "small",
        "span",
        "strong",
        "summary",
        "time",
    ]
)
INSIDE = {
    "li": {"ul", "ol", "template"}, "dt": {"dl", "div"}, "dd": {"dl", "div"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"}, "th": {"tr"}, "thead": {"table"}, "tbody": {"table"},
    "option": {"select", "optgroup", "datalist"},
    "summary": {"details"}, "figcaption": {"figure"}, "legend": {"fieldset"},
}  # fmt: skip
"""In what an element must stand directly."""
ONCE = frozenset({"title", "main", "h1"})


def in_both(app: Flask) -> list[FlaskClient]:
    clients = []
    for language in ("zh_Hans_CN", "en"):
        clients.append(client_of(app, None))
        clients[-1].get(f"/preferences?lang={language}")
    return clients


@pytest.mark.slow
def test_every_public_page_is_valid_html_in_both_languages(year_app: Flask) -> None:
    wrong = []
    for client in in_both(year_app):
        for address in public_pages(year_app):
            answer = client.get(address)
            assert answer.mimetype == "text/html", (address, answer.status)
            wrong += [f"{address}: {fault}" for fault in faults(answer.text)]
    assert sorted(set(wrong)) == []


def faults(text: str) -> list[str]:
    """What the standard's own parser stumbles over, and what it says of what stands in what."""
    parser = html5lib.HTMLParser()
    parser.parse(text)
    tree = Tree(text)
    return [f"{name} at {place} {more}" for place, name, more in parser.errors] + tree.faults


class Tree(HTMLParser):
    """Checks the rules about which element stands where, which a browser mends without a word."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._open: list[str] = []
        self._seen: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._named: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"{tag} {n} times" for tag, n in self._seen.items() if tag in ONCE and n != 1]
        self.faults += [f"no id {name}" for name in self._named if name not in self._ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        above = self._open[-1] if self._open else ""
        if "svg" not in self._open:
            self._seen[tag] += 1
            self._check_place(tag, above)
        self._check_names(tag, told, len(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "svg" not in self._open and tag not in VOID:
            self.faults.append(f"<{tag}/> does not end itself")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> ends {self._open[-1:]}")
        else:
            self._open.pop()

    def _check_place(self, tag: str, above: str) -> None:
        if tag in INSIDE and above not in INSIDE[tag]:
            self.faults.append(f"<{tag}> in <{above}>")
        if above in ("ul", "ol") and tag not in ("li", "template", "script"):
            self.faults.append(f"<{tag}> in <{above}>")
        heading = above == "summary" and tag in ("h2", "h3")
        if above in INLINE and above != "a" and tag in BLOCKS and not heading:
            self.faults.append(f"<{tag}> in <{above}>")
        if tag in ("a", "button") and {"a", "button"} & set(self._open):
            self.faults.append(f"<{tag}> in something that is pressed")
        if tag == "form" and "form" in self._open:
            self.faults.append("<form> in <form>")

    def _check_names(self, tag: str, told: dict[str, str | None], n: int) -> None:
        if n != len(told):
            self.faults.append(f"<{tag}> says something twice")
        name = told.get("id")
        if name is not None and (name in self._ids or not re.fullmatch(r"\S+", name)):
            self.faults.append(f"id {name!r}")
        self._ids |= {name} if name else set()
        self._named += [str(told["for"])] if tag == "label" and told.get("for") else []
        for attribute in ("aria-labelledby", "aria-describedby", "aria-controls"):
            self._named += (told.get(attribute) or "").split()
        if tag == "img" and "alt" not in told:
            self.faults.append("<img> without alt")


@pytest.mark.parametrize(
    "body",
    [
        "<p><div>x</div></p>", "<ul><p>x</p></ul>", "<a href=x><a href=y>z</a></a>", "<b>x",
        "<p id=a></p><p id=a></p>",
        "<span><h2>x</h2></span>", "<label for=nobody>x</label>", "<img src=x>", "<div/>", "<h1>second</h1>",
    ],
)  # fmt: skip
def test_a_fault_would_be_seen(body: str) -> None:
    page = "<!doctype html><html lang=en><head><title>x</title></head><body><main><h1>x</h1>{}</main>"
    page += "</body></html>"
    assert faults(page.format("<p>x</p>")) == []
    assert faults(page.format(body)) != []


def test_every_table_that_can_be_moved_sideways_is_reached_by_keys() -> None:
    """Whether it is wider than the screen depends on the screen and on its words, so each of them."""
    written = {path: path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")}
    wraps = [
        (path, one) for path, text in written.items() for one in re.findall(r"<[^<>]*\btable-wrap\b.*", text)
    ]
    assert len(wraps) > 15
    assert [(path, one) for path, one in wraps if 'tabindex="0"' not in one or "aria-label" not in one] == []


@pytest.mark.slow
def test_the_first_view_of_every_public_page_is_light(year_app: Flask) -> None:
    heavy: dict[str, int] = {}
    for client in in_both(year_app):
        for address in public_pages(year_app):
            if address in CARRIED_ALONG:
                continue
            weight = weight_of(client.get(address).text)
            heavy[address] = max(weight, heavy.get(address, 0))
    assert {address: weight for address, weight in heavy.items() if weight > FIRST_VIEW} == {}
    assert len(heavy) > 60


def weight_of(page: str) -> int:
    """The page and each style and script that it names, packed as a server sends them."""
    named = re.findall(r'<(?:link rel="stylesheet"|script)[^>]*?(?:href|src)="/static/([^"?]+)', page)
    files = {found for name in named for found in _with_imports(ROOT / "static" / name)}
    return len(gzip.compress(page.encode())) + sum(len(gzip.compress(file.read_bytes())) for file in files)


def _with_imports(script: Path) -> set[Path]:
    """A file, and what a script brings along before it runs."""
    brought = re.findall(r'(?m)^import .*?"(\./[^"]+)";', script.read_text(encoding="utf-8"))
    return {script}.union(*(_with_imports((script.parent / name).resolve()) for name in brought))
