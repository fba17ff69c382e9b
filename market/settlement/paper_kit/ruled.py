"""A table as a ruled sheet on A4 across, with room for a thick pen and empty lines at the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from reportlab.pdfgen.canvas import Canvas

from market.gate.sign_in_sheet import MARGIN, SheetHeading, SheetLabels, draw_sheet_foot, draw_sheet_head
from market.money import yuan
from market.paper import (
    A4_LANDSCAPE,
    BLACK,
    BOLD,
    MM,
    PALE,
    Align,
    draw_block,
    draw_lines,
    draw_text,
    in_groups,
    wrap,
)
from market.settlement.paper_kit.sheets import Cell, Column, Kind, Sheet
from market.settlement.paper_kit.workbook import csv_text

HEAD = 9 * MM
ROW = 10 * MM
TOP = A4_LANDSCAPE[1] - 24 * MM
FOOT = MARGIN + 7 * MM
FULL = A4_LANDSCAPE[0] - 2 * MARGIN
NOTE_SIZE = 10.5
NOTE_STEP = NOTE_SIZE * 1.35


def draw_sheet(canvas: Canvas, sheet: Sheet, heading: SheetHeading, labels: SheetLabels) -> None:
    """All pages of one table; each repeats title, headings and note, and numbers itself."""
    notes = min(3, len(wrap(sheet.note, NOTE_SIZE, FULL))) if sheet.note else 0
    top = TOP - notes * NOTE_STEP - (2 * MM if notes else 0)
    count = int((top - HEAD - FOOT) / ROW)
    pages = in_groups(sheet.rows, count) or [[]]
    for number, page in enumerate(pages, 1):
        canvas.setPageSize(A4_LANDSCAPE)
        draw_sheet_head(canvas, heading)
        if notes:
            draw_lines(canvas, MARGIN, TOP - NOTE_SIZE, sheet.note, NOTE_SIZE, width=FULL, most=notes)
        _grid(canvas, sheet.columns, page, top, count)
        _unit(canvas, sheet.unit)
        draw_sheet_foot(canvas, labels, labels.page % {"page": number, "pages": len(pages)})
        canvas.showPage()


def _unit(canvas: Canvas, unit: str) -> None:
    if unit:
        draw_text(canvas, MARGIN + 96 * MM, A4_LANDSCAPE[1] - 20 * MM, unit, 12)


def _grid(
    canvas: Canvas, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], top: float, count: int
) -> None:
    """The heading line, the given rows, and empty ones down to the foot."""
    scale = FULL / sum(column.width for column in columns)
    widths = [column.width * scale for column in columns]
    edges = list(accumulate(widths, initial=MARGIN))
    levels = [top, *(top - HEAD - ROW * number for number in range(count + 1))]
    canvas.setFillColor(PALE)
    canvas.rect(edges[0], levels[1], FULL, HEAD, stroke=0, fill=1)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.5)
    canvas.grid(edges, levels)
    canvas.setLineWidth(1.2)
    canvas.rect(edges[0], levels[-1], FULL, levels[0] - levels[-1])
    for left, width, column in zip(edges, widths, columns, strict=False):
        draw_block(
            canvas, left + width / 2, levels[1] + HEAD / 2, column.title, 11, width=width - 5, smallest=9,
            stroke=BOLD, align=Align.CENTRE,
        )  # fmt: skip
    for bottom, row in zip(levels[2:], rows, strict=False):
        _row(canvas, edges, widths, columns, bottom + ROW / 2, row)


def _row(
    canvas: Canvas, edges: Sequence[float], widths: Sequence[float], columns: Sequence[Column],
    middle: float, cells: Sequence[Cell],
) -> None:  # fmt: skip
    """Names fitted to their cells, amounts to the right, as one adds them up."""
    for left, width, column, cell in zip(edges, widths, columns, cells, strict=False):
        text = print_text(cell, column.kind)
        if column.kind is Kind.MONEY:
            draw_text(canvas, left + width - 5, middle - 4.5, text, 12, align=Align.RIGHT, width=width - 10)
        elif column.kind is Kind.STALL:
            draw_block(canvas, left + 4, middle, text, 15, width=width - 8, smallest=9, stroke=BOLD)
        else:
            draw_block(canvas, left + 4, middle, text, 12, width=width - 8, smallest=9.5)


def print_text(cell: Cell, kind: Kind) -> str:
    """A cell on paper: amounts grouped as people write them, no kilowatts as nothing."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) and kind is Kind.MONEY:
        return yuan(cell)
    return "" if cell == 0 and kind is Kind.KILOWATTS else csv_text(cell, kind)
