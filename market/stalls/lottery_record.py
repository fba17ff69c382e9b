"""The record of a draw (抽签记录) on A4: what was fixed, what was drawn, and room to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print import (
    A4,
    BLACK,
    BOLD,
    MM,
    Align,
    draw_awning,
    draw_text,
    in_groups,
    paper,
    printable,
    text_width,
    wrap,
)
from market.print.columns import Column, Kind, Ruling, draw_rows
from market.print.table import Heading

MARGIN = 15 * MM
FULL = A4[0] - 2 * MARGIN
ROW = 7.5 * MM
WIDTHS = (18, 18, 66, 42, 36)
KINDS = (Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.STALL)
ROWS_FIRST, ROWS_LATER = 21, 31
"""Rows below the facts on the first page, and on the others."""


class RecordRow(NamedTuple):
    """One line; what is not drawn yet is written by hand."""

    turn: str
    number: str
    name: str
    category: str
    result: str


class RecordLabels(NamedTuple):
    """The words of the record."""

    columns: tuple[str, str, str, str, str]
    """次序 序号 商户 品类 结果"""
    signatures: tuple[str, ...]
    page: str
    """With the places `%(page)s` and `%(pages)s`."""


def record_pdf(
    heading: Heading,
    facts: Sequence[tuple[str, str]],
    rows: Sequence[RecordRow],
    out: BinaryIO,
    *,
    labels: RecordLabels,
) -> None:
    """Writes the record; the facts and the signatures on the first page, the list as long as it takes."""
    columns = [Column(*column) for column in zip(labels.columns, WIDTHS, KINDS, strict=True)]
    pages = [list(rows[:ROWS_FIRST]), *in_groups(rows[ROWS_FIRST:], ROWS_LATER)]
    with paper(out, A4, title=f"{heading.title} {heading.market}") as canvas:
        for number, page in enumerate(pages, 1):
            top = _head(canvas, heading)
            if number == 1:
                top = _facts(canvas, facts, top)
                _signatures(canvas, labels.signatures)
            draw_rows(canvas, columns, page, Ruling(MARGIN, top, FULL, ROW, ROW, 10.5))
            told = labels.page % {"page": number, "pages": len(pages)}
            draw_text(canvas, A4[0] - MARGIN, 9 * MM, told, 10, align=Align.RIGHT)
            canvas.showPage()


def _head(canvas: Canvas, heading: Heading) -> float:
    width, height = A4
    draw_awning(canvas, MARGIN, height - 8 * MM, width - 2 * MARGIN, 6 * MM)
    draw_text(canvas, MARGIN, height - 25 * MM, heading.title, 20, stroke=BOLD, width=60 * MM)
    draw_text(canvas, width - MARGIN, height - 25 * MM, heading.market, 11, align=Align.RIGHT, width=115 * MM)
    return height - 32 * MM


def _facts(canvas: Canvas, facts: Sequence[tuple[str, str]], top: float) -> float:
    room = FULL - 45 * MM
    for label, told in facts:
        draw_text(canvas, MARGIN, top, label, 10, stroke=BOLD, width=43 * MM)
        for line in wrap(told, 10, room)[:3]:
            draw_text(canvas, MARGIN + 45 * MM, top, line, 10, width=room)
            top -= 5.5 * MM
    return top - 2 * MM


def _signatures(canvas: Canvas, labels: Sequence[str]) -> None:
    room = FULL / len(labels)
    for number, label in enumerate(labels):
        left = MARGIN + room * number
        draw_text(canvas, left, 18 * MM, label, 10, width=room / 2)
        start = left + text_width(printable(label), 10) + 3
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(0.5)
        canvas.line(start, 18 * MM - 2, left + room - 4, 18 * MM - 2)
