"""The plaza as somebody looks for a stall on it: small enough for a phone, what was found in front.

At 360 px a stall is narrower than a finger. So it shows two digits, its letter stands at the head of the
row, and what was found carries a flag with its whole number and name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from market.places.service import PlanLane
from market.stalls.service import PlanStall

MARGIN = 12
"""Decimetres around what is drawn."""

HEAD = 22
"""Room for the letters of the rows, left of them."""

FLAG_SHARE = 0.04
"""Height of a flag's letters, as a share of the plan's width: 14 px on a phone of 360."""

_LABEL = re.compile(r"([A-Z]+)(\d+)")


class Box(NamedTuple):
    """A rectangle in decimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


class Mark(NamedTuple):
    """A stall as it is drawn."""

    label: str
    number: str
    """What stands in it: without its letter where that stands at the head of the row."""
    name: str
    box: Box
    face: str
    """free, taken, closed or found."""


class Head(NamedTuple):
    """The letter of a row, left of its first stall."""

    letter: str
    x: float
    y: float


class Flag(NamedTuple):
    """Number and name of what was found, above its stall or below it."""

    text: str
    box: Box
    size: float
    tip: str
    """The points of the tip that leads to the stall."""


class Door(NamedTuple):
    """An entrance: a bar at the edge, and its name where it covers nothing."""

    bar: Box
    name: str
    x: float
    y: float
    anchor: str
    """start, middle or end: where in the name the point is."""


class FoundPlan(NamedTuple):
    """Everything to draw, in decimetres."""

    view: Box
    marks: tuple[Mark, ...]
    heads: tuple[Head, ...]
    flags: tuple[Flag, ...]
    doors: tuple[Door, ...]
    lanes: tuple[Box, ...]
    """Ways that stay free for the fire engine."""
    nearest: str
    """The entrance next to what was found; empty without one."""

    @property
    def size(self) -> float:
        """How high the letters of doors and rows are."""
        return _small(self.view)


def found_plan(
    stalls: Sequence[PlanStall], lanes: Sequence[PlanLane], found: Collection[str]
) -> FoundPlan | None:
    """The plan with these stalls found (`A03`, `A03+A04` for two given as one); None where none is drawn."""
    if not stalls:
        return None
    labels = {label for one in found for label in one.split("+")}
    marks = tuple(_mark(stall, labels) for stall in stalls)
    view = _view([mark.box for mark in marks], [_box(lane) for lane in lanes])
    first = next((mark for mark in marks if mark.face == "found"), None)
    flags = (_flag(first, view),) if first else ()
    taken = [*(mark.box for mark in marks), *(flag.box for flag in flags)]
    ways = [_inside(_box(lane), view) for lane in lanes if not lane.entrance]
    doors = tuple(_door(lane, view, [*taken, *ways]) for lane in lanes if lane.entrance)
    nearest = _nearest(first, lanes) if first else ""
    return FoundPlan(view, marks, tuple(_heads(marks)), flags, doors, tuple(ways), nearest)


def _small(view: Box) -> float:
    return round(view.width * FLAG_SHARE * 0.9, 1)


def _mark(stall: PlanStall, found: Collection[str]) -> Mark:
    parts = _LABEL.fullmatch(stall.label)
    face = "found" if stall.label in found else "taken" if stall.state == "mine" else stall.state
    return Mark(stall.label, parts[2] if parts else stall.label, stall.caption, _box(stall), face)


def _box(thing: PlanStall | PlanLane) -> Box:
    return Box(thing.x_dm, thing.y_dm, thing.width_dm, thing.depth_dm)


def _heads(marks: Iterable[Mark]) -> Iterable[Head]:
    """Each letter beside its first stall; a letter of which one stall lies elsewhere still has one head."""
    rows: dict[str, Mark] = {}
    for mark in marks:
        letter = mark.label.removesuffix(mark.number)
        if letter and (letter not in rows or mark.box.x < rows[letter].box.x):
            rows[letter] = mark
    for letter, mark in rows.items():
        yield Head(letter, mark.box.x - HEAD / 2, mark.box.middle[1])


def _view(stalls: Sequence[Box], lanes: Sequence[Box]) -> Box:
    """As much as has stalls: across, the ways beside them too; of the empty ground below them nothing."""
    across = [*stalls, *lanes]
    left = min(min(box.x for box in stalls) - HEAD, min(box.x for box in across)) - MARGIN / 2
    right = max(box.x + box.width for box in across) + MARGIN / 2
    top = min(box.y for box in stalls) - MARGIN
    bottom = max(box.y + box.height for box in stalls) + MARGIN
    return Box(left, top, right - left, bottom - top)


def _inside(box: Box, view: Box) -> Box:
    """The part of a way that is in the drawing."""
    top, bottom = max(box.y, view.y), min(box.y + box.height, view.y + view.height)
    return Box(box.x, top, box.width, max(bottom - top, 0))


BAR, STEP, STEPS = 5, 6, 12
"""Decimetres that the bar of a door is thick, and in which a free place for its name is looked for."""


def _door(lane: PlanLane, view: Box, taken: Sequence[Box]) -> Door:
    """The bar at the nearest edge; the name beside it, moved along the edge until it covers nothing."""
    x, y = _box(lane).middle
    size, upright = _small(view), lane.depth_dm > lane.width_dm
    width, is_left = (len(lane.label) + 0.4) * size, x < view.x + view.width / 2
    edge = view.x if is_left else view.x + view.width - BAR
    y = min(max(y, view.y + size), view.y + view.height - size)
    if not upright:
        x = min(max(x, view.x + width), view.x + view.width - width)
        near = view.y + size if y < view.y + view.height / 2 else view.y + view.height - size
        bar_y = view.y if y < view.y + view.height / 2 else view.y + view.height - BAR
        return Door(Box(x - lane.width_dm / 2, bar_y, lane.width_dm, BAR), lane.label, x, near, "middle")
    bar = Box(edge, max(y - lane.depth_dm / 2, view.y), BAR, lane.depth_dm)
    start = edge + BAR * 2 if is_left else _left_of(edge - BAR, taken) - width
    place = _free(Box(start, y - size / 2, width, size), taken)
    return Door(bar, lane.label, start if is_left else start + width, place, "start" if is_left else "end")


def _left_of(x: float, taken: Sequence[Box]) -> float:
    """How far right a name may reach that must not stand on a way along the edge."""
    ways = [box.x for box in taken if box.x < x <= box.x + box.width + MARGIN and box.height > box.width * 3]
    return min([x, *(way - BAR for way in ways)])


def _free(name: Box, taken: Sequence[Box]) -> float:
    """The middle of the nearest place above or below where a name covers nothing."""
    moves = sorted((sign * STEP * n for n in range(STEPS) for sign in (1, -1)), key=abs)
    places = (name._replace(y=name.y + move) for move in moves)
    free = (place for place in places if not any(_covers(place, box) for box in taken))
    return next(free, name).middle[1]


def _covers(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _flag(mark: Mark, view: Box) -> Flag:
    """Above the stall, or below it in the first row; never over the edge of the drawing."""
    size = view.width * FLAG_SHARE
    text = f"{mark.label} {mark.name[:8]}".strip()
    width, height = sum(0.62 if c.isascii() else 1.04 for c in text) * size + size, size * 1.4
    x, y = mark.box.middle[0], mark.box.y - size * 0.4 - height
    above = y >= view.y
    y = y if above else mark.box.y + mark.box.height + size * 0.4
    left = min(max(x - width / 2, view.x + 2), view.x + view.width - width - 2)
    edge, end = (y + height, mark.box.y) if above else (y, mark.box.y + mark.box.height)
    tip = f"{x - size * 0.5:.1f},{edge:.1f} {x + size * 0.5:.1f},{edge:.1f} {x:.1f},{end:.1f}"
    return Flag(
        text, Box(round(left, 1), round(y, 1), round(width, 1), round(height, 1)), round(size, 1), tip
    )


def _nearest(mark: Mark, lanes: Iterable[PlanLane]) -> str:
    x, y = mark.box.middle

    def distance(lane: PlanLane) -> float:
        there = _box(lane).middle
        return (there[0] - x) ** 2 + (there[1] - y) ** 2

    doors = sorted((lane for lane in lanes if lane.entrance), key=distance)
    return doors[0].label if doors else ""
