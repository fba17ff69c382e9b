"""The card: A6, and larger by scale."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from market.passes.cards import PassCard, PassLabels
from market.passes.faces.parts import (
    DrawCode,
    Face,
    badge,
    head_line,
    instead_of_code,
    joined,
    rules_and_phone,
    write_here,
)
from market.print import (
    A6,
    BLACK_LETTERS,
    BOLD,
    MM,
    Align,
    draw_awning,
    draw_block,
    draw_narrowed,
    draw_text,
    printable,
)

MARGIN = 6.5 * MM
"""Printers leave 4 to 5 mm of the sheet blank; only the awning goes further out, and may lose its top."""
WIDTH, HEIGHT = A6
INNER = WIDTH - 2 * MARGIN
QR_SIDE = 45 * MM
QUIET = 3.5 * MM
"""About what the quiet zone of the QR code takes of its side: it may lie in the margin."""
PROOF = HEIGHT - 90 * MM - QR_SIDE
"""Where the QR code stands."""
BESIDE = MARGIN + QR_SIDE - QUIET
"""Where the words beside it begin."""
CODE_LINE = PROOF + QR_SIDE - QUIET - 52.5
STALL_NUMBER_SIZE = 114
"""Digits 30 mm high: legible from 6 m, as one needs about 5 mm for every metre."""
DOUBLE_NUMBER_SIZE = 97
"""Digits 25 mm high, for 5 m: before the number of two stalls gets smaller, its letters get narrower."""


def _card_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    draw_awning(canvas, 0, HEIGHT, WIDTH, 8.5 * MM, scallop=WIDTH / 19)
    head_line(
        canvas, joined(card.community, card.market_title), card, labels, spare, left=MARGIN,
        right=WIDTH - MARGIN, baseline=HEIGHT - 13.5 * MM, size=9.5, gap=8,
    )  # fmt: skip
    _time_band(canvas, card)
    _beside_the_code(canvas, card, labels, spare)
    if spare:
        instead_of_code(canvas, labels, MARGIN, PROOF + QUIET, QR_SIDE - 2 * QUIET)
    draw_text(canvas, MARGIN, 6 * MM, "" if spare else labels.verify, 8, width=INNER * 0.5 - 4)
    draw_text(canvas, WIDTH - MARGIN, 6 * MM, card.footnote, 8, align=Align.RIGHT, width=INNER * 0.5 - 4)
    draw_text(canvas, MARGIN, 10.5 * MM, labels.head, 6, width=BESIDE - MARGIN - 6, smallest=4.5)


def _time_band(canvas: Canvas, card: PassCard) -> None:
    """The day, large enough to tell a pass of another day at a glance; when to arrive, white on black."""
    top, bottom = HEIGHT - 73.5 * MM, HEIGHT - 89 * MM
    canvas.setLineWidth(1.2)
    for y in (top, bottom):
        canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    arrive = badge(canvas, printable(card.arrive_by_text), WIDTH - MARGIN, bottom + 9, 14, INNER * 0.45)
    room = INNER - arrive - 8
    draw_text(canvas, MARGIN, bottom + 21.5, card.date_text, 19, stroke=BOLD, width=room)
    hours = joined(card.weekday_text, card.hours_text)
    draw_text(canvas, MARGIN, bottom + 6.5, hours, 11, width=room)


def _beside_the_code(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    """What to do with the code, how to behave, whom to call."""
    room = WIDTH - MARGIN - BESIDE
    if not spare:
        draw_text(canvas, BESIDE, CODE_LINE + 43, labels.show, 12, stroke=BOLD, width=room)
        draw_text(canvas, BESIDE, CODE_LINE + 27, labels.spell, 9.5, width=room)
    rules_and_phone(
        canvas, card, labels, BESIDE, CODE_LINE - 18, sizes=(9, 9.5), step=12.5, before=3, width=room
    )


def _card_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    """The stall number as large as the card allows, the trading name, what and how much place, the code."""
    draw_narrowed(
        canvas, MARGIN + 2, HEIGHT - 32.5 * MM, card.stall_no, STALL_NUMBER_SIZE, width=INNER - 6,
        least=DOUBLE_NUMBER_SIZE, stroke=BLACK_LETTERS,
    )  # fmt: skip
    if not card.stall_no:
        write_here(canvas, MARGIN, HEIGHT - 46 * MM, INNER)
    if card.is_spare:
        write_here(canvas, MARGIN, HEIGHT - 62 * MM, INNER, labels.name_here)
        return
    draw_block(canvas, MARGIN, HEIGHT - 58 * MM, card.trading_name, 27, width=INNER, smallest=18, stroke=BOLD)
    detail = joined(card.category, card.size_text, card.power_text)
    draw_text(canvas, MARGIN, HEIGHT - 70 * MM, detail, 10.5, width=INNER)
    room = WIDTH - MARGIN - BESIDE
    draw_text(canvas, BESIDE, CODE_LINE, card.short_code, 24, stroke=BOLD, width=room)
    if card.qr_url:
        draw_code(canvas, card.qr_url, MARGIN - QUIET, PROOF, QR_SIDE)


CARD = Face(WIDTH, HEIGHT, _card_shared, _card_own)
