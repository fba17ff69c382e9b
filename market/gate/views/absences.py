"""Who has not come: whom to telephone, who comes instead; and back again when it was a mistake."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.errors import Refusal
from market.forms import MarketForm
from market.gate import service, words
from market.gate.blueprint import bp
from market.gate.forms import AbsenceForm, AdmissionForm
from market.layout.filters import clock_text
from market.people.access import current_community, current_user
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors.service import application_of, find_application


@bp.get("/staff/<slug>/days/<ref>/assignments/<assignment_ref>/absence")
@open_to(Audience.STAFF)
def absence(ref: str, assignment_ref: str) -> ResponseReturnValue:
    """One page for the telephone: the vendor's number, and those of the next in line whom the stall fits."""
    day = day_at(ref)
    return _absence_page(day, stalls.find_assignment(day, assignment_ref), AbsenceForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/assignments/<assignment_ref>/absence")
@open_to(Audience.STAFF)
def create_absence(ref: str, assignment_ref: str) -> ResponseReturnValue:
    """The vendor has not come; somebody takes the stall, or it is offered to the next in line."""
    day, form = day_at(ref), AbsenceForm()
    held = stalls.find_assignment(day, assignment_ref)
    if form.validate_on_submit() and (done := form.attempt(lambda: _mark(day, held, form.substitute.data))):
        flash(done.value, "wait")
        return redirect(url_for("gate.pass_list", ref=ref, _anchor="absent"))
    return _absence_page(day, held, form)


def _mark(day: MarketDay, held: Assignment, substitute_ref: str | None) -> str:
    """Does it; what to say about it."""
    by, at, name = current_user(), clock.now(), held.vendor.trading_name
    if not substitute_ref:
        service.mark_no_show(held, by=by, at=at)
        return _("%(name)s记成没来，%(stall)s 空出来了。", name=name, stall=held.label) + _kept(held, at)
    coming = find_application(current_community(), substitute_ref)
    placed = service.substitute(held, application_of(day, coming.vendor), by=by, at=at)
    return _(
        "%(name)s记成没来，%(other)s补到 %(stall)s 号。",
        name=name,
        other=placed.vendor.trading_name,
        stall=placed.label,
    )


def _kept(held: Assignment, at: datetime) -> str:
    """For whom the stall is kept now."""
    kept = next((o for o in stalls.offers_now(held.day, at) if o.stall_id in held.stall_ids), None)
    if kept is None:
        return ""
    vendor = kept.application.vendor
    return _(
        "先留给%(name)s（%(phone)s），到 %(until)s。",
        name=vendor.trading_name,
        phone=vendor.phone,
        until=clock_text(kept.until),
    )


def _absence_page(day: MarketDay, held: Assignment, form: AbsenceForm) -> ResponseReturnValue:
    stands = held.released_at is None
    page = render_template(
        "gate/absence.html",
        day=day,
        held=held,
        form=form,
        stands=stands,
        came=service.attendance(day).get(held.id),
        coming=stalls.substitutes(held, clock.now()) if stands else [],
        marking=day.state in service.ABSENCE_STATES,
    )
    return page, form.status


@bp.post("/staff/<slug>/days/<ref>/assignments/<assignment_ref>/absence/removal")
@open_to(Audience.STAFF)
def delete_absence(ref: str, assignment_ref: str) -> ResponseReturnValue:
    """It was a mistake: the vendor has come, or is still coming."""
    day, form = day_at(ref), MarketForm()
    missed = stalls.find_assignment(day, assignment_ref)
    if form.validate_on_submit() and (
        done := form.attempt(lambda: service.undo_no_show(missed, by=current_user(), at=clock.now()))
    ):
        flash(_back_text(done.value), "go")
    elif form.refusal is not None:
        flash(str(form.refusal.sentence), "stop")
    return redirect(url_for("gate.pass_list", ref=ref))


def _back_text(back: Assignment) -> str:
    return _("撤回了：%(name)s在 %(stall)s 号。", name=back.vendor.trading_name, stall=back.label)


@bp.post("/gate/<slug>/days/<ref>/late-arrivals")
@open_to(Audience.GATE)
def create_late_arrival(ref: str) -> ResponseReturnValue:
    """Marked as not come, and now before the gate."""
    day, form = day_at(ref), AdmissionForm()
    if not form.validate_on_submit():
        raise Refusal("gate.bad_admission", _("没看清要签到哪一家，请回到名单再点一次。"), 422)
    missed = stalls.find_assignment(day, form.assignment.data or "")
    seen = service.admit_late(
        missed,
        client_id=form.client_id.data or "",
        entrance=form.entrance.data or "",
        by=current_user(),
        at=clock.now(),
    )
    answer = words.answer(service.scan_view(seen, day))
    flash(f"{answer.stall} {answer.name}：{answer.word}。{answer.detail}", answer.kind)
    return redirect(url_for("gate.sign_in_list", ref=ref, entrance=form.entrance.data or None))
