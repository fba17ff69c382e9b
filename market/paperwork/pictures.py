"""Small pictures for the handbooks, drawn by us in one line weight on a square of 24."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from market.print.page import BLACK

SQUARE = 24
WEIGHT = 1.7

Stroke = Sequence[float]
"""A line through points (x, y, x, y, …), y downwards; of three numbers a circle (x, y, radius)."""

PICTURES: dict[str, tuple[Stroke, ...]] = {
    "calendar": (
        (4, 6, 20, 6, 20, 20, 4, 20, 4, 6), (4, 10, 20, 10), (8, 3, 8, 7), (16, 3, 16, 7), (8, 15, 11, 15),
    ),
    "list": ((6, 3, 18, 3, 18, 21, 6, 21, 6, 3), (9, 8, 15, 8), (9, 12, 15, 12), (9, 16, 13, 16)),
    "shield": ((12, 3, 20, 6, 19, 14, 12, 21, 5, 14, 4, 6, 12, 3), (8.5, 11.5, 11, 14, 15.5, 9)),
    "stalls": (
        (3, 5, 11, 5, 11, 11, 3, 11, 3, 5), (13, 5, 21, 5, 21, 11, 13, 11, 13, 5),
        (3, 14, 11, 14, 11, 20, 3, 20, 3, 14), (13, 14, 21, 14, 21, 20, 13, 20, 13, 14),
    ),
    "printer": (
        (7, 9, 7, 3, 17, 3, 17, 9), (4, 9, 20, 9, 20, 17, 17, 17), (7, 17, 4, 17, 4, 9),
        (7, 14, 17, 14, 17, 21, 7, 21, 7, 14),
    ),
    "phone": ((7, 2, 17, 2, 17, 22, 7, 22, 7, 2), (10.5, 19, 13.5, 19), (9, 6, 15, 6, 15, 13, 9, 13, 9, 6)),
    "coins": ((9, 9, 6), (15, 15, 6)),
    "board": (
        (3, 4, 21, 4, 21, 16, 3, 16, 3, 4), (7, 8, 17, 8), (7, 12, 14, 12), (8, 16, 7, 21),
        (16, 16, 17, 21),
    ),
    "person": ((12, 7, 4), (4, 21, 5, 16, 9, 13.5, 15, 13.5, 19, 16, 20, 21)),
    "gate": ((4, 21, 4, 4, 20, 4, 20, 21), (4, 8, 20, 8), (9, 15, 11.5, 17.5, 16, 12)),
    "count": ((5, 5, 5, 19), (9, 5, 9, 19), (13, 5, 13, 19), (17, 5, 17, 19), (3, 16, 19, 8)),
    "eye": ((2, 12, 7, 7, 12, 5.5, 17, 7, 22, 12, 17, 17, 12, 18.5, 7, 17, 2, 12), (12, 12, 3)),
    "cross": ((12, 12, 9.5), (12, 7, 12, 17), (7, 12, 17, 12)),
    "stop": ((12, 12, 9.5), (5.5, 5.5, 18.5, 18.5)),
    "broom": ((19, 3, 11, 12), (8, 10, 14, 15), (8, 10, 3, 19, 9, 21, 14, 15)),
}  # fmt: skip


def draw_picture(canvas: Canvas, name: str, left: float, top: float, side: float) -> None:
    """One picture in the square whose upper left corner is given."""
    canvas.saveState()
    canvas.translate(left, top)
    canvas.scale(side / SQUARE, -side / SQUARE)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(WEIGHT)
    canvas.setLineJoin(1)
    canvas.setLineCap(1)
    for stroke in PICTURES[name]:
        _draw_stroke(canvas, stroke)
    canvas.restoreState()


def _draw_stroke(canvas: Canvas, stroke: Stroke) -> None:
    if len(stroke) == 3:
        canvas.circle(*stroke)
        return
    path = canvas.beginPath()
    path.moveTo(stroke[0], stroke[1])
    for x, y in zip(stroke[2::2], stroke[3::2], strict=True):
        path.lineTo(x, y)
    canvas.drawPath(path)
