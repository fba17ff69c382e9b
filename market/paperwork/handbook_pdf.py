"""A handbook on one page of A4: eight steps in two columns, the telephones under them."""

from __future__ import annotations

from typing import BinaryIO

from reportlab.pdfgen.canvas import Canvas

from market.paperwork.handbooks import Handbook, Step
from market.paperwork.pictures import draw_picture
from market.print import (
    A4,
    BLACK,
    BOLD,
    MM,
    PALE,
    Align,
    draw_awning,
    draw_block,
    draw_text,
    largest_that_fits,
    paper,
)
from market.print.lines import balanced
from market.print.qr import draw_qr

WIDTH, HEIGHT = A4
MARGIN = 13 * MM
FULL = WIDTH - 2 * MARGIN
GAP = 5 * MM
CARD = (FULL - GAP) / 2
TOP = HEIGHT - 36 * MM
CARD_HEIGHT = 47 * MM
STEP = CARD_HEIGHT + 3.5 * MM
PICTURE = 13 * MM
CODE = 21 * MM
FOOT = TOP - 4 * STEP - 3 * MM
"""Where the telephones begin."""
SIZES = (14, 13, 12, 11.5, 11, 10.5, 10, 9.5, 9, 8.5, 8)
PHONES_A_COLUMN = 5
BAND = 40 * MM
CODE_ROOM = 42 * MM


def write_handbook(book: Handbook, out: BinaryIO) -> None:
    """Writes the page."""
    with paper(out, A4, title=f"{book.whose} {book.title}") as canvas:
        draw_awning(canvas, 0, HEIGHT, WIDTH, 11 * MM, scallop=WIDTH / 17)
        draw_text(canvas, MARGIN, HEIGHT - 25 * MM, book.title, 26, stroke=BOLD, width=FULL * 0.6)
        draw_text(canvas, MARGIN, HEIGHT - 32 * MM, book.whose, 12, width=FULL)
        for number, step in enumerate(book.steps):
            left = MARGIN + number % 2 * (CARD + GAP)
            _draw_step(canvas, step, number + 1, left, TOP - number // 2 * STEP)
        _draw_telephones(canvas, book)
        canvas.showPage()


def _draw_step(canvas: Canvas, step: Step, number: int, left: float, top: float) -> None:
    """Number, picture and name above; what to do under them, the code beside it."""
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.8)
    canvas.roundRect(left, top - CARD_HEIGHT, CARD, CARD_HEIGHT, 2.5 * MM)
    draw_text(canvas, left + 4 * MM, top - 12 * MM, str(number), 26, stroke=BOLD)
    draw_picture(canvas, step.picture, left + 13 * MM, top - 3 * MM, PICTURE)
    room = CARD - 33 * MM
    draw_block(canvas, left + 29 * MM, top - 9.5 * MM, step.title, 15, width=room, smallest=11.5, stroke=BOLD)
    width = CARD - 8 * MM - (CODE - 1 * MM if step.address else 0)
    most = 5 if step.address else 4
    size, _lines = largest_that_fits(step.text, SIZES, width, most=most)
    baseline = top - 19 * MM - size
    for line in balanced(step.text, size, width):
        draw_text(canvas, left + 4 * MM, baseline, line, size, width=width)
        baseline -= size * 1.35
    if step.address:
        draw_qr(canvas, step.address, left + CARD - CODE - 1 * MM, top - CARD_HEIGHT + 2 * MM, CODE)


def _draw_telephones(canvas: Canvas, book: Handbook) -> None:
    """In two columns on grey, as many as there is room for; beside them the code for residents."""
    canvas.setFillColor(PALE)
    canvas.roundRect(MARGIN, FOOT - BAND, FULL - CODE_ROOM, BAND, 2.5 * MM, stroke=0, fill=1)
    width = (FULL - CODE_ROOM) / 2
    for number, (name, phone) in enumerate(book.telephones[: 2 * PHONES_A_COLUMN]):
        column, row = divmod(number, PHONES_A_COLUMN)
        _draw_telephone(canvas, name, phone, MARGIN + width * column, FOOT - 8 * MM - row * 7 * MM, width)
    side = 30 * MM
    left = MARGIN + FULL - CODE_ROOM / 2 - side / 2 + 1.5 * MM
    draw_qr(canvas, book.code, left, FOOT - side + 2 * MM, side)
    middle = FOOT - BAND + 4 * MM
    draw_block(
        canvas, left + side / 2, middle, book.code_word, 9.5, width=CODE_ROOM - 4 * MM, smallest=8,
        align=Align.CENTRE,
    )  # fmt: skip


def _draw_telephone(
    canvas: Canvas, name: str, phone: str, left: float, baseline: float, width: float
) -> None:
    """Who, and under which number; a line without a number has the whole width."""
    inner = width - 8 * MM
    room = inner * (0.56 if phone else 1)
    draw_block(canvas, left + 4 * MM, baseline + 4, name, 11, width=room - 2 * MM, smallest=8)
    right = left + 4 * MM + inner
    draw_text(canvas, right, baseline, phone, 12, stroke=BOLD, align=Align.RIGHT, width=inner - room)
