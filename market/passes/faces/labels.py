"""The label: a sticker on whatever the vendor brings."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from market.passes.cards import PassCard, PassLabels
from market.passes.faces.parts import DrawCode, Face, instead_of_code, joined, write_here
from market.print import BLACK_LETTERS, BOLD, MM, draw_block, draw_narrowed, draw_text


def label(width: float, height: float) -> Face:
    """The face of a sticker: number, name and code."""
    pad, code = 4.6 * MM, height - 4 * MM
    room = width - code - pad

    def label_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
        when = joined(card.date_text, card.hours_text)
        draw_text(canvas, pad, 8.6 * MM, when, 7.5, width=room, smallest=6)
        draw_text(canvas, pad, 2.4 * MM, labels.head, 4.5, width=room, smallest=4)
        if spare:
            side = code - 5 * MM
            instead_of_code(canvas, labels, width - side - 3.5 * MM, 4.5 * MM, side)

    def label_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
        draw_narrowed(
            canvas, pad, height - 8.4 * MM, card.stall_no, 36, width=room - 4, least=28, stroke=BLACK_LETTERS
        )
        if card.is_spare:
            write_here(canvas, pad, height - 21 * MM, room, labels.name_here)
            return
        draw_block(
            canvas,
            pad,
            height - 18.3 * MM,
            card.trading_name,
            room / 8,
            width=room,
            smallest=9.5,
            stroke=BOLD,
        )
        draw_text(canvas, pad, 11.8 * MM, card.category, 7.5, width=room, smallest=5.5)
        draw_text(canvas, pad, 4.8 * MM, card.short_code, 10, stroke=BOLD, width=room)
        if card.qr_url:
            draw_code(canvas, card.qr_url, width - code - 1 * MM, 2 * MM, code)

    return Face(width, height, label_shared, label_own)
