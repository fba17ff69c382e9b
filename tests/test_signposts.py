"""The table "Where would I change …?" in ARCHITECTURE.md: the files it names exist and hold what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from market.config import ROOT

SIGN = re.compile(r"`([\w./{},]+?)(?:: ([\w, ]+))?`(?P<more>(?:, `\w+`)*)")
"""A file or a folder in backticks, with names in it: after a colon, and in backticks after a comma."""


def rows() -> list[str]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("## Where would I change …?")[1].split("\n\n")[1]
    return table.splitlines()[2:]


def spelled_out(path: str) -> list[str]:
    """`rules/{needs,worth}.py` → both paths."""
    found = re.fullmatch(r"(.*)\{(.+)\}(.*)", path)
    return [found[1] + one + found[3] for one in found[2].split(",")] if found else [path]


def wrong_signs(row: str) -> list[str]:
    """What a row names and nobody would find."""
    wrong = []
    for path, named, more in SIGN.findall(row):
        if "/" not in path and not path.endswith((".py", ".js")):
            continue  # a name alone
        names = [*re.findall(r"\w+", named), *re.findall(r"\w+", more)]
        for one in spelled_out(path):
            place = home_of(one)
            if place is None:
                wrong.append(one)
            else:
                wrong += [f"{one}: {name}" for name in names if not re.search(rf"\b{name}\b", read(place))]
    return wrong


def home_of(path: str) -> Path | None:
    """Where a path of the table lies; a drawer may have become a folder of the same name."""
    for base in (ROOT / "market", ROOT):
        for place in (base / path, (base / path).with_suffix("")):
            if place.exists():
                return place
    return None


def read(place: Path) -> str:
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.split("|")[1].strip())
def test_a_sign_leads_somewhere(row: str) -> None:
    assert wrong_signs(row) == [], "moved, or called otherwise? Then mend this row of ARCHITECTURE.md"


def test_a_sign_that_leads_nowhere_is_noticed() -> None:
    assert wrong_signs("| x | `gate/nowhere.py` |") == ["gate/nowhere.py"]
    assert wrong_signs("| x | `settlement/rules.py: no_such_name` |") == ["settlement/rules.py: no_such_name"]
    assert wrong_signs("| x | `settlement/rules.py: share`, `no_such` |") == ["settlement/rules.py: no_such"]
    assert wrong_signs("| x | `settlement/{rules,nowhere}.py` |") == ["settlement/nowhere.py"]
