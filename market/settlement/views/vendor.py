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
from market.settlement.commitments import opening
from market.settlement.forms import FullTermsForm, GiftOnlyForm, TakingsForm
from market.settlement.grid import plain_yuan
from market.settlement.models import SettlementLine, SuggestedTerms
from market.settlement.previews import preview_page, previewed
from market.settlement.rules import TakingsSource, Terms, share, terms_for_category
from market.settlement.views.figures import fill, terms_of_day
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
    return _terms_page(FullTermsForm(formdata=None, suggestion=_suggestion()))


@bp.post("/vendor/<slug>/terms")
@open_to(Audience.VENDOR)
def create_terms() -> ResponseReturnValue:
    form, vendor = FullTermsForm(suggestion=_suggestion()), _me()
    if "look" in request.form:
        return _terms_page(form, previewed(form))
    if form.validate_on_submit() and form.attempt(
        lambda: service.agree_terms(
            vendor, form.facts(), by=current_user(), at=clock.now(), suggestion=form.taken
        )
    ):
        flash(_("记下了：%(terms)s。谢谢您。", terms=words.terms_word(form.facts())), "go")
        return redirect(url_for("settlement.terms"))
    return _terms_page(form)


@bp.get("/vendor/<slug>/terms/preview")
@open_to(Audience.VENDOR)
def preview_terms() -> ResponseReturnValue:
    """What the agreement chosen so far comes to, for the script of the page; saves nothing."""
    return preview_page(_suggestion())


def _suggestion() -> SuggestedTerms | None:
    return service.current_suggestion(current_community())


def _terms_page(form: FullTermsForm, preview: Terms | None = None) -> ResponseReturnValue:
    vendor = _me()
    page = render_template(
        "settlement/terms.html",
        form=form,
        history=service.terms_history(vendor),
        charged=service.current_fee(vendor.community),
        lines=agreement_lines(vendor, None),
        category=vendor.category,
        preview=preview,
        terms_for_category=terms_for_category,
        words=words,
    )
    return page, form.status


# ── takings ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/vendor/<slug>/days/<ref>/takings")
@open_to(Audience.VENDOR)
def takings(ref: str) -> ResponseReturnValue:
    assignment = _my_stall(ref)
    report = service.latest_report(assignment)
    form, only = TakingsForm(formdata=None), GiftOnlyForm(formdata=None)
    if report is not None and report.gift_only:
        only.only.data = plain_yuan(report.chosen_fen)
    elif report is not None:
        form.takings.data, form.takings.fen = plain_yuan(report.takings_fen), report.takings_fen
        form.gift.data, form.gift.fen = plain_yuan(report.chosen_fen), report.chosen_fen
    shown = report is not None and not report.gift_only
    return _takings_page(assignment, form, shown=shown, only=only)


@bp.post("/vendor/<slug>/days/<ref>/takings")
@open_to(Audience.VENDOR)
def create_report(ref: str) -> ResponseReturnValue:
    """Saves what was reported once figure and gift were on the screen together; else shows them first."""
    if "gift_only" in request.form:
        return _report_gift_alone(ref)
    assignment, form = _my_stall(ref), TakingsForm()
    fill(form, service.report_before(assignment), request.form.get("pick"))
    if not form.attempt(lambda: service.check_reporting(assignment.day)) or not form.validate():
        return _takings_page(assignment, form)
    if not form.was_read(terms_of_day(assignment)):
        return _takings_page(assignment, form, shown=True)
    if form.attempt(lambda: _report(assignment, form)):
        return redirect(url_for("settlement.takings", ref=ref))
    return _takings_page(assignment, form, shown=True)


def _report_gift_alone(ref: str) -> ResponseReturnValue:
    """Only the gift is told; what was sold stays unknown."""
    assignment, only = _my_stall(ref), GiftOnlyForm()
    if only.validate() and only.attempt(lambda: _report_gift(assignment, only)):
        return redirect(url_for("settlement.takings", ref=ref))
    return _takings_page(assignment, TakingsForm(formdata=None), only=only)


def _report_gift(assignment: Assignment, only: GiftOnlyForm) -> None:
    gift_fen = only.only.fen or 0
    service.refuse_when_told_since(assignment, only.waited.data)
    service.ask_when_gift_doubtful(assignment, gift_fen, only.sure.data)
    service.report_takings(
        assignment,
        0,
        chosen_fen=gift_fen,
        gift_only=True,
        source=TakingsSource.SELF,
        by=current_user(),
        at=clock.now(),
    )


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
    facts = terms_of_day(assignment)
    usual = service.Habits(assignment.day).doubt(assignment.vendor, form.takings_fen) if readable else None
    return {
        "question": service.doubt_sentence(form.takings_fen, usual) if usual is not None else "",
        "terms": facts,
        "words": words,
        "gift_fen": share(form.takings_fen, facts, form.chosen_fen) if readable else None,
        "shown": form.figures(facts) if readable else "",
    }


def _report(assignment: Assignment, form: TakingsForm) -> None:
    service.refuse_when_told_since(assignment, form.waited.data)
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


def _takings_page(
    assignment: Assignment, form: TakingsForm, shown: bool = False, only: GiftOnlyForm | None = None
) -> ResponseReturnValue:
    readable = shown and not form.errors.keys() - {""}
    line, charged = _line(assignment), service.fee_for(assignment.day)
    of_category = charged.fee.of(assignment.vendor.category) if charged is not None else 0
    page = render_template(
        "settlement/takings.html",
        assignment=assignment,
        day=assignment.day,
        report=service.latest_report(assignment),
        before=service.report_before(assignment),
        line=line,
        charged=line.settlement.stall_fee if line is not None else charged,
        owed_fen=line.fee_fen if line is not None else of_category,
        receipt=service.receipt_of(assignment.day, assignment.vendor),
        closed=_why_closed(assignment),
        reported_gift=_reported_gift(assignment),
        may_give=bool(service.agreed_for(assignment.day, [assignment.vendor_id])),
        form=form,
        only=only or GiftOnlyForm(formdata=None),
        **_gift(form, assignment, readable=readable),
        plain_yuan=plain_yuan,
        opening=opening,
    )
    return page, max(form.status, only.status if only else 200)


def _reported_gift(assignment: Assignment) -> int | None:
    """What the last report gives."""
    report = service.latest_report(assignment)
    return share(report.takings_fen, terms_of_day(assignment), report.chosen_fen) if report else None


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
