"""The stall plan of a plaza: drawn row by row or in one click, changed stall by stall."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.people.access import current_user
from market.places import service
from market.places.blueprint import bp
from market.places.forms import OfferForm, RowForm, StallForm
from market.places.models import Venue
from market.places.service import StallDraft
from market.places.views.drawn import drawn
from market.places.views.venues import to_venue, venue_at
from market.stalls import service as stalls


@bp.get("/staff/<slug>/venues/<ref>/stalls/new")
@open_to(Audience.STAFF)
def editor(ref: str) -> ResponseReturnValue:
    place = venue_at(ref)
    x, y = service.suggested_start(place)
    return _editor_page(place, RowForm(formdata=None, x=x, y=y))


@bp.post("/staff/<slug>/venues/<ref>/stalls")
@open_to(Audience.STAFF)
def draw(ref: str) -> ResponseReturnValue:
    """Shows the row (`preview`), or draws it."""
    place, form = venue_at(ref), RowForm()
    _offer_circuits(form, place)
    if not form.validate_on_submit():
        return _editor_page(place, form), form.status
    row = _row(place, form)
    if "preview" in request.form:
        form.attempt(lambda: service.check_drawing(place, row))
        return _editor_page(place, form, row), form.status
    if form.attempt(lambda: service.draw_stalls(place, row, by=current_user(), at=clock.now())):
        flash(_("画上去了：%(first)s 到 %(last)s。", first=row[0].label, last=row[-1].label), "go")
        return to_venue(place)
    return _editor_page(place, form, row), form.status


@bp.post("/staff/<slug>/venues/<ref>/standard-plan")
@open_to(Audience.STAFF)
def create_standard_plan(ref: str) -> ResponseReturnValue:
    place = venue_at(ref)
    stalls_drawn = service.standard_plan(place, by=current_user(), at=clock.now())
    flash(_("画好了 %(n)s 个摊位。跟实地对一对，不一样的点摊位改。", n=len(stalls_drawn)), "go")
    return to_venue(place)


@bp.route("/staff/<slug>/venues/<ref>/stalls/<stall_ref>", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    """One stall: where it is, what it offers; its number stays."""
    place = venue_at(ref)
    one = service.find_stall(place, stall_ref)
    form = StallForm(
        x=one.x_dm, y=one.y_dm, width=one.width_dm, depth=one.depth_dm, power_w=one.power_w,
        circuit=one.circuit.name if one.circuit else "", water=one.water, shade=one.shade,
        vehicle=one.vehicle, reserved=one.reserved,
    )  # fmt: skip
    _offer_circuits(form, place)
    if form.validate_on_submit() and form.attempt(
        lambda: service.draw_stalls(
            place, [_draft(one.label, one.row, one.column, form.x.dm, form.y.dm, form)],
            by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(label)s 改好了。", label=one.label), "go")
        return to_venue(place)
    return render_template(
        "places/stall.html",
        venue=place,
        stall=one,
        form=form,
        coming=stalls.coming_assignments(one, clock.now()),
        stalls=[drawn(other, new=other is one) for other in service.live_stalls(place)],
        lanes=service.plan_lanes(place),
    ), form.status


@bp.post("/staff/<slug>/venues/<ref>/stalls/<stall_ref>/retirement")
@open_to(Audience.STAFF)
def retire(ref: str, stall_ref: str) -> ResponseReturnValue:
    place = venue_at(ref)
    one = service.find_stall(place, stall_ref)
    service.retire_stall(one, by=current_user(), at=clock.now())
    flash(_("%(label)s 停用了。以前的集市里还看得到它。", label=one.label), "go")
    for held in stalls.coming_assignments(one, clock.now()):
        sentence = _(
            "%(name)s在「%(theme)s」排的是 %(label)s，请去给他换一个摊位。",
            name=held.vendor.trading_name, theme=held.day.theme, label=one.label,
        )  # fmt: skip
        flash(sentence, "wait")
    return to_venue(place)


def _editor_page(place: Venue, form: RowForm, row: Sequence[StallDraft] = ()) -> str:
    _offer_circuits(form, place)
    on_plan = [drawn(stall) for stall in service.live_stalls(place)] + [drawn(d, new=True) for d in row]
    return render_template(
        "places/editor.html",
        venue=place,
        form=form,
        row=row,
        looking="preview" in request.form,
        stalls=on_plan,
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
        form.reserved.data,
    )  # fmt: skip
