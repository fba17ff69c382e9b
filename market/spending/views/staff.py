"""What staff enter of a use of money, from the need to the vouchers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.demand import service as demand
from market.demand.models import Wish
from market.errors import NotFound
from market.fund import service as funds
from market.fund.forms import PaymentForm
from market.fund.models import Fund
from market.fund.rules import UseType
from market.money import yuan
from market.people.access import current_community, current_user
from market.photos import sent_photos, takes_papers
from market.spending import forms, service, telling, words
from market.spending.blueprint import bp
from market.spending.rules import PhotoKind
from market.spending.service import AccountDraft, AppraisalDraft, Need, Story, VoucherDraft, Wording
from market.spending.views.shared import all_standings, our_fund, send_photo, story_at

MOST_WISHES = 30


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/fund/proposals")
@open_to(Audience.STAFF)
def desk() -> str:
    return _desk(None)


@bp.post("/staff/<slug>/fund/proposals")
@open_to(Audience.STAFF)
def create_proposal() -> ResponseReturnValue:
    form, fund = forms.NeedForm(), our_fund()
    if form.validate_on_submit() and (made := form.attempt(lambda: _propose(fund, form))):
        flash(_("提议记下了，%(amount)s 元。", amount=yuan(form.amount.fen or 0)), "go")
        return redirect(url_for("spending.case", ref=made.value))
    return _desk(form), form.status


def _propose(fund: Fund, form: forms.NeedForm) -> str:
    return service.propose(
        fund,
        UseType(form.use_type.data),
        form.purpose.text,
        payee=form.payee.text,
        amount_fen=form.amount.fen or 0,
        detail=form.detail.text,
        need=Need(_wish(form.wish.data), form.origin.text),
        long_way=bool(form.long_way.data),
        by=current_user(),
        at=clock.now(),
    ).ref


def _wish(ref: str | None) -> Wish | None:
    if not ref:
        return None
    try:
        return demand.find_wish(current_community(), ref)
    except NotFound:
        return None


def _desk(form: forms.NeedForm | None) -> str:
    fund = our_fund()
    lacks = funds.committee_lacks(fund)
    form = form or forms.NeedForm(formdata=None)
    form.wish.choices = [("", _("不是清单里的")), *_wishes()]
    return render_template(
        "spending/desk.html",
        fund=fund,
        rule=service.rule_of(fund),
        spendable=funds.spendable(fund),
        stories=all_standings(fund),
        members=funds.committee(fund),
        committee_fault=lacks[1] if lacks else None,
        form=form,
        words=words,
    )


def _wishes() -> list[tuple[str, str]]:
    community = current_community()
    wanted = demand.wanted(community, clock.today(community.zone))
    return [(one.wish.ref, f"{one.wish.word} · {one.count.total}") for one in wanted if one.listed][
        :MOST_WISHES
    ]


# ── one proposal ──────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/fund/proposals/<ref>")
@open_to(Audience.STAFF)
def case(ref: str) -> str:
    return _case(story_at(ref))


FORMS: dict[str, type[Any]] = {
    "appraisal": forms.AppraisalForm,
    "consultation": forms.ConsultForm,
    "remark": forms.PaperRemarkForm,
    "answer": forms.AnswerForm,
    "outcome": forms.OutcomeForm,
    "application": forms.ApplyForm,
    "charity": forms.CharityAnswerForm,
    "payment": PaymentForm,
    "voucher": forms.VoucherForm,
    "photo": forms.PhotoForm,
    "account": forms.AccountForm,
    "check": forms.CheckForm,
    "amendment": forms.AmendForm,
}


def _case(story: Story, **refused: Any) -> str:
    """The page with at most one form that was refused; the others are fresh.

    It shows what holds now: who sends the refused form again has seen that.
    """
    for form in refused.values():
        if "seen" in form:
            form.seen.data = story.mark
    fresh = {
        name: forms.seen_form(story.mark, kind, **_known(story, name))
        for name, kind in FORMS.items()
        if name not in refused
    }
    return render_template(
        "spending/case.html",
        story=story,
        proposal=story.proposal,
        steps=telling.happened(story),
        rule=service.rule_of(story.proposal.fund),
        form={**fresh, **refused},
        words=words,
        me=current_user(),
    )


def _known(story: Story, name: str) -> dict[str, Any]:
    """What a fresh form is filled with."""
    one, today = story.proposal, story.today
    if name == "amendment":
        return {
            "use_type": one.use_type.value, "purpose": one.purpose, "payee": one.payee,
            "amount": yuan(one.amount_fen), "detail": one.detail,
        }  # fmt: skip
    if name == "appraisal":
        before = story.appraisal
        if before is None:
            return {"executor": one.payee}
        return {
            **{key: getattr(before, key) for key in ("suitability", "beneficiaries", "people", "executor")},
            "starts_on": before.starts_on, "ends_on": before.ends_on,
            "budget": "\n".join(f"{line.what} {yuan(line.amount_fen)}" for line in before.lines),
        }  # fmt: skip
    days = {
        "application": "applied_on",
        "charity": "answered_on",
        "payment": "paid_on",
        "voucher": "spent_on",
    }
    return {days[name]: today} if name in days else {}


def _step(
    ref: str, name: str, act: Callable[[Story, Any], object], told: str, of: str = ""
) -> ResponseReturnValue:
    """One step: done and told, or its form again with what is wrong; `of` says which of several alike."""
    story, form = story_at(ref), FORMS[name]()
    if of:
        for field in form:
            field.id = f"{field.id}-{of}"
    if form.validate_on_submit() and form.attempt(lambda: act(story, form)):
        flash(told, "go")
        return redirect(url_for("spending.case", ref=ref))
    return _case(story_at(ref), **{name: form}), form.status


def _today(day: date | None) -> date:
    return day or clock.today(current_community().zone)


def _who() -> dict[str, Any]:
    return {"by": current_user(), "at": clock.now()}


@bp.post("/staff/<slug>/fund/proposals/<ref>/appraisal")
@open_to(Audience.STAFF)
def create_appraisal(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.AppraisalForm) -> object:
        draft = AppraisalDraft(
            form.suitability.text, form.beneficiaries.text, form.people.data or 0,
            _today(form.starts_on.data), _today(form.ends_on.data), form.executor.text, form.costs(),
        )  # fmt: skip
        return service.appraise(story.proposal, draft, seen=form.seen.data, **_who())

    return _step(ref, "appraisal", act, _("论证写好了。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/consultation")
@open_to(Audience.STAFF)
def create_consultation(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.ConsultForm) -> object:
        return service.consult(story.proposal, form.place.text, seen=form.seen.data, **_who())

    return _step(ref, "consultation", act, _("开始征求意见了，公开的页面上看得到。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/remarks")
@open_to(Audience.STAFF)
def type_remark(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.PaperRemarkForm) -> object:
        return service.type_remark(story.proposal, form.words.text, seen=form.seen.data, **_who())

    return _step(ref, "remark", act, _("意见记下了。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/remarks/<remark_ref>")
@open_to(Audience.STAFF)
def answer_remark(ref: str, remark_ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.AnswerForm) -> object:
        remark = service.find_remark(story.proposal, remark_ref)
        hidden, seen = bool(form.hidden.data), form.seen.data
        return service.answer_remark(remark, form.answer.text, hidden=hidden, seen=seen, **_who())

    return _step(ref, "answer", act, _("答复好了，公开的页面上看得到。"), of=remark_ref)


@bp.post("/staff/<slug>/fund/proposals/<ref>/consultation/end")
@open_to(Audience.STAFF)
def close_consultation(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.OutcomeForm) -> object:
        return service.close_consultation(story.proposal, form.outcome.text, seen=form.seen.data, **_who())

    return _step(ref, "outcome", act, _("征求意见结束了，可以通知开会。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/application")
@open_to(Audience.STAFF)
def create_application(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.ApplyForm) -> object:
        sent = _today(form.applied_on.data)
        return service.apply(story.proposal, sent, form.enclosed.text, seen=form.seen.data, **_who())

    return _step(ref, "application", act, _("申请登记好了，等慈善组织答复。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/answer")
@open_to(Audience.STAFF)
def note_answer(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.CharityAnswerForm) -> object:
        return service.note_answer(
            story.proposal, form.said, form.number.text, _today(form.answered_on.data), form.reason.text,
            seen=form.seen.data, **_who(),
        )  # fmt: skip

    return _step(ref, "charity", act, _("慈善组织的答复登记好了。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/payment")
@open_to(Audience.STAFF)
def create_payment(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: PaymentForm) -> object:
        return service.record_payment(
            story.proposal, _today(form.paid_on.data), form.reference.text, seen=form.seen.data, **_who()
        )

    return _step(ref, "payment", act, _("付款登记好了，公示页已经更新。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/vouchers")
@open_to(Audience.STAFF)
def create_voucher(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.VoucherForm) -> object:
        draft = VoucherDraft(
            form.number.text, form.what.text, form.amount.fen or 0, _today(form.spent_on.data)
        )
        return service.add_voucher(story.proposal, draft, seen=form.seen.data, **_who())

    return _step(ref, "voucher", act, _("票据登记好了。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/vouchers/<voucher_ref>/withdrawal")
@open_to(Audience.STAFF)
def void_voucher(ref: str, voucher_ref: str) -> ResponseReturnValue:
    service.void_voucher(service.find_voucher(story_at(ref).proposal, voucher_ref), **_who())
    flash(_("票据撤回了。"), "go")
    return redirect(url_for("spending.case", ref=ref))


@bp.post("/staff/<slug>/fund/proposals/<ref>/vouchers/<voucher_ref>/photos")
@open_to(Audience.STAFF)
@takes_papers
def create_photo(ref: str, voucher_ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.PhotoForm) -> object:
        voucher, kind = service.find_voucher(story.proposal, voucher_ref), PhotoKind(form.kind.data)
        return [
            service.add_photo(voucher, photo, kind, **_who()) for photo in sent_photos("picture")
        ] or _no_photo()

    return _step(ref, "photo", act, _("照片存好了。"))


def _no_photo() -> object:
    raise NotFound("spending.no_photo_sent", _("没有收到照片，请再选一张。"))


@bp.get("/staff/<slug>/fund/proposals/<ref>/photos/<photo_ref>")
@open_to(Audience.STAFF)
def photo_for_staff(ref: str, photo_ref: str) -> Response:
    return send_photo(story_at(ref), photo_ref, *PhotoKind)


@bp.post("/staff/<slug>/fund/proposals/<ref>/account")
@open_to(Audience.STAFF)
def create_account(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.AccountForm) -> object:
        draft = AccountDraft(
            form.served.data or 0, form.outcome.text, form.returned.fen or 0, form.returned_on.data,
            form.return_reference.text,
        )  # fmt: skip
        return service.write_account(story.proposal, draft, seen=form.seen.data, **_who())

    return _step(ref, "account", act, _("决算写好了，等另一位核对。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/account/check")
@open_to(Audience.STAFF)
def check_account(ref: str) -> ResponseReturnValue:
    def act(story: Story, form: forms.CheckForm) -> object:
        return service.check_account(story.proposal, seen=form.seen.data, **_who())

    return _step(ref, "check", act, _("核对好了，公布在公示页上。"))


@bp.post("/staff/<slug>/fund/proposals/<ref>/account/withdrawal")
@open_to(Audience.STAFF)
def reopen_account(ref: str) -> ResponseReturnValue:
    service.reopen_account(story_at(ref).proposal, **_who())
    flash(_("决算收回了，可以改票据再写。"), "go")
    return redirect(url_for("spending.case", ref=ref))


@bp.post("/staff/<slug>/fund/proposals/<ref>/amendment")
@open_to(Audience.STAFF)
def create_amendment(ref: str) -> ResponseReturnValue:
    story, form = story_at(ref), forms.AmendForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _amend(story, form))):
        flash(_("改好了。原来的表决作废，从论证开始重新走。"), "go")
        return redirect(url_for("spending.case", ref=made.value))
    return _case(story_at(ref), amendment=form), form.status


def _amend(story: Story, form: forms.AmendForm) -> str:
    new = Wording(
        UseType(form.use_type.data),
        form.purpose.text,
        form.payee.text,
        form.amount.fen or 0,
        form.detail.text,
    )
    return service.amend(story.proposal, new, seen=form.seen.data, **_who()).ref


@bp.post("/staff/<slug>/fund/proposals/<ref>/withdrawal")
@open_to(Audience.STAFF)
def delete_proposal(ref: str) -> ResponseReturnValue:
    service.withdraw_proposal(story_at(ref).proposal, **_who())
    flash(_("提议已撤回。"), "go")
    return redirect(url_for("spending.desk"))
