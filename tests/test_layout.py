"""What lies where, and what tracked text must not hold."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FOLDERS = {"market", "templates", "static", "instance", "tests"}
FILES = {
    "setup.cfg",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "requirements.lock",
    "requirements-test.lock",
}

# The content policy forbids all of these, so the browser would drop them without a word on the page.
INLINE = {
    "a script body": re.compile(
        r"<script(?![^>]*(?:\bsrc=|type=[\"']application/(?:ld\+)?json))[^>]*>", re.I
    ),
    "a style element": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.I | re.S),
    "an on… attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I | re.S),
}

# Written with brackets so that this file does not hold what it looks for.
MACHINE_WORDS = [
    r"(?<![\w.])/[w]ork/",
    r"/[r]oot/",
    r"/[h]ome/[a-z]",
    r"[b]ash_jobs",
    r"[p]ypi\.org",
    r"python[h]osted",
    r"registry\.[n]pmjs",
    r"deb\.[d]ebian\.org",
    r"[-]-(?:extra-)?index-url",
]


@cache
def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: what is tracked is unknown")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _text(name: str) -> str:
    content = (ROOT / name).read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def test_only_the_agreed_names_stand_at_the_top() -> None:
    top = {name.partition("/")[0] for name in _tracked()}
    assert {name for name in top if not name.startswith(".")} - FOLDERS - FILES == set()


def test_only_its_readme_is_kept_of_the_instance_folder() -> None:
    assert [name for name in _tracked() if name.startswith("instance/")] == ["instance/README.md"]


@pytest.mark.parametrize("what", INLINE)
def test_templates_hold_nothing_inline(what: str) -> None:
    templates = [name for name in _tracked() if name.startswith("templates/")]
    assert [name for name in templates if INLINE[what].search(_text(name))] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a script body", "<script>go()</script>"),
        ("a script body", '<script type="module">go()</script>'),
        ("a style element", "<style>p {}</style>"),
        ("a style attribute", '<p class="x"\n style="color: red">'),
        ("an on… attribute", '<button onclick="go()">'),
    ],
)
def test_an_inline_thing_would_be_seen(what: str, text: str) -> None:
    assert INLINE[what].search(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script type="module" src="/static/js/x.js"></script>',
        '<script type="application/ld+json">{}</script>',
        '<p data-on="x" class="style">style="a" once="b"</p>',
    ],
)
def test_what_is_allowed_is_not_taken_for_inline(text: str) -> None:
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


def test_no_tracked_text_names_a_machine_or_a_registry() -> None:
    pattern = re.compile("|".join(MACHINE_WORDS))
    found = [
        f"{name}: {match.group()}"
        for name in _tracked()
        if not name.startswith("static/vendor/")
        for match in pattern.finditer(_text(name))
    ]
    assert found == []


def test_no_unfinished_mark_is_left_in_the_code() -> None:
    marks = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b")
    code = [name for name in _tracked() if name.endswith((".py", ".js", ".css", ".html"))]
    found = [name for name in code if not name.startswith("static/vendor/") and marks.search(_text(name))]
    assert found == []
