"""The staff's page of the phones at the gate: who minds which, what disagrees, what waits for somebody."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.config import settings
from market.gate import service, words
from market.gate.blueprint import bp
from market.gate.forms import HeldCountForm, HeldForm, InvitationForm, RevocationForm, UndoForm
from market.gate.models import GatePhone
from market.people.access import current_user
from market.print.qr import qr_svg
from market.stalls import service as stalls


@bp.get("/staff/<slug>/days/<ref>/phones")
@open_to(Audience.STAFF)
def phones(ref: str) -> str:
    return _page(day_at(ref), UndoForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/phones")
@open_to(Audience.STAFF)
def create_phone(ref: str) -> ResponseReturnValue:
    """A place for one more phone; the page then shows its code."""
    day, form = day_at(ref), InvitationForm()
    by, at = current_user(), clock.now()
    made = (
        form.attempt(lambda: service.invite(day, form.entrance.data or "", by=by, at=at))
        if form.validate_on_submit()
        else None
    )
    if made is None:
        flash(str(form.refusal.sentence) if form.refusal else _("没有加上。请刷新页面再试。"), "stop")
        return redirect(url_for("gate.phones", ref=ref))
    return redirect(url_for("gate.phones", ref=ref, show=made.value.ref) + "#code")


@bp.post("/staff/<slug>/days/<ref>/revoked-phones")
@open_to(Audience.STAFF)
def revoke_phone(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), RevocationForm()
    if form.validate_on_submit():
        phone = service.find_phone(day, form.phone.data or "")
        service.revoke_phone(phone, by=current_user(), at=clock.now())
        flash(_("停用了。这部手机再连上网，里面的名单就自己删掉。"), "go")
    return redirect(url_for("gate.phones", ref=ref))


@bp.post("/staff/<slug>/days/<ref>/held-scans")
@open_to(Audience.STAFF)
def decide_held(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), HeldForm()
    if form.validate_on_submit():
        take, client_id = form.take.data == "yes", form.client_id.data or ""
        seen = service.decide_held(day, client_id, take=take, by=current_user(), at=clock.now())
        said = words.VERDICT_WORDS[seen.verdict] if seen is not None else _("不算，留着备查")
        flash(_("处理好了：%(said)s。", said=said), "go")
    return redirect(url_for("gate.phones", ref=ref) + "#held")


@bp.post("/staff/<slug>/days/<ref>/held-counts")
@open_to(Audience.STAFF)
def decide_counts(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), HeldCountForm()
    if form.validate_on_submit():
        take, number, last = form.take.data == "yes", form.counts.data or 0, form.last.data or 0
        visits = service.decide_counts(day, number, last, take=take, by=current_user(), at=clock.now())
        flash(_("记上了 %(n)s 人次。", n=visits) if take else _("处理好了：不算，留着备查。"), "go")
    return redirect(url_for("gate.phones", ref=ref) + "#held-counts")


@bp.post("/staff/<slug>/days/<ref>/undone-scans")
@open_to(Audience.STAFF)
def undo_scan(ref: str) -> ResponseReturnValue:
    """The lead takes an admission back, with a reason."""
    day, form = day_at(ref), UndoForm()
    by, at = current_user(), clock.now()

    def undo() -> object:
        held = stalls.find_assignment(day, form.assignment.data or "")
        return service.undo_admission(held, form.reason.text, by=by, at=at)

    if form.validate_on_submit() and form.attempt(undo):
        flash(_("撤回了。这家再扫一次，就重新记进场。"), "go")
        return redirect(url_for("gate.phones", ref=ref))
    return _page(day, form), form.status


def _page(day: MarketDay, form: UndoForm) -> str:
    shown = request.args.get("show", "")
    found = service.phones_of(day)
    came = service.attendance(day)
    return render_template(
        "gate/phones.html",
        day=day,
        form=form,
        phones=[phone for phone in found if phone.enrolled_at is not None],
        free=[phone for phone in found if phone.enrolled_at is None and phone.revoked_at is None],
        shown=next((phone for phone in found if phone.ref == shown and phone.enrolled_at is None), None),
        code=_code,
        address=_address,
        until=service.until(day),
        now=clock.now(),
        conflicts=service.conflicts(day),
        held=service.held_scans(day),
        held_counts=service.held_counts(day),
        there=[(held, came[held.id]) for held in stalls.assignments(day) if held.id in came],
        words=words,
    )


def _address(phone: GatePhone) -> str:
    return settings().public_url.rstrip("/") + url_for("gate.join", token=service.invitation_secret(phone))


def _code(phone: GatePhone) -> Markup:
    return Markup(qr_svg(_address(phone), _("加一部手机的码")))  # noqa: S704 - our own drawing
