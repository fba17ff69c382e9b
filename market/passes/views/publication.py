"""A market is published, or called off."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step, next_state
from market.passes import service, words
from market.passes.blueprint import bp
from market.passes.forms import CallOffForm
from market.people.access import current_user


@bp.post("/staff/<slug>/days/<ref>/publication")
@open_to(Audience.STAFF)
def publish(ref: str) -> ResponseReturnValue:
    issued = service.publish_day(day_at(ref), by=current_user(), at=clock.now())
    flash(_("发布好了，居民看得到了。%(count)s 张摊位证可以打印，商户手机上也有。", count=len(issued)), "go")
    return redirect(url_for("gate.pass_list", ref=ref))


@bp.get("/staff/<slug>/days/<ref>/call-off")
@open_to(Audience.STAFF)
def call_off(ref: str) -> str:
    return _call_off_page(day_at(ref), CallOffForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/call-off")
@open_to(Audience.STAFF)
def create_call_off(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), CallOffForm()
    if form.validate_on_submit() and form.attempt(lambda: _call_off(day, form)):
        flash(_("居民的页面已经改了，摊位证都作废了。"), "go")
        return redirect(url_for("passes.call_off", ref=ref))
    return _call_off_page(day, form), form.status


def _call_off(day: MarketDay, form: CallOffForm) -> None:
    step = Step(form.step.data)
    service.call_off_day(day, step, form.public_note.text, by=current_user(), at=clock.now())


def _call_off_page(day: MarketDay, form: CallOffForm) -> str:
    return render_template(
        "passes/call_off.html",
        day=day,
        form=form,
        touched=service.call_off_preview(day),
        possible=next_state(day.state, Step.CANCEL) is not None,
        done=day.state in (DayState.POSTPONED, DayState.CANCELLED),
        date_text=words.date_of(day),
    )
