"""Accessibility of a page as axe-core sees it."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# A colour that is still on its way to another is no fault of the page.
SETTLED = "document.getAnimations().forEach(one => one.finish())"


def violations(page: Page, *ignored: str) -> list[str]:
    """One line per element at fault: rule, weight, where it is, what to do. `ignored` names rules."""
    page.evaluate(SETTLED)
    page.evaluate(_script())
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {rule: {"enabled": False} for rule in ignored},
        "resultTypes": ["violations"],
    }
    result = page.evaluate("options => axe.run(document, options)", options)
    return [_line(rule, node) for rule in result["violations"] for node in rule["nodes"]]


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    where = " ".join(str(part) for part in node["target"])
    return f"{rule['id']} ({rule['impact']}) at {where}: {rule['help']}"


@cache
def _script() -> str:
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        raise RuntimeError("the package axe-playwright-python is not installed: make test installs it")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
