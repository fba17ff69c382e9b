"""One partner or workshop, as staff keep it: the agreement, what came, what is due, how many work there."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.forms import AgreementForm, EndingForm, JobsForm, PartnerForm, SupportForm, WorkshopForm
from market.fund.models import Fund, Partner
from market.fund.rules import Source
from market.fund.service import NoticeDraft, PartnerDraft
from market.money import short_yuan
from market.people.access import current_community, current_user

KINDS: dict[str, tuple[Source, type[PartnerForm] | type[WorkshopForm]]] = {
    "partner": (Source.SPACE, PartnerForm),
    "workshop": (Source.WORKSHOP, WorkshopForm),
}


@bp.get("/staff/<slug>/fund/new/<any(partner, workshop):what>")
@open_to(Audience.STAFF)
def new_partner(what: str) -> str:
    return _new(what, KINDS[what][1](formdata=None))


@bp.post("/staff/<slug>/fund/new/<any(partner, workshop):what>")
@open_to(Audience.STAFF)
def create_partner(what: str) -> ResponseReturnValue:
    source, made = KINDS[what]
    form, fund, found = made(), _fund(), list[Partner]()
    if form.validate_on_submit() and form.attempt(
        lambda: found.append(
            service.add_partner(fund, _draft(source, form), by=current_user(), at=clock.now())
        )
    ):
        flash(_("协议登记好了。"), "go")
        return redirect(url_for("fund.staff_partner", ref=found[-1].ref))
    return _new(what, form), form.status


def _draft(source: Source, form: PartnerForm | WorkshopForm) -> PartnerDraft:
    today = clock.today(current_community().zone)
    more: dict[str, object] = (
        {"services": tuple(form.services.text.splitlines()), "promise": form.promise.text}
        if isinstance(form, PartnerForm)
        else {
            "makes": form.makes.text,
            "made_with": form.made_with.text,
            "wage_low_fen": form.wage_low.fen or 0,
            "wage_high_fen": form.wage_high.fen or form.wage_low.fen or 0,
        }
    )
    return PartnerDraft(
        source=source,
        name=form.name.text,
        place=form.place.text,
        agreement_no=form.agreement_no.text,
        starts_on=form.starts_on.data or today,
        ends_on=form.ends_on.data or today,
        support_fen=form.support.fen or 0,
        rhythm=form.rhythm.data,
        **more,  # type: ignore[arg-type]  # plain values of the fields above
    )


def _new(what: str, form: AgreementForm) -> str:
    return render_template("fund/new_partner.html", what=what, form=form, fund=_fund())


@bp.get("/staff/<slug>/fund/partners/<ref>")
@open_to(Audience.STAFF)
def staff_partner(ref: str) -> str:
    return _page(_partner(ref))


@bp.post("/staff/<slug>/fund/partners/<ref>/supports")
@open_to(Audience.STAFF)
def create_support(ref: str) -> ResponseReturnValue:
    partner, form = _partner(ref), SupportForm()
    if form.validate_on_submit() and form.attempt(lambda: _enter(partner, form)):
        flash(_("填好了，等另一位看过凭证来确认。"), "go")
        return redirect(url_for("fund.staff_partner", ref=ref))
    return _page(partner, support_form=form), form.status


def _enter(partner: Partner, form: SupportForm) -> None:
    draft = NoticeDraft(
        partner.source,
        form.amount.fen or 0,
        form.received_on.data or clock.today(current_community().zone),
        form.reference.text,
        partner=partner,
    )
    service.enter_notice(partner.fund, draft, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/fund/partners/<ref>/ending")
@open_to(Audience.STAFF)
def end_partner(ref: str) -> ResponseReturnValue:
    partner, form = _partner(ref), EndingForm()
    today = clock.today(current_community().zone)
    if form.validate_on_submit() and form.attempt(
        lambda: service.end_partner(
            partner, form.ended_on.data or today, form.reason.text, by=current_user(), at=clock.now()
        )
    ):
        flash(_("登记了。以前捐的都留着，往后不再有到期的。"), "go")
        return redirect(url_for("fund.staff_partner", ref=ref))
    return _page(partner, ending_form=form), form.status


@bp.post("/staff/<slug>/fund/partners/<ref>/jobs")
@open_to(Audience.STAFF)
def create_job_count(ref: str) -> ResponseReturnValue:
    partner, form = _partner(ref), JobsForm()
    today = clock.today(current_community().zone)
    if form.validate_on_submit() and form.attempt(
        lambda: service.count_jobs(
            partner, form.jobs.data or 0, form.counted_on.data or today, by=current_user(), at=clock.now()
        )
    ):
        flash(_("人数记下了。"), "go")
        return redirect(url_for("fund.staff_partner", ref=ref))
    return _page(partner, jobs_form=form), form.status


def _fund() -> Fund:
    return service.require_fund(current_community())


def _partner(ref: str) -> Partner:
    return service.find_partner(_fund(), ref)


def _page(
    partner: Partner,
    *,
    support_form: SupportForm | None = None,
    ending_form: EndingForm | None = None,
    jobs_form: JobsForm | None = None,
) -> str:
    """The partner with at most one form that was refused; the others are fresh."""
    today = clock.today(current_community().zone)
    if support_form is None:
        support_form = SupportForm(formdata=None, data={"amount": short_yuan(partner.support_fen)})
    return render_template(
        "fund/staff_partner.html",
        it=service.support_of(partner, today),
        partner=partner,
        waiting=[one for one in service.waiting_notices(partner.fund) if one.partner_id == partner.id],
        posted=service.posted_notices(partner.fund, partner=partner),
        counts=service.job_counts(partner) if partner.source is Source.WORKSHOP else [],
        support_form=support_form,
        ending_form=ending_form or EndingForm(formdata=None),
        jobs_form=jobs_form or JobsForm(formdata=None),
        today=today,
        words=words,
    )
