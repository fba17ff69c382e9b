"""Venues with their papers and plans for staff; communities and regions for the platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.forms import MarketForm
from market.people.access import Audience, current_community, current_user, open_to
from market.places import service
from market.places.forms import (
    CircuitForm,
    CommunityForm,
    LaneForm,
    OfferForm,
    PaperForm,
    RegionForm,
    RowForm,
    StallForm,
    VenueForm,
)
from market.places.models import Stall, Venue, VenuePaper
from market.places.rules import LandType, Ownership, RegionLevel, VenuePaperKind
from market.places.service import StallDraft, VenueDraft
from market.places.words import LAND_WORDS, LEVEL_WORDS, OWNERSHIP_WORDS, PAPER_WORDS
from market.stalls import service as stalls

bp = Blueprint("places", __name__)

EXPIRY_WARNING = timedelta(days=30)


# ── venues ────────────────────────────────────────────────────────────────────────────────────────────────


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
    made: list[Venue] = []
    if form.validate_on_submit() and form.attempt(
        lambda: made.append(
            service.create_venue(current_community(), _venue_draft(form), by=current_user(), at=clock.now())
        )
    ):
        flash(_("场地添加好了。接着画摊位、登记文件。"), "go")
        return redirect(url_for("places.venue", ref=made[0].ref))
    return render_template("places/venue_form.html", form=form, venue=None), form.status


@bp.get("/staff/<slug>/venues/<ref>")
@open_to(Audience.STAFF)
def venue(ref: str) -> ResponseReturnValue:
    return _venue_page(_venue(ref))


@bp.route("/staff/<slug>/venues/<ref>/edit", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def edit_venue(ref: str) -> ResponseReturnValue:
    place = _venue(ref)
    form = VenueForm(
        name=place.name, address=place.address, width=place.width_dm, depth=place.depth_dm,
        land_type=place.land_type.value, ownership=place.ownership.value, entrances=place.entrances,
        step_free=place.step_free,
    )  # fmt: skip
    if form.validate_on_submit() and form.attempt(
        lambda: service.edit_venue(place, _venue_draft(form), by=current_user(), at=clock.now())
    ):
        flash(_("场地资料改好了。"), "go")
        return _to(place)
    return render_template("places/venue_form.html", form=form, venue=place), form.status


def _venue(ref: str) -> Venue:
    return service.find_venue(current_community(), ref)


def _to(place: Venue, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("places.venue", ref=place.ref, _anchor=anchor))


def _venue_draft(form: VenueForm) -> VenueDraft:
    return VenueDraft(
        name=form.name.text, address=form.address.text, land_type=LandType(form.land_type.data),
        ownership=Ownership(form.ownership.data), width_dm=form.width.dm, depth_dm=form.depth.dm,
        entrances=form.entrances.text, step_free=form.step_free.data,
    )  # fmt: skip


def _venue_page(place: Venue, **forms: MarketForm) -> str:
    return render_template(
        "places/venue.html",
        venue=place,
        stalls=[
            _drawn(stall, href=url_for("places.stall", ref=place.ref, stall_ref=stall.ref))
            for stall in service.live_stalls(place)
        ],
        retired=[stall for stall in place.stalls if stall.retired_at is not None],
        lanes=service.plan_lanes(place),
        papers=_papers(place),
        land=LAND_WORDS[place.land_type],
        ownership=OWNERSHIP_WORDS[place.ownership],
        **{
            "paper_form": PaperForm(formdata=None),
            "circuit_form": CircuitForm(formdata=None),
            "lane_form": LaneForm(formdata=None),
            **forms,
        },
    )


# ── papers, supply lines, lanes ───────────────────────────────────────────────────────────────────────────


@bp.post("/staff/<slug>/venues/<ref>/papers")
@open_to(Audience.STAFF)
def create_paper(ref: str) -> ResponseReturnValue:
    place, form = _venue(ref), PaperForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.add_paper(
            place, VenuePaperKind(form.kind.data), number=form.number.text, issuer=form.issuer.text,
            valid_to=form.valid_to.data, by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("文件登记好了。"), "go")
        return _to(place, "papers")
    return _venue_page(place, paper_form=form), form.status


@bp.post("/staff/<slug>/venues/<ref>/circuits")
@open_to(Audience.STAFF)
def create_circuit(ref: str) -> ResponseReturnValue:
    place, form = _venue(ref), CircuitForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.add_circuit(
            place, form.name.text, form.capacity_w.data or 0, by=current_user(), at=clock.now()
        )
    ):
        flash(_("线路记下了。"), "go")
        return _to(place, "circuits")
    return _venue_page(place, circuit_form=form), form.status


@bp.post("/staff/<slug>/venues/<ref>/lanes")
@open_to(Audience.STAFF)
def create_lane(ref: str) -> ResponseReturnValue:
    place, form = _venue(ref), LaneForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.add_lane(
            place, form.label.text, (form.x.dm, form.y.dm, form.width.dm, form.depth.dm),
            fire=form.fire.data, by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("通道画好了。"), "go")
        return _to(place)
    return _venue_page(place, lane_form=form), form.status


@bp.post("/staff/<slug>/venues/<ref>/lanes/<int:number>/removal")
@open_to(Audience.STAFF)
def delete_lane(ref: str, number: int) -> ResponseReturnValue:
    """`number` counts the lanes of this plaza from 1, as the page shows them."""
    place = _venue(ref)
    service.remove_lane(place, number, by=current_user(), at=clock.now())
    flash(_("通道去掉了。"), "go")
    return _to(place, "lanes")


@dataclass(frozen=True)
class PaperLine:
    """A kind of paper on the page of a plaza: what is there, and how it stands today."""

    kind: VenuePaperKind
    words: Any
    needed: bool
    paper: VenuePaper | None
    state: str


def _papers(place: Venue) -> list[PaperLine]:
    today = clock.today(place.community.zone)
    lines = []
    for kind, words in PAPER_WORDS.items():
        held = [paper for paper in place.papers if paper.kind is kind]
        newest = max(held, key=lambda paper: paper.valid_to or date.max, default=None)
        needed = _needs(place, kind)
        if needed or newest is not None:
            lines.append(PaperLine(kind, words, needed, newest, _paper_state(newest, today)))
    return lines


def _needs(place: Venue, kind: VenuePaperKind) -> bool:
    if kind is VenuePaperKind.OWNERS_CONSENT:
        return place.ownership is Ownership.OWNERS_COMMON
    return kind is not VenuePaperKind.ROAD_PERMIT or place.land_type is LandType.ROAD


def _paper_state(paper: VenuePaper | None, today: date) -> str:
    if paper is None:
        return "missing"
    if paper.valid_to is None or paper.valid_to >= today + EXPIRY_WARNING:
        return "valid"
    return "ending" if paper.valid_to >= today else "expired"


def _papers_missing(place: Venue) -> int:
    return sum(line.needed and line.state in ("missing", "expired") for line in _papers(place))


# ── the stall plan ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DrawnStall:
    """A stall as `macros/plan.html` draws it on the bare plan of a plaza."""

    label: str
    x_dm: int
    y_dm: int
    width_dm: int
    depth_dm: int
    state: str
    word: str
    power: int
    caption: str = ""
    href: str = ""


def _drawn(stall: Stall | StallDraft, *, new: bool = False, href: str = "") -> DrawnStall:
    return DrawnStall(
        stall.label, stall.x_dm, stall.y_dm, stall.width_dm, stall.depth_dm,
        "mine" if new else "taken", _("新画的") if new else _("摊位"), stall.power_w, href=href,
    )  # fmt: skip


@bp.get("/staff/<slug>/venues/<ref>/stalls/new")
@open_to(Audience.STAFF)
def editor(ref: str) -> ResponseReturnValue:
    place = _venue(ref)
    x, y = service.suggested_start(place)
    return _editor_page(place, RowForm(formdata=None, x=x, y=y))


@bp.post("/staff/<slug>/venues/<ref>/stalls")
@open_to(Audience.STAFF)
def draw(ref: str) -> ResponseReturnValue:
    """Shows the row (`preview`), or draws it."""
    place, form = _venue(ref), RowForm()
    _offer_circuits(form, place)
    if not form.validate_on_submit():
        return _editor_page(place, form), form.status
    row = _row(place, form)
    if "preview" in request.form:
        form.attempt(lambda: service.check_drawing(place, row))
        return _editor_page(place, form, row), form.status
    if form.attempt(lambda: service.draw_stalls(place, row, by=current_user(), at=clock.now())):
        flash(_("画上去了：%(first)s 到 %(last)s。", first=row[0].label, last=row[-1].label), "go")
        return _to(place)
    return _editor_page(place, form, row), form.status


@bp.post("/staff/<slug>/venues/<ref>/standard-plan")
@open_to(Audience.STAFF)
def create_standard_plan(ref: str) -> ResponseReturnValue:
    place = _venue(ref)
    drawn = service.standard_plan(place, by=current_user(), at=clock.now())
    flash(_("画好了 %(n)s 个摊位。跟实地对一对，不一样的点摊位改。", n=len(drawn)), "go")
    return _to(place)


@bp.route("/staff/<slug>/venues/<ref>/stalls/<stall_ref>", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    """One stall: where it is, what it offers; its number stays."""
    place = _venue(ref)
    one = service.find_stall(place, stall_ref)
    form = StallForm(
        x=one.x_dm, y=one.y_dm, width=one.width_dm, depth=one.depth_dm, power_w=one.power_w,
        circuit=one.circuit.name if one.circuit else "", water=one.water, shade=one.shade,
        vehicle=one.vehicle,
    )  # fmt: skip
    _offer_circuits(form, place)
    if form.validate_on_submit() and form.attempt(
        lambda: service.draw_stalls(
            place, [_draft(one.label, one.row, one.column, form.x.dm, form.y.dm, form)],
            by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(label)s 改好了。", label=one.label), "go")
        return _to(place)
    return render_template(
        "places/stall.html",
        venue=place,
        stall=one,
        form=form,
        coming=stalls.coming_assignments(one, clock.now()),
        stalls=[_drawn(other, new=other is one) for other in service.live_stalls(place)],
        lanes=service.plan_lanes(place),
    ), form.status


@bp.post("/staff/<slug>/venues/<ref>/stalls/<stall_ref>/retirement")
@open_to(Audience.STAFF)
def retire(ref: str, stall_ref: str) -> ResponseReturnValue:
    place = _venue(ref)
    one = service.find_stall(place, stall_ref)
    service.retire_stall(one, by=current_user(), at=clock.now())
    flash(_("%(label)s 停用了。以前的集市里还看得到它。", label=one.label), "go")
    for held in stalls.coming_assignments(one, clock.now()):
        sentence = _(
            "%(name)s在「%(theme)s」排的是 %(label)s，请去给他换一个摊位。",
            name=held.vendor.trading_name, theme=held.day.theme, label=one.label,
        )  # fmt: skip
        flash(sentence, "wait")
    return _to(place)


def _editor_page(place: Venue, form: RowForm, row: Sequence[StallDraft] = ()) -> str:
    _offer_circuits(form, place)
    drawn = [_drawn(stall) for stall in service.live_stalls(place)] + [_drawn(d, new=True) for d in row]
    return render_template(
        "places/editor.html",
        venue=place,
        form=form,
        row=row,
        looking="preview" in request.form,
        stalls=drawn,
        lanes=service.plan_lanes(place),
    )


def _offer_circuits(form: OfferForm, place: Venue) -> None:
    form.circuit.choices = [("", _("不接线路")), *((line.name, line.name) for line in place.circuits)]


def _row(place: Venue, form: RowForm) -> list[StallDraft]:
    spots = service.row_spots(
        place, form.zone.data, form.count.data or 0, (form.x.dm, form.y.dm), (form.width.dm, form.depth.dm),
        form.gap.dm, down=form.down.data,
    )  # fmt: skip
    return [_draft(spot.label, spot.row, spot.column, spot.box.x, spot.box.y, form) for spot in spots]


def _draft(label: str, row: int, column: int, x_dm: int, y_dm: int, form: OfferForm) -> StallDraft:
    return StallDraft(
        label, row, column, x_dm, y_dm, form.width.dm, form.depth.dm, form.power_w.data or 0,
        form.circuit.data or None, form.water.data, form.shade.data, form.vehicle.data,
    )  # fmt: skip


# ── the platform: regions and communities ─────────────────────────────────────────────────────────────────


@bp.get("/platform/communities")
@open_to(Audience.PLATFORM)
def communities() -> ResponseReturnValue:
    return _platform_page()


@bp.post("/platform/communities")
@open_to(Audience.PLATFORM)
def create_community() -> ResponseReturnValue:
    form = CommunityForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.create_community(
            form.slug.text, form.name.text, service.find_region(form.region.data or ""),
            host_org=form.host_org.text, phone=form.phone.text, zone="Asia/Shanghai",
            by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(name)s添加好了。接着指定第一位工作人员。", name=form.name.text), "go")
        return redirect(url_for("places.communities"))
    return _platform_page(community_form=form), form.status


@bp.post("/platform/regions")
@open_to(Audience.PLATFORM)
def create_region() -> ResponseReturnValue:
    form = RegionForm(prefix="region")
    if form.validate_on_submit() and form.attempt(
        lambda: service.create_region(
            form.code.text, form.name.text, RegionLevel(form.level.data),
            parent=service.parent_region(form.code.text), by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(name)s添加好了。", name=form.name.text), "go")
        return redirect(url_for("places.communities"))
    return _platform_page(region_form=form), form.status


def _platform_page(community_form: CommunityForm | None = None, region_form: RegionForm | None = None) -> str:
    form = community_form or CommunityForm(formdata=None)
    regions = service.regions()
    form.region.choices = [
        (region.code, f"{region.name} {region.code}")
        for region in regions
        if region.level is RegionLevel.STREET
    ]
    return render_template(
        "places/communities.html",
        communities=service.communities(),
        regions=regions,
        level_words=LEVEL_WORDS,
        community_form=form,
        region_form=region_form or RegionForm(formdata=None, prefix="region"),
    )
