"""The stall plan of a plaza: drawn row by row or in one click."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.forms import MarketForm
from market.people.access import current_user
from market.places import service
from market.places.blueprint import bp
from market.places.drawn import drawn
from market.places.forms import RowForm
from market.places.models import Venue
from market.places.service import StallDraft
from market.places.stall_draft import offer_circuits, stall_draft
from market.places.views.venues import to_venue, venue_at, venue_page


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
    offer_circuits(form, place)
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
    place, form = venue_at(ref), MarketForm()
    made = form.attempt(lambda: service.standard_plan(place, by=current_user(), at=clock.now()))
    if made is None:
        return venue_page(place, standard_form=form), form.status
    flash(_("画好了 %(n)s 个摊位。跟实地对一对，不一样的点摊位改。", n=len(made.value)), "go")
    return to_venue(place)


def _editor_page(place: Venue, form: RowForm, row: Sequence[StallDraft] = ()) -> str:
    offer_circuits(form, place)
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


def _row(place: Venue, form: RowForm) -> list[StallDraft]:
    spots = service.new_row(
        place, form.zone.data, form.count.data or 0, (form.x.dm, form.y.dm), (form.width.dm, form.depth.dm),
        form.gap.dm, down=form.down.data,
    )  # fmt: skip
    return [stall_draft(spot.label, spot.row, spot.column, spot.box.x, spot.box.y, form) for spot in spots]
