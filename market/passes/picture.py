"""A pass as a picture for the photos of a phone: the code large, and what is said when it is not read."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from market.fonts.face import FONT_FILE
from market.passes.cards import PassCard, PassLabels
from market.print.qr import QUIET_ZONE, qr_matrix

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT, MARGIN = 1080, 1540, 50
CODE = 910
BLACK, WHITE = 0, 255


def pass_picture(card: PassCard, labels: PassLabels) -> bytes:
    """The PNG. Black on white: what a chat program makes of it is still read at the gate."""
    from PIL import Image, ImageDraw  # takes a moment, which no start should wait for

    image = Image.new("L", (WIDTH, HEIGHT), WHITE)
    pen = ImageDraw.Draw(image)
    top = MARGIN
    for text, size in (
        (f"{card.community} · {labels.title}", 44),
        (card.stall_no, 170),
        (card.trading_name, 72),
    ):
        top = _line(pen, text, size, top)
    top = _code(pen, card.qr_url, top)
    for text, size in (
        (f"{labels.spell} {card.short_code}", 64),
        (f"{card.date_text} {card.weekday_text} {card.hours_text}", 48),
        (f"{card.arrive_by_text} · {card.version}", 40),
    ):
        top = _line(pen, text, size, top)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _line(pen: ImageDraw, text: str, size: int, top: int) -> int:
    """One centred line, smaller where it would not fit; where the next one begins."""
    from PIL import ImageFont

    font = ImageFont.truetype(FONT_FILE, size)
    room = WIDTH - 2 * MARGIN
    if font.getlength(text) > room:
        font = ImageFont.truetype(FONT_FILE, int(size * room / font.getlength(text)))
    pen.text((WIDTH / 2, top + size * 0.65), text, font=font, fill=BLACK, anchor="mm")
    return top + round(size * 1.35)


def _code(pen: ImageDraw, text: str, top: int) -> int:
    """The symbol in whole dots, with its quiet zone; where the next line begins."""
    matrix = qr_matrix(text)
    dot = CODE // (len(matrix) + 2 * QUIET_ZONE)
    side = dot * (len(matrix) + 2 * QUIET_ZONE)
    left, upper = (WIDTH - side) // 2 + dot * QUIET_ZONE, top + dot * QUIET_ZONE
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            x, y = left + column * dot, upper + row * dot
            if dark:
                pen.rectangle((x, y, x + dot - 1, y + dot - 1), fill=BLACK)
    return top + side
