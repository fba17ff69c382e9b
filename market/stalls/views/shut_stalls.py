"""Which stalls do not open on a day, who stands there, and where they could stand instead."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.people.access import current_user
from market.places.service import live_stalls
from market.stalls import service
from market.stalls.blueprint import bp
from market.stalls.forms import ShutForm


@bp.get("/staff/<slug>/days/<ref>/shut-stalls")
@open_to(Audience.STAFF)
def shut_stalls(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _page(day, _offered(day, ShutForm(formdata=None)))


@bp.post("/staff/<slug>/days/<ref>/shut-stalls")
@open_to(Audience.STAFF)
def create_shut_stalls(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = _offered(day, ShutForm())
    chosen = [stall for stall in live_stalls(day.venue) if stall.ref in (form.stalls.data or ())]
    if form.validate_on_submit() and form.attempt(
        lambda: service.shut(day, chosen, form.reason.text, by=current_user(), at=clock.now())
    ):
        flash(_("记下了：%(n)s 个摊位不开。站在那里的商户会收到消息。", n=len(chosen)), "go")
        return redirect(url_for("stalls.shut_stalls", ref=day.ref))
    return _page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/shut-stalls/<stall_ref>/removal")
@open_to(Audience.STAFF)
def delete_shut_stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    stall = service.find_stall(day, stall_ref)
    service.open_again(day, stall, by=current_user(), at=clock.now())
    flash(_("%(stall)s 号又开了。", stall=stall.label), "go")
    return redirect(url_for("stalls.shut_stalls", ref=day.ref))


def _offered(day: MarketDay, form: ShutForm) -> ShutForm:
    known = service.shut_stalls(day)
    form.stalls.choices = [
        (stall.ref, stall.label) for stall in live_stalls(day.venue) if stall.id not in known
    ]
    return form


def _page(day: MarketDay, form: ShutForm) -> str:
    holders = {stall_id: held for held in service.assignments(day) for stall_id in held.stall_ids}
    known = sorted(service.shut_stalls(day).values(), key=lambda row: row.stall.label)
    return render_template(
        "stalls/shut_stalls.html",
        day=day,
        form=form,
        rows=[(row, holders.get(row.stall_id)) for row in known],
    )
