"""The plan of the place on one A4 sheet across: every stall with its number and who stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.gate.sign_in_sheet import MARGIN, SheetHeading, draw_sheet_head
from market.paper import (
    A4_LANDSCAPE,
    BLACK,
    BOLD,
    MM,
    PALE,
    WHITE,
    Align,
    draw_block,
    draw_text,
)
from market.places.service import PlanLane
from market.stalls.service import PlanStall

LEFT, BOTTOM = MARGIN, MARGIN + 9 * MM
ACROSS = A4_LANDSCAPE[0] - 2 * MARGIN
DOWN = A4_LANDSCAPE[1] - 27 * MM - BOTTOM
LARGEST = 10 * MM / 10
"""Points for a decimetre at most: 1 : 10, so that three stalls do not fill the sheet."""


class Frame(NamedTuple):
    """How the ground lies on the sheet: a decimetre is `scale` points, north is up."""

    scale: float
    left: float
    top: float

    def box(self, thing: PlanStall | PlanLane) -> tuple[float, float, float, float]:
        """Left, bottom, width and height on the sheet."""
        return (
            self.left + thing.x_dm * self.scale,
            self.top - (thing.y_dm + thing.depth_dm) * self.scale,
            thing.width_dm * self.scale,
            thing.depth_dm * self.scale,
        )


def draw_ground(
    canvas: Canvas, stalls: Sequence[PlanStall], lanes: Sequence[PlanLane], heading: SheetHeading, legend: str
) -> None:
    """Readable without colour: who is there on white, free stalls dashed, lanes grey with their names."""
    canvas.setPageSize(A4_LANDSCAPE)
    draw_sheet_head(canvas, heading)
    frame = frame_of([*stalls, *lanes])
    for lane in lanes:
        _lane(canvas, lane, frame)
    for stall in stalls:
        if stall.state != "closed":
            _stall(canvas, stall, frame)
    draw_text(canvas, MARGIN, MARGIN, legend, 11, width=ACROSS)
    canvas.showPage()


def frame_of(things: Sequence[PlanStall | PlanLane]) -> Frame:
    """The largest scale at which everything is on the sheet, in its middle."""
    if not things:
        return Frame(1, LEFT, BOTTOM + DOWN)
    west, north = min(t.x_dm for t in things), min(t.y_dm for t in things)
    across = max(t.x_dm + t.width_dm for t in things) - west
    down = max(t.y_dm + t.depth_dm for t in things) - north
    scale = min(ACROSS / across, DOWN / down, LARGEST)
    spare_x, spare_y = ACROSS - across * scale, DOWN - down * scale
    return Frame(scale, LEFT + spare_x / 2 - west * scale, BOTTOM + DOWN - spare_y / 2 + north * scale)


def _lane(canvas: Canvas, lane: PlanLane, frame: Frame) -> None:
    """A lane is grey with its name inside; a way in is a thick line with its name beside it."""
    left, bottom, width, height = frame.box(lane)
    upright = height > width
    x, y = left + width / 2, bottom + height / 2
    canvas.saveState()
    canvas.setStrokeColor(BLACK)
    if lane.entrance:
        canvas.setLineWidth(3)
        canvas.line(*((x, bottom, x, bottom + height) if upright else (left, y, left + width, y)))
        x, y = (x + (9 if x < A4_LANDSCAPE[0] / 2 else -9), y) if upright else (x, y + 9)
    else:
        canvas.setFillColor(PALE)
        canvas.setLineWidth(0.4)
        canvas.rect(left, bottom, width, height, stroke=1, fill=1)
    canvas.translate(x, y)
    if upright:
        canvas.rotate(90)
    size = 9.0 if lane.entrance else max(7.0, min(14.0, min(width, height) * 0.6))
    draw_text(canvas, 0, -size * 0.36, lane.label, size, align=Align.CENTRE, width=max(width, height, 40) - 4)
    canvas.restoreState()


def _stall(canvas: Canvas, stall: PlanStall, frame: Frame) -> None:
    left, bottom, width, height = frame.box(stall)
    taken = stall.state in ("taken", "mine")
    canvas.saveState()
    canvas.setFillColor(WHITE)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(1.1 if taken else 0.6)
    if not taken:
        canvas.setDash(2, 2)
    canvas.rect(left, bottom, width, height, stroke=1, fill=1)
    canvas.restoreState()
    middle, room = left + width / 2, width - 3
    size = min(20.0, height * 0.32, width * 0.32)
    at = bottom + height * (0.64 if stall.caption else 0.5) - (0 if stall.caption else size * 0.36)
    draw_text(canvas, middle, at, stall.label, size, stroke=BOLD, align=Align.CENTRE, width=room, smallest=5)
    if stall.caption:
        small = min(12.0, height * 0.25)
        draw_block(
            canvas, middle, bottom + height * 0.31, stall.caption, small, width=room, smallest=small * 0.75,
            align=Align.CENTRE,
        )  # fmt: skip
