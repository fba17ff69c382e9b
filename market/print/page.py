"""A PDF to draw on: page sizes, colours, the awning at its head, marks to cut along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from math import ceil
from typing import BinaryIO, TypeVar

from reportlab.lib.colors import HexColor
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
