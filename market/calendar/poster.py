"""The market poster for the wall: readable from across the street, with a code that leads to its page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from enum import StrEnum
from itertools import zip_longest
from typing import BinaryIO, NamedTuple, TypeVar

from reportlab.pdfgen.canvas import Canvas

from market.print import (
    A3,
    A4,
    BLACK,
    BLACK_LETTERS,
    BOLD,
    MM,
    WHITE,
    Align,
    draw_awning,
    draw_lines,
    draw_text,
    largest_that_fits,
    paper,
    printable,
    text_width,
)

T = TypeVar("T")

WIDTH, HEIGHT = A4
MARGIN = 14 * MM
INNER = WIDTH - 2 * MARGIN
MIDDLE = WIDTH / 2
QR_SIDE = 50 * MM
HIGHLIGHTS = 5
ASKED_ROOM = 9 * MM

DrawCode = Callable[[Canvas, str, float, float, float], None]
"""Draws a text as a QR code in a square: canvas, text, left, bottom, side."""


class Size(StrEnum):
    """On which paper."""

    A4 = "a4"
    A3 = "a3"


class Poster(NamedTuple):
    """What the poster says, in words ready to print; what is empty is left out."""

    community: str
    title: str
    """睦邻集市"""
    theme: str
    date_text: str
    weekday_text: str
    hours_text: str
    place: str
    address: str
    """Where the place is."""
    highlights: tuple[tuple[str, str], ...]
    """Up to five: what there is, and where."""
    scan: str
    """扫一扫，看谁来、在哪个摊位"""
    page_address: str
    """What the code holds."""
    contact: str
    head: str = ""
    """Where the community's journal stood when it was printed."""
    stop_word: str = ""
    """延期 or 取消, across the sheet."""
    stop_note: str = ""
    head_address: str = ""
    """Where the head can be asked about; the small code beside."""
    asked: str = ""
    """Which of the stalls residents had asked for."""


def choose_highlights(things: Iterable[tuple[Hashable, T]], most: int = HIGHLIGHTS) -> list[T]:
    """The first things of each kind in turn, so that five lines show the market's whole breadth."""
    kinds: dict[Hashable, list[T]] = {}
    for kind, thing in things:
        kinds.setdefault(kind, []).append(thing)
    turns = zip_longest(*kinds.values())
    return [thing for turn in turns for thing in turn if thing is not None][:most]


def write_poster(poster: Poster, out: BinaryIO, *, size: Size, draw_code: DrawCode) -> None:
    """Writes the poster as one page. A3 is the same drawing, √2 as large."""
    sheet = A3 if size is Size.A3 else A4
    with paper(out, sheet, title=f"{poster.theme} {poster.date_text}") as canvas:
        canvas.scale(sheet[0] / WIDTH, sheet[0] / WIDTH)
        draw_awning(canvas, 0, HEIGHT, WIDTH, 20 * MM, scallop=WIDTH / 15)
        below = _head(canvas, poster)
        below = _stop(canvas, poster, below) if poster.stop_word else below
        below = _when(canvas, poster, below)
        if not poster.stop_word:
            _highlights(canvas, poster.highlights, below, floor=ASKED_ROOM if poster.asked else 0)
            _asked(canvas, poster.asked)
        _foot(canvas, poster, draw_code)
        canvas.showPage()


def _head(canvas: Canvas, poster: Poster) -> float:
    """Whose market, and its theme in the largest type that fits on two lines; tells how far down it came."""
    baseline = HEIGHT - 33 * MM
    head = f"{poster.community} {poster.title}"
    draw_text(canvas, MIDDLE, baseline, head, 26, align=Align.CENTRE, stroke=BOLD, width=INNER)
    size, lines = largest_that_fits(poster.theme, (64, 56, 50, 44, 38, 33), INNER, 2, BLACK_LETTERS)
    if len(lines) == 1 and text_width(printable(poster.theme), 78, BLACK_LETTERS) <= INNER:
        size = 78
    baseline -= 8 * MM
    for line in lines:
        baseline -= size * 1.02
        draw_text(canvas, MIDDLE, baseline, line, size, align=Align.CENTRE, stroke=BLACK_LETTERS, width=INNER)
        baseline -= size * 0.16
    return baseline - 4 * MM


def _stop(canvas: Canvas, poster: Poster, top: float) -> float:
    """Postponed or cancelled: white on black, larger than the date, with the reason."""
    canvas.setFillColor(BLACK)
    canvas.rect(MARGIN, top - 32 * MM, INNER, 30 * MM, stroke=0, fill=1)
    draw_text(
        canvas, MIDDLE, top - 25 * MM, poster.stop_word, 72, align=Align.CENTRE, stroke=BOLD, ink=WHITE,
        width=INNER - 8 * MM,
    )  # fmt: skip
    below = draw_lines(
        canvas, MIDDLE, top - 44 * MM, poster.stop_note, 24, width=INNER, most=4, align=Align.CENTRE
    )
    return below - 2 * MM


def _when(canvas: Canvas, poster: Poster, top: float) -> float:
    """Date, weekday and hours between two thick lines; the place under them."""
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(2.4)
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    left = WIDTH * 0.60
    draw_text(canvas, MARGIN, top - 21 * MM, poster.date_text, 54, stroke=BLACK_LETTERS, width=left - MARGIN)
    right = WIDTH - MARGIN
    room = right - left - 6 * MM
    draw_text(
        canvas, right, top - 10.5 * MM, poster.weekday_text, 24, align=Align.RIGHT, stroke=BOLD, width=room
    )
    draw_text(
        canvas, right, top - 21.5 * MM, poster.hours_text, 27, align=Align.RIGHT, stroke=BOLD, width=room
    )
    canvas.line(MARGIN, top - 26.5 * MM, right, top - 26.5 * MM)
    draw_text(canvas, MARGIN, top - 38 * MM, poster.place, 28, stroke=BOLD, width=INNER)
    draw_text(canvas, MARGIN, top - 46 * MM, poster.address, 16, width=INNER)
    return top - 52 * MM


def _highlights(canvas: Canvas, lines: Iterable[tuple[str, str]], top: float, *, floor: float) -> None:
    """Five lines, spread over the room that is left above the foot and `floor`."""
    shown = list(lines)[:HIGHLIGHTS]
    room = top - (MARGIN + QR_SIDE + 4 * MM) - floor
    step = min(18 * MM, room / max(1, len(shown)))
    size = min(29, step * 0.62)
    for number, (what, where) in enumerate(shown):
        baseline = top - step * number - step * 0.72
        taken = text_width(printable(where), size * 0.8) + 6 * MM if where else 0
        canvas.setFillColor(BLACK)
        canvas.circle(MARGIN + size * 0.22, baseline + size * 0.36, size * 0.18, stroke=0, fill=1)
        indent = MARGIN + size * 0.8
        draw_text(canvas, indent, baseline, what, size, stroke=BOLD, width=WIDTH - MARGIN - indent - taken)
        draw_text(canvas, WIDTH - MARGIN, baseline, where, size * 0.8, align=Align.RIGHT)


def _asked(canvas: Canvas, sentence: str) -> None:
    """What of it residents had asked for, on one line above the foot."""
    if sentence:
        draw_text(canvas, MARGIN, MARGIN + QR_SIDE + 2 * MM, sentence, 17, stroke=BOLD, width=INNER)


def _foot(canvas: Canvas, poster: Poster, draw_code: DrawCode) -> None:
    """The code, what it is good for, and whom to call."""
    top = MARGIN + QR_SIDE - 2 * MM
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(1)
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    draw_code(canvas, poster.page_address, WIDTH - MARGIN - QR_SIDE + 4 * MM, MARGIN - 5 * MM, QR_SIDE)
    room = INNER - QR_SIDE
    if poster.head_address:
        side = 24 * MM
        draw_code(canvas, poster.head_address, MARGIN + room - side, MARGIN - 3 * MM, side)
        room -= side
    below = draw_lines(canvas, MARGIN, top - 14 * MM, poster.scan, 25, width=room, most=2, stroke=BOLD)
    draw_lines(canvas, MARGIN, below - 3 * MM, poster.contact, 15, width=room, most=3)
    draw_text(canvas, MARGIN, MARGIN - 5 * MM, poster.head, 8, width=room)
