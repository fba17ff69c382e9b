"""A ruled table with room for a thick pen: every list that we print."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print.glyphs import BOLD, ROUNDING, fitted_size, printable, text_width
from market.print.lines import whole_words, wrap
from market.print.page import BLACK, PALE
from market.print.text import LEAST, Align, draw_block, draw_text


class Kind(StrEnum):
    """How the cells of a column are to be read."""

    TEXT = "text"
    STALL = "stall"
    """The number that a finger looks for."""
    CODE = "code"
    """What is compared letter by letter."""
    CHECKS = "checks"
    """Numbers to be circled: each stands where it stands in every other row."""
    PHONE = "phone"
    """Digits that are dialled: in groups on paper."""
    NUMBER = "number"
    MONEY = "money"
    """Fen, written as yuan."""
    KILOWATTS = "kilowatts"
    """Watts, written as kilowatts."""
    DATE = "date"


AMOUNTS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.KILOWATTS})
"""Written to the right, as one adds them up."""
LARGE = frozenset({Kind.STALL, Kind.CODE})


class Column(NamedTuple):
    title: str
    width: float
    """Its part of the table, for most tables in millimetres."""
    kind: Kind = Kind.TEXT
    checks: int = 0
    """How many places there are for numbers to be circled."""


class Ruling(NamedTuple):
    """Where a table lies on the sheet, and how high its lines are."""

    left: float
    top: float
    width: float
    head: float
    row: float
    size: float = 12
    """Of the letters."""


def draw_rows(
    canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[str]], rules: Ruling, lines: int = 0
) -> None:
    """The headings, the rows, and empty lines until there are `lines`."""
    edges = _edges(columns, rules)
    under_head = rules.top - rules.head
    levels = [under_head - rules.row * number for number in range(max(len(rows), lines) + 1)]
    _grid(canvas, edges, [rules.top, *levels])
    for number, column in enumerate(columns):
        left, width = edges[number], edges[number + 1] - edges[number]
        _heading(canvas, column.title, left + width / 2, under_head + rules.head / 2, width - 5, rules.size)
        for bottom, row in zip(levels[1:], rows, strict=False):
            _cell(canvas, column, row[number], left, width, bottom + rules.row / 2, rules.size)


def _edges(columns: Sequence[Column], rules: Ruling) -> list[float]:
    unit = rules.width / sum(column.width for column in columns)
    return list(accumulate((column.width * unit for column in columns), initial=rules.left))


# ── rows as high as what stands in them ───────────────────────────────────────────────────────────────────

LEADING = 1.25
PADDING = 0.8
"""Above and below the lines of a cell together, as a part of the type size."""
TITLE = 0.92
"""How large headings are beside the letters of the rows."""


def head_height(columns: Sequence[Column], rules: Ruling) -> float:
    """How high the headings are when each is read whole."""
    size, edges = rules.size * TITLE, _edges(columns, rules)
    rooms = [right - left - 5 for left, right in pairwise(edges)]
    titles = (column.title for column in columns)
    lines = max(len(_fitted(title, size, room, BOLD)[1]) for title, room in zip(titles, rooms, strict=True))
    return max(rules.head, size * (lines * LEADING + PADDING))


def row_height(columns: Sequence[Column], row: Sequence[str], rules: Ruling) -> float:
    """How high a row is when all of it is read whole, at least as high as its lines are for a pen."""
    rooms = [right - left - 8 for left, right in pairwise(_edges(columns, rules))]
    lines = max(len(_fitted(text, rules.size, room)[1]) for text, room in zip(row, rooms, strict=True))
    return max(rules.row, rules.size * (lines * LEADING + PADDING))


SMALLER = 0.8
"""How much smaller a text may be so that it stays on one line."""


def _fitted(text: str, size: float, room: float, stroke: float = 0) -> tuple[float, list[str]]:
    """On one line, a little smaller at need; else on as many lines as it takes, with no word cut."""
    line = printable(text)
    smaller = fitted_size(line, size, room, min(size, max(size * SMALLER, LEAST)), stroke)
    if text_width(line, smaller, stroke) <= room + ROUNDING:
        return smaller, [line]
    whole = whole_words(line, size, room, min(size, LEAST), stroke)
    return whole, wrap(text, whole, room, stroke)


def draw_whole_rows(
    canvas: Canvas,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    heights: Sequence[float],
    rules: Ruling,
) -> None:
    """The same with a height for each row: texts take as many lines as they need, and none is cut. Where
    there are more heights than rows, the last lines are empty."""
    edges = _edges(columns, rules)
    levels = list(accumulate(heights, lambda top, height: top - height, initial=rules.top - rules.head))
    _grid(canvas, edges, [rules.top, *levels])
    for number, column in enumerate(columns):
        left, width = edges[number], edges[number + 1] - edges[number]
        middle, size = (rules.top + levels[0]) / 2, rules.size * TITLE
        _lines(
            canvas, column.title, left + width / 2, middle, width - 5, size, stroke=BOLD, align=Align.CENTRE
        )
        for (top, bottom), row in zip(pairwise(levels), rows, strict=False):
            _whole_cell(canvas, column, row[number], left, width, (top + bottom) / 2, rules.size)


def _whole_cell(
    canvas: Canvas, column: Column, text: str, left: float, width: float, middle: float, size: float
) -> None:
    if column.kind in AMOUNTS or column.kind is Kind.CHECKS:
        _cell(canvas, column, text, left, width, middle, size)
    elif column.kind in LARGE:
        _lines(canvas, text, left + width / 2, middle, width - 8, size, stroke=BOLD, align=Align.CENTRE)
    else:
        _lines(canvas, text, left + 4, middle, width - 8, size)


def _lines(
    canvas: Canvas,
    text: str,
    x: float,
    middle: float,
    width: float,
    size: float,
    *,
    stroke: float = 0,
    align: Align = Align.LEFT,
) -> None:
    """As many lines as the text needs, around the height `middle`."""
    size, lines = _fitted(text, size, width, stroke)
    baseline = middle + (len(lines) - 1) * size * LEADING / 2 - size * 0.36
    for line in lines:
        draw_text(canvas, x, baseline, line, size, stroke=stroke, align=align, width=width)
        baseline -= size * LEADING


def _grid(canvas: Canvas, edges: list[float], levels: list[float]) -> None:
    """A grey head, thin lines within, a thick one around."""
    canvas.setFillColor(PALE)
    canvas.rect(edges[0], levels[1], edges[-1] - edges[0], levels[0] - levels[1], stroke=0, fill=1)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.5)
    canvas.grid(edges, levels)
    canvas.setLineWidth(1.2)
    canvas.rect(edges[0], levels[-1], edges[-1] - edges[0], levels[0] - levels[-1])


def _heading(canvas: Canvas, title: str, x: float, middle: float, width: float, size: float) -> None:
    draw_block(
        canvas, x, middle, title, size * 0.92, width=width, smallest=size * 0.75, stroke=BOLD,
        align=Align.CENTRE,
    )  # fmt: skip


def _cell(
    canvas: Canvas, column: Column, text: str, left: float, width: float, middle: float, size: float
) -> None:
    """A text in its cell, as what is in the column wants to be read."""
    if column.kind in AMOUNTS:
        baseline = middle - size * 0.36
        draw_text(canvas, left + width - 5, baseline, text, size, align=Align.RIGHT, width=width - 8)
    elif column.kind is Kind.CHECKS:
        _checks(canvas, text, column.checks, left, width, middle, size)
    elif column.kind in LARGE:
        draw_block(
            canvas, left + width / 2, middle, text, size * (1.25 if column.kind is Kind.STALL else 1.1),
            width=width - 6, smallest=size * 0.75, stroke=BOLD, align=Align.CENTRE,
        )  # fmt: skip
    else:
        draw_block(canvas, left + 4, middle, text, size, width=width - 8, smallest=size * 0.79)


def _checks(
    canvas: Canvas, text: str, checks: int, left: float, width: float, middle: float, size: float
) -> None:
    """Each number in its own place, with room for a pen around it."""
    room = width / checks
    for number in text.split():
        x = left + room * ((int(number) - 1) % checks + 0.5)
        draw_text(canvas, x, middle - size * 0.36, number, size, align=Align.CENTRE, width=room - 4)
