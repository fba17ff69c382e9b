"""Single tables as CSV, for programs that read no workbooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO

from market.money import yuan
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.spreadsheet import cell_text


def write_csv(table: Table, out: BinaryIO) -> None:
    """Headings and rows, with the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.title for column in table.columns])
    writer.writerows(_csv_row(row, table.columns) for row in table.rows)
    out.write(text.getvalue().encode("utf-8-sig"))


def _csv_row(cells: Iterable[Cell], columns: Sequence[Column]) -> list[str]:
    return [csv_text(cell, column.kind) for cell, column in zip(cells, columns, strict=True)]


def csv_text(cell: Cell, kind: Kind) -> str:
    """A cell as text: 820.50 without grouping, and a sign before what would be computed."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell_text(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if kind is Kind.MONEY:
        return plain_yuan(cell)
    return f"{cell / 1000:g}" if kind is Kind.KILOWATTS else str(cell)


def plain_yuan(fen: int) -> str:
    """820.50, as programs read it."""
    return yuan(fen).replace(",", "")
