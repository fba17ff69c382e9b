"""A row of stalls, and the plan that most plazas start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _

from market.errors import Refusal
from market.people.models import User
from market.places import standard
from market.places.models import Stall, Venue
from market.places.rules import (
    Box,
    door_boxes,
    labels,
    row_boxes,
)
from market.places.service.stalls import StallDraft, draw_stalls, live_stalls
from market.places.service.venue import add_circuit, add_lane


@dataclass(frozen=True)
class NewStall:
    """A number and a place for a stall to come."""

    label: str
    row: int
    column: int
    box: Box


def new_row(
    venue: Venue,
    zone: str,
    count: int,
    start: tuple[int, int],
    size: tuple[int, int],
    gap: int,
    *,
    down: bool = False,
) -> list[NewStall]:
    """A row of stalls to come, numbered on from the zone's last number ever given; lengths in decimetres."""
    numbers = [int(stall.label[1:]) for stall in venue.stalls if stall.zone == zone]
    row = max((stall.row for stall in venue.stalls), default=0) + 1
    names = labels(zone, count, first=max(numbers, default=0) + 1)
    boxes = row_boxes(count, *start, *size, gap, down=down)
    return [
        NewStall(name, row, column, box)
        for column, (name, box) in enumerate(zip(names, boxes, strict=True), 1)
    ]


AISLE_DM, MARGIN_DM = 40, 20


def suggested_start(venue: Venue) -> tuple[int, int]:
    """Where the next row would begin: an aisle of four metres south of the last one."""
    lowest = max((stall.y_dm + stall.depth_dm for stall in live_stalls(venue)), default=MARGIN_DM - AISLE_DM)
    return MARGIN_DM, lowest + AISLE_DM


def standard_plan(venue: Venue, *, by: User, at: datetime) -> list[Stall]:
    """Draws the standard plaza on empty ground, as much of it as fits: stalls, supply lines, fire lane.

    Refuses `places.not_empty` and `places.too_small`.
    """
    if live_stalls(venue):
        raise Refusal("places.not_empty", _("场地上已经画了摊位。标准广场只能画在空场地上。"))
    fitting = standard.fitted(venue.width_dm, venue.depth_dm)
    if not fitting:
        sentence = _("留出 4 米消防通道，这个场地摆不下一个 3 米的摊位。请看看长宽有没有填错。")
        raise Refusal("places.too_small", sentence, 422)
    for name, capacity_w in standard.CIRCUITS:
        add_circuit(venue, name, capacity_w, by=by, at=at)
    if not any(lane.fire for lane in venue.lanes):
        lane = standard.fire_lane(venue.width_dm, venue.depth_dm)
        add_lane(venue, str(_("消防通道")), lane, fire=True, by=by, at=at)
    drafts = [StallDraft(**stall.__dict__) for stall in fitting]
    return draw_stalls(venue, drafts, by=by, at=at)


@dataclass(frozen=True)
class PlanLane:
    """A lane or (`entrance`) a way in, as `macros/plan.html` draws it."""

    label: str
    x_dm: int
    y_dm: int
    width_dm: int
    depth_dm: int
    entrance: bool = False


def plan_lanes(venue: Venue) -> list[PlanLane]:
    """The lanes of a plaza and its entrances, where their names put them."""
    lanes = [PlanLane(lane.label, lane.x_dm, lane.y_dm, lane.width_dm, lane.depth_dm) for lane in venue.lanes]
    names = venue.entrance_names()
    doors = zip(names, door_boxes(names, venue.width_dm, venue.depth_dm), strict=True)
    return lanes + [PlanLane(name, box.x, box.y, box.width, box.depth, entrance=True) for name, box in doors]
