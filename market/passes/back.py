"""The back of a stall pass: the plaza with the stall marked, and whom to call."""

from __future__ import annotations

from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.passes.cards import PassBack, PassCard, PassLabels, Rectangle
from market.passes.faces import draw_once, form_name
from market.print import BLACK, BLACK_LETTERS, BOLD, MM, PALE, WHITE, Align, draw_text

MARGIN = 6.5 * MM
HEAD = 20 * MM
"""What the words above the map take."""
CONTACT = 15
"""Type size of whom to call: to be read without glasses."""


class _Map(NamedTuple):
    """Where the ground lies on the paper: points for a decimetre, left edge, top edge."""

    scale: float
    left: float
    top: float

    def box(self, spot: Rectangle) -> tuple[float, float, float, float]:
        """Left, bottom, width and height on the paper."""
        x, y = self.left + spot.x * self.scale, self.top - (spot.y + spot.depth) * self.scale
        return x, y, spot.width * self.scale, spot.depth * self.scale


def draw_back(
    canvas: Canvas, back: PassBack, card: PassCard, labels: PassLabels, size: tuple[float, float]
) -> None:
    """A back of that size with its lower left corner at (0, 0)."""
    ground = _placed(back, size)
    name = form_name("back", back, labels, size)
    draw_once(canvas, name, *size, lambda: _shared(canvas, back, labels, size, ground))
    right = size[0] - MARGIN
    draw_text(
        canvas, right, size[1] - 14.5 * MM, card.stall_no, 28, stroke=BLACK_LETTERS, align=Align.RIGHT,
        width=size[0] * 0.4,
    )  # fmt: skip
    mine = [spot for spot in back.ground.stalls if spot.label in card.marked]
    if mine:
        _mark(canvas, mine, ground)


def _placed(back: PassBack, size: tuple[float, float]) -> _Map:
    """As large as it fits between the head and the lines under it, in the middle."""
    width, height = size
    room = width - 2 * MARGIN, height - HEAD - _foot(back)
    scale = min(room[0] / max(back.ground.width, 1), room[1] / max(back.ground.depth, 1))
    return _Map(scale, (width - back.ground.width * scale) / 2, height - HEAD)


def _foot(back: PassBack) -> float:
    return MARGIN + 30 + CONTACT * 1.6 * len(back.contacts)


def _shared(
    canvas: Canvas, back: PassBack, labels: PassLabels, size: tuple[float, float], ground: _Map
) -> None:
    """Everything but the mark."""
    width, height = size
    draw_text(canvas, MARGIN, height - 14.5 * MM, labels.here, 15, stroke=BOLD, width=width * 0.5)
    canvas.setStrokeColor(BLACK)
    for lane in back.ground.lanes:
        _lane(canvas, lane, ground)
    canvas.setLineWidth(1)
    whole = ground.box(Rectangle("", 0, 0, back.ground.width, back.ground.depth))
    canvas.rect(*whole)
    for stall in back.ground.stalls:
        _stall(canvas, stall, ground)
    baseline = whole[1] - 18
    draw_text(canvas, MARGIN, baseline, back.ground.place, 11, width=width - 2 * MARGIN)
    baseline -= 6
    for contact in back.contacts:
        baseline -= CONTACT * 1.6
        draw_text(canvas, MARGIN, baseline, contact, CONTACT, stroke=BOLD, width=width - 2 * MARGIN)


def _lane(canvas: Canvas, lane: Rectangle, ground: _Map) -> None:
    x, y, width, height = ground.box(lane)
    canvas.setFillColor(PALE)
    canvas.rect(x, y, width, height, stroke=0, fill=1)
    along, across = max(width, height), min(width, height)
    size = min(across * 0.6, 8.0)
    if size < 4:
        return
    canvas.saveState()
    canvas.translate(x + width / 2, y + height / 2)
    canvas.rotate(0 if width >= height else 90)
    draw_text(canvas, 0, -size * 0.36, lane.label, size, align=Align.CENTRE, width=along, smallest=4)
    canvas.restoreState()


def _stall(canvas: Canvas, stall: Rectangle, ground: _Map) -> None:
    x, y, width, height = ground.box(stall)
    canvas.setFillColor(WHITE)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.5)
    canvas.rect(x, y, width, height, stroke=1, fill=1)
    _number(canvas, stall, ground, 0)


def _number(canvas: Canvas, stall: Rectangle, ground: _Map, stroke: float) -> None:
    x, y, width, height = ground.box(stall)
    size = min(height * 0.5, width * 0.42)
    draw_text(
        canvas, x + width / 2, y + height / 2 - size * 0.36, stall.label, size, stroke=stroke,
        align=Align.CENTRE, width=width * 0.94, smallest=3, ink=WHITE if stroke else BLACK,
    )  # fmt: skip


def _mark(canvas: Canvas, mine: list[Rectangle], ground: _Map) -> None:
    """White on black inside one thick frame: found at a glance, on any printer."""
    boxes = [ground.box(spot) for spot in mine]
    canvas.setFillColor(BLACK)
    canvas.setStrokeColor(BLACK)
    for x, y, width, height in boxes:
        canvas.rect(x, y, width, height, stroke=0, fill=1)
    left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, top = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    canvas.setLineWidth(1.6)
    canvas.rect(left - 2.5, bottom - 2.5, right - left + 5, top - bottom + 5)
    for spot in mine:
        _number(canvas, spot, ground, BOLD)
