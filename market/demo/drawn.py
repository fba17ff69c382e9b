"""Photos, drawn: the demo shows no real document and no real place."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from market.fonts.face import FONT_FILE
from market.photos import Photo

WIDTH, HEIGHT, EDGE = 900, 640, 60
TABLE, SHEET, INK, STAMP = "#8a8f86", "#fbfaf4", "#20302a", "#9a3324"


NO_PAPER = "示例，不是真的证照"


def paper_photo(title: str, lines: list[str], stamp: str = NO_PAPER) -> Photo:
    """A sheet on a table, with `示例` across it."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), TABLE)
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((EDGE, EDGE, WIDTH - EDGE, HEIGHT - EDGE), fill=SHEET, outline=INK, width=3)
    _centred(drawing, title, 100, 44, INK)
    for number, line in enumerate(lines):
        drawing.text((EDGE + 50, 200 + 62 * number), line, font=_font(30), fill=INK)
    _centred(drawing, stamp, HEIGHT - EDGE - 70, 34, STAMP)
    content = BytesIO()
    picture.save(content, "JPEG", quality=80)
    return Photo(content.getvalue(), WIDTH, HEIGHT)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FILE, size)


def _centred(drawing: ImageDraw.ImageDraw, text: str, top: int, size: int, colour: str) -> None:
    font = _font(size)
    drawing.text(((WIDTH - drawing.textlength(text, font)) / 2, top), text, font=font, fill=colour)
