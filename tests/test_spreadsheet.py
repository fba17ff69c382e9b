"""No text of ours is ever computed by a spreadsheet: one function, and every export goes through it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from market.config import ROOT
from market.print.columns import Kind
from market.settlement.paper_kit.plain import csv_text
from market.spreadsheet import SIGNS, cell_text

EXPORTS = {
    "ledger/export.py", "reports/zipped.py", "settlement/paper_kit/plain.py",
    "settlement/paper_kit/workbook.py",
}  # fmt: skip
"""Files that write tables for spreadsheets: through `cell_text`, or cells that are strings by their type."""


@pytest.mark.parametrize("sign", [*SIGNS, "\t=", "\r=", "\n=", " =", "\u3000＝", "\ufeff="])
def test_what_would_be_computed_gets_a_mark(sign: str) -> None:
    assert cell_text(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("text", ["", "老张豆浆", "a=1", "1-2", "（=）", "'=1"])
def test_other_texts_stay(text: str) -> None:
    assert cell_text(text) == text


def test_every_export_is_known_and_writes_through_the_one_function() -> None:
    for path in sorted((ROOT / "market").rglob("*.py")):
        source, name = path.read_text(), path.relative_to(ROOT / "market").as_posix()
        writes = re.search(r"\bcsv\.writer|\bDictWriter|\bimport xlsxwriter|\bopenpyxl", source)
        assert (writes is not None) is (name in EXPORTS), name
        if name in EXPORTS:
            assert "cell_text(" in source or "write_string(" in source, name
            assert ".write(row" not in source, name  # xlsxwriter's own guess makes formulas


@pytest.mark.parametrize("sign", SIGNS)
def test_a_csv_cell_is_text(sign: str) -> None:
    assert csv_text(f"{sign}1+1", Kind.TEXT) == f"'{sign}1+1"
    assert csv_text(-500, Kind.MONEY).endswith("5.00")
    assert csv_text(date(2026, 11, 5), Kind.TEXT) == "2026-11-05"
