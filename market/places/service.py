"""Venues, papers, and the stall plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places import standard
from market.places.models import Circuit, Lane, Stall, Venue, VenuePaper
from market.places.rules import (
    Box,
    Ground,
    LandType,
    Ownership,
    VenuePaperKind,
    door_boxes,
    is_stall_label,
    labels,
    misdrawn,
    row_boxes,
)


@dataclass(frozen=True)
class VenueDraft:
    """What a person says of a plaza; lengths in decimetres."""

    name: str
    address: str
    land_type: LandType
    ownership: Ownership
    width_dm: int
    depth_dm: int
    entrances: str = ""
    step_free: bool = False


def create_venue(community: Community, draft: VenueDraft, *, by: User, at: datetime) -> Venue:
    """A new plaza without stalls."""
    venue = Venue(community_id=community.id, **draft.__dict__)
    db.session.add(venue)
    db.session.flush()
    audit.record("places.create_venue", venue, by=by, at=at)
    return venue


def edit_venue(venue: Venue, draft: VenueDraft, *, by: User, at: datetime) -> None:
    """Corrects what is known of a plaza. Refuses `places.outside` when its stalls would no longer fit."""
    lock_row(venue)
    ground = Ground(Box(0, 0, draft.width_dm, draft.depth_dm))
    outside = misdrawn(ground, [(stall.label, _box(stall)) for stall in live_stalls(venue)])
    if outside:
        sentence = _("改小了，%(label)s 就在场地外面了。请先挪走或停用它。", label=outside[0].label)
        raise Refusal("places.outside", sentence, 422)
    for name, value in draft.__dict__.items():
        setattr(venue, name, value)
    audit.record("places.edit_venue", venue, by=by, at=at)


def venues(community: Community) -> list[Venue]:
    """The plazas of a community, by name."""
    query = sa.select(Venue).where(Venue.community_id == community.id).order_by(Venue.name, Venue.id)
    return list(db.session.scalars(query))


def find_venue(community: Community, ref: str) -> Venue:
    """A plaza of this community."""
    venue = db.session.scalar(sa.select(Venue).where(Venue.community_id == community.id, Venue.ref == ref))
    if venue is None:
        raise NotFound("places.no_venue", _("没有这个场地。"))
    return venue


def add_paper(
    venue: Venue,
    kind: VenuePaperKind,
    *,
    number: str,
    issuer: str,
    valid_to: date | None,
    by: User,
    at: datetime,
) -> VenuePaper:
    """A paper of the place; entering the same number again only renews its term."""
    for paper in venue.papers:
        if paper.kind is kind and paper.number == number:
            paper.valid_to = valid_to
            return paper
    paper = VenuePaper(
        venue=venue, kind=kind, number=number, issuer=issuer, valid_to=valid_to, added_by=by.id, added_at=at
    )
    db.session.add(paper)
    db.session.flush()
    audit.record("places.add_paper", venue, by=by, at=at, kind=kind.value, number=number)
    return paper


def papers_on(venue: Venue, on: date) -> frozenset[str]:
    """Kinds of papers that are valid on a day."""
    return frozenset(p.kind.value for p in venue.papers if p.valid_to is None or p.valid_to >= on)


def add_circuit(venue: Venue, name: str, capacity_w: int, *, by: User, at: datetime) -> Circuit:
    """A supply line; an existing name gets the new capacity."""
    if not 0 < capacity_w <= 100_000:
        raise Refusal("places.bad_capacity", _("线路容量请填 1 到 100 千瓦。"), 422)
    for circuit in venue.circuits:
        if circuit.name == name:
            circuit.capacity_w = capacity_w
            return circuit
    circuit = Circuit(venue=venue, name=name, capacity_w=capacity_w)
    db.session.add(circuit)
    db.session.flush()
    audit.record("places.add_circuit", venue, by=by, at=at, name=name, capacity_w=capacity_w)
    return circuit


def add_lane(
    venue: Venue, label: str, box: tuple[int, int, int, int], *, fire: bool, by: User, at: datetime
) -> Lane:
    """A strip that stays clear; `box` is (x, y, width, depth) in decimetres.

    Refuses `places.outside`, and `places.on_lane` when a stall stands where a fire lane shall be.
    """
    lock_row(venue)
    x, y, width, depth = box
    if not (width > 0 and depth > 0 and Box(*box).inside(ground_of(venue).plaza)):
        raise Refusal("places.outside", _("通道画到场地外面去了。请改位置或长宽。"), 422)
    if fire:
        _refuse_blocked(venue, label, Box(*box))
    lane = Lane(venue=venue, label=label, x_dm=x, y_dm=y, width_dm=width, depth_dm=depth, fire=fire)
    db.session.add(lane)
    db.session.flush()
    audit.record("places.add_lane", venue, by=by, at=at, label=label)
    return lane


def _refuse_blocked(venue: Venue, label: str, strip: Box) -> None:
    ground = Ground(ground_of(venue).plaza, ((label, strip),))
    blocked = misdrawn(ground, [(stall.label, _box(stall)) for stall in live_stalls(venue)])
    for fault in blocked:
        if fault.code == "on_lane":
            sentence = _("%(stall)s 号摊位在这条通道上。请先挪走它，或换个位置。", stall=fault.label)
            raise Refusal("places.on_lane", sentence, 422)


def remove_lane(venue: Venue, number: int, *, by: User, at: datetime) -> None:
    """Takes the lane of a number (from 1) off the plan; markets past and coming draw it no more."""
    lock_row(venue)
    db.session.refresh(venue, ["lanes"])
    if not 1 <= number <= len(venue.lanes):
        raise NotFound("places.no_lane", _("没有这条通道，可能刚刚已经去掉了。"))
    lane = venue.lanes[number - 1]
    db.session.delete(lane)
    db.session.flush()
    db.session.refresh(venue, ["lanes"])
    audit.record("places.remove_lane", venue, by=by, at=at, label=lane.label)


@dataclass(frozen=True)
class StallDraft:
    """One stall to draw; lengths in decimetres, power in watts."""

    label: str
    row: int
    column: int
    x_dm: int
    y_dm: int
    width_dm: int = 30
    depth_dm: int = 30
    power_w: int = 0
    circuit: str | None = None
    water: bool = False
    shade: bool = False
    vehicle: bool = False
    reserved: bool = False


def draw_stalls(venue: Venue, drafts: Sequence[StallDraft], *, by: User, at: datetime) -> list[Stall]:
    """Draws or redraws stalls by label; a label keeps its stall for ever, so that past markets stay readable.

    Refuses `places.bad_label`, `places.bad_size`, `places.no_circuit`, `places.outside`, `places.on_lane` and
    `places.overlap`; then nothing is drawn.
    """
    lock_row(venue)
    db.session.refresh(venue, ["stalls", "circuits", "lanes"])
    check_drawing(venue, drafts)
    circuits = {circuit.name: circuit for circuit in venue.circuits}
    known = {stall.label: stall for stall in venue.stalls}
    drawn = [_write_stall(known.get(draft.label), venue, draft, circuits) for draft in drafts]
    db.session.flush()
    audit.record("places.draw_stalls", venue, by=by, at=at, labels=[draft.label for draft in drafts])
    return drawn


def check_drawing(venue: Venue, drafts: Sequence[StallDraft]) -> None:
    """Refuses what `draw_stalls` would refuse; draws nothing."""
    circuits = {circuit.name: circuit for circuit in venue.circuits}
    for draft in drafts:
        _check_draft(draft, circuits)
    _refuse_misdrawn(venue, drafts)


def _write_stall(stall: Stall | None, venue: Venue, draft: StallDraft, circuits: dict[str, Circuit]) -> Stall:
    with db.session.no_autoflush:
        stall = stall or Stall(venue=venue, label=draft.label)
        for name, value in draft.__dict__.items():
            if name not in ("label", "circuit"):
                setattr(stall, name, value)
        stall.zone = draft.label[0]
        stall.circuit = circuits[draft.circuit] if draft.circuit else None
        stall.retired_at = None
        db.session.add(stall)
    return stall


MAX_STALL_DM = 200


def _check_draft(draft: StallDraft, circuits: dict[str, Circuit]) -> None:
    if not is_stall_label(draft.label):
        raise Refusal("places.bad_label", _("摊位号是一个字母加两位数字，比如 A01。"), 422)
    if not (0 < draft.width_dm <= MAX_STALL_DM and 0 < draft.depth_dm <= MAX_STALL_DM):
        raise Refusal("places.bad_size", _("摊位的宽和深请填 0.1 到 20 米。"), 422)
    if draft.circuit and draft.circuit not in circuits:
        raise Refusal("places.no_circuit", _("没有线路「%(name)s」，请先添加。", name=draft.circuit), 422)
    if not 0 <= draft.power_w <= 20_000:
        raise Refusal("places.bad_power", _("插座功率请填 0 到 20,000 瓦。没有电就填 0。"), 422)


MISDRAWN_SENTENCES = {
    "outside": _("%(label)s 画到场地外面去了。请改起点，或少画几个。"),
    "on_lane": _("%(label)s 压在「%(other)s」上。消防通道要一直空着（消防法第二十八条），请换个位置。"),
    "overlap": _("%(label)s 和 %(other)s 叠在一起了。请改起点或间隔。"),
}


def _refuse_misdrawn(venue: Venue, drafts: Sequence[StallDraft]) -> None:
    """Only the first mistake is told: mending it often mends the others."""
    redrawn = {draft.label for draft in drafts}
    ground = ground_of(venue, without=redrawn)
    boxes = [(d.label, Box(d.x_dm, d.y_dm, d.width_dm, d.depth_dm)) for d in drafts]
    for fault in misdrawn(ground, boxes):
        sentence = MISDRAWN_SENTENCES[fault.code] % {"label": fault.label, "other": fault.other}
        raise Refusal(f"places.{fault.code}", sentence, 422)


def ground_of(venue: Venue, without: Collection[str] = ()) -> Ground:
    """What is drawn on a plaza already, apart from the stalls of some labels."""
    return Ground(
        Box(0, 0, venue.width_dm, venue.depth_dm),
        tuple((lane.label, _box(lane)) for lane in venue.lanes if lane.fire),
        tuple((stall.label, _box(stall)) for stall in live_stalls(venue) if stall.label not in without),
    )


def _box(thing: Stall | Lane) -> Box:
    return Box(thing.x_dm, thing.y_dm, thing.width_dm, thing.depth_dm)


@dataclass(frozen=True)
class Spot:
    """A number and a place for a stall to come."""

    label: str
    row: int
    column: int
    box: Box


def row_spots(
    venue: Venue,
    zone: str,
    count: int,
    start: tuple[int, int],
    size: tuple[int, int],
    gap: int,
    *,
    down: bool = False,
) -> list[Spot]:
    """A row of stalls to come, numbered on from the zone's last number ever given; lengths in decimetres."""
    numbers = [int(stall.label[1:]) for stall in venue.stalls if stall.zone == zone]
    row = max((stall.row for stall in venue.stalls), default=0) + 1
    names = labels(zone, count, first=max(numbers, default=0) + 1)
    boxes = row_boxes(count, *start, *size, gap, down=down)
    return [
        Spot(name, row, column, box) for column, (name, box) in enumerate(zip(names, boxes, strict=True), 1)
    ]


AISLE_DM, MARGIN_DM = 40, 20


def suggested_start(venue: Venue) -> tuple[int, int]:
    """Where the next row would begin: an aisle of four metres south of the last one."""
    lowest = max((stall.y_dm + stall.depth_dm for stall in live_stalls(venue)), default=MARGIN_DM - AISLE_DM)
    return MARGIN_DM, lowest + AISLE_DM


def standard_plan(venue: Venue, *, by: User, at: datetime) -> list[Stall]:
    """Draws the standard plaza on empty ground: stalls, supply lines, fire lane.

    Refuses `places.not_empty` and `places.too_small`.
    """
    if live_stalls(venue):
        raise Refusal("places.not_empty", _("场地上已经画了摊位。标准广场只能画在空场地上。"))
    if venue.width_dm < standard.WIDTH_DM or venue.depth_dm < standard.DEPTH_DM:
        sentence = _("标准广场要 48 米 × 40 米，这个场地小了一些。请一排一排画。")
        raise Refusal("places.too_small", sentence, 422)
    for name, capacity_w in standard.CIRCUITS:
        add_circuit(venue, name, capacity_w, by=by, at=at)
    if not any(lane.fire for lane in venue.lanes):
        add_lane(venue, str(_("消防通道")), standard.FIRE_LANE, fire=True, by=by, at=at)
    drafts = [StallDraft(**stall.__dict__) for stall in standard.stalls()]
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


def find_stall(venue: Venue, ref: str) -> Stall:
    """A stall of this plaza, retired ones too."""
    stall = db.session.scalar(sa.select(Stall).where(Stall.venue_id == venue.id, Stall.ref == ref))
    if stall is None:
        raise NotFound("places.no_stall", _("没有这个摊位。"))
    return stall


def live_stalls(venue: Venue) -> list[Stall]:
    """The stalls that can be given out, by label."""
    return [stall for stall in venue.stalls if stall.retired_at is None]


def retire_stall(stall: Stall, *, by: User, at: datetime) -> None:
    """Takes a stall off the plan; past markets keep it."""
    stall.retired_at = at
    audit.record("places.retire_stall", stall, by=by, at=at, community=stall.venue.community)
