"""The stall sign: A5 across, for those who walk by."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from market.passes.cards import PassCard, PassLabels
from market.passes.faces.parts import DrawCode, Face, instead_of_code, joined, write_here
from market.print import BLACK_LETTERS, BOLD, MM, Align, draw_awning, draw_block, draw_narrowed, draw_text

WIDTH, HEIGHT = 210 * MM, 148 * MM
MARGIN = 10 * MM
INNER = WIDTH - 2 * MARGIN
QR = 46 * MM
HEAD_CODE = 22 * MM
"""The small code of the head: those who walk by read it, nobody at a gate."""
LEFT = INNER - QR
"""Room for the name, left of the code."""


def _sign_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    draw_awning(canvas, 0, HEIGHT, WIDTH, 12 * MM, scallop=WIDTH / 23)
    baseline = HEIGHT - 20 * MM
    when = joined(f"{card.date_text} {card.weekday_text}".strip(), card.hours_text)
    right = WIDTH - MARGIN
    draw_text(canvas, right, baseline, when, 14, stroke=BOLD, align=Align.RIGHT, width=INNER * 0.5)
    market = joined(card.community, card.market_title)
    draw_text(canvas, MARGIN, baseline, market, 14, width=INNER * 0.48)
    canvas.setLineWidth(1.2)
    canvas.line(MARGIN, 62 * MM, right, 62 * MM)
    if spare:
        instead_of_code(canvas, labels, right - QR + 4 * MM, 17 * MM, QR - 4 * MM)
    else:
        middle = right - QR / 2 + 3.7 * MM
        draw_text(canvas, middle, 10.5 * MM, labels.verify, 9, align=Align.CENTRE, width=QR)
    draw_text(canvas, MARGIN, 6 * MM, labels.head, 7, width=LEFT - 6)


def _sign_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    draw_narrowed(
        canvas, WIDTH / 2, 93.5 * MM, card.stall_no, 198, width=INNER - 8, least=150,
        stroke=BLACK_LETTERS, align=Align.CENTRE,
    )  # fmt: skip
    if card.is_spare:
        write_here(canvas, MARGIN, 36 * MM, LEFT - 10, labels.name_here)
        return
    width = LEFT - 6
    draw_block(canvas, MARGIN, 43 * MM, card.trading_name, 44, width=width, smallest=28, stroke=BOLD)
    if labels.head_address:
        draw_code(canvas, labels.head_address, MARGIN + width - HEAD_CODE, 8 * MM, HEAD_CODE)
        width -= HEAD_CODE
    draw_text(canvas, MARGIN, 21 * MM, card.category, 18, width=width)
    proof = joined(f"{labels.title} {card.version}".strip(), card.short_code)
    draw_text(canvas, MARGIN, 10.5 * MM, proof, 11, width=width)
    if card.qr_url:
        draw_code(canvas, card.qr_url, WIDTH - MARGIN - QR + 3.7 * MM, 14 * MM, QR)


SIGN = Face(WIDTH, HEIGHT, _sign_shared, _sign_own)
