"""Writes text on paper so that it never sticks out of its place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from market.fonts.face import FONT
from market.print.glyphs import CAP_HEIGHT, ROUNDING, fitted_size, printable, shortened, text_width
from market.print.lines import balanced, longest_word, whole_words, wrap
from market.print.page import BLACK

LEAST = 6.5
"""What can still be read."""
NARROWEST = 0.6
"""How much narrower large capitals may be made, as on road signs."""


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


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


def draw_narrowed(
    canvas: Canvas,
    x: float,
    middle: float,
    text: str,
    size: float,
    *,
    width: float,
    least: float,
    stroke: float = 0,
    align: Align = Align.LEFT,
) -> None:
    """Writes one line of capitals around the height `middle`, to be read from afar: smaller down to `least`
    at need, then in narrower letters, and only then smaller still."""
    line = printable(text)
    size = fitted_size(line, size, width, least, stroke)
    narrow = min(1.0, width / (text_width(line, size, stroke) or width))
    if narrow < NARROWEST:
        size, narrow = size * narrow / NARROWEST, NARROWEST
    if align is not Align.LEFT:
        x -= text_width(line, size, stroke) * narrow / (2 if align is Align.CENTRE else 1)
    _show(canvas, x, middle - size * CAP_HEIGHT / 2, line, size, stroke, BLACK, narrow)


def _show(
    canvas: Canvas, x: float, y: float, line: str, size: float, stroke: float, ink: Color, narrow: float = 1
) -> None:
    canvas.setFillColor(ink)
    if stroke:
        canvas.setStrokeColor(ink)
        canvas.setLineWidth(size * stroke * narrow)
        canvas.setLineJoin(1)
    pen = canvas.beginText(x, y)
    pen.setFont(FONT, size)
    if stroke:
        pen.setTextRenderMode(2)
        pen.setCharSpace(size * stroke / 2)
    if narrow != 1:
        pen.setHorizScale(narrow * 100)
    pen.textOut(line)
    if narrow != 1:
        pen.setHorizScale(100)
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
    """Writes a text around the height `middle`: on one line down to `smallest`, else on two, the rest cut.
    Before a word is cut it is written smaller still, as long as it can be read."""
    line = printable(text)
    size = fitted_size(line, size, width, smallest, stroke)
    lines = [line]
    if text_width(line, size, stroke) > width + ROUNDING:
        smallest = whole_words(line, smallest, width, min(smallest, LEAST), stroke)
        lines, size = _two_lines(line, smallest, width, stroke)
    baseline = middle + (len(lines) - 1) * size * 0.6 - size * 0.36
    for line in lines:
        draw_text(canvas, x, baseline, line, size, stroke=stroke, align=align, width=width)
        baseline -= size * 1.2


def _two_lines(text: str, size: float, width: float, stroke: float) -> tuple[list[str], float]:
    """At most two lines, about as long as each other, up to a quarter smaller at need; then the second is
    shortened."""
    word = longest_word(text)
    for smaller in (size, size * 0.87, size * 0.75):
        half = text_width(text, smaller, stroke) / 2 + smaller
        for room in (max(half, text_width(word, smaller, stroke)), width):
            lines = wrap(text, smaller, min(room, width), stroke)
            if len(lines) <= 2:
                return lines, smaller
    return [lines[0], shortened(_one_line(lines[1:]), smaller, width, stroke)], smaller


def _one_line(lines: Sequence[str]) -> str:
    """Broken lines as one again: with a blank between words, with none between Chinese characters."""
    whole = ""
    for line in lines:
        apart = bool(whole) and line and whole[-1].isascii() and line[0].isascii()
        whole += f" {line}" if apart and not whole.endswith(" ") else line
    return whole


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
    lines = [line for line in balanced(text, size, width, stroke) if line]
    if len(lines) > most:
        lines = [*lines[: most - 1], _one_line(lines[most - 1 :])]
    for line in lines:
        draw_text(canvas, x, baseline, line, size, stroke=stroke, align=align, width=width, smallest=size)
        baseline -= size * leading
    return baseline
