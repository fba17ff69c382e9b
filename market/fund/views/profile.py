"""The fund itself: agreement and committee for everybody, the same to be changed by staff."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.forms import ProfileForm, TermForm
from market.fund.models import Fund
from market.fund.rules import Seat
from market.fund.service import profile as acts
from market.people import service as people
from market.people.access import current_community, current_user
from market.people.models import User
from market.people.rules import Role


@bp.get("/c/<slug>/fund/profile")
@open_to(Audience.PUBLIC)
def profile() -> str:
    """Who holds the money, by which agreement, who decides and who looks on."""
    fund = _fund()
    lacks = service.committee_lacks(fund)
    return render_template(
        "fund/profile.html",
        fund=fund,
        members=acts.member_facts(fund),
        supervisors=people.members(fund.community, Role.SUPERVISOR),
        committee_fault=lacks[1] if lacks else None,
        changes=acts.history(fund),
        today=clock.today(fund.community.zone),
        words=words,
    )


@bp.get("/staff/<slug>/fund/profile")
@open_to(Audience.STAFF)
def profile_desk() -> str:
    fund = _fund()
    return _page(fund, ProfileForm.of(fund, len(acts.history(fund))), TermForm(formdata=None))


@bp.post("/staff/<slug>/fund/profile")
@open_to(Audience.STAFF)
def edit_profile() -> ResponseReturnValue:
    form, fund = ProfileForm(), _fund()
    if form.validate_on_submit() and form.attempt(
        lambda: acts.edit_profile(
            fund, _draft(form, fund), form.seen_changes, by=current_user(), at=clock.now()
        )
    ):
        flash(_("改好了，原来写的也留着。"), "go")
        return redirect(url_for("fund.profile_desk"))
    return _page(fund, form, TermForm(formdata=None)), form.status


def _draft(form: ProfileForm, fund: Fund) -> acts.ProfileDraft:
    return acts.ProfileDraft(
        charity=form.charity.text,
        given_name=form.given_name.text,
        licence_no=form.licence_no.text,
        agreement_no=form.agreement_no.text,
        signed_on=form.signed_on.data or fund.signed_on,
        purpose=form.purpose.text,
        fee_clause=form.fee_clause.text,
    )


@bp.post("/staff/<slug>/fund/terms")
@open_to(Audience.STAFF)
def create_term() -> ResponseReturnValue:
    form, fund = TermForm(), _fund()
    form.member.choices = _choices(fund)
    if form.validate_on_submit() and form.attempt(lambda: _set_term(fund, form)):
        flash(_("任期记好了。"), "go")
        return redirect(url_for("fund.profile_desk"))
    return _page(fund, ProfileForm.of(fund, len(acts.history(fund))), form), form.status


def _set_term(fund: Fund, form: TermForm) -> None:
    member = next(one for one in _seated(fund) if one.ref == form.member.data)
    today = clock.today(fund.community.zone)
    first_on, last_on = form.first_on.data or today, form.last_on.data or today
    acts.set_term(fund, member, Seat(form.seat.data), first_on, last_on, by=current_user(), at=clock.now())


def _seated(fund: Fund) -> list[User]:
    return people.members(fund.community, Role.COMMITTEE)


def _choices(fund: Fund) -> list[tuple[str, str]]:
    return [(one.ref, one.display_name) for one in _seated(fund)]


def _fund() -> Fund:
    return service.require_fund(current_community())


def _page(fund: Fund, form: ProfileForm, term_form: TermForm) -> str:
    term_form.member.choices = _choices(fund)
    return render_template(
        "fund/profile_desk.html",
        fund=fund,
        form=form,
        term_form=term_form,
        members=acts.member_facts(fund),
        changes=acts.history(fund),
        today=clock.today(fund.community.zone),
        words=words,
    )
