"""Venues: their measures, circuits, lanes, and the permits they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Circuit, Lane, Venue, VenuePermit
from market.places.rules import (
    Box,
    Ground,
    LandType,
    Ownership,
    VenuePermitKind,
    misdrawn,
)
from market.places.service.stalls import _box, ground_of, live_stalls


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
    no_flame: bool = False


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


def add_permit(
    venue: Venue,
    kind: VenuePermitKind,
    *,
    number: str,
    issuer: str,
    valid_to: date | None,
    by: User,
    at: datetime,
) -> VenuePermit:
    """A permit of the place; entering the same number again only renews its term."""
    for permit in venue.permits:
        if permit.kind is kind and permit.number == number:
            permit.valid_to = valid_to
            return permit
    permit = VenuePermit(
        venue=venue, kind=kind, number=number, issuer=issuer, valid_to=valid_to, added_by=by.id, added_at=at
    )
    db.session.add(permit)
    db.session.flush()
    audit.record("places.add_paper", venue, by=by, at=at, kind=kind.value, number=number)
    return permit


def permits_on(venue: Venue, on: date) -> frozenset[str]:
    """Kinds of permits that are valid on a day."""
    return frozenset(p.kind.value for p in venue.permits if p.valid_to is None or p.valid_to >= on)


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
