"""What a committee member decides: one proposal in one paragraph, and three answers."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.fund import disclosure, service, words
from market.fund.blueprint import bp
from market.fund.forms import PaymentForm, RemittanceForm, VoteForm
from market.fund.models import Proposal
from market.fund.rules import Choice
from market.people import service as people
from market.people.access import current_community, current_user


@bp.get("/committee/<slug>/")
@open_to(Audience.COMMITTEE)
def committee() -> str:
    return _committee()


@bp.post("/committee/<slug>/markets/<ref>/remittance")
@open_to(Audience.COMMITTEE)
def create_arrival(ref: str) -> ResponseReturnValue:
    """A member may confirm an arrival, too: where there is one worker, who settled cannot."""
    day, form = day_at(ref), RemittanceForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.confirm_remittance(day, form.reference.text, by=current_user(), at=clock.now())
    ):
        flash(_("到账登记好了。"), "go")
        return redirect(url_for("fund.committee"))
    return _committee(remittance_form=form, remitting=ref), form.status


def _committee(*, remittance_form: RemittanceForm | None = None, remitting: str = "") -> str:
    fund = service.fund_of(current_community())
    return render_template(
        "fund/committee.html",
        fund=fund,
        waiting=disclosure.on_their_way(fund) if fund else [],
        remittance_form=remittance_form or RemittanceForm(formdata=None),
        remitting=remitting,
        links=people.links_for(current_user()),
        refunds=service.open_refunds(fund) if fund else [],
        awaiting=service.awaiting(fund, current_user()) if fund else [],
        proposals=service.proposals(fund) if fund else [],
        words=words,
    )


@bp.get("/committee/<slug>/proposals/<ref>")
@open_to(Audience.COMMITTEE)
def proposal(ref: str) -> str:
    return _page(_proposal(ref), VoteForm())


@bp.post("/committee/<slug>/proposals/<ref>/votes")
@open_to(Audience.COMMITTEE)
def create_vote(ref: str) -> ResponseReturnValue:
    found, form = _proposal(ref), VoteForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.vote(
            found, Choice(form.choice.data), remark=form.remark.text, by=current_user(), at=clock.now()
        )
    ):
        flash(_("您的意见记下了。"), "go")
        return redirect(url_for("fund.proposal", ref=ref))
    return _page(found, form), form.status


@bp.post("/committee/<slug>/refunds/<ref>/agreement")
@open_to(Audience.COMMITTEE)
def agree_refund(ref: str) -> ResponseReturnValue:
    refund = service.find_refund(service.require_fund(current_community()), ref)
    service.agree_refund(refund, by=current_user(), at=clock.now())
    flash(_("您同意了这笔退款，已经记账。"), "go")
    return redirect(url_for("fund.committee"))


@bp.post("/committee/<slug>/proposals/<ref>/payment")
@open_to(Audience.COMMITTEE)
def record_payment(ref: str) -> ResponseReturnValue:
    """A member may record what the charity paid: where there is one worker, who proposed cannot."""
    found, form = _proposal(ref), PaymentForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.record_payment(
            found,
            form.paid_on.data or clock.today(current_community().zone),
            form.reference.text,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("付款登记好了，公示页已经更新。"), "go")
        return redirect(url_for("fund.proposal", ref=ref))
    return _page(found, VoteForm(formdata=None), form), form.status


def _proposal(ref: str) -> Proposal:
    return service.find_proposal(service.require_fund(current_community()), ref)


def _page(found: Proposal, form: VoteForm, payment_form: PaymentForm | None = None) -> str:
    user, members = current_user(), service.committee(found.fund)
    return render_template(
        "fund/proposal.html",
        proposal=found,
        form=form,
        payment_form=payment_form or PaymentForm(formdata=None),
        related=service.is_related(found, user),
        own_vote=next((vote for vote in found.votes if vote.user_id == user.id), None),
        members=members,
        may_vote=user.id in {member.id for member in members},
        words=words,
    )
