"""Telling takings by a link, without signing in: looking changes nothing, the button tells, once."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.errors import Refusal
from market.people.access import stand_in, user_or_none
from market.settlement import service, words
from market.settlement.blueprint import bp
from market.settlement.forms import GiftOnlyForm, TakingsForm
from market.settlement.grid import plain_yuan
from market.settlement.models import TakingsReport
from market.settlement.rules import share
from market.settlement.views.figures import fill, terms_of_day
from market.stalls.models import Assignment


@bp.get("/T/<token>")
@open_to(Audience.PUBLIC)
def takings_link(token: str) -> ResponseReturnValue:
    return _page(token, _stall(token), TakingsForm(formdata=None), GiftOnlyForm(formdata=None))


@bp.post("/T/<token>")
@open_to(Audience.PUBLIC)
def report_by_link(token: str) -> ResponseReturnValue:
    """Saves what was told once figure and gift were on the screen together; else shows them first."""
    assignment = _stall(token)
    if "gift_only" in request.form:
        return _tell_gift(token, assignment)
    form, only = TakingsForm(), GiftOnlyForm(formdata=None)
    fill(form, None, request.form.get("pick"))
    if not form.validate():
        return _page(token, assignment, form, only)
    if form.was_read(terms_of_day(assignment)):
        told = form.attempt(lambda: _report(assignment, form))
        if told is not None:
            return _page(token, assignment, form, only, report=told.value)
    return _page(token, assignment, form, only, shown=True)


@bp.get("/T/<token>/gift")
@open_to(Audience.PUBLIC)
def gift_by_link(token: str) -> ResponseReturnValue:
    """What would be given of the figures typed so far, for the script of the page; saves nothing."""
    form = TakingsForm(formdata=request.args, meta={"csrf": False})
    told = _gift(form, _stall(token), readable=form.validate())
    return render_template("settlement/_gift.html", form=form, **told)


@bp.get("/staff/<slug>/days/<ref>/takings-links")
@open_to(Audience.STAFF)
def takings_links(ref: str) -> ResponseReturnValue:
    """The link of everybody who has not told yet, to copy into a message."""
    day = day_at(ref)
    service.check_reporting(day)
    return render_template("settlement/takings_links.html", day=day, links=service.links_to_send(day))


def _stall(token: str) -> Assignment:
    """The stall that the link is for; the page then speaks for its community."""
    assignment = service.linked_stall(token, at=clock.now())
    stand_in(assignment.day.community)
    return assignment


def _report(assignment: Assignment, form: TakingsForm) -> TakingsReport:
    service.ask_when_doubtful(assignment, form.takings_fen, form.sure.data, discreetly=True)
    return service.report_by_link(
        assignment, form.takings_fen, chosen_fen=form.chosen_fen, by=user_or_none(), at=clock.now()
    )


def _tell_gift(token: str, assignment: Assignment) -> ResponseReturnValue:
    form, only = TakingsForm(formdata=None), GiftOnlyForm()
    if only.validate() and (told := only.attempt(lambda: _report_gift(assignment, only))):
        return _page(token, assignment, form, only, report=told.value)
    return _page(token, assignment, form, only)


def _report_gift(assignment: Assignment, only: GiftOnlyForm) -> TakingsReport:
    gift_fen = only.only.fen or 0
    service.ask_when_gift_doubtful(assignment, gift_fen, only.sure.data)
    by, at = user_or_none(), clock.now()
    return service.report_by_link(assignment, 0, chosen_fen=gift_fen, gift_only=True, by=by, at=at)


def _gift(form: TakingsForm, assignment: Assignment, *, readable: bool) -> dict[str, Any]:
    """What is given of readable figures; what was sold on other days is not said to who holds a link."""
    terms = terms_of_day(assignment)
    habits = service.Habits(assignment.day) if readable else None
    doubtful = habits is not None and habits.doubt(assignment.vendor, form.takings_fen) is not None
    return {
        "question": service.discreet_sentence(form.takings_fen) if doubtful else "",
        "terms": terms,
        "words": words,
        "gift_fen": share(form.takings_fen, terms, form.chosen_fen) if readable else None,
        "shown": form.figures(terms) if readable else "",
    }


def _page(
    token: str,
    assignment: Assignment,
    form: TakingsForm,
    only: GiftOnlyForm,
    *,
    shown: bool = False,
    report: TakingsReport | None = None,
) -> ResponseReturnValue:
    readable = shown and not form.errors.keys() - {""}
    page = render_template(
        "settlement/takings_link.html",
        assignment=assignment,
        day=assignment.day,
        report=report,
        given=_given(assignment, report),
        closed=None if report else _why_closed(assignment),
        may_give=bool(service.agreed_for(assignment.day, [assignment.vendor_id])),
        gift_address=url_for("settlement.gift_by_link", token=token),
        before=None,
        form=form,
        only=only,
        plain_yuan=plain_yuan,
        **_gift(form, assignment, readable=readable),
    )
    return page, max(form.status, only.status)


def _given(assignment: Assignment, report: TakingsReport | None) -> int:
    return share(report.takings_fen, terms_of_day(assignment), report.chosen_fen) if report else 0


def _why_closed(assignment: Assignment) -> object | None:
    """Why nothing can be told by this link now; it does not say what was told before."""
    try:
        service.check_holder(assignment)
        service.check_reporting(assignment.day)
    except Refusal as refusal:
        return refusal.sentence
    return service.spent_sentence() if service.is_spent(assignment) else None
