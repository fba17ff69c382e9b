"""What a place is: who owns a plaza, permits of a venue, and labels of stalls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class LandType(StrEnum):
    """What the ground is; a road needs an occupation permit (城市道路管理条例 30)."""

    PLAZA = "plaza"
    COMPOUND = "compound"
    ROAD = "road"
    PARK = "park"


class Ownership(StrEnum):
    """Who owns the ground; owners' common property needs the owners' consent (民法典 278)."""

    PUBLIC = "public"
    OWNERS_COMMON = "owners_common"
    COLLECTIVE = "collective"
    PRIVATE = "private"


class VenuePermitKind(StrEnum):
    """Permits of a place, numbered as in the register of the field (M = market)."""

    OWNERS_CONSENT = "M01"
    DESIGNATION = "M02"
    ROAD_PERMIT = "M03"
    CHECK_SCALE = "M07"


_LABEL = re.compile(r"(?P<zone>[A-Z])(?P<number>\d{2,3})")


def is_stall_label(text: str) -> bool:
    """A zone letter and a number by walking order: A01."""
    return _LABEL.fullmatch(text) is not None


def labels(zone: str, count: int, first: int = 1) -> list[str]:
    """`labels("A", 3)` → A01, A02, A03."""
    return [f"{zone}{number:02d}" for number in range(first, first + count)]


# ── the ground, in decimetres from its north-west corner ──────────────────────────────────────────────────


@dataclass(frozen=True)
class Box:
    """A rectangle on the plan."""

    x: int
    y: int
    width: int
    depth: int

    def inside(self, other: Box) -> bool:
        return (
            self.x >= other.x
            and self.y >= other.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.depth <= other.y + other.depth
        )

    def overlaps(self, other: Box) -> bool:
        """Whether they share ground; touching edges do not."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.depth
            and other.y < self.y + self.depth
        )


@dataclass(frozen=True)
class Ground:
    """What a stall may be drawn on: the plaza, its fire lanes, and the stalls that stay where they are."""

    plaza: Box
    fire_lanes: tuple[tuple[str, Box], ...] = ()
    stalls: tuple[tuple[str, Box], ...] = ()


@dataclass(frozen=True)
class Misdrawn:
    """A stall that cannot stand where it was drawn; `other` is what is in the way."""

    code: str
    label: str
    other: str = ""


def misdrawn(ground: Ground, drawn: list[tuple[str, Box]]) -> list[Misdrawn]:
    """Every stall that lies outside, on a fire lane (消防法 28) or on another stall."""
    found = []
    for index, (label, box) in enumerate(drawn):
        if not box.inside(ground.plaza):
            found.append(Misdrawn("outside", label))
        found += [
            Misdrawn("on_lane", label, lane) for lane, strip in ground.fire_lanes if box.overlaps(strip)
        ]
        others = [*ground.stalls, *drawn[:index]]
        found += [Misdrawn("overlap", label, other) for other, taken in others if box.overlaps(taken)]
    return found


def row_boxes(
    count: int, x: int, y: int, width: int, depth: int, gap: int, *, down: bool = False
) -> list[Box]:
    """Stalls in a row, from west to east or (`down`) from north to south."""
    if down:
        return [Box(x, y + index * (depth + gap), width, depth) for index in range(count)]
    return [Box(x + index * (width + gap), y, width, depth) for index in range(count)]


def entrance_names(text: str) -> list[str]:
    """东门、南门 one by one."""
    return [name for name in text.split("、") if name]


DOOR_WIDTH, DOOR_DEPTH = 30, 20
"""The mark of an entrance on the plan; on the east and west side it stands upright."""


def door_boxes(names: list[str], width: int, depth: int) -> list[Box]:
    """Where entrances are marked: 东/西/南/北 in the name says the side, without it the south side."""
    sides = [next((side for side in "东西北" if side in name), "南") for name in names]
    boxes, seen = [], dict.fromkeys("东西南北", 0)
    for side in sides:
        seen[side] += 1
        along, of = seen[side], sides.count(side) + 1
        if side in "东西":
            y = min(depth * along // of + DOOR_WIDTH, depth - DOOR_WIDTH)
            boxes.append(Box(width - 4 if side == "东" else 0, y, 4, DOOR_WIDTH))
        else:
            x, y = width * along // of - DOOR_WIDTH // 2, (0 if side == "北" else depth - DOOR_DEPTH)
            boxes.append(Box(x, y, DOOR_WIDTH, DOOR_DEPTH))
    return boxes


def nearest_door(box: Box, names: list[str], width: int, depth: int) -> str:
    """The entrance that is nearest to a stall, middle to middle; of equals the one named first."""

    def away(door: Box) -> int:
        across = 2 * door.x + door.width - 2 * box.x - box.width
        return across**2 + (2 * door.y + door.depth - 2 * box.y - box.depth) ** 2

    doors = zip(names, door_boxes(names, width, depth), strict=True)
    return min(doors, key=lambda door: away(door[1]), default=("", box))[0]
