"""A real office program opens a workbook and writes it anew; what it understood is compared cell by cell."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook


def opened_by_office(content: bytes, folder: Path) -> Workbook:
    """The workbook after LibreOffice read it, wrote its own format, and wrote it back; skips without it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (soffice)")
    (folder / "ours.xlsx").write_bytes(content)
    for form, source, target in (
        ("ods", "ours.xlsx", "."),
        ("xlsx:Calc MS Excel 2007 XML", "ours.ods", "again"),
    ):
        subprocess.run(
            [
                office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", form,
                "--outdir", target, source,
            ],
            cwd=folder, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    return load_workbook(folder / "again" / "ours.xlsx")


def cells_of(book: Workbook) -> dict[str, list[tuple[str, Any]]]:
    """Every cell that holds something, by sheet."""
    return {
        page.title: [
            (cell.coordinate, cell.value)
            for row in page.iter_rows()
            for cell in row
            if cell.value is not None
        ]
        for page in book.worksheets
    }


def cells_in(content: bytes) -> dict[str, list[tuple[str, Any]]]:
    """The same of a file."""
    return cells_of(load_workbook(io.BytesIO(content)))
