"""A ruled table with room for a thick pen: every list that we print."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print.glyphs import BOLD
from market.print.page import BLACK, PALE
from market.print.text import Align, draw_block, draw_text


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
    unit = rules.width / sum(column.width for column in columns)
    edges = list(accumulate((column.width * unit for column in columns), initial=rules.left))
    under_head = rules.top - rules.head
    levels = [under_head - rules.row * number for number in range(max(len(rows), lines) + 1)]
    _grid(canvas, edges, [rules.top, *levels])
    for number, column in enumerate(columns):
        left, width = edges[number], edges[number + 1] - edges[number]
        _heading(canvas, column.title, left + width / 2, under_head + rules.head / 2, width - 5, rules.size)
        for bottom, row in zip(levels[1:], rows, strict=False):
            _cell(canvas, column, row[number], left, width, bottom + rules.row / 2, rules.size)


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
