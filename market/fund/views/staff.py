"""What staff enter: the agreement, arrivals at the charity, what goes back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.fund import disclosure, service, words
from market.fund.blueprint import bp
from market.fund.forms import FundForm, RefundForm, RemittanceForm
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/fund")
@open_to(Audience.STAFF)
def desk() -> str:
    return _desk()


@bp.post("/staff/<slug>/fund")
@open_to(Audience.STAFF)
def create_fund() -> ResponseReturnValue:
    form = FundForm()
    if form.validate_on_submit() and form.attempt(lambda: _open_fund(form)):
        flash(_("基金登记好了，账本已经开好。"), "go")
        return redirect(url_for("fund.desk"))
    return _desk(fund_form=form), form.status


def _open_fund(form: FundForm) -> None:
    service.open_fund(
        current_community(),
        form.name.text,
        charity=form.charity.text,
        agreement_no=form.agreement_no.text,
        signed_on=form.signed_on.data or clock.today(current_community().zone),
        purpose=form.purpose.text,
        by=current_user(),
        at=clock.now(),
    )


@bp.post("/staff/<slug>/fund/markets/<ref>/remittance")
@open_to(Audience.STAFF)
def create_remittance(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = RemittanceForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.confirm_remittance(day, form.reference.text, by=current_user(), at=clock.now())
    ):
        flash(_("到账登记好了。"), "go")
        return redirect(url_for("fund.desk"))
    return _desk(remittance_form=form, remitting=ref), form.status


@bp.post("/staff/<slug>/fund/markets/<ref>/refund")
@open_to(Audience.STAFF)
def create_refund(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = RefundForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.ask_refund(day, form.reference.text, by=current_user(), at=clock.now())
    ):
        flash(_("退款登记好了，等一位委员同意后记账。"), "go")
        return redirect(url_for("fund.desk"))
    return _desk(refund_form=form, refunding=ref), form.status


@bp.post("/staff/<slug>/fund/refunds/<ref>/withdrawal")
@open_to(Audience.STAFF)
def delete_refund(ref: str) -> ResponseReturnValue:
    refund = service.find_refund(service.require_fund(current_community()), ref)
    service.withdraw_refund(refund, by=current_user(), at=clock.now())
    flash(_("退款登记已撤回。"), "go")
    return redirect(url_for("fund.desk"))


def _desk(
    *,
    fund_form: FundForm | None = None,
    remittance_form: RemittanceForm | None = None,
    remitting: str = "",
    refund_form: RefundForm | None = None,
    refunding: str = "",
) -> str:
    """The desk with at most one form that was refused; the others are fresh."""
    fund = service.fund_of(current_community())
    if fund is None:
        return render_template("fund/open_fund.html", form=fund_form or FundForm(formdata=None))
    return render_template(
        "fund/desk.html",
        it=disclosure.disclose(fund),
        spendable=service.spendable(fund),
        remittance_form=remittance_form or RemittanceForm(formdata=None),
        remitting=remitting,
        refund_form=refund_form or RefundForm(formdata=None),
        refunding=refunding,
        open_refunds={refund.day_id: refund for refund in service.open_refunds(fund)},
        words=words,
        now=clock.now(),
    )
