"""One stall of a place: where it is, what it offers, who comes to stand on it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.places import service
from market.places.drawn import drawn
from market.places.forms import StallForm
from market.places.models import Venue
from market.places.stall_draft import offer_circuits, stall_draft
from market.stalls import service as stalls


@bp.route("/staff/<slug>/venues/<ref>/stalls/<stall_ref>", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def venue_stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    """One stall: where it is, what it offers; its number stays."""
    place = service.find_venue(current_community(), ref)
    one = service.find_stall(place, stall_ref)
    form = StallForm(
        x=one.x_dm, y=one.y_dm, width=one.width_dm, depth=one.depth_dm, power_w=one.power_w,
        circuit=one.circuit.name if one.circuit else "", water=one.water, shade=one.shade,
        vehicle=one.vehicle, reserved=one.reserved, no_flame=one.no_flame,
    )  # fmt: skip
    offer_circuits(form, place)
    if form.validate_on_submit() and form.attempt(
        lambda: service.draw_stalls(
            place, [stall_draft(one.label, one.row, one.column, form.x.dm, form.y.dm, form)],
            by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(label)s 改好了。", label=one.label), "go")
        return _to_venue(place)
    return render_template(
        "pages/venue_stall.html",
        venue=place,
        stall=one,
        form=form,
        coming=stalls.coming_assignments(one, clock.now()),
        stalls=[drawn(other, new=other is one) for other in service.live_stalls(place)],
        lanes=service.plan_lanes(place),
    ), form.status


@bp.post("/staff/<slug>/venues/<ref>/stalls/<stall_ref>/retirement")
@open_to(Audience.STAFF)
def retire_stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    place = service.find_venue(current_community(), ref)
    one = service.find_stall(place, stall_ref)
    service.retire_stall(one, by=current_user(), at=clock.now())
    flash(_("%(label)s 停用了。以前的集市里还看得到它。", label=one.label), "go")
    for held in stalls.coming_assignments(one, clock.now()):
        sentence = _(
            "%(name)s在「%(theme)s」排的是 %(label)s，请去给他换一个摊位。",
            name=held.vendor.trading_name, theme=held.day.theme, label=one.label,
        )  # fmt: skip
        flash(sentence, "wait")
    return _to_venue(place)


def _to_venue(place: Venue) -> ResponseReturnValue:
    return redirect(url_for("places.venue", ref=place.ref))
