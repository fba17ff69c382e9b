"""How passes lie on the paper: pages, cells, and where to cut or fold."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.passes.faces import CARD, SIGN, SMALL_CARD, Face, label
from market.passes.rules import Layout
from market.print import A4, A4_LANDSCAPE, A6, BLACK, MM, WHITE


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
