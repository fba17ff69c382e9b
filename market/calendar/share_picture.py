"""The picture that stands beside a link in a chat: square, in large type, drawn by the server."""

from __future__ import annotations

import io
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from market.fonts.face import FONT_FILE
from market.print import printable

SIDE, MARGIN, INNER = 640, 36, 568
Colour = tuple[int, int, int]
PAPER, INK, ACCENT, WHITE = (251, 246, 236), (36, 33, 28), (184, 64, 26), (255, 255, 255)
SHADES = 32
"""Four colours and the soft edges between them; no more, so that the file stays small."""

AWNING, SCALLOP = 56, 64
LARGEST, SMALLEST = 96, 30


class SharePicture(NamedTuple):
    """What it says, from top to bottom; what is empty is left out."""

    head: str
    """Whose market."""
    large: str
    """The one thing to know: the date."""
    lines: tuple[str, ...] = ()
    stop_word: str = ""
    """延期 or 取消, in a bar across."""


def draw_share_picture(picture: SharePicture) -> bytes:
    """A PNG of few colours."""
    image = Image.new("RGB", (SIDE, SIDE), PAPER)
    draw = ImageDraw.Draw(image)
    _awning(draw)
    below = _line(draw, picture.head, 116, 48, INK)
    below = _line(draw, picture.large, below + 24, LARGEST, ACCENT)
    for line in picture.lines:
        below = _line(draw, line, below + 16, 60, INK)
    if picture.stop_word:
        draw.rectangle((0, SIDE - 120, SIDE, SIDE), ACCENT)
        _line(draw, picture.stop_word, SIDE - 105, 72, WHITE)
    out = io.BytesIO()
    image.quantize(SHADES, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _awning(draw: ImageDraw.ImageDraw) -> None:
    for number, left in enumerate(range(0, SIDE, SCALLOP)):
        colour = (ACCENT, WHITE)[number % 2]
        draw.rectangle((left, 0, left + SCALLOP - 1, AWNING), colour)
        draw.pieslice((left, AWNING - 32, left + SCALLOP - 1, AWNING + 31), 0, 180, colour)


def _line(draw: ImageDraw.ImageDraw, text: str, top: int, size: int, colour: Colour) -> int:
    """One line as large as it fits, in two where that is too small; the place below."""
    text = printable(text)
    font = _fitting(text, size)
    for part in _parts(text, font):
        draw.text((MARGIN, top), part, colour, font, stroke_width=size // 48)
        top += round(font.size * 1.2)
    return top


def _fitting(text: str, size: int) -> ImageFont.FreeTypeFont:
    while size > SMALLEST and _font(size).getlength(text) > INNER:
        size -= 4
    return _font(size)


def _parts(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """The text, or two lines of it; what does not fit into two ends with dots."""
    first = _as_much_as_fits(text, font)
    rest = text[len(first) :].strip()
    if not rest:
        return [first]
    second = _as_much_as_fits(rest, font)
    return [first, second if second == rest else second[:-1] + "…"]


def _as_much_as_fits(text: str, font: ImageFont.FreeTypeFont) -> str:
    end = len(text)
    while end > 1 and font.getlength(text[:end]) > INNER:
        end -= 1
    return text[:end]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_FILE), size, layout_engine=ImageFont.Layout.BASIC)
