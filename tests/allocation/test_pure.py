"""The engine stands on its own: no pages, no tables, no language, no other room."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import market.allocation

LIBRARIES = {"numpy", "highspy", "pydantic"}
"""What the engine may use beside the standard library and itself."""


def imports(text: str) -> Iterator[str]:
    """Whatever a module imports, for type checkers too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def foreign(name: str) -> bool:
    if name.split(".")[0] == "market":
        return name.split(".")[:2] != ["market", "allocation"]
    return name.split(".")[0] not in LIBRARIES | sys.stdlib_module_names


def test_the_engine_imports_only_itself_and_the_libraries_of_numbers() -> None:
    files = sorted(Path(market.allocation.__path__[0]).rglob("*.py"))
    wrong = [
        (file.name, name) for file in files for name in imports(file.read_text("utf-8")) if foreign(name)
    ]
    assert (len(files) > 20, wrong) == (True, [])


def test_a_page_a_table_or_another_room_would_be_found() -> None:
    """The control: each of these makes the engine impure."""
    text = (
        "import flask\nfrom sqlalchemy import orm\nfrom market.vendors.rules import Category\nimport market"
    )
    assert [name for name in imports(text) if foreign(name)] == [
        "flask", "sqlalchemy", "market.vendors.rules", "market",
    ]  # fmt: skip
