"""Money beside the markets: what staff type from the charity's papers, and who confirms it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.forms import GiftForm, ReversalForm
from market.fund.models import CharityNotice, Fund
from market.fund.rules import Source
from market.fund.service import NoticeDraft
from market.people.access import current_community, current_user

NEWEST_SHOWN, MOST_SHOWN = 6, 300
"""How many arrivals the page shows, and how many to whoever asks for the earlier ones."""

WITH_DONOR = [source.value for source in Source if source.has_donor]

ANOTHER = "another"
"""What the form says of a donor who only has the name of an earlier one."""


@bp.get("/staff/<slug>/fund/sources")
@open_to(Audience.STAFF)
def sources() -> str:
    return _page(GiftForm(formdata=None))


@bp.post("/staff/<slug>/fund/sources")
@open_to(Audience.STAFF)
def create_gift() -> ResponseReturnValue:
    form, fund = GiftForm(), _fund()
    if form.validate_on_submit() and form.attempt(lambda: _enter(fund, form)):
        flash(_("填好了，等另一位看过凭证来确认。"), "go")
        return redirect(url_for("fund.sources"))
    return _page(form), form.status


def _enter(fund: Fund, form: GiftForm) -> CharityNotice:
    said = form.whose.data or ""
    draft = NoticeDraft(
        Source(form.source.data),
        form.amount.fen or 0,
        form.received_on.data or clock.today(current_community().zone),
        form.reference.text,
        donor=form.donor.text,
        may_name=form.may_name.data,
        purpose=form.purpose.text,
        whose=int(said) if said.isdecimal() else None,
        is_another=said == ANOTHER,
    )
    return service.enter_notice(fund, draft, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/fund/arrivals/<ref>/confirmation")
@open_to(Audience.STAFF)
def confirm_notice(ref: str) -> ResponseReturnValue:
    _confirm(ref)
    return redirect(url_for("fund.sources"))


@bp.post("/committee/<slug>/arrivals/<ref>/confirmation")
@open_to(Audience.COMMITTEE)
def confirm_notice_as_member(ref: str) -> ResponseReturnValue:
    """A member may be the second person: where there is one worker, nobody else is."""
    _confirm(ref)
    return redirect(url_for("spending.committee"))


def _confirm(ref: str) -> None:
    service.confirm_notice(service.find_notice(_fund(), ref), by=current_user(), at=clock.now())
    flash(_("确认好了，已经入账，公示页也更新了。"), "go")


@bp.post("/staff/<slug>/fund/arrivals/<ref>/withdrawal")
@open_to(Audience.STAFF)
def withdraw_notice(ref: str) -> ResponseReturnValue:
    service.withdraw_notice(service.find_notice(_fund(), ref), by=current_user(), at=clock.now())
    flash(_("撤回了，可以重新填。"), "go")
    return redirect(url_for("fund.sources"))


@bp.post("/staff/<slug>/fund/arrivals/<ref>/reversal")
@open_to(Audience.STAFF)
def reverse_notice(ref: str) -> ResponseReturnValue:
    notice, form = service.find_notice(_fund(), ref), ReversalForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.reverse_notice(notice, form.reason.text, by=current_user(), at=clock.now())
    ):
        flash(_("冲销了。照凭证重新填一笔，两笔都留着。"), "go")
        return redirect(url_for("fund.sources"))
    return _page(GiftForm(formdata=None), form), form.status


@bp.post("/staff/<slug>/fund/arrivals/<ref>/naming")
@open_to(Audience.STAFF)
def change_naming(ref: str) -> ResponseReturnValue:
    """The donor wants to be named, or no longer; named is only who said so."""
    notice, may_name = service.find_notice(_fund(), ref), request.form.get("may_name") == "yes"
    service.set_naming(notice, may_name, by=current_user(), at=clock.now())
    flash(_("改好了，公示页已经更新。"), "go")
    return redirect(url_for("fund.sources"))


def _fund() -> Fund:
    return service.require_fund(current_community())


def _whose(fund: Fund, form: GiftForm) -> list[tuple[str, str]]:
    """Those who have the typed name, to be chosen from; nobody where that is no question."""
    is_asked = form.donor.text and form.source.data in WITH_DONOR
    known = service.namesakes(fund, form.donor.text) if is_asked else {}
    found = [(str(number), words.first_gift_word(notice)) for number, notice in known.items()]
    return [*found, (ANOTHER, _("是另一位，只是同名"))] if found else []


def _page(form: GiftForm, reversal: ReversalForm | None = None) -> str:
    fund, today = _fund(), clock.today(current_community().zone)
    form.whose.choices = _whose(fund, form)
    shown = MOST_SHOWN if request.args.get("all") else NEWEST_SHOWN
    supports = service.supports_of(service.partners_of(fund), today)
    return render_template(
        "fund/sources.html",
        fund=fund,
        supports=supports,
        late=[one for one in supports if one.standing.late_fen],
        waiting=service.waiting_notices(fund),
        posted=service.posted_notices(fund, limit=shown),
        shown=shown,
        form=form,
        reversal=reversal or ReversalForm(formdata=None),
        me=current_user(),
        today=today,
        words=words,
    )
