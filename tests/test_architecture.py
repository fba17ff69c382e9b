"""The order of rooms and drawers, kept by reading the imports of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from market.app import ROOMS
from market.config import ROOT

DRAWERS = {"rules": 0, "models": 1, "service": 2, "forms": 2, "views": 3}
"""How far out a drawer is; a drawer imports from its own ring and from inner ones. Files named by a subject
(pdf.py, solver.py) are bound by the order of rooms only."""

OUTSIDE_THE_ROOMS = {
    "app",
    "cli",
    "jobs",
    "server",
    "demo",
    "doctor",
    "headers",
    "layout",
    "error_pages",
}
"""What composes the rooms and may know all of them."""

IMPURE = ("flask", "sqlalchemy", "market.db", "market.clock", "market.config", "random", "time")
"""What a rule must not see: pages, tables, the clock, chance."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc", "base", "core", "manager"}


class Import(NamedTuple):
    """`importer` needs `imported` when it runs (imports for type checkers alone do not count)."""

    importer: str
    imported: str


def modules() -> list[Path]:
    return sorted(path for path in (ROOT / "market").rglob("*.py") if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> list[Import]:
    known = {name_of(path) for path in modules()}
    return [
        Import(name_of(path), target)
        for path in modules()
        for target in _targets(ast.parse(path.read_text(encoding="utf-8")), known)
    ]


def _targets(tree: ast.Module, known: set[str]) -> Iterator[str]:
    for node in _running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _running(child)


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "market" and parts[1] in ROOMS else None


def drawer(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if len(parts) > 2 and parts[2] in DRAWERS else None


def test_a_room_imports_only_rooms_to_its_left() -> None:
    wrong = [
        edge
        for edge in imports()
        if (here := room(edge.importer)) is not None
        and (there := room(edge.imported)) is not None
        and drawer(edge.importer) != "views"
        and ROOMS.index(there) > ROOMS.index(here)
    ]
    assert wrong == []


def test_a_drawer_imports_only_inner_drawers() -> None:
    wrong = [
        edge
        for edge in imports()
        if (here := drawer(edge.importer)) is not None
        and (there := drawer(edge.imported)) is not None
        and DRAWERS[there] > DRAWERS[here]
    ]
    assert wrong == []


def test_forms_and_services_do_not_know_each_other() -> None:
    pairs = [(drawer(edge.importer), drawer(edge.imported)) for edge in imports()]
    assert ("forms", "service") not in pairs
    assert ("service", "forms") not in pairs


def test_only_the_application_imports_views() -> None:
    wrong = [
        edge
        for edge in imports()
        if drawer(edge.imported) == "views"
        and not edge.importer.startswith(edge.imported.split(".views")[0] + ".views")
    ]
    assert wrong == []  # the application finds them by name, from ROOMS


def test_rules_are_pure() -> None:
    wrong = [
        edge
        for edge in imports()
        if drawer(edge.importer) == "rules"
        and any(edge.imported == name or edge.imported.startswith(name + ".") for name in IMPURE)
    ]
    assert wrong == []


def test_services_know_no_pages() -> None:
    wrong = [
        edge
        for edge in imports()
        if drawer(edge.importer) == "service" and edge.imported in ("flask", "market.people.access")
    ]
    assert wrong == []


def test_only_the_edge_reads_the_clock() -> None:
    """Services and rules are told the time (`at=`); they may convert it between zones."""
    inner = [path for path in modules() if drawer(name_of(path)) in ("rules", "models", "service")]
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in inner}
    wrong = [name for name, text in texts.items() if "clock.now(" in text or "clock.today(" in text]
    assert wrong == []


def test_rooms_do_not_know_what_composes_them() -> None:
    """Views may use the frame's own modules; nothing else in a room may."""
    wrong = [
        edge
        for edge in imports()
        if room(edge.importer) not in (None, "pages")  # every file of pages is a view
        and drawer(edge.importer) != "views"
        and edge.imported.split(".")[1:2] != []
        and edge.imported.startswith("market.")
        and edge.imported.split(".")[1] in OUTSIDE_THE_ROOMS
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{path} has no docstring"


def test_no_drawer_is_called_junk() -> None:
    assert [path for path in modules() if path.stem in FORBIDDEN_NAMES] == []
