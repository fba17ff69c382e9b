"""What happened: noted at once with two fields, typed in later from the paper form just the same."""

from __future__ import annotations

import secrets
from datetime import datetime, time

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.inspection import service
from market.inspection.blueprint import bp
from market.inspection.forms import IncidentEndForm, IncidentForm
from market.inspection.service import IncidentDraft
from market.people.access import current_user


@bp.get("/gate/<slug>/days/<ref>/incidents")
@open_to(Audience.GATE)
def incident_list(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _page(day, _blank(day))


@bp.post("/gate/<slug>/days/<ref>/incidents")
@open_to(Audience.GATE)
def create_incident(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), IncidentForm()
    if form.validate_on_submit() and form.attempt(lambda: _note(day, form)):
        flash(_("记下了。"), "go")
        return redirect(url_for("inspection.incident_list", ref=ref))
    return _page(day, form)


@bp.post("/gate/<slug>/days/<ref>/incidents/<incident_ref>/ending")
@open_to(Audience.GATE)
def end_incident(ref: str, incident_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), IncidentEndForm()
    one = service.find_incident(day, incident_ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.end_incident(one, form.done.text, by=current_user(), at=clock.now())
    ):
        flash(_("这件事了结了。"), "go")
        return redirect(url_for("inspection.incident_list", ref=ref))
    flash(" ".join(str(said) for told in form.errors.values() for said in told), "stop")
    return redirect(url_for("inspection.incident_list", ref=ref))


def _blank(day: MarketDay) -> IncidentForm:
    now = clock.local(clock.now(), day.community.zone)
    hour = now.time().replace(second=0) if now.date() == local_date(day) else None
    return IncidentForm(formdata=None, client_id=secrets.token_urlsafe(12), happened_at=hour)


def _note(day: MarketDay, form: IncidentForm) -> None:
    draft = IncidentDraft(
        _moment(day, form.happened_at.data or time()),
        form.place.text,
        form.what.text,
        form.told.text,
        form.done.text,
    )
    service.note_incident(
        day,
        draft,
        client_id=form.client_id.data or "",
        by=current_user(),
        at=clock.now(),
        ended=form.ended.data,
    )


def _moment(day: MarketDay, hour: time) -> datetime:
    return clock.at_local(local_date(day), hour, day.community.zone)


def _page(day: MarketDay, form: IncidentForm) -> ResponseReturnValue:
    page = render_template(
        "inspection/incidents.html",
        day=day,
        form=form,
        incidents=service.incidents_of(day),
        noting=day.state in service.NOTING_STATES,
    )
    return page, form.status
