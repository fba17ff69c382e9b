"""A whole plan at once: computed, compared, taken back, confirmed, and downloaded to be checked."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.allocation.rules import Method
from market.calendar.lookup import day_at
from market.calendar.service import local_date
from market.errors import Refusal
from market.forms import MarketForm
from market.layout.answers import send_file
from market.people.access import current_user
from market.stalls import service
from market.stalls.advice import METHOD_WORDS
from market.stalls.blueprint import bp
from market.stalls.forms import MethodForm
from market.stalls.views.plan import page
from market.stalls.views.undo import Done, Undo


@bp.post("/staff/<slug>/days/<ref>/plan-runs")
@open_to(Audience.STAFF)
def create_plan(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form, by, at = MarketForm(), current_user(), clock.now()
    run = form.attempt(lambda: service.compute_plan(day, by=by, at=at))
    if run is None:
        return page(day, refusal=form.refusal), form.status
    placed, waiting = run.value.placed, run.value.waiting
    sentence = _("分好了：%(placed)s 家有摊位，%(waiting)s 家候补。", placed=placed, waiting=waiting)
    undo = Undo(day, "stalls.undo_plan") if service.plan_before(day) else None
    return Done(sentence, undo).answer(day)


@bp.post("/staff/<slug>/days/<ref>/plan-runs/undo")
@open_to(Audience.STAFF)
def undo_plan(ref: str) -> ResponseReturnValue:
    """The plan before the last run stands again."""
    day = day_at(ref)
    form, by, at = MarketForm(), current_user(), clock.now()
    if not form.attempt(lambda: service.undo_plan(day, by=by, at=at)):
        return page(day, refusal=form.refusal), form.status
    return Done(_("退回上一版了，每家都在原来的地方。")).answer(day)


@bp.post("/staff/<slug>/days/<ref>/plan-method")
@open_to(Audience.STAFF)
def choose_method(ref: str) -> ResponseReturnValue:
    """How the stalls are given out, chosen before they are."""
    day = day_at(ref)
    form, by, at = MethodForm().offer(), current_user(), clock.now()
    chosen = form.validate_on_submit() and form.attempt(
        lambda: service.choose_method(day, form.method.data, by=by, at=at)
    )
    if not chosen:
        return page(day, refusal=form.refusal), form.status
    return Done(_("这一场的分法：%(method)s。", method=METHOD_WORDS[form.method.data])).answer(day)


@bp.get("/staff/<slug>/days/<ref>/plan-comparison")
@open_to(Audience.STAFF)
def comparison(ref: str) -> ResponseReturnValue:
    """What laying the plan anew would change, `?method=` by another way; nothing changes by looking."""
    day = day_at(ref)
    chosen = service.method_of(day)
    method = request.args.get("method", chosen)
    if method not in list(Method):
        raise Refusal("stalls.no_method", _("没有这种分法。请从列出的几种里选。"), 422)
    try:
        compared = service.compare(day, method)
    except Refusal as refusal:
        return page(day, refusal=refusal), refusal.status
    return render_template(
        "stalls/comparison.html",
        day=day,
        compared=compared,
        method=method,
        chosen=chosen,
        methods=[(key, word) for key, word in METHOD_WORDS.items() if key in (chosen, *service.COMPARABLE)],
    )


@bp.post("/staff/<slug>/days/<ref>/plan-confirmation")
@open_to(Audience.STAFF)
def confirm(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = MarketForm()
    if not form.attempt(lambda: service.confirm_plan(day, by=current_user(), at=clock.now())):
        return page(day, refusal=form.refusal), form.status
    flash(_("就按现在的摊位图办。没排上的在候补名单里。"), "go")
    return redirect(url_for("pages.day", ref=day.ref))


@bp.get("/staff/<slug>/days/<ref>/plan-problem.json")
@open_to(Audience.STAFF)
def problem(ref: str) -> Response:
    """The problem as a file: `market stalls solve` makes the same plan of it on any computer."""
    day = day_at(ref)
    name = f"{day.community.slug}_{local_date(day)}.json"
    return send_file(service.problem_file(day), "application/json", name)
