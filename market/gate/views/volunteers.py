"""How many volunteers helped at a market, typed in by staff."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.gate import service
from market.gate.blueprint import bp
from market.gate.forms import VolunteersForm
from market.people.access import current_user


@bp.get("/staff/<slug>/days/<ref>/volunteers")
@open_to(Audience.STAFF)
def volunteers(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    known = service.volunteers_of(day)
    kept = {"people": known.people, "hours": known.hours} if known else {}
    return _page(day, VolunteersForm(formdata=None, data=kept))


@bp.post("/staff/<slug>/days/<ref>/volunteers")
@open_to(Audience.STAFF)
def note_volunteers(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), VolunteersForm()
    if form.validate_on_submit() and form.attempt(lambda: _note(day, form)):
        flash(_("记下了，成效里会加上。谢谢他们。"), "go")
        return redirect(url_for("gate.volunteers", ref=ref))
    return _page(day, form)


def _note(day: MarketDay, form: VolunteersForm) -> None:
    people, hours = form.people.data or 0, form.hours.data or 0
    service.note_volunteers(day, people, hours, by=current_user(), at=clock.now())


def _page(day: MarketDay, form: VolunteersForm) -> ResponseReturnValue:
    page = render_template(
        "gate/volunteers.html",
        day=day,
        form=form,
        known=service.volunteers_of(day),
        open=service.may_note_volunteers(day),
    )
    return page, form.status
