"""Printed stall passes: which face lies where on which paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from math import sqrt
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.gate import qr_table
from market.gate.back import draw_back
from market.gate.cards import PassBack, PassCard, PassLabels
from market.gate.faces import CARD, SIGN, SMALL_CARD, DrawCode, Face, draw_face, label
from market.gate.qr import Squares, draw_qr, draw_squares
from market.paper import A4, A4_LANDSCAPE, A6, BLACK, MM, WHITE, paper


class Layout(StrEnum):
    """How passes lie on the paper."""

    A6 = "a6"
    """One card a page."""
    A5 = "a5"
    """A sign to stand on the stall."""
    A4X1 = "a4x1"
    A4X2 = "a4x2"
    A4X4 = "a4x4"
    """Four cards on an A4 sheet with marks to cut along."""
    A4X8 = "a4x8"
    LABELS24 = "labels24"
    """Stickers of 70 × 37 mm."""
    LABELS14 = "labels14"
    """Stickers of 99 × 38 mm."""
    LANYARD = "lanyard"
    """Front and back in one piece, folded at the top and hung round the neck."""


class Sheet(NamedTuple):
    """A paper, the lower left corners of its passes in reading order, and what lies there at which scale."""

    page: tuple[float, float]
    corners: tuple[tuple[float, float], ...]
    face: Face
    scale: float = 1
    marks: Callable[[Canvas, tuple[float, float]], None] | None = None
    has_back: bool = True
    """Whether a back can be printed: on a sticker nobody would see it."""
    folded: bool = False
    """Whether the back stands upside down above the front, on the same page."""

    @property
    def cell(self) -> tuple[float, float]:
        return self.face.width * self.scale, self.face.height * self.scale


def _grid(
    page: tuple[float, float],
    columns: int,
    rows: int,
    step: tuple[float, float] | None = None,
    corner: tuple[float, float] = (0, 0),
) -> tuple[tuple[float, float], ...]:
    """Lower left corners from the top left on; `corner` is what stays free at the left and at the top."""
    across, down = step or (page[0] / columns, page[1] / rows)
    top = page[1] - corner[1]
    return tuple(
        (corner[0] + across * column, top - down * (row + 1))
        for row in range(rows)
        for column in range(columns)
    )


# ── marks ─────────────────────────────────────────────────────────────────────────────────────────────────


def _cut(columns: int, rows: int) -> Callable[[Canvas, tuple[float, float]], None]:
    """Where to cut a sheet into so many: ticks inside what printers can print, and crosses within."""

    def marks(canvas: Canvas, page: tuple[float, float]) -> None:
        near, far, arm = 5 * MM, 11 * MM, 3 * MM
        across = [page[0] / columns * n for n in range(1, columns)]
        down = [page[1] / rows * n for n in range(1, rows)]
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(0.4)
        for x in across:
            canvas.lines([(x, near, x, far), (x, page[1] - far, x, page[1] - near)])
        for y in down:
            canvas.lines([(near, y, far, y), (page[0] - far, y, page[0] - near, y)])
            for x in across:
                canvas.lines([(x - arm, y, x + arm, y), (x, y - arm, x, y + arm)])

    return marks


def _fold(canvas: Canvas, page: tuple[float, float]) -> None:
    """Cut down the middle, fold across it; the ribbon goes through the slot under the fold."""
    width, height = page
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.4)
    canvas.lines(
        [(width / 2, 5 * MM, width / 2, 11 * MM), (width / 2, height - 11 * MM, width / 2, height - 5 * MM)]
    )
    canvas.setFillColor(WHITE)
    for x in (width / 4, width * 3 / 4):
        for y in (height / 2 - 6.5 * MM, height / 2 + 3.5 * MM):
            canvas.roundRect(x - 7 * MM, y, 14 * MM, 3 * MM, 1.5 * MM, stroke=1, fill=1)
    canvas.setDash(3, 3)
    canvas.line(5 * MM, height / 2, width - 5 * MM, height / 2)
    canvas.setDash()


A5_LANDSCAPE = (210 * MM, 148 * MM)
LABEL24, LABEL14 = label(70 * MM, 37 * MM), label(99.1 * MM, 38.1 * MM)

SHEETS: dict[Layout, Sheet] = {
    Layout.A6: Sheet(A6, _grid(A6, 1, 1), CARD),
    Layout.A5: Sheet(A5_LANDSCAPE, _grid(A5_LANDSCAPE, 1, 1), SIGN),
    Layout.A4X1: Sheet(A4, _grid(A4, 1, 1), CARD, 2),
    Layout.A4X2: Sheet(A4_LANDSCAPE, _grid(A4_LANDSCAPE, 2, 1), CARD, sqrt(2), _cut(2, 1)),
    Layout.A4X4: Sheet(A4, _grid(A4, 2, 2), CARD, 1, _cut(2, 2)),
    Layout.A4X8: Sheet(A4_LANDSCAPE, _grid(A4_LANDSCAPE, 4, 2), SMALL_CARD, 1, _cut(4, 2)),
    Layout.LABELS24: Sheet(
        A4, _grid(A4, 3, 8, (70 * MM, 37 * MM), (0, 0.5 * MM)), LABEL24, has_back=False
    ),
    Layout.LABELS14: Sheet(
        A4, _grid(A4, 2, 7, (101.6 * MM, 38.1 * MM), (4.65 * MM, 15.15 * MM)), LABEL14, has_back=False
    ),
    Layout.LANYARD: Sheet(
        A4, _grid((A4[0], A4[1] / 2), 2, 1), CARD, 1, _fold, folded=True
    ),
}  # fmt: skip


@dataclass(frozen=True)
class PrintOrder:
    """How passes are to be printed."""

    layout: Layout = Layout.A6
    start: int = 1
    """The first free cell of the first sheet: half a sheet of stickers is not thrown away."""
    back: bool = False
    """Whether the map is printed on the back."""
    spares: int = 0
    """How many passes to fill in by hand, on the free stalls first."""


# ── the document ──────────────────────────────────────────────────────────────────────────────────────────


def passes_pdf(
    cards: Iterable[PassCard],
    out: BinaryIO,
    *,
    labels: PassLabels,
    layout: Layout = Layout.A6,
    start: int = 1,
    back: PassBack | None = None,
    draw_code: DrawCode | None = None,
) -> int:
    """Writes the passes, in the order given, as one PDF; how many.

    At least one: a blank sheet would puzzle people. The first lies in cell `start` of the first sheet. With a
    `back`, each page is followed by its back, to be turned over like the page of a book. The cards are taken
    a few at a time, so they need not all be in memory.
    """
    sheet = SHEETS[layout]
    if not 1 <= start <= len(sheet.corners):
        raise ValueError(f"no cell {start} on a sheet of {len(sheet.corners)}")
    first, cards, many = _look_ahead(cards)
    if first is None:
        raise ValueError("no pass to print")
    if draw_code is None and (many or qr_table.is_ready()):
        press = _CodePress()
        cards, draw_code = press.feed(cards), press.draw
    pen = _Pen(sheet, labels, back if sheet.has_back else None, draw_code or draw_qr)
    with paper(out, sheet.page, title=labels.title) as canvas:
        if pen.back is not None and not sheet.folded:
            canvas.setViewerPreference("Duplex", _duplex(sheet))
        return sum(pen.draw_page(canvas, page) for page in _pages(cards, sheet.corners, start))


Placed = tuple[PassCard, tuple[float, float]]


def _look_ahead(cards: Iterable[PassCard]) -> tuple[PassCard | None, Iterator[PassCard], bool]:
    """The first card, all of them, and whether they are so many that a table of codes pays."""
    rest = iter(cards)
    seen = list(islice(rest, qr_table.WORTH_IT))
    return (seen[0] if seen else None), chain(seen, rest), len(seen) == qr_table.WORTH_IT


class _CodePress:
    """Codes from the table, made for a group of cards at once: one by one, between the drawing of two pages,
    the table would have to be fetched into the processor's cache again each time."""

    def __init__(self) -> None:
        self._ready: dict[str, Squares] = {}
        self._before: dict[str, Squares] = {}
        """A sheet may begin in one group and end in the next."""

    def feed(self, cards: Iterator[PassCard]) -> Iterator[PassCard]:
        """The same cards; the codes of the next ones are ready when they come."""
        while group := list(islice(cards, qr_table.WORTH_IT)):
            self._before = self._ready
            self._ready = {card.qr_url: qr_table.squares_of(card.qr_url) for card in group if card.qr_url}
            yield from group

    def draw(self, canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
        """The same as `draw_qr`."""
        draw_squares(canvas, self._ready.get(text) or self._before[text], x, y, size)


def _duplex(sheet: Sheet) -> str:
    """Which edge to turn over so that left and right change places."""
    return "DuplexFlipLongEdge" if sheet.page[1] > sheet.page[0] else "DuplexFlipShortEdge"


def _pages(
    cards: Iterator[PassCard], corners: tuple[tuple[float, float], ...], start: int
) -> Iterator[list[Placed]]:
    """The cards with their places, page by page."""
    free = corners[start - 1 :]
    while page := [(card, corner) for corner, card in zip(free, cards, strict=False)]:
        yield page
        free = corners


class _Pen(NamedTuple):
    """What every page of a print is drawn with."""

    sheet: Sheet
    labels: PassLabels
    back: PassBack | None
    draw_code: DrawCode

    def draw_page(self, canvas: Canvas, page: list[Placed]) -> int:
        """The fronts of a page, and their backs; how many passes."""
        for card, corner in page:
            with _moved(canvas, corner, self.sheet.scale):
                draw_face(canvas, self.sheet.face, card, self.labels, self.draw_code)
        if self.back is not None and not self.sheet.folded:
            self._end(canvas)
        for card, corner in page:
            if self.back is not None:
                self._draw_back(canvas, card, corner, self.back)
        self._end(canvas)
        return len(page)

    def _draw_back(self, canvas: Canvas, card: PassCard, corner: tuple[float, float], back: PassBack) -> None:
        """Upside down above the fold; else where the card is when the sheet is turned over."""
        width = self.sheet.cell[0]
        turned = (self.sheet.page[0] - corner[0] - width, corner[1])
        if self.sheet.folded:
            turned = (corner[0] + width, self.sheet.page[1])
        with _moved(canvas, turned, self.sheet.scale, 180 if self.sheet.folded else 0):
            draw_back(canvas, back, card, self.labels, (self.sheet.face.width, self.sheet.face.height))

    def _end(self, canvas: Canvas) -> None:
        if self.sheet.marks is not None:
            self.sheet.marks(canvas, self.sheet.page)
        canvas.showPage()


@contextmanager
def _moved(canvas: Canvas, corner: tuple[float, float], scale: float, turn: float = 0) -> Iterator[None]:
    canvas.saveState()
    canvas.translate(*corner)
    if scale != 1:
        canvas.scale(scale, scale)
    if turn:
        canvas.rotate(turn)
    yield
    canvas.restoreState()
