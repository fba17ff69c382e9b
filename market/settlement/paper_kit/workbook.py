"""The tables for Excel and WPS as one workbook, as offices file it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from flask_babel import gettext as _

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.print.columns import AMOUNTS, Kind
from market.print.table import Cell, Table
from market.settlement.paper_kit.kit import subtitle
from market.settlement.paper_kit.plain import plain_yuan

FORMATS = {
    Kind.NUMBER: "#,##0_ ",  # `_ `: off the line by a space
    Kind.MONEY: "#,##0.00_ ",
    Kind.KILOWATTS: "0.0##_ ;-0.0##_ ;",  # nothing where no power is needed
    Kind.DATE: "yyyy-mm-dd",
}
TEXT_FORMAT = "@"
LATIN = 0x2E80
"""Characters above are as wide as two below."""
_NOT_IN_TABS = re.compile(r"[\[\]:*?/\\]")
A4_PAPER = 9
MM_A_CHARACTER = 2.0
FEWEST = 6
"""Narrower than this many characters no heading can be read."""
MOST = 34
"""Longer texts are broken."""
BESIDE = 3
"""Free on both sides of a text."""
LINE = 16
"""Points of one line in a cell."""


def file_name(day: MarketDay, title: str, ending: str) -> str:
    """社区_表名_日期.xlsx, as offices file papers."""
    return f"{day.community.name}_{title}_{local_date(day).isoformat()}.{ending}"


def write_workbook(day: MarketDay, tables: Sequence[Table], out: BinaryIO) -> None:
    """Writes the tables of a market as one workbook."""
    write_tables(subtitle(day), day.created_at, tables, out)


def write_tables(line: str, made_at: datetime, tables: Sequence[Table], out: BinaryIO) -> None:
    """Writes tables as one workbook, each ready to print on A4 across; `line` says whose they are."""
    with open_workbook(line, made_at, out) as (book, looks):
        for table in tables:
            write_table(book.add_worksheet(tab_name(table.title)), table, line, looks)


@contextmanager
def open_workbook(line: str, made_at: datetime, out: BinaryIO) -> Iterator[tuple[Any, Looks]]:
    """A workbook to write on, with its formats; closed at the end of the block."""
    import xlsxwriter  # takes a moment, which no start should wait for

    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": line, "created": made_at.astimezone(UTC)})
    yield book, Looks(book)
    book.close()


def tab_name(title: str) -> str:
    """A title as the name of a tab: Excel refuses some characters, and more than 31."""
    return _NOT_IN_TABS.sub(" ", title)[:31]


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        grid = {**plain, "border": 1, "text_wrap": True}
        bold = {**grid, "bold": True}
        self.title = book.add_format({**plain, "font_size": 18, "bold": True, "align": "center"})
        self.line = book.add_format(plain)
        self.unit = book.add_format({**plain, "align": "right"})
        self.note = book.add_format({**plain, "font_size": 10, "text_wrap": True})
        self.large = book.add_format({**plain, "font_size": 13, "bold": True, "text_wrap": True})
        self.plain = book.add_format({**plain, "text_wrap": True})
        self.label = book.add_format({**bold, "bg_color": "#EEEEEE"})
        self.head = book.add_format({**bold, "align": "center", "bg_color": "#EEEEEE"})
        self.text = book.add_format({**grid, "num_format": TEXT_FORMAT, "indent": 1})
        self.stall = book.add_format({**bold, "align": "center", "num_format": TEXT_FORMAT})
        self._others = {
            kind: book.add_format(
                {**grid, "num_format": code, "align": "right" if kind in AMOUNTS else "center"}
            )
            for kind, code in FORMATS.items()
        }
        self._sums = {
            kind: book.add_format({**bold, "num_format": f"{code};-{code};", "align": "right"})
            for kind, code in FORMATS.items()
            if kind in AMOUNTS
        }

    def of(self, kind: Kind, *, total: bool = False) -> Any:
        """How a cell of this kind looks."""
        if total:
            return self._sums[kind]
        return self._others.get(kind, self.stall if kind is Kind.STALL else self.text)


def write_table(page: Any, table: Table, market: str, looks: Looks) -> None:
    """One table on its tab: title, whose it is, unit, note, headings, rows, sums, who made it."""
    last = len(table.columns) - 1
    widths = [_width(table, number) for number in range(last + 1)]
    for number, width in enumerate(widths):
        page.set_column(number, number, width)
    merge(page, 0, 0, last, table.title, looks.title)
    page.set_row(0, 30)
    _write_line(page, market, table.unit, last, looks)
    head = _write_note(page, table, sum(widths), looks)
    titles = [column.title for column in table.columns]
    page.set_row(head, 8 + LINE * _lines(titles, [width + BESIDE - 1 for width in widths]))
    for number, title in enumerate(titles):
        page.write_string(head, number, title, looks.head)
    for row, cells in enumerate(table.rows, head + 1):
        page.set_row(row, 8 + LINE * _lines(cells, widths))
        for number, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
            write_cell(page, row, number, cell, column.kind, looks)
    end = head + len(table.rows)
    if table.summed:
        end += 1
        _write_total(page, table, (head + 1, end), looks)
    _write_foot(page, end + 2, last, looks)
    _set_page(page, head)


def merge(page: Any, row: int, first: int, last: int, text: str, look: Any) -> None:
    """A text across columns: `merge_range` would take one that begins with = for a formula."""
    if last > first:
        page.merge_range(row, first, row, last, "", look)
    page.write_string(row, first, text, look)


def _width(table: Table, number: int) -> float:
    """In digits: as on paper, and wide enough for what is there, up to a name that is better broken."""
    column = table.columns[number]
    longest = max((_digits(row[number]) for row in table.rows), default=0)
    return max(FEWEST, column.width / MM_A_CHARACTER, min(MOST, longest + BESIDE))


def _digits(cell: Cell) -> int:
    """How wide a cell is; a Chinese character is as wide as two digits."""
    if not isinstance(cell, str):
        return 0
    return sum(2 if ord(character) > LATIN else 1 for character in cell)


def _lines(cells: Iterable[Cell], widths: Sequence[float]) -> int:
    """How many lines the longest text of a row takes."""
    return (
        max(-(-_digits(cell) // int(width - BESIDE + 1)) for cell, width in zip(cells, widths, strict=True))
        or 1
    )


def _write_line(page: Any, market: str, unit: str, last: int, looks: Looks) -> None:
    """Which market on the left, 单位：元 on the right."""
    split = last - 2 if unit else last
    merge(page, 1, 0, split, market, looks.line)
    if unit:
        merge(page, 1, split + 1, last, unit, looks.unit)
    page.set_row(1, 20)


def _write_note(page: Any, table: Table, width: float, looks: Looks) -> int:
    """What one must know, and what the numbers mean; the row of the headings."""
    text = "　".join(filter(None, (table.note, *table.legend)))
    if not text:
        return 2
    merge(page, 2, 0, len(table.columns) - 1, text, looks.note)
    page.set_row(2, 6 + 14 * _lines([text], [width]))
    return 3


def write_cell(page: Any, row: int, column: int, cell: Cell, kind: Kind, looks: Looks) -> None:
    """Text as text whatever it looks like (no phone becomes a number, no name a formula)."""
    look = looks.of(kind)
    if cell is None or cell == "":
        page.write_blank(row, column, None, look)
    elif isinstance(cell, str):
        page.write_string(row, column, cell, looks.stall if kind is Kind.STALL else looks.text)
    elif isinstance(cell, date):
        page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), look)  # noqa: DTZ001 - a day in a cell has no zone
    else:
        page.write_number(row, column, _shown(cell, kind), look)


def _shown(number: int, kind: Kind) -> float:
    if kind is Kind.MONEY:
        return float(plain_yuan(number))
    return number / 1000 if kind is Kind.KILOWATTS else number


def _write_total(page: Any, table: Table, rows: tuple[int, int], looks: Looks) -> None:
    """合计 in the second of the rows: a formula from the first on, so what is typed in counts at once."""
    first, row = rows
    page.set_row(row, 8 + LINE)
    for number, column in enumerate(table.columns):
        if number not in table.summed:
            write_cell(page, row, number, _("合计") if number == 0 else None, Kind.STALL, looks)
            continue
        known = [cell for cell in (cells[number] for cells in table.rows) if isinstance(cell, int)]
        letter = chr(ord("A") + number)
        formula = f"=SUM({letter}{first + 1}:{letter}{max(row, first + 1)})"
        look = looks.of(column.kind, total=True)
        page.write_formula(row, number, formula, look, _shown(sum(known), column.kind))


def _write_foot(page: Any, row: int, last: int, looks: Looks) -> None:
    """制表人, 审核人, 日期, a third of the width each."""
    thirds = [0, (last + 1) // 3, (last + 1) * 2 // 3, last + 1]
    words = (_("制表人"), _("审核人"), _("日期"))
    page.set_row(row, 24)
    for word, start, end in zip(words, thirds[:-1], thirds[1:], strict=True):
        merge(page, row, start, end - 1, f"{word}{_('：')}____________", looks.line)


def _set_page(page: Any, head: int) -> None:
    """A4 across, one page wide, title and headings on every page, headings in sight while scrolling."""
    page.set_landscape()
    page.set_paper(A4_PAPER)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.repeat_rows(0, head)
    page.freeze_panes(head + 1, 0)
    page.center_horizontally()
    page.set_footer("&C" + _("第 %(page)s 页，共 %(pages)s 页", page="&P", pages="&N"))
