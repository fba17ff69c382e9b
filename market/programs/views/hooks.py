"""Servers that are told: subscribed, looked after, ended."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock, form_use
from market.access import Audience, open_to
from market.outbox.rules import OPEN
from market.people.access import current_community, current_user
from market.programs import service
from market.programs.blueprint import bp
from market.programs.forms import HookForm
from market.programs.views.keys import fresh_form, page


@bp.post("/staff/<slug>/programs/hooks")
@open_to(Audience.STAFF)
def create_hook() -> ResponseReturnValue:
    """The secret is shown once; afterwards it only signs."""
    form = HookForm()
    if form.validate_on_submit() and (
        made := form.attempt(
            lambda: service.subscribe(
                current_community(), form.url.text, form.chosen(), by=current_user(), at=clock.now()
            )
        )
    ):
        form_use.shown_once()
        hook, secret = made.value
        return render_template("programs/new_hook.html", hook=hook, secret=secret)
    return page(fresh_form(), form)


@bp.get("/staff/<slug>/programs/hooks/<ref>")
@open_to(Audience.STAFF)
def hook(ref: str) -> str:
    """What was sent to a server, and what was not."""
    found = service.find_hook(current_community(), ref)
    rows = service.hook_log(found)
    return render_template(
        "programs/hook.html", hook=found, rows=rows, waiting=OPEN, number_of=service.number_of
    )


@bp.post("/staff/<slug>/programs/hooks/<ref>/test")
@open_to(Audience.STAFF)
def test_hook(ref: str) -> ResponseReturnValue:
    found = service.find_hook(current_community(), ref)
    service.ask_for_test(found, by=current_user(), at=clock.now())
    flash(_("测试排上了，一分钟里会送出去。过一会儿刷新看看。"), "go")
    return redirect(url_for("programs.hook", ref=ref))


@bp.post("/staff/<slug>/programs/hooks/<ref>/resumption")
@open_to(Audience.STAFF)
def resume_hook(ref: str) -> ResponseReturnValue:
    found = service.find_hook(current_community(), ref)
    service.resume(found, by=current_user(), at=clock.now())
    flash(_("又开始送了，这段时间里的事也会补上。"), "go")
    return redirect(url_for("programs.hook", ref=ref))


@bp.post("/staff/<slug>/programs/hooks/<ref>/end")
@open_to(Audience.STAFF)
def end_hook(ref: str) -> ResponseReturnValue:
    found = service.find_hook(current_community(), ref)
    service.unsubscribe(found, by=current_user(), at=clock.now())
    flash(_("停了，不再告诉对方。"), "wait")
    return redirect(url_for("programs.programs"))


@bp.post("/staff/<slug>/programs/deliveries/<ref>/again")
@open_to(Audience.STAFF)
def send_again(ref: str) -> ResponseReturnValue:
    row = service.find_delivery(current_community(), ref)
    service.send_again(row, by=current_user(), at=clock.now())
    flash(_("再送一次，排上了。"), "go")
    return redirect(url_for("programs.hook", ref=row.webhook.ref))
