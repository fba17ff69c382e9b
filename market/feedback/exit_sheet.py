"""What hangs at the exit: a code as large as a hand, three questions, and the ways without a phone. A4."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print import A4, BOLD, MM, Align, draw_awning, draw_lines, draw_text, paper

WIDTH, HEIGHT = A4
MARGIN = 16 * MM
INNER = WIDTH - 2 * MARGIN
QR_SIDE = 104 * MM

DrawCode = Callable[[Canvas, str, float, float, float], None]
"""Draws a text as a QR code in a square: canvas, text, left, bottom, side."""


class ExitSheet(NamedTuple):
    """What the sheet says, in words ready to print."""

    community: str
    when: str
    title: str
    lede: str
    questions: tuple[str, ...]
    address: str
    praise: str
    complain: str
    paper: str
    host: str


def write_exit_sheet(sheet: ExitSheet, out: BinaryIO, *, draw_code: DrawCode) -> None:
    """Writes the sheet as one page."""
    with paper(out, A4, title=sheet.title) as canvas:
        draw_awning(canvas, 0, HEIGHT, WIDTH, 14 * MM, scallop=WIDTH / 15)
        middle = WIDTH / 2
        draw_text(canvas, middle, HEIGHT - 31 * MM, sheet.community, 18, align=Align.CENTRE, width=INNER)
        draw_text(canvas, middle, HEIGHT - 40 * MM, sheet.when, 14, align=Align.CENTRE, width=INNER)
        draw_text(
            canvas, middle, HEIGHT - 59 * MM, sheet.title, 44, align=Align.CENTRE, stroke=BOLD, width=INNER
        )
        draw_text(canvas, middle, HEIGHT - 71 * MM, sheet.lede, 18, align=Align.CENTRE, width=INNER)
        bottom = HEIGHT - 76 * MM - QR_SIDE
        draw_code(canvas, sheet.address, (WIDTH - QR_SIDE) / 2, bottom, QR_SIDE)
        _below(canvas, sheet, bottom - 7 * MM)
        canvas.showPage()


def _below(canvas: Canvas, sheet: ExitSheet, top: float) -> None:
    """The questions, and what else can be said."""
    for number, question in enumerate(sheet.questions):
        y = top - 10 * MM * number
        draw_text(canvas, MARGIN, y, f"{number + 1}. {question}", 19, stroke=BOLD, width=INNER)
    y = top - 10 * MM * len(sheet.questions) - 4 * MM
    canvas.setLineWidth(0.8)
    canvas.line(MARGIN, y + 6 * MM, WIDTH - MARGIN, y + 6 * MM)
    for text, lines in ((sheet.praise, 1), (sheet.complain, 2), (sheet.paper, 1)):
        draw_lines(canvas, MARGIN, y - 2 * MM, text, 15, width=INNER, most=lines)
        y -= 8 * MM * lines + 1 * MM
    draw_text(canvas, MARGIN, 11 * MM, sheet.host, 11, width=INNER)
