"""What holds of every page: English in English marks, ways back that are true, one name for one thing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

from market.config import ROOT
from tests.demo_year import client_of
from tests.parts.walk import pages

MARKS = re.compile("[\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
"""Full-width punctuation."""
SPOKEN = ("aria-label", "title", "placeholder", "alt", "value")
AS_SIGNED = "|zh"
"""Marks what stays in Chinese on an English page, and says so: the text that somebody signed."""
HOLDS_NOTHING = ("input", "br", "img", "meta", "link", "hr", "path", "rect", "circle", "use")
UNREAD = ("script", "style", "template", "code", "textarea")


class Seen(NamedTuple):
    """A page as somebody got it."""

    address: str
    text: str


class Reader(HTMLParser):
    """Everything a page says, in pieces; ids, crumbs and the marked line of the menu."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.ids: list[str] = []
        self.crumbs: list[tuple[str, str]] = []
        self.here: list[str] = []
        self.heading = ""
        self._open: list[str] = []
        self._href = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.said += [told[name] for name in SPOKEN if told.get(name) and told.get("type") != "hidden"]
        self.ids += [told["id"]] if "id" in told else []
        if tag == "a":
            self._href = told.get("href", "")
            self.here += [self._href] if told.get("aria-current") == "page" else []
        if tag not in HOLDS_NOTHING:
            as_signed = tag != "html" and told.get("lang", "").startswith("zh")
            self._open.append(f"{tag}.{told.get('class', '')}{AS_SIGNED if as_signed else ''}")

    def handle_endtag(self, tag: str) -> None:
        while tag not in HOLDS_NOTHING and self._open and self._open.pop().split(".")[0] != tag:
            pass

    def _is_as_signed(self) -> bool:
        return any(one.endswith(AS_SIGNED) for one in self._open)

    def handle_data(self, data: str) -> None:
        tags = [one.split(".")[0] for one in self._open]
        if not data.strip() or any(tag in UNREAD for tag in tags) or self._is_as_signed():
            return
        self.said.append(data)
        if "nav.crumbs" in self._open and tags[-1] == "a":
            self.crumbs.append((self._href, " ".join(data.split())))
        if tags[-1] == "h1":
            self.heading = " ".join((self.heading + " " + data).split())


@pytest.fixture(scope="module")
def chinese(year_app: Flask) -> list[Seen]:
    return list(_all_pages(year_app, "/preferences?lang=zh_Hans_CN"))


@pytest.fixture(scope="module")
def english(year_app: Flask) -> list[Seen]:
    return list(_all_pages(year_app, "/preferences?lang=en"))


def _all_pages(app: Flask, preference: str) -> Iterator[Seen]:
    clients = {}
    for login, address in [*pages(app), *((None, address) for address in PUBLIC)]:
        if login not in clients:
            clients[login] = client_of(app, login)
            clients[login].get(preference)
        answer = clients[login].get(address)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            yield Seen(address, answer.text)


PUBLIC = (
    "/c/demo/",
    "/c/demo/find?q=lifa",
    "/c/demo/find?q=xiuxie",
    "/find?q=lifa",
    "/c/demo/calendar",
    "/c/demo/fund",
    "/c/demo/register",
    "/c/demo/insight",
    "/sign-in",
)


# ── English ───────────────────────────────────────────────────────────────────────────────────────────────

HAN = re.compile("[\u3400-\u9fff]")


QUOTED = re.compile("“、”|〔\\d{4}〕")
"""The mark that people are told to type; the year in the number of a Chinese document."""


def foreign_marks(said: str) -> list[str]:
    """Full-width marks with nothing Chinese beside them, and those after which English goes on."""
    return [
        mark.string[max(0, mark.start() - 20) : mark.end() + 20]
        for mark in MARKS.finditer(QUOTED.sub(" ", said))
        if not HAN.search(mark.string[max(0, mark.start() - 3) : mark.end() + 3])
        or re.match(r"[，。：；！？]\s*[A-Za-z]{2}", mark.string[mark.start() :])
    ]


@pytest.mark.slow
def test_no_chinese_mark_stands_in_an_english_sentence(english: list[Seen]) -> None:
    wrong = {
        f"{seen.address}: {' '.join(found.split())}"
        for seen in english
        for said in Reader(seen.text).said
        for found in foreign_marks(unescape(said))
    }
    assert len(english) > 80
    assert sorted(wrong) == []


def test_a_chinese_mark_in_an_english_sentence_would_be_seen() -> None:
    assert foreign_marks("A01 周记鲜蔬，taken") != []
    assert foreign_marks("health certificate（law 45；must have）") != []
    assert foreign_marks("示例路 18 号（居委会门前） · Entrance") == []
    assert foreign_marks("白菜、萝卜") == []


TEMPLATE_SENTENCE = re.compile(r"""_\(\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\{#.*?#\}""", re.S)


def test_templates_have_their_marks_from_the_catalogue() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for line in TEMPLATE_SENTENCE.sub("", path.read_text(encoding="utf-8")).splitlines()
        if MARKS.search(line)
    ]
    assert wrong == []


CHINESE_ONLY = (
    "cli.py", "doctor.py", "typed_text.py", "spreadsheet.py", "agreements.py", "lines.py", "goods.py",
    "pasted.py", "headings.py", "values.py", "short_code.py", "bundle.py",
    "column_words.py", "zipped.py", "health.py", "readings.py",
)  # fmt: skip
"""What a command says, what is read and not said, what is kept in Chinese."""
TRANSLATED = frozenset({"_", "N_", "gettext", "lazy_gettext"})
ASKS = frozenset({"endswith", "replace", "rstrip", "split"})


def _literals(path: Path) -> Iterator[str]:
    """The texts that code says by itself: no docstring, nothing that goes through the catalogue."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = set()
    for node in ast.walk(tree):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if name in TRANSLATED | ASKS or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            known |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in known:
            yield node.value


def test_code_has_its_marks_from_the_catalogue() -> None:
    files = [path for path in sorted((ROOT / "market").rglob("*.py")) if path.name not in CHINESE_ONLY]
    wrong = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in files
        if not {"demo", "migrations", "server", "upkeep"} & set(path.parts)
        for text in _literals(path)
        if MARKS.search(text) and not _is_law(text)
    ]
    assert wrong == []


def _is_law(text: str) -> bool:
    """A law is cited by its Chinese name: 民法典 278(8)、282."""
    return re.fullmatch(r"[\u4e00-\u9fff]+ \d.*", text) is not None


# ── the way back ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_crumbs_are_called_as_the_pages_they_lead_to(chinese: list[Seen]) -> None:
    titles = {seen.address.split("?")[0]: Reader(seen.text).heading for seen in chinese}
    menu = _menu_of(chinese)
    wrong = {
        f"{label} → {href}: {menu.get(href) or titles[href]}"
        for seen in chinese
        for href, label in Reader(seen.text).crumbs
        if href in titles and label not in (menu.get(href), titles[href])
    }
    assert sorted(wrong) == []


def test_the_menu_marks_the_room_in_which_the_crumbs_begin(chinese: list[Seen]) -> None:
    wrong = []
    for seen in chinese:
        read = Reader(seen.text)
        if read.crumbs and read.here and read.crumbs[0][0] != read.here[0]:
            wrong.append(f"{seen.address}: {read.crumbs[0]} under {read.here[0]}")
    assert wrong == []


def _menu_of(chinese: list[Seen]) -> dict[str, str]:
    lines = re.compile(r'<li>\s*<a href="([^"]+)"(?: aria-current="page")?>\s*([^<]+)')
    found: dict[str, str] = {}
    for seen in chinese:
        for part in re.findall(r"<nav class=\"tabs\".*?</nav>", seen.text, re.S):
            found |= {href: " ".join(label.split()) for href, label in lines.findall(part)}
    return found


def test_no_page_uses_an_id_twice(chinese: list[Seen]) -> None:
    """A label or an anchor would lead to the first one only."""
    wrong = {
        f"{re.sub('/[a-z0-9]{10}', '/…', seen.address)}: #{name}"
        for seen in chinese
        for name, times in Counter(Reader(seen.text).ids).items()
        if times > 1
    }
    assert sorted(wrong) == []
