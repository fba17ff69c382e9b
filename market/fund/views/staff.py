"""What staff enter: the agreement, arrivals at the charity, proposals and payments."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.fund import disclosure, service, words
from market.fund.blueprint import bp
from market.fund.forms import FundForm, PaymentForm, ProposalForm, RefundForm, RemittanceForm
from market.fund.rules import UseType
from market.money import yuan
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


@bp.post("/staff/<slug>/fund/proposals")
@open_to(Audience.STAFF)
def create_proposal() -> ResponseReturnValue:
    form = ProposalForm()
    fund = service.require_fund(current_community())
    if form.validate_on_submit() and form.attempt(
        lambda: service.propose(
            fund,
            UseType(form.use_type.data),
            form.purpose.text,
            payee=form.payee.text,
            amount_fen=form.amount.fen or 0,
            detail=form.detail.text,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("提议已交给管委会，%(amount)s 元。", amount=yuan(form.amount.fen or 0)), "go")
        return redirect(url_for("fund.desk"))
    return _desk(proposal_form=form), form.status


@bp.post("/staff/<slug>/fund/proposals/<ref>/withdrawal")
@open_to(Audience.STAFF)
def delete_proposal(ref: str) -> ResponseReturnValue:
    proposal = service.find_proposal(service.require_fund(current_community()), ref)
    service.withdraw_proposal(proposal, by=current_user(), at=clock.now())
    flash(_("提议已撤回。"), "go")
    return redirect(url_for("fund.desk"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/payment")
@open_to(Audience.STAFF)
def create_payment(ref: str) -> ResponseReturnValue:
    proposal = service.find_proposal(service.require_fund(current_community()), ref)
    form = PaymentForm()
    paid_on = form.paid_on
    if form.validate_on_submit() and form.attempt(
        lambda: service.record_payment(
            proposal,
            paid_on.data or clock.today(current_community().zone),
            form.reference.text,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("付款登记好了，公示页已经更新。"), "go")
        return redirect(url_for("fund.desk"))
    return _desk(payment_form=form, paying=ref), form.status


def _desk(
    *,
    fund_form: FundForm | None = None,
    proposal_form: ProposalForm | None = None,
    remittance_form: RemittanceForm | None = None,
    remitting: str = "",
    refund_form: RefundForm | None = None,
    refunding: str = "",
    payment_form: PaymentForm | None = None,
    paying: str = "",
) -> str:
    """The desk with at most one form that was refused; the others are fresh."""
    fund = service.fund_of(current_community())
    if fund is None:
        return render_template("fund/open_fund.html", form=fund_form or FundForm(formdata=None))
    members = service.committee(fund)
    lacks = service.committee_lacks(fund)
    return render_template(
        "fund/desk.html",
        it=disclosure.disclose(fund),
        spendable=service.spendable(fund),
        proposals=service.proposals(fund),
        members=members,
        committee_fault=lacks[1] if lacks else None,
        proposal_form=proposal_form or ProposalForm(formdata=None),
        remittance_form=remittance_form or RemittanceForm(formdata=None),
        remitting=remitting,
        refund_form=refund_form or RefundForm(formdata=None),
        refunding=refunding,
        open_refunds={refund.day_id: refund for refund in service.open_refunds(fund)},
        payment_form=payment_form or PaymentForm(formdata=None),
        paying=paying,
        words=words,
    )
