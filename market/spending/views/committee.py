"""What a committee member decides: one proposal in one paragraph, and three answers."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.fund import disclosure, service as funds, words
from market.fund.forms import PaymentForm, RemittanceForm
from market.fund.rules import Choice
from market.people import service as people
from market.people.access import current_community, current_user
from market.spending import service, telling, words as spending_words
from market.spending.blueprint import bp
from market.spending.forms import BallotForm, CheckForm, InterestForm, seen_form
from market.spending.rules import PhotoKind
from market.spending.service import Story
from market.spending.views.shared import send_photo, story_at


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
        lambda: funds.confirm_remittance(day, form.reference.text, by=current_user(), at=clock.now())
    ):
        flash(_("到账登记好了。"), "go")
        return redirect(url_for("spending.committee"))
    return _committee(remittance_form=form, remitting=ref), form.status


def _committee(*, remittance_form: RemittanceForm | None = None, remitting: str = "") -> str:
    fund = funds.fund_of(current_community())
    return render_template(
        "spending/committee.html",
        fund=fund,
        waiting=disclosure.on_their_way(fund) if fund else [],
        remittance_form=remittance_form or RemittanceForm(formdata=None),
        remitting=remitting,
        links=people.links_for(current_user()),
        refunds=funds.open_refunds(fund) if fund else [],
        notices=funds.waiting_notices(fund) if fund else [],
        me=current_user(),
        has_vote=fund is not None and service.sits_in_committee(fund, current_user()),
        awaiting=service.awaiting(fund, current_user(), at=clock.now()) if fund else [],
        stories=service.standings(funds.proposals(fund), at=clock.now()) if fund else [],
        meetings=[one for one in service.meetings(fund) if one.closed_at is None] if fund else [],
        words=words,
        stages=spending_words,
        now=clock.now(),
    )


@bp.post("/committee/<slug>/refunds/<ref>/agreement")
@open_to(Audience.COMMITTEE)
def agree_refund(ref: str) -> ResponseReturnValue:
    refund = funds.find_refund(funds.require_fund(current_community()), ref)
    funds.agree_refund(refund, by=current_user(), at=clock.now())
    flash(_("您同意了这笔退款，已经记账。"), "go")
    return redirect(url_for("spending.committee"))


# ── one proposal ──────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/committee/<slug>/proposals/<ref>")
@open_to(Audience.COMMITTEE)
def proposal(ref: str) -> str:
    return _page(story_at(ref))


@bp.post("/committee/<slug>/proposals/<ref>/votes")
@open_to(Audience.COMMITTEE)
def create_vote(ref: str) -> ResponseReturnValue:
    found, form = story_at(ref), BallotForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.vote(
            found.proposal,
            Choice(form.choice.data),
            remark=form.remark.text,
            seen=form.seen.data or None,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("您的意见记下了。"), "go")
        return redirect(url_for("spending.proposal", ref=ref))
    return _page(story_at(ref), form=form), form.status


@bp.post("/committee/<slug>/proposals/<ref>/interest")
@open_to(Audience.COMMITTEE)
def declare_interest(ref: str) -> ResponseReturnValue:
    found, form = story_at(ref), InterestForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.declare_interest(found.proposal, form.what.text, by=current_user(), at=clock.now())
    ):
        flash(_("记下了。表决时请选“回避”。"), "go")
        return redirect(url_for("spending.proposal", ref=ref))
    return _page(story_at(ref), interest=form), form.status


@bp.post("/committee/<slug>/proposals/<ref>/payment")
@open_to(Audience.COMMITTEE)
def record_payment(ref: str) -> ResponseReturnValue:
    """A member may record what the charity paid: where there is one worker, who proposed cannot."""
    found, form = story_at(ref), PaymentForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.record_payment(
            found.proposal,
            form.paid_on.data or clock.today(current_community().zone),
            form.reference.text,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("付款登记好了，公示页已经更新。"), "go")
        return redirect(url_for("spending.proposal", ref=ref))
    return _page(story_at(ref), payment_form=form), form.status


@bp.post("/committee/<slug>/proposals/<ref>/account/check")
@open_to(Audience.COMMITTEE)
def check_account_as_member(ref: str) -> ResponseReturnValue:
    """A member may be the second pair of eyes, too."""
    found, form = story_at(ref), CheckForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.check_account(found.proposal, seen=form.seen.data, by=current_user(), at=clock.now())
    ):
        flash(_("核对好了，公布在公示页上。"), "go")
        return redirect(url_for("spending.proposal", ref=ref))
    return _page(story_at(ref), check=form), form.status


@bp.get("/committee/<slug>/proposals/<ref>/photos/<photo_ref>")
@open_to(Audience.COMMITTEE)
def photo_for_members(ref: str, photo_ref: str) -> Response:
    return send_photo(story_at(ref), photo_ref, *PhotoKind)


def _page(
    story: Story,
    *,
    form: BallotForm | None = None,
    payment_form: PaymentForm | None = None,
    interest: InterestForm | None = None,
    check: CheckForm | None = None,
) -> str:
    user, found = current_user(), story.proposal
    members = funds.committee(found.fund)
    own_vote = next((vote for vote in found.votes if vote.user_id == user.id), None)
    may_vote = user.id in {member.id for member in members}
    return render_template(
        "spending/proposal.html",
        story=story,
        steps=telling.happened(story),
        proposal=found,
        form=form or seen_form(found.text_hash, BallotForm),
        payment_form=payment_form or PaymentForm(formdata=None),
        interest=interest or InterestForm(formdata=None),
        check=check or seen_form(story.mark, CheckForm),
        related=service.is_related(found, user),
        own_vote=own_vote,
        members=members,
        may_vote=may_vote,
        is_there=story.meeting is None or user.id in {one.user_id for one in story.meeting.present},
        sees_votes=own_vote is not None or not may_vote or found.decided_at is not None,
        me=user,
        words=words,
        stages=spending_words,
    )
