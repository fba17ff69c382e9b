"""Bars as SVG draws them: pure arithmetic, so that the page holds no script and no style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 300, 178
TOP, BOTTOM = 22, 150
"""Where the highest bar ends, and where all begin."""
MOST = 14
"""Bars that can be told apart on a phone; of more, the newest are drawn and the table has them all."""

ROW, LABEL_ROOM, ROOM = 33, 96, 150


class Bar(NamedTuple):
    """One bar; the label stands under it, the figure above it where it is said."""

    x: float
    y: float
    width: float
    height: float
    label: str
    figure: str
    at: float
    """Where the middle of the label stands."""
    highest: bool
    said: bool
    anchor: str
    """On which side of its place the figure stands, so that none is cut off."""


class Point(NamedTuple):
    """What a bar shows."""

    label: str
    value: int
    figure: str


def columns(points: Sequence[Point]) -> list[Bar]:
    """Upright bars in order; only the highest and the last say their figure."""
    shown = points[-MOST:]
    if not shown or max(point.value for point in shown) <= 0:
        return []
    step = WIDTH / len(shown)
    width = min(step * 2 / 3, 40)
    high = max(point.value for point in shown)
    first = next(n for n, point in enumerate(shown) if point.value == high)
    return [
        _column(n, point, step, width, high, n == first, n == len(shown) - 1) for n, point in enumerate(shown)
    ]


def _column(n: int, point: Point, step: float, width: float, high: int, highest: bool, last: bool) -> Bar:
    height = round(max(point.value, 0) * (BOTTOM - TOP) / high, 1)
    middle = round(n * step + step / 2, 1)
    anchor = "start" if middle < WIDTH / 4 else "end" if middle > WIDTH * 3 / 4 else "middle"
    left = round(middle - width / 2, 1)
    at = {"start": left, "end": round(left + width, 1), "middle": middle}[anchor]
    return Bar(
        left, round(BOTTOM - height, 1), round(width, 1), height, point.label, point.figure, at, highest,
        highest or last, anchor,
    )  # fmt: skip


def rows(points: Sequence[Point]) -> list[Bar]:
    """Lying bars, the longest first, each with its figure."""
    high = max((point.value for point in points), default=0)
    if high <= 0:
        return []
    return [
        Bar(LABEL_ROOM, n * ROW + 6, round(point.value * ROOM / high, 1), 18, point.label, point.figure,
            LABEL_ROOM + ROOM + 6, n == 0, True, "start")
        for n, point in enumerate(points)
    ]  # fmt: skip
