"""The small card: A7, with fewer words rather than smaller ones."""

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
from market.print import BLACK_LETTERS, BOLD, MM, draw_awning, draw_block, draw_narrowed, draw_text, printable

WIDTH, HEIGHT = 297 / 4 * MM, 105 * MM
MARGIN = 5.5 * MM
INNER = WIDTH - 2 * MARGIN
QR = 37 * MM
QUIET = 3 * MM
PROOF = 4 * MM
BESIDE = MARGIN + QR - QUIET
CODE_LINE = PROOF + QR - QUIET - 35


def _small_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    draw_awning(canvas, 0, HEIGHT, WIDTH, 6.5 * MM, scallop=WIDTH / 15)
    head_line(
        canvas, card.community, card, labels, spare, left=MARGIN, right=WIDTH - MARGIN,
        baseline=HEIGHT - 10.5 * MM, size=8, gap=6,
    )  # fmt: skip
    _small_time(canvas, card)
    room = WIDTH - MARGIN - BESIDE
    draw_text(canvas, BESIDE, HEIGHT - 66 * MM, labels.head, 5, width=room, smallest=4)
    if spare:
        instead_of_code(canvas, labels, MARGIN, PROOF + QUIET, QR - 2 * QUIET)
    else:
        draw_text(canvas, BESIDE, CODE_LINE + 27, labels.show, 8.5, stroke=BOLD, width=room)
        draw_text(canvas, BESIDE, CODE_LINE + 16.5, labels.spell, 7.5, width=room)
    rules_and_phone(
        canvas, card, labels, BESIDE, CODE_LINE - 12, sizes=(7.5, 7.5), step=10, before=2, width=room
    )


def _small_time(canvas: Canvas, card: PassCard) -> None:
    top, bottom = HEIGHT - 51.5 * MM, HEIGHT - 63 * MM
    canvas.setLineWidth(0.9)
    for y in (top, bottom):
        canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    right = WIDTH - MARGIN
    arrive = badge(canvas, printable(card.arrive_by_text), right, bottom + 7, 10.5, INNER * 0.45)
    room = INNER - arrive - 6
    draw_text(canvas, MARGIN, bottom + 16.5, card.date_text, 14, stroke=BOLD, width=room)
    draw_text(canvas, MARGIN, bottom + 5, joined(card.weekday_text, card.hours_text), 8.5, width=room)


def _small_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    draw_narrowed(
        canvas, MARGIN + 1, HEIGHT - 23.5 * MM, card.stall_no, 82, width=INNER - 4, least=62,
        stroke=BLACK_LETTERS,
    )  # fmt: skip
    if not card.stall_no:
        write_here(canvas, MARGIN, HEIGHT - 32 * MM, INNER)
    if card.is_spare:
        write_here(canvas, MARGIN, HEIGHT - 45 * MM, INNER, labels.name_here)
        return
    draw_block(
        canvas, MARGIN, HEIGHT - 40.5 * MM, card.trading_name, 18, width=INNER, smallest=12, stroke=BOLD
    )
    detail = joined(card.category, card.size_text, card.power_text)
    draw_text(canvas, MARGIN, HEIGHT - 49.5 * MM, detail, 8, width=INNER)
    room = WIDTH - MARGIN - BESIDE
    draw_text(canvas, BESIDE, CODE_LINE, card.short_code, 15, stroke=BOLD, width=room)
    if card.qr_url:
        draw_code(canvas, card.qr_url, MARGIN - QUIET, PROOF, QR)


SMALL_CARD = Face(WIDTH, HEIGHT, _small_shared, _small_own)
