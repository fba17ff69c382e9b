"""What every PDF of ours shares: the embedded Chinese font, text that fits its place, awning, page sizes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from itertools import islice
from math import ceil
from typing import BinaryIO, TypeVar

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from market.fonts.face import FONT, paper_font

T = TypeVar("T")

MM = 72 / 25.4
A6 = (105 * MM, 148 * MM)
A4 = (210 * MM, 297 * MM)
A4_LANDSCAPE = (297 * MM, 210 * MM)
A3 = (297 * MM, 420 * MM)

BLACK = HexColor("#000000")
"""Text is pure black: a black-and-white printer turns any other colour into dots."""
WHITE = HexColor("#ffffff")
PALE = HexColor("#eeeeee")
PERSIMMON = HexColor("#b8401a")

CAP_HEIGHT = 0.733
"""Height of capitals and digits, as a part of the type size."""

BOLD = 0.035
"""Stroke around bold letters, as a part of the type size: it makes the second weight that the font lacks."""
BLACK_LETTERS = 0.055
"""The same for the few very large letters that are read from afar."""

ROUNDING = 0.01
"""A text that was just made to fit may be wider than its place by the last digits of a float."""


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@contextmanager
def paper(out: BinaryIO, page_size: tuple[float, float], *, title: str) -> Iterator[Canvas]:
    """A PDF to draw on, written to `out` at the end of the block. The same drawing gives the same bytes."""
    paper_font()
    canvas = Canvas(
        out,
        pagesize=page_size,
        pageCompression=1,
        invariant=1,
        initialFontName=FONT,  # type: ignore[arg-type]  # the stubs mistake it for a number
        lang="zh-Hans",
    )
    canvas.setTitle(title)
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setProducer("")
    yield canvas
    canvas.save()


def missing_glyphs(text: str) -> list[str]:
    """The characters of the text that the font lacks, each once: asked when a vendor registers a name."""
    return [character for character in dict.fromkeys(text) if print_form(character).startswith("[U+")]


def printable(text: str) -> str:
    """The text as it will be printed: in one line, `[U+31EDE]` for a character that the font lacks."""
    return "".join(map(print_form, text)).strip()


@cache
def print_form(character: str) -> str:
    """What stands on paper for one character: itself, a space, nothing, or its number."""
    if character.isspace() and character != "\u3000":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf") or _is_variation_selector(character):
        return ""
    if ord(character) in paper_font().face.charToGlyph:
        return character
    return f"[U+{ord(character):04X}]"


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def text_width(text: str, size: float, stroke: float = 0) -> float:
    """How wide the printable text is; letters with a stroke stand half of it further apart."""
    widths: dict[int, float] = paper_font().face.charWidths
    return sum(widths[ord(character)] for character in text) * size / 1000 + len(text) * size * stroke / 2


def fitted_size(text: str, size: float, width: float, smallest: float, stroke: float = 0) -> float:
    """The size, or a smaller one down to `smallest`, at which the text is not wider than `width`."""
    natural = text_width(text, size, stroke)
    return size if natural <= width else max(smallest, size * width / natural)


def shortened(text: str, size: float, width: float, stroke: float = 0) -> str:
    """The text, or as much of its beginning as fits in the width, with an ellipsis."""
    if text_width(text, size, stroke) <= width + ROUNDING:
        return text
    kept = text
    while kept and text_width(kept + "…", size, stroke) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def draw_text(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    stroke: float = 0,
    align: Align = Align.LEFT,
    width: float | None = None,
    smallest: float = 7,
    ink: Color = BLACK,
) -> None:
    """Writes one line on the baseline y, with `width` smaller at need, then shortened: it never sticks out.

    `stroke` is `BOLD`, `BLACK_LETTERS` or 0; x is the left end, the middle or the right end, as `align` says.
    """
    line = printable(text)
    if width is not None:
        size = fitted_size(line, size, width, smallest, stroke)
        line = shortened(line, size, width, stroke)
    if align is not Align.LEFT:
        x -= text_width(line, size, stroke) / (2 if align is Align.CENTRE else 1)
    _show(canvas, x, y, line, size, stroke, ink)


def _show(canvas: Canvas, x: float, y: float, line: str, size: float, stroke: float, ink: Color) -> None:
    canvas.setFillColor(ink)
    if stroke:
        canvas.setStrokeColor(ink)
        canvas.setLineWidth(size * stroke)
        canvas.setLineJoin(1)
    pen = canvas.beginText(x, y)
    pen.setFont(FONT, size)
    if stroke:
        pen.setTextRenderMode(2)
        pen.setCharSpace(size * stroke / 2)
    pen.textOut(line)
    if stroke:
        pen.setTextRenderMode(0)
        pen.setCharSpace(0)
    canvas.drawText(pen)


def draw_block(
    canvas: Canvas,
    x: float,
    middle: float,
    text: str,
    size: float,
    *,
    width: float,
    smallest: float,
    stroke: float = 0,
    align: Align = Align.LEFT,
) -> None:
    """Writes a text around the height `middle`: on one line down to `smallest`, else on two, the rest cut."""
    line = printable(text)
    size = fitted_size(line, size, width, smallest, stroke)
    lines = [line]
    if text_width(line, size, stroke) > width + ROUNDING:
        lines, size = _two_lines(line, smallest, width, stroke)
    baseline = middle + (len(lines) - 1) * size * 0.6 - size * 0.36
    for line in lines:
        draw_text(canvas, x, baseline, line, size, stroke=stroke, align=align, width=width)
        baseline -= size * 1.2


def _two_lines(text: str, size: float, width: float, stroke: float) -> tuple[list[str], float]:
    """Two lines of about the same length, up to a quarter smaller at need; then the second is shortened."""
    for smaller in (size, size * 0.87, size * 0.75):
        for room in (text_width(text, smaller, stroke) / 2 + smaller, width):
            lines = wrap(text, smaller, min(room, width), stroke)
            if len(lines) == 2:
                return lines, smaller
    return [lines[0], shortened(" ".join(lines[1:]), smaller, width, stroke)], smaller


NEVER_FIRST = frozenset("，。、；：？！）》〉」』】〕”’…—·,.;:?!)]}%％°")
NEVER_LAST = frozenset("（《〈「『【〔“‘([{¥￥")


def wrap(text: str, size: float, width: float, stroke: float = 0) -> list[str]:
    """The printable text in lines no wider than `width`.

    Breaks between Chinese characters, not inside Latin words nor between a number and its unit. No line
    begins with punctuation or ends with an opening bracket. A word longer than a line is cut.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(printable(text)):
        if line and text_width((line + piece).rstrip(), size, stroke) > width:
            lines.append(line.rstrip())
            line = ""
        line = (line + piece).lstrip()
        while text_width(line.rstrip(), size, stroke) > width and len(line) > 1:
            fits = next(
                n
                for n in range(len(line) - 1, 0, -1)
                if n == 1 or text_width(line[:n], size, stroke) <= width
            )
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> list[str]:
    """The text in the parts that must stay together."""
    pieces: list[str] = []
    for character in text:
        if pieces and _stays_with(pieces[-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _stays_with(piece: str, character: str) -> bool:
    """Whether no line may end between a piece and the next character."""
    before = piece[-1]
    if character in NEVER_FIRST or before in NEVER_LAST or character == " ":
        return True
    if before == " ":
        return piece[-2:-1].isdigit() and character.isalpha()
    return _is_word(before) and _is_word(character)


def _is_word(character: str) -> bool:
    return (character.isalnum() and ord(character) < 0x2E80) or character in "-–.,:/@_+[]"


def in_groups(items: Iterable[T], size: int) -> list[list[T]]:
    """The items in pages of `size`, the last one shorter."""
    rest = iter(items)
    return list(iter(lambda: list(islice(rest, size)), []))


def draw_awning(
    canvas: Canvas, x: float, top: float, width: float, height: float, *, scallop: float = 15
) -> None:
    """The scalloped awning hanging from `top`: stripes about `scallop` wide, the first and the last filled.

    Each stripe has a black edge, so a printer without colour, or without grey, still shows an awning.
    """
    name = f"awning-{width:.2f}-{height:.2f}-{scallop:.2f}"
    if not canvas.hasForm(name):
        canvas.beginForm(name, -1, -ceil(height) - 1, ceil(width) + 1, 1)
        _stripes(canvas, width, height, round((width / scallop - 1) / 2) * 2 + 1)
        canvas.endForm()
    canvas.saveState()
    canvas.translate(x, top)
    canvas.doForm(name)
    canvas.restoreState()


def _stripes(canvas: Canvas, width: float, height: float, count: int) -> None:
    """`count` stripes side by side, each ending in a half round."""
    stripe = width / count
    straight = max(height - stripe / 2, height * 0.4)
    bow = (height - straight) * 4 / 3
    canvas.setLineWidth(0.7)
    canvas.setStrokeColor(BLACK)
    for number in range(count):
        canvas.setFillColor(WHITE if number % 2 else PERSIMMON)
        left, right = number * stripe, (number + 1) * stripe
        path = canvas.beginPath()
        path.moveTo(left, 0)
        path.lineTo(left, -straight)
        path.curveTo(left, -straight - bow, right, -straight - bow, right, -straight)
        path.lineTo(right, 0)
        path.close()
        canvas.drawPath(path, stroke=1, fill=1)


def draw_lines(
    canvas: Canvas,
    x: float,
    baseline: float,
    text: str,
    size: float,
    *,
    width: float,
    most: int,
    leading: float = 1.35,
    stroke: float = 0,
    align: Align = Align.LEFT,
) -> float:
    """Writes a text from the baseline down in at most `most` lines, the last one cut; the next baseline."""
    lines = [line for line in wrap(text, size, width, stroke) if line]
    if len(lines) > most:
        lines = [*lines[: most - 1], "".join(lines[most - 1 :])]
    for line in lines:
        draw_text(canvas, x, baseline, line, size, stroke=stroke, align=align, width=width, smallest=size)
        baseline -= size * leading
    return baseline


def largest_that_fits(
    text: str, sizes: Iterable[float], width: float, most: int, stroke: float = 0
) -> tuple[float, list[str]]:
    """The first of the sizes at which the text takes at most `most` lines, else the last; with its lines."""
    size, lines = 0.0, [""]
    for size in sizes:
        lines = wrap(text, size, width, stroke)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], shortened("".join(lines[most - 1 :]), size, width, stroke)]


def draw_cut_marks(canvas: Canvas, page_size: tuple[float, float]) -> None:
    """Where to cut a sheet into four: ticks inside what printers can print, and a cross in the middle."""
    width, height = page_size
    x, y, near, far, arm = width / 2, height / 2, 5 * MM, 13 * MM, 4 * MM
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.4)
    canvas.lines(
        [
            (x, near, x, far),
            (x, height - far, x, height - near),
            (near, y, far, y),
            (width - far, y, width - near, y),
            (x - arm, y, x + arm, y),
            (x, y - arm, x, y + arm),
        ]
    )
