"""The plazas of a community: facts, permits, supply lines and lanes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.forms import MarketForm
from market.people.access import current_community, current_user
from market.places import service, standard
from market.places.blueprint import bp
from market.places.drawn import drawn
from market.places.forms import CircuitForm, LaneForm, PermitForm, VenueForm
from market.places.models import Venue, VenuePermit
from market.places.rules import LandType, Ownership, VenuePermitKind
from market.places.service import VenueDraft
from market.places.words import LAND_WORDS, OWNERSHIP_WORDS, PERMIT_WORDS

EXPIRY_WARNING = timedelta(days=30)


@bp.get("/staff/<slug>/venues")
@open_to(Audience.STAFF)
def venues() -> ResponseReturnValue:
    found = service.venues(current_community())
    return render_template(
        "places/venues.html",
        venues=[(venue, len(service.live_stalls(venue)), _papers_missing(venue)) for venue in found],
    )


@bp.get("/staff/<slug>/venues/new")
@open_to(Audience.STAFF)
def new_venue() -> ResponseReturnValue:
    return render_template("places/venue_form.html", form=VenueForm(), venue=None)


@bp.post("/staff/<slug>/venues")
@open_to(Audience.STAFF)
def create_venue() -> ResponseReturnValue:
    form = VenueForm()
    here, by, at = current_community(), current_user(), clock.now()
    if form.validate_on_submit() and (
        made := form.attempt(lambda: service.create_venue(here, _venue_draft(form), by=by, at=at))
    ):
        flash(_("场地添加好了。接着画摊位、登记文件。"), "go")
        return redirect(url_for("places.venue", ref=made.value.ref))
    return render_template("places/venue_form.html", form=form, venue=None), form.status


@bp.get("/staff/<slug>/venues/<ref>")
@open_to(Audience.STAFF)
def venue(ref: str) -> ResponseReturnValue:
    return venue_page(venue_at(ref))


@bp.route("/staff/<slug>/venues/<ref>/edit", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def edit_venue(ref: str) -> ResponseReturnValue:
    place = venue_at(ref)
    form = VenueForm(
        name=place.name, address=place.address, width=place.width_dm, depth=place.depth_dm,
        land_type=place.land_type.value, ownership=place.ownership.value, entrances=place.entrances,
        step_free=place.step_free, no_flame=place.no_flame,
    )  # fmt: skip
    if form.validate_on_submit() and form.attempt(
        lambda: service.edit_venue(place, _venue_draft(form), by=current_user(), at=clock.now())
    ):
        flash(_("场地资料改好了。"), "go")
        return to_venue(place)
    return render_template("places/venue_form.html", form=form, venue=place), form.status


def venue_at(ref: str) -> Venue:
    return service.find_venue(current_community(), ref)


def to_venue(place: Venue, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("places.venue", ref=place.ref, _anchor=anchor))


def _venue_draft(form: VenueForm) -> VenueDraft:
    return VenueDraft(
        name=form.name.text, address=form.address.text, land_type=LandType(form.land_type.data),
        ownership=Ownership(form.ownership.data), width_dm=form.width.dm, depth_dm=form.depth.dm,
        entrances=form.entrances.text, step_free=form.step_free.data,
        no_flame=form.no_flame.data,
    )  # fmt: skip


def venue_page(place: Venue, **forms: MarketForm) -> str:
    return render_template(
        "places/venue.html",
        venue=place,
        stalls=[
            drawn(stall, href=url_for("pages.venue_stall", ref=place.ref, stall_ref=stall.ref))
            for stall in service.live_stalls(place)
        ],
        retired=[stall for stall in place.stalls if stall.retired_at is not None],
        lanes=service.plan_lanes(place),
        permits=_permits(place),
        land=LAND_WORDS[place.land_type],
        ownership=OWNERSHIP_WORDS[place.ownership],
        fitting=len(standard.fitted(place.width_dm, place.depth_dm)),
        **{
            "permit_form": PermitForm(formdata=None),
            "circuit_form": CircuitForm(formdata=None),
            "lane_form": LaneForm(formdata=None),
            "standard_form": None,
            **forms,
        },
    )


# ── permits, supply lines, lanes ───────────────────────────────────────────────────────────────────────────


@bp.post("/staff/<slug>/venues/<ref>/papers")
@open_to(Audience.STAFF)
def create_permit(ref: str) -> ResponseReturnValue:
    place, form = venue_at(ref), PermitForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.add_permit(
            place, VenuePermitKind(form.kind.data), number=form.number.text, issuer=form.issuer.text,
            valid_to=form.valid_to.data, by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("文件登记好了。"), "go")
        return to_venue(place, "papers")
    return venue_page(place, permit_form=form), form.status


@bp.post("/staff/<slug>/venues/<ref>/circuits")
@open_to(Audience.STAFF)
def create_circuit(ref: str) -> ResponseReturnValue:
    place, form = venue_at(ref), CircuitForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.add_circuit(
            place, form.name.text, form.capacity_w.data or 0, by=current_user(), at=clock.now()
        )
    ):
        flash(_("线路记下了。"), "go")
        return to_venue(place, "circuits")
    return venue_page(place, circuit_form=form), form.status


@bp.post("/staff/<slug>/venues/<ref>/lanes")
@open_to(Audience.STAFF)
def create_lane(ref: str) -> ResponseReturnValue:
    place, form = venue_at(ref), LaneForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.add_lane(
            place, form.label.text, (form.x.dm, form.y.dm, form.width.dm, form.depth.dm),
            fire=form.fire.data, by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("通道画好了。"), "go")
        return to_venue(place)
    return venue_page(place, lane_form=form), form.status


@bp.post("/staff/<slug>/venues/<ref>/lanes/<int:number>/removal")
@open_to(Audience.STAFF)
def delete_lane(ref: str, number: int) -> ResponseReturnValue:
    """`number` counts the lanes of this plaza from 1, as the page shows them."""
    place = venue_at(ref)
    service.remove_lane(place, number, by=current_user(), at=clock.now())
    flash(_("通道去掉了。"), "go")
    return to_venue(place, "lanes")


@dataclass(frozen=True)
class PermitLine:
    """A kind of permit on the page of a plaza: what is there, and how it stands today."""

    kind: VenuePermitKind
    words: Any
    needed: bool
    permit: VenuePermit | None
    state: str


def _permits(place: Venue) -> list[PermitLine]:
    today = clock.today(place.community.zone)
    lines = []
    for kind, words in PERMIT_WORDS.items():
        held = [permit for permit in place.permits if permit.kind is kind]
        newest = max(held, key=lambda permit: permit.valid_to or date.max, default=None)
        needed = _needs(place, kind)
        if needed or newest is not None:
            lines.append(PermitLine(kind, words, needed, newest, _permit_state(newest, today)))
    return lines


def _needs(place: Venue, kind: VenuePermitKind) -> bool:
    if kind is VenuePermitKind.OWNERS_CONSENT:
        return place.ownership is Ownership.OWNERS_COMMON
    return kind is not VenuePermitKind.ROAD_PERMIT or place.land_type is LandType.ROAD


def _permit_state(permit: VenuePermit | None, today: date) -> str:
    if permit is None:
        return "missing"
    if permit.valid_to is None or permit.valid_to >= today + EXPIRY_WARNING:
        return "valid"
    return "ending" if permit.valid_to >= today else "expired"


def _papers_missing(place: Venue) -> int:
    return sum(line.needed and line.state in ("missing", "expired") for line in _permits(place))
