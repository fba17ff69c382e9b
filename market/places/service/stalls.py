"""Stalls drawn on the ground of a venue, never one upon another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Circuit, Lane, Stall, Venue
from market.places.rules import (
    Box,
    Ground,
    is_stall_label,
    misdrawn,
)


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
    no_flame: bool = False


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
