"""One stall of a plaza: where it is, what it offers, and who is coming to stand there.

The page hangs on the routes of `places`, next to the plaza that it belongs to.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.people.access import current_community, current_user
from market.places import service as places
from market.places.blueprint import bp
from market.places.drafts import draft_of, offer_circuits
from market.places.drawn import drawn
from market.places.forms import StallForm
from market.stalls import service


@bp.route("/staff/<slug>/venues/<ref>/stalls/<stall_ref>", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    """One stall: where it is, what it offers; its number stays."""
    place = places.find_venue(current_community(), ref)
    one = places.find_stall(place, stall_ref)
    form = StallForm(
        x=one.x_dm, y=one.y_dm, width=one.width_dm, depth=one.depth_dm, power_w=one.power_w,
        circuit=one.circuit.name if one.circuit else "", water=one.water, shade=one.shade,
        vehicle=one.vehicle, reserved=one.reserved,
    )  # fmt: skip
    offer_circuits(form, place)
    if form.validate_on_submit() and form.attempt(
        lambda: places.draw_stalls(
            place, [draft_of(one.label, one.row, one.column, form.x.dm, form.y.dm, form)],
            by=current_user(), at=clock.now(),
        )
    ):  # fmt: skip
        flash(_("%(label)s 改好了。", label=one.label), "go")
        return redirect(url_for("places.venue", ref=place.ref))
    return render_template(
        "places/stall.html",
        venue=place,
        stall=one,
        form=form,
        coming=service.coming_assignments(one, clock.now()),
        stalls=[drawn(other, new=other is one) for other in places.live_stalls(place)],
        lanes=places.plan_lanes(place),
    ), form.status


@bp.post("/staff/<slug>/venues/<ref>/stalls/<stall_ref>/retirement")
@open_to(Audience.STAFF)
def retire(ref: str, stall_ref: str) -> ResponseReturnValue:
    place = places.find_venue(current_community(), ref)
    one = places.find_stall(place, stall_ref)
    places.retire_stall(one, by=current_user(), at=clock.now())
    flash(_("%(label)s 停用了。以前的集市里还看得到它。", label=one.label), "go")
    for held in service.coming_assignments(one, clock.now()):
        sentence = _(
            "%(name)s在「%(theme)s」排的是 %(label)s，请去给他换一个摊位。",
            name=held.vendor.trading_name, theme=held.day.theme, label=one.label,
        )  # fmt: skip
        flash(sentence, "wait")
    return redirect(url_for("places.venue", ref=place.ref))
