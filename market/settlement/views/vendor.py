"""What a vendor agreed to give, and what was sold today."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.errors import NotFound, Refusal
from market.people.access import current_community, current_user
from market.settlement import service, words
from market.settlement.agreement import agreement_lines
from market.settlement.blueprint import bp
from market.settlement.forms import TakingsForm, TermsForm
from market.settlement.grid import plain_yuan
from market.settlement.models import SettlementLine
from market.settlement.rules import NO_TERMS, TakingsSource, Terms, share
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.models import Vendor


def _me() -> Vendor:
    return vendors.vendor_of(current_user(), current_community())


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/vendor/<slug>/terms")
@open_to(Audience.VENDOR)
def terms() -> ResponseReturnValue:
    return _terms_page(TermsForm())


@bp.post("/vendor/<slug>/terms")
@open_to(Audience.VENDOR)
def create_terms() -> ResponseReturnValue:
    form, vendor = TermsForm(), _me()
    if form.validate_on_submit() and form.attempt(
        lambda: service.agree_terms(vendor, form.facts(), by=current_user(), at=clock.now())
    ):
        flash(_("记下了：%(terms)s。谢谢您。", terms=words.terms_word(form.facts())), "go")
        return redirect(url_for("settlement.terms"))
    return _terms_page(form)


def _terms_page(form: TermsForm) -> ResponseReturnValue:
    vendor = _me()
    page = render_template(
        "settlement/terms.html",
        form=form,
        history=service.terms_history(vendor),
        lines=agreement_lines(vendor, None),
        words=words,
    )
    return page, form.status


# ── takings ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/vendor/<slug>/days/<ref>/takings")
@open_to(Audience.VENDOR)
def takings(ref: str) -> ResponseReturnValue:
    assignment = _my_stall(ref)
    report = service.latest_report(assignment)
    form = TakingsForm(formdata=None)
    if report is not None:
        form.takings.data, form.takings.fen = plain_yuan(report.takings_fen), report.takings_fen
        form.gift.data, form.gift.fen = plain_yuan(report.chosen_fen), report.chosen_fen
    return _takings_page(assignment, form, shown=report is not None)


@bp.post("/vendor/<slug>/days/<ref>/takings")
@open_to(Audience.VENDOR)
def create_report(ref: str) -> ResponseReturnValue:
    """Saves what was reported once figure and gift were on the screen together; else shows them first."""
    assignment, form = _my_stall(ref), TakingsForm()
    _fill(form, assignment, request.form.get("pick"))
    if not form.attempt(lambda: service.check_reporting(assignment.day)) or not form.validate():
        return _takings_page(assignment, form)
    if form.shown.data != form.figures(_terms(assignment)):
        return _takings_page(assignment, form, shown=True)
    if form.attempt(lambda: _report(assignment, form)):
        return redirect(url_for("settlement.takings", ref=ref))
    return _takings_page(assignment, form, shown=True)


@bp.get("/vendor/<slug>/days/<ref>/takings/gift")
@open_to(Audience.VENDOR)
def gift(ref: str) -> ResponseReturnValue:
    """What would be given of the figures typed so far, for the script of the page; saves nothing."""
    assignment = _my_stall(ref)
    form = TakingsForm(formdata=request.args, meta={"csrf": False})
    told = _gift(form, assignment, readable=form.validate())
    return render_template("settlement/_gift.html", form=form, **told)


def _gift(form: TakingsForm, assignment: Assignment, *, readable: bool) -> dict[str, Any]:
    """What is given of readable figures, and the figures as the button carries them."""
    facts = _terms(assignment)
    usual = service.Habits(assignment.day).doubt(assignment.vendor, form.takings_fen) if readable else None
    return {
        "question": service.doubt_sentence(form.takings_fen, usual) if usual is not None else "",
        "terms": facts,
        "words": words,
        "gift_fen": share(form.takings_fen, facts, form.chosen_fen) if readable else None,
        "shown": form.figures(facts) if readable else "",
    }


def _fill(form: TakingsForm, assignment: Assignment, pick: str | None) -> None:
    """The buttons that fill in a figure, for a browser without scripts."""
    before = service.report_before(assignment)
    if pick == "same" and before is not None:
        form.takings.data, form.shown.data = plain_yuan(before.takings_fen), None
    elif pick == "none":
        form.takings.data, form.shown.data = "0", None
    elif pick == "no_gift":
        form.gift.data, form.shown.data = "0", None


def _report(assignment: Assignment, form: TakingsForm) -> None:
    service.ask_when_doubtful(assignment, form.takings_fen, form.sure.data)
    service.report_takings(
        assignment,
        form.takings_fen,
        chosen_fen=form.chosen_fen,
        source=TakingsSource.SELF,
        by=current_user(),
        at=clock.now(),
    )


def _my_stall(ref: str) -> Assignment:
    day = day_at(ref)
    assignment = stalls.assignment_of(day, _me())
    if assignment is None:
        raise NotFound("settlement.no_stall_of_mine", _("您这一场没有摊位，不用报数。"))
    return assignment


def _terms(assignment: Assignment) -> Terms:
    agreed = service.agreed_for(assignment.day, [assignment.vendor_id])
    return agreed.get(assignment.vendor_id, NO_TERMS)


def _takings_page(assignment: Assignment, form: TakingsForm, shown: bool = False) -> ResponseReturnValue:
    readable = shown and not form.errors.keys() - {""}
    page = render_template(
        "settlement/takings.html",
        assignment=assignment,
        day=assignment.day,
        report=service.latest_report(assignment),
        before=service.report_before(assignment),
        line=_line(assignment),
        closed=_why_closed(assignment),
        reported_gift=_reported_gift(assignment),
        form=form,
        **_gift(form, assignment, readable=readable),
        plain_yuan=plain_yuan,
    )
    return page, form.status


def _reported_gift(assignment: Assignment) -> int | None:
    """What the last report gives."""
    report = service.latest_report(assignment)
    return share(report.takings_fen, _terms(assignment), report.chosen_fen) if report else None


def _line(assignment: Assignment) -> SettlementLine | None:
    settlement = service.settlement_of(assignment.day)
    lines = settlement.lines if settlement else []
    return next((line for line in lines if line.assignment_id == assignment.id), None)


def _why_closed(assignment: Assignment) -> object | None:
    """The sentence when nothing can be reported now."""
    try:
        service.check_reporting(assignment.day)
    except Refusal as refusal:
        return refusal.sentence
    return None
