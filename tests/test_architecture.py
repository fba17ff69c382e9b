"""The law of the house: every file imports only what stands to its left; kept by reading every import."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from market.app import ROOMS
from market.config import ROOT

ORDER = (
    # ground: knows no room
    "errors", "counted", "typed_text", "search", "spreadsheet", "money", "clock", "config", "sqlite",
    "heartbeat", "log", "db", "reading", "together",
    "stored", "form_use", "audit", "access", "addresses", "paging", "fonts", "print", "forms", "public_pages",
    "headers", "doctor", "kept_forms", "error_pages", "tables", "journal", "draw_anew", "photos", "revisions",
    # rooms
    "communities", "people", "places", "layout", "ledger", "calendar", "vendors", "demand", "allocation",
    "stalls", "passes", "gate", "inspection", "feedback", "settlement", "fund", "spending", "notices",
    "outbox", "programs", "insight", "reports", "paperwork", "pages", "api",
    # what plays, runs and composes them
    "demo", "jobs", "app", "server", "upkeep", "packaging", "cli",
)  # fmt: skip
"""Everything in market/, from left to right."""

LARGEST_SHARE = 0.16
"""No room holds more of the lines than this."""

MEDIAN_LINES, NEARLY_ALL_LINES = 6, 20
"""How long functions are, docstrings counted: half of them, and 95 of a hundred."""

DRAWERS = {"rules": 0, "models": 1, "service": 2, "forms": 2, "views": 3}
"""How far out a drawer is; a drawer imports from its own ring and from inner ones. Files named by a subject
(pdf.py, solver.py) are bound by the order of rooms only."""

SURROUNDINGS = {"doctor", "headers", "layout", "error_pages"}
"""What surrounds a page; in a room only views may know of it."""

IMPURE = ("flask", "sqlalchemy", "market.db", "market.clock", "market.config", "random", "time")
"""What a rule must not see: pages, tables, the clock, chance."""

PAGES = ("flask", "market.access", "market.people.access")
"""What a service must not see: the request, and who asks."""

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


def top(module: str) -> str:
    """What of ORDER a module belongs to: `market.gate.service.passes` to `gate`."""
    return module.split(".")[1] if module.startswith("market.") else ""


def pointing_right(edges: Iterable[Import]) -> list[Import]:
    """Imports of what does not stand to the left."""
    return [
        edge
        for edge in edges
        if top(edge.importer) and top(edge.imported) and _place(edge.imported) > _place(edge.importer)
    ]


def _place(module: str) -> int:
    return ORDER.index(top(module))


def circles(edges: Iterable[Import]) -> list[list[str]]:
    """Modules that need each other, directly or round several corners."""
    needs: dict[str, set[str]] = {}
    for edge in edges:
        needs.setdefault(edge.importer, set()).add(edge.imported)
    reached = {module: _reached(module, needs) for module in needs}
    found = {
        tuple(sorted(other for other in reached[module] if module in reached.get(other, ())))
        for module in needs
        if module in reached[module]
    }
    return sorted(list(circle) for circle in found)


def _reached(start: str, needs: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += needs.get(module, ())
    return seen


def hidden_names(package: Path) -> set[str]:
    """What a package exports under the name of one of its own files, which may hide it from mypy."""
    itself = name_of(package / "__init__.py")
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    exported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module != itself
        for alias in node.names
    }
    return exported & {path.stem for path in package.glob("*.py")}


def test_no_facade_exports_a_name_that_is_also_a_file() -> None:
    facades = [path.parent for path in modules() if path.name == "__init__.py"]
    assert {name_of(path / "__init__.py"): found for path in facades if (found := hidden_names(path))} == {}


def test_a_hidden_name_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    package = tmp_path / "market" / "stalls" / "service"
    package.mkdir(parents=True)
    (package / "pins.py").touch()
    (package / "__init__.py").write_text("from market.stalls.service.facts import pins\n", encoding="utf-8")
    assert hidden_names(package) == {"pins"}


def test_everything_has_its_place_in_the_order() -> None:
    homeless = {top(name_of(path)) for path in modules()} - {""} - set(ORDER)
    assert homeless == set(), "new in market/: their place in ORDER is left of whoever imports them"
    assert len(set(ORDER)) == len(ORDER)


def test_the_application_knows_the_rooms_in_their_order() -> None:
    assert list(ROOMS) == sorted(ROOMS, key=ORDER.index)


def test_every_file_imports_only_what_stands_to_its_left() -> None:
    assert pointing_right(imports()) == []


def test_no_modules_need_each_other() -> None:
    assert circles(imports()) == []


def test_a_wrong_edge_would_be_found() -> None:
    wrong = Import("market.people.views.team", "market.layout.frame")
    inside = Import("market.people.views.team", "market.people.service")
    assert pointing_right([wrong, inside, Import("market.db", "sqlalchemy")]) == [wrong]


def test_a_circle_would_be_found() -> None:
    ring = [Import("a", "b"), Import("b", "c"), Import("c", "a")]
    assert circles([*ring, Import("c", "d"), Import("e", "a")]) == [["a", "b", "c"]]
    assert circles([Import("a", "a")]) == [["a"]]
    assert circles([Import("a", "b"), Import("a", "c"), Import("b", "c")]) == []


def test_no_room_is_too_large() -> None:
    lines: Counter[str] = Counter()
    for path in modules():
        lines[top(name_of(path))] += len(path.read_text(encoding="utf-8").splitlines())
    shares = {name: count / lines.total() for name, count in lines.most_common()}
    largest = ", ".join(f"{name} {share:.1%}" for name, share in list(shares.items())[:3])
    print("largest rooms:", largest)  # noqa: T201 - shown by pytest -rP
    assert max(shares.values()) <= LARGEST_SHARE, largest


def test_functions_are_small() -> None:
    lengths = sorted(length for path in modules() for length in function_lengths(path))
    half, nearly_all = median(lengths), lengths[len(lengths) * 95 // 100]
    said = f"{len(lengths)} functions, median {half:g} lines, 95th percentile {nearly_all}"
    print(said)  # noqa: T201 - shown by pytest -rP
    assert half <= MEDIAN_LINES, said
    assert nearly_all <= NEARLY_ALL_LINES, said


def function_lengths(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


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
    wrong = [edge for edge in imports() if drawer(edge.importer) == "service" and edge.imported in PAGES]
    assert wrong == []


def test_only_the_edge_reads_the_clock() -> None:
    """Services and rules are told the time (`at=`); they may convert it between zones."""
    inner = [path for path in modules() if drawer(name_of(path)) in ("rules", "models", "service")]
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in inner}
    wrong = [name for name, text in texts.items() if "clock.now(" in text or "clock.today(" in text]
    assert wrong == []


def test_only_views_know_what_surrounds_a_page() -> None:
    wrong = [
        edge
        for edge in imports()
        if room(edge.importer) not in (None, "layout", "pages")
        and drawer(edge.importer) != "views"
        and top(edge.imported) in SURROUNDINGS
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{path} has no docstring"


def test_no_drawer_is_called_junk() -> None:
    assert [path for path in modules() if path.stem in FORBIDDEN_NAMES] == []
