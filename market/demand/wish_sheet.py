"""The wishes on A4: a code for phones above, boxes for pens below; typed in afterwards as votes on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print import A4, BLACK, BOLD, MM, Align, draw_awning, draw_lines, draw_text, paper

WIDTH, HEIGHT = A4
MARGIN = 14 * MM
INNER = WIDTH - 2 * MARGIN
QR_SIDE = 44 * MM
COLUMNS = 2
OWN_LINES = 3
ROW = 12.4 * MM

DrawCode = Callable[[Canvas, str, float, float, float], None]
"""Draws a text as a QR code in a square: canvas, text, left, bottom, side."""


class WishSheet(NamedTuple):
    """What the sheet says, in words ready to print."""

    community: str
    title: str
    lede: str
    rows: tuple[str, ...]
    """What can be asked for."""
    own: str
    place: str
    day: str
    collector: str
    scan: str
    page_address: str
    contact: str


def write_wish_sheet(sheet: WishSheet, out: BinaryIO, *, draw_code: DrawCode) -> None:
    """Writes the sheet as one page."""
    with paper(out, A4, title=sheet.title) as canvas:
        draw_awning(canvas, 0, HEIGHT, WIDTH, 14 * MM, scallop=WIDTH / 15)
        below = _head(canvas, sheet, draw_code)
        below = _boxes(canvas, sheet.rows, below)
        _own(canvas, sheet, below)
        _foot(canvas, sheet)
        canvas.showPage()


def _head(canvas: Canvas, sheet: WishSheet, draw_code: DrawCode) -> float:
    """The question and the code beside it; tells how far down it came."""
    top = HEIGHT - 18 * MM
    room = INNER - QR_SIDE - 4 * MM
    draw_text(canvas, MARGIN, top - 9 * MM, sheet.community, 15, width=room)
    draw_text(canvas, MARGIN, top - 23 * MM, sheet.title, 36, stroke=BOLD, width=room)
    draw_lines(canvas, MARGIN, top - 33 * MM, sheet.lede, 13, width=room, most=2)
    draw_code(canvas, sheet.page_address, WIDTH - MARGIN - QR_SIDE + 3 * MM, top - QR_SIDE - 1 * MM, QR_SIDE)
    draw_text(canvas, WIDTH - MARGIN, top - QR_SIDE - 3 * MM, sheet.scan, 11, align=Align.RIGHT, stroke=BOLD)
    return top - QR_SIDE - 8 * MM


def _boxes(canvas: Canvas, rows: tuple[str, ...], top: float) -> float:
    """Two columns of names, each with a box for strokes."""
    step = INNER / COLUMNS
    lines = -(-len(rows) // COLUMNS)
    canvas.setStrokeColor(BLACK)
    for number, word in enumerate(rows):
        column, line = divmod(number, lines)
        left, bottom = MARGIN + step * column, top - ROW * (line + 1)
        canvas.setLineWidth(0.6)
        canvas.rect(left, bottom, step, ROW, stroke=1, fill=0)
        canvas.line(left + 30 * MM, bottom, left + 30 * MM, bottom + ROW)
        draw_text(canvas, left + 2.5 * MM, bottom + 4.2 * MM, word, 14, stroke=BOLD, width=26 * MM)
    return top - ROW * lines


def _own(canvas: Canvas, sheet: WishSheet, top: float) -> None:
    draw_text(canvas, MARGIN, top - 8 * MM, sheet.own, 13, stroke=BOLD)
    canvas.setLineWidth(0.6)
    for number in range(OWN_LINES):
        y = top - 9 * MM - (ROW - 1 * MM) * (number + 0.6)
        canvas.line(MARGIN + (30 * MM if number == 0 else 0), y, WIDTH - MARGIN, y)


def _foot(canvas: Canvas, sheet: WishSheet) -> None:
    """Who collected it, where and when: the questions of the form that it is typed into."""
    step, y = INNER / 3, MARGIN + 6 * MM
    for number, label in enumerate((sheet.place, sheet.day, sheet.collector)):
        left = MARGIN + step * number
        draw_text(canvas, left, y, label, 12)
        canvas.line(left + 27 * MM, y - 1 * MM, left + step - 3 * MM, y - 1 * MM)
    draw_text(canvas, MARGIN, MARGIN - 3 * MM, sheet.contact, 10, width=INNER)
