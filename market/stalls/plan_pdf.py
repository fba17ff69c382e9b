"""The stall plan and the list of stalls on paper, A4 or A3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import BinaryIO, NamedTuple, Protocol

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from market.paper import (
    A3,
    A4,
    BLACK,
    BOLD,
    MM,
    PALE,
    WHITE,
    Align,
    draw_awning,
    draw_block,
    draw_text,
    in_groups,
    paper,
)

SIZES = {"a4": (A4[1], A4[0]), "a3": (A3[1], A3[0])}
"""Both lie across."""
COLUMNS = (14, 12, 44, 30, 18, 24, 40, 40, 55)
"""Parts of the width: stall, zone, vendor, category, power, arrival, neighbours, caretaker, remarks."""
LANE = HexColor("#dddddd")


class Lane(Protocol):
    """A fire lane or an entrance."""

    @property
    def label(self) -> str: ...
    @property
    def x_dm(self) -> int: ...
    @property
    def y_dm(self) -> int: ...
    @property
    def width_dm(self) -> int: ...
    @property
    def depth_dm(self) -> int: ...


class Box(Lane, Protocol):
    """A stall as it lies on the ground."""

    @property
    def caption(self) -> str: ...


class PlanLabels(NamedTuple):
    """The words of the plan on paper."""

    title: str
    market: str
    columns: tuple[str, ...]
    page: str
    """With the places `%(page)s` and `%(pages)s`."""


def plan_pdf(
    stalls: Sequence[Box],
    lanes: Sequence[Lane],
    rows: Sequence[tuple[str, ...]],
    out: BinaryIO,
    *,
    size: str,
    labels: PlanLabels,
) -> None:
    """The map on the first page, the list on the others; the last columns stay empty for notes by hand."""
    page_size = SIZES[size]
    scale = page_size[1] / A4[0]
    row_height = 8.5 * MM * scale
    many = int((page_size[1] - 48 * MM * scale) / row_height)
    pages = in_groups(rows, many) or [[]]
    with paper(out, page_size, title=f"{labels.title} {labels.market}") as canvas:
        _head(canvas, labels, page_size, scale, 1, len(pages) + 1)
        _map(canvas, stalls, lanes, page_size, scale)
        canvas.showPage()
        for number, page in enumerate(pages, 2):
            _head(canvas, labels, page_size, scale, number, len(pages) + 1)
            _grid(canvas, labels.columns, page, page_size, row_height, scale)
            canvas.showPage()


def _head(
    canvas: Canvas, labels: PlanLabels, page_size: tuple[float, float], scale: float, page: int, pages: int
) -> None:
    (width, height), margin = page_size, 10 * MM * scale
    draw_awning(canvas, margin, height - 6 * MM * scale, width - 2 * margin, 6 * MM * scale)
    baseline = height - 21 * MM * scale
    draw_text(canvas, margin, baseline, labels.title, 20 * scale, stroke=BOLD, width=70 * MM * scale)
    room = width - 100 * MM * scale
    draw_text(canvas, width - margin, baseline, labels.market, 12 * scale, align=Align.RIGHT, width=room)
    told = labels.page % {"page": page, "pages": pages}
    draw_text(canvas, width - margin, 6 * MM * scale, told, 9 * scale, align=Align.RIGHT)


def _map(
    canvas: Canvas,
    stalls: Sequence[Box],
    lanes: Sequence[Lane],
    page_size: tuple[float, float],
    scale: float,
) -> None:
    """Everything to one scale, as large as the sheet takes it; the top of the ground is up."""
    things: list[Box | Lane] = [*stalls, *lanes]
    if not things:
        return
    left, top = min(t.x_dm for t in things), min(t.y_dm for t in things)
    across = max(t.x_dm + t.width_dm for t in things) - left
    down = max(t.y_dm + t.depth_dm for t in things) - top
    margin = 10 * MM * scale
    room = page_size[0] - 2 * margin, page_size[1] - 38 * MM * scale
    unit = min(room[0] / across, room[1] / down)
    canvas.saveState()
    canvas.translate(margin + (room[0] - across * unit) / 2, page_size[1] - 26 * MM * scale)
    for lane in lanes:
        _lane(canvas, lane, left, top, unit)
    for stall in stalls:
        _stall(canvas, stall, left, top, unit)
    canvas.restoreState()


def _lane(canvas: Canvas, lane: Lane, left: int, top: int, unit: float) -> None:
    width, depth = lane.width_dm * unit, lane.depth_dm * unit
    x, y = (lane.x_dm - left) * unit, -(lane.y_dm - top) * unit - depth
    canvas.setFillColor(LANE)
    canvas.rect(x, y, width, depth, stroke=0, fill=1)
    if depth > width:
        canvas.saveState()
        canvas.translate(x + width / 2, y + depth / 2)
        canvas.rotate(90)
        draw_text(canvas, 0, -3, lane.label, 9, align=Align.CENTRE, width=depth)
        canvas.restoreState()
    else:
        draw_text(canvas, x + width / 2, y + depth / 2 - 3, lane.label, 9, align=Align.CENTRE, width=width)


def _stall(canvas: Canvas, stall: Box, left: int, top: int, unit: float) -> None:
    width, depth = stall.width_dm * unit, stall.depth_dm * unit
    x, y = (stall.x_dm - left) * unit, -(stall.y_dm - top) * unit - depth
    canvas.setFillColor(PALE if stall.caption else WHITE)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.8)
    canvas.rect(x, y, width, depth, stroke=1, fill=1)
    number, middle = min(width * 0.3, depth * 0.36), x + width / 2
    draw_text(
        canvas,
        middle,
        y + depth * 0.56,
        stall.label,
        number,
        stroke=BOLD,
        align=Align.CENTRE,
        width=width - 2,
    )
    if stall.caption:
        draw_block(
            canvas, middle, y + depth * 0.28, stall.caption, number * 0.6, width=width - 3, smallest=5,
            align=Align.CENTRE,
        )  # fmt: skip


def _grid(
    canvas: Canvas,
    columns: Sequence[str],
    rows: Iterable[tuple[str, ...]],
    page_size: tuple[float, float],
    row_height: float,
    scale: float,
) -> None:
    margin, rows = 10 * MM * scale, list(rows)
    unit = (page_size[0] - 2 * margin) / sum(COLUMNS)
    widths = [part * unit for part in COLUMNS]
    edges = list(accumulate(widths, initial=margin))
    top = page_size[1] - 26 * MM * scale
    levels = [top - row_height * number for number in range(len(rows) + 2)]
    canvas.setFillColor(PALE)
    canvas.rect(edges[0], levels[1], edges[-1] - edges[0], row_height, stroke=0, fill=1)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.5)
    canvas.grid(edges, levels)
    for left, width, title in zip(edges, widths, columns, strict=False):
        draw_block(
            canvas, left + width / 2, levels[1] + row_height / 2, title, 10 * scale, width=width - 4,
            smallest=6, stroke=BOLD, align=Align.CENTRE,
        )  # fmt: skip
    for bottom, row in zip(levels[2:], rows, strict=True):
        for left, width, text in zip(edges, widths, row, strict=False):
            middle = bottom + row_height / 2
            draw_block(canvas, left + 3, middle, text, 11 * scale, width=width - 6, smallest=7)
