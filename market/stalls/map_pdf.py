"""The plaza from above on paper: every stall with its number and who stands there, lanes, ways in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from reportlab.pdfgen.canvas import Canvas

from market.print import BLACK, BOLD, MM, PALE, WHITE, Align, draw_block, draw_text, largest_that_fits

LARGEST = 10 * MM / 10
"""Points for a decimetre at most: 1 : 10, so that three stalls do not fill the sheet."""
DOOR = 15
"""What the name of a way in takes, outside the ground."""
CAPTION_SIZES = (13, 12, 11, 10, 9, 8, 7, 6)
TAKEN = ("taken", "mine")

Box = tuple[float, float, float, float]
"""Left, bottom, width and height on the sheet."""


class Shape(Protocol):
    """Anything that lies on the ground."""

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


class Strip(Shape, Protocol):
    """A lane, or a way in."""

    @property
    def entrance(self) -> bool: ...


class Plot(Shape, Protocol):
    """A stall and who stands there."""

    @property
    def caption(self) -> str: ...
    @property
    def state(self) -> str: ...


class Frame(NamedTuple):
    """How the ground lies on the sheet: a decimetre is `scale` points, north is up."""

    scale: float
    left: float
    top: float
    bounds: Box
    """Where lanes end."""

    def box(self, thing: Shape) -> Box:
        return (
            self.left + thing.x_dm * self.scale,
            self.top - (thing.y_dm + thing.depth_dm) * self.scale,
            thing.width_dm * self.scale,
            thing.depth_dm * self.scale,
        )


def draw_map(
    canvas: Canvas, plots: Iterable[Plot], strips: Sequence[Strip], area: Box, pairs: Mapping[str, str]
) -> None:
    """Readable without colour: who is there in a firm line, free stalls dashed, lanes grey with their names.

    `pairs` names the second stall of each double one: one box around both, the caption across it.
    """
    shown = [plot for plot in plots if plot.state != "closed"]
    frame = frame_of(shown, strips, area)
    for strip in strips:
        (_door if strip.entrance else _lane)(canvas, strip, frame)
    seconds = {plot.label: plot for plot in shown if plot.label in pairs.values()}
    stands = [
        _Stand(plot, seconds.get(pairs.get(plot.label, ""))) for plot in shown if plot.label not in seconds
    ]
    for stand, size in zip(stands, _caption_sizes(stands, frame), strict=True):
        _draw_stand(canvas, stand, frame, size)


def frame_of(plots: Sequence[Plot], strips: Sequence[Strip], area: Box) -> Frame:
    """The largest scale at which all stalls and ways in are there; lanes may lead out of the picture."""
    left, bottom, width, height = area
    doors = [strip for strip in strips if strip.entrance]
    lanes = [strip for strip in strips if not strip.entrance]
    wide: list[Shape] = [*plots, *doors, *(lane for lane in lanes if _is_upright(lane))]
    high: list[Shape] = [*plots, *doors, *(lane for lane in lanes if not _is_upright(lane))]
    across = [(thing.x_dm, thing.x_dm + thing.width_dm) for thing in wide]
    down = [(thing.y_dm, thing.y_dm + thing.depth_dm) for thing in high]
    if not across or not down:
        return Frame(1, left, bottom + height, area)
    west, east = min(a for a, _b in across), max(b for _a, b in across)
    north, south = min(a for a, _b in down), max(b for _a, b in down)
    room = width - 2 * DOOR, height - 2 * DOOR
    scale = min(room[0] / max(east - west, 1), room[1] / max(south - north, 1), LARGEST)
    used = (east - west) * scale, (south - north) * scale
    corner = left + (width - used[0]) / 2, bottom + (height - used[1]) / 2
    bounds = corner[0] - DOOR / 2, corner[1] - DOOR / 2, used[0] + DOOR, used[1] + DOOR
    return Frame(scale, corner[0] - west * scale, corner[1] + used[1] + north * scale, bounds)


def _is_upright(strip: Strip) -> bool:
    return strip.depth_dm > strip.width_dm


def _lane(canvas: Canvas, lane: Strip, frame: Frame) -> None:
    """Grey, its name in the middle of what is seen of it."""
    x, y, width, height = frame.box(lane)
    left, bottom = max(x, frame.bounds[0]), max(y, frame.bounds[1])
    width = min(x + width, frame.bounds[0] + frame.bounds[2]) - left
    height = min(y + height, frame.bounds[1] + frame.bounds[3]) - bottom
    if width <= 0 or height <= 0:
        return
    canvas.setFillColor(PALE)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.4)
    canvas.rect(left, bottom, width, height, stroke=1, fill=1)
    size = max(7.0, min(14.0, min(width, height) * 0.6))
    middle = left + width / 2, bottom + height / 2
    _along(canvas, lane.label, *middle, size, room=max(width, height) - 4, upright=_is_upright(lane))


def _door(canvas: Canvas, door: Strip, frame: Frame) -> None:
    """A thick line, its name outside."""
    left, bottom, width, height = frame.box(door)
    x, y = left + width / 2, bottom + height / 2
    upright = _is_upright(door)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(3)
    canvas.line(*((x, bottom, x, bottom + height) if upright else (left, y, left + width, y)))
    middle = frame.bounds[0] + frame.bounds[2] / 2, frame.bounds[1] + frame.bounds[3] / 2
    if upright:
        x += -9 if x < middle[0] else 9
    else:
        y += -9 if y < middle[1] else 9
    _along(canvas, door.label, x, y, 11, room=max(width, height, 60), upright=upright)


def _along(canvas: Canvas, text: str, x: float, y: float, size: float, *, room: float, upright: bool) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    if upright:
        canvas.rotate(90)
    draw_text(canvas, 0, -size * 0.36, text, size, align=Align.CENTRE, width=room)
    canvas.restoreState()


class _Stand(NamedTuple):
    """Where one vendor stands, or nobody: one stall, or two beside each other."""

    plot: Plot
    second: Plot | None

    def box(self, frame: Frame) -> Box:
        boxes = [frame.box(plot) for plot in (self.plot, self.second) if plot is not None]
        left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
        right, top = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
        return left, bottom, right - left, top - bottom


def _caption_sizes(stands: Sequence[_Stand], frame: Frame) -> list[float]:
    """At which size each name takes two lines at most; one for all, but for the few longest."""
    sizes = [_own_size(stand, frame) for stand in stands]
    usual = sorted(sizes)[len(sizes) // 8] if sizes else 0
    return [min(size, usual) for size in sizes]


def _own_size(stand: _Stand, frame: Frame) -> float:
    fits = largest_that_fits(stand.plot.caption, CAPTION_SIZES, stand.box(frame)[2] - 3, 2)[0]
    return min(fits, frame.box(stand.plot)[3] * 0.22)


def _draw_stand(canvas: Canvas, stand: _Stand, frame: Frame, size: float) -> None:
    left, bottom, width, height = stand.box(frame)
    taken = stand.plot.state in TAKEN
    canvas.saveState()
    canvas.setFillColor(WHITE)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(1.1 if taken else 0.6)
    if not taken:
        canvas.setDash(2, 2)
    canvas.rect(left, bottom, width, height, stroke=1, fill=1)
    canvas.restoreState()
    for plot in filter(None, (stand.plot, stand.second)):
        _number(canvas, plot.label, frame.box(plot), with_caption=bool(stand.plot.caption))
    if stand.plot.caption:
        middle = left + width / 2, bottom + height * 0.3
        draw_block(
            canvas, *middle, stand.plot.caption, size, width=width - 3, smallest=size, align=Align.CENTRE
        )


def _number(canvas: Canvas, label: str, box: Box, *, with_caption: bool) -> None:
    left, bottom, width, height = box
    size = min(22.0, height * 0.32, width * 0.36)
    baseline = bottom + height * (0.64 if with_caption else 0.5) - (0 if with_caption else size * 0.36)
    draw_text(
        canvas, left + width / 2, baseline, label, size, stroke=BOLD, align=Align.CENTRE, width=width - 3,
        smallest=5,
    )  # fmt: skip
