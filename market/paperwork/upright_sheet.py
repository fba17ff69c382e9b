"""A form on A4 upright as a tab of a workbook: the same parts in the same order, in cells to type in."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from flask_babel import gettext as _

from market.print.columns import Column, Kind
from market.print.table import Cell
from market.print.upright import (
    Field,
    Fields,
    Grid,
    Part,
    Prose,
    Signatures,
    Ticks,
    Upright,
    lines_of_fields,
)
from market.settlement.paper_kit.workbook import A4_PAPER, LATIN, Looks, merge, write_cell

COLUMNS = 12
"""The tab is a grid of so many equal columns; everything is some of them wide."""
WIDE = 7.4
"""Of one of them, in digits."""
LABEL = 2
LINE = 17
"""Points of a line of text."""


class Sheet:
    """A tab that is written from the top down."""

    def __init__(self, page: Any, looks: Looks) -> None:
        self.page, self.looks, self.row = page, looks, 0
        page.set_column(0, COLUMNS - 1, WIDE)

    def put(self, first: int, last: int, text: str, look: Any) -> None:
        """A text across columns of this row, the last one not included."""
        merge(self.page, self.row, first, last - 1, text, look)

    def end_row(self, lines: int = 1, least: float = 22) -> None:
        """The row is done, and so many lines high."""
        self.page.set_row(self.row, max(least, 6 + LINE * lines))
        self.row += 1


def write_upright(page: Any, form: Upright, line: str, looks: Looks) -> None:
    """Title, whose it is, and all parts."""
    sheet = Sheet(page, looks)
    sheet.put(0, COLUMNS, form.title, looks.title)
    sheet.end_row(least=32)
    sheet.put(0, COLUMNS, line, looks.plain)
    sheet.end_row(lines_of(line, COLUMNS))
    for part in form.parts:
        sheet.row += 1
        _write_part(sheet, part)
    page.set_portrait()
    page.set_paper(A4_PAPER)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    page.set_footer("&C" + _("第 %(page)s 页，共 %(pages)s 页", page="&P", pages="&N"))


def _write_part(sheet: Sheet, part: Part) -> None:
    if isinstance(part, Fields):
        for line in lines_of_fields(part.fields):
            _write_fields(sheet, line)
    elif isinstance(part, Prose):
        _write_prose(sheet, part)
    elif isinstance(part, Ticks):
        _write_prose(sheet, Prose(part.question, tuple(f"□ {choice}" for choice in part.choices)))
    elif isinstance(part, Grid):
        _write_grid(sheet, part)
    else:
        _write_signatures(sheet, part)


def _write_fields(sheet: Sheet, line: tuple[Field, ...]) -> None:
    share = COLUMNS // len(line)
    lines = 1
    for number, field in enumerate(line):
        left = share * number
        sheet.put(left, left + LABEL, field.label, sheet.looks.label)
        sheet.put(left + LABEL, left + share, field.value, sheet.looks.text)
        lines = max(lines, field.lines, lines_of(field.label, LABEL), lines_of(field.value, share - LABEL))
    sheet.end_row(lines)


def _write_heading(sheet: Sheet, heading: str) -> None:
    if heading:
        sheet.put(0, COLUMNS, heading, sheet.looks.large)
        sheet.end_row()


def _write_prose(sheet: Sheet, part: Prose) -> None:
    _write_heading(sheet, part.heading)
    for text in filter(str.strip, part.paragraphs):
        sheet.put(0, COLUMNS, text, sheet.looks.plain)
        sheet.end_row(lines_of(text, COLUMNS))
    if part.lines:
        sheet.put(0, COLUMNS, "", sheet.looks.text)
        sheet.end_row(part.lines)


def _write_grid(sheet: Sheet, part: Grid) -> None:
    _write_heading(sheet, part.heading)
    edges = column_edges(part.columns)
    for (first, last), column in zip(pairwise(edges), part.columns, strict=True):
        sheet.put(first, last, column.title, sheet.looks.head)
    places = zip(pairwise(edges), part.columns, strict=True)
    sheet.end_row(max(lines_of(one.title, last - first) for (first, last), one in places))
    empty: tuple[Cell, ...] = (None,) * len(part.columns)
    for row in (*part.rows, *[empty] * part.lines):
        _write_row(sheet, row, part.columns, edges)


def _write_row(sheet: Sheet, row: tuple[Cell, ...], columns: tuple[Column, ...], edges: list[int]) -> None:
    lines = 1
    for (first, last), cell, column in zip(pairwise(edges), row, columns, strict=True):
        look = sheet.looks.text if column.kind is Kind.STALL else sheet.looks.of(column.kind)
        if last - first > 1:
            sheet.page.merge_range(sheet.row, first, sheet.row, last - 1, "", look)
        write_cell(sheet.page, sheet.row, first, cell, column.kind, sheet.looks)
        lines = max(lines, lines_of(cell, last - first) if isinstance(cell, str) else 1)
    sheet.end_row(lines)


def column_edges(columns: tuple[Column, ...]) -> list[int]:
    """Where each column begins on the grid: about as wide as on paper, none without a place."""
    unit = sum(column.width for column in columns) / COLUMNS
    edges, reached = [0], 0.0
    for number, column in enumerate(columns, 1):
        reached += column.width
        least, most = edges[-1] + 1, COLUMNS - (len(columns) - number)
        edges.append(min(max(round(reached / unit), least), most))
    return edges


def _write_signatures(sheet: Sheet, part: Signatures) -> None:
    words = (*part.labels, *((part.date,) if part.date else ()))
    for number, word in enumerate(words):
        left = COLUMNS // 2 * (number % 2)
        sheet.put(left, left + COLUMNS // 2, f"{word}{_('：')}____________", sheet.looks.line)
        if number % 2 or number == len(words) - 1:
            sheet.end_row(least=34)


def lines_of(text: str, columns: int) -> int:
    """How many lines a text takes in so many columns."""
    room = columns * WIDE - 2
    return sum(max(1, -int(-_digits(line) // room)) for line in text.split("\n"))


def _digits(text: str) -> int:
    return sum(2 if ord(character) > LATIN else 1 for character in text)
