"""Printed stall passes: which face lies where on which paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.passes.back import draw_back
from market.passes.cards import PassBack, PassCard, PassLabels
from market.passes.faces import DrawCode, draw_face
from market.passes.layouts import SHEETS, Sheet
from market.passes.rules import Layout
from market.print import paper, qr_table
from market.print.qr import Squares, draw_qr, draw_squares


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


CardInCell = tuple[PassCard, tuple[float, float]]


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
        self._shared: dict[str, Squares] = {}

    def feed(self, cards: Iterator[PassCard]) -> Iterator[PassCard]:
        """The same cards; the codes of the next ones are ready when they come."""
        while group := list(islice(cards, qr_table.WORTH_IT)):
            self._before = self._ready
            self._ready = {card.qr_url: qr_table.squares_of(card.qr_url) for card in group if card.qr_url}
            yield from group

    def draw(self, canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
        """The same as `draw_qr`; the code of the ledger, on every sign, is made when first asked for."""
        squares = self._ready.get(text) or self._before.get(text) or self._shared.get(text)
        if squares is None:
            squares = self._shared[text] = qr_table.squares_of(text)
        draw_squares(canvas, squares, x, y, size)


def _duplex(sheet: Sheet) -> str:
    """Which edge to turn over so that left and right change places."""
    return "DuplexFlipLongEdge" if sheet.page[1] > sheet.page[0] else "DuplexFlipShortEdge"


def _pages(
    cards: Iterator[PassCard], corners: tuple[tuple[float, float], ...], start: int
) -> Iterator[list[CardInCell]]:
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

    def draw_page(self, canvas: Canvas, page: list[CardInCell]) -> int:
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
