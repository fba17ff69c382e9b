"""The plan changed by hand, one step at a time; every answer offers the way back."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.errors import NotFound, Refusal
from market.forms import MarketForm
from market.people.access import current_community, current_user
from market.places.models import Stall
from market.stalls import service
from market.stalls.blueprint import bp
from market.stalls.forms import KeptForm, MoveForm, PinForm, ReleaseForm, SecondForm
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.stalls.views.plan import page
from market.stalls.views.undo import Done, Undo, back_to_its_stall, back_to_waiting, second_ref, swapped_back
from market.vendors.models import Application
from market.vendors.service import applied_elsewhere, find_application
from market.vendors.words import overlap_for_staff


@bp.post("/staff/<slug>/days/<ref>/moves")
@open_to(Audience.STAFF)
def move(ref: str) -> ResponseReturnValue:
    """Places, moves or exchanges, as the form says; the service is the judge."""
    day, form = day_at(ref), MoveForm()
    if form.validate_on_submit() and (done := form.attempt(lambda: _move(day, form))):
        return done.value.answer(day)
    return page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/releases")
@open_to(Audience.STAFF)
def release(ref: str) -> ResponseReturnValue:
    """A vendor gives the stall back: to wait for another (only before publication), or to stay at home."""
    day, form = day_at(ref), ReleaseForm()
    return _answer(day, form, lambda: _release(day, form))


@bp.post("/staff/<slug>/days/<ref>/pins")
@open_to(Audience.STAFF)
def pin(ref: str) -> ResponseReturnValue:
    """Fixes a vendor's stall, or lets it go again."""
    day, form = day_at(ref), PinForm()
    return _answer(day, form, lambda: _pin(day, form))


@bp.post("/staff/<slug>/days/<ref>/second-stalls")
@open_to(Audience.STAFF)
def second(ref: str) -> ResponseReturnValue:
    """The stall beside is given too, or given back; who waits asks for two, or for one."""
    day, form = day_at(ref), SecondForm()
    return _answer(day, form, lambda: _second(day, form), again=form)


@bp.post("/staff/<slug>/days/<ref>/kept-stalls")
@open_to(Audience.STAFF)
def keep(ref: str) -> ResponseReturnValue:
    """A free stall stays empty on this day, or may be given out again."""
    day, form = day_at(ref), KeptForm()
    return _answer(day, form, lambda: _keep(day, form))


@bp.post("/staff/<slug>/days/<ref>/promotions")
@open_to(Audience.STAFF)
def promote(ref: str) -> ResponseReturnValue:
    """The first in the waiting list for whom a free stall fits."""
    day, form = day_at(ref), MarketForm()
    found = form.attempt(lambda: service.promote_next(day, by=current_user(), at=clock.now()))
    if found is None:
        return page(day, refusal=form.refusal), form.status
    placed = found.value
    if placed is None:
        flash(_("候补名单里现在没有人用得上空着的摊位。"), "wait")
        return redirect(url_for("stalls.plan", ref=day.ref))
    sentence = _("%(name)s补到 %(stall)s 号。", name=placed.vendor.trading_name, stall=placed.label)
    return Done(sentence, back_to_waiting(day, placed.application), placed.stall.ref).answer(day)


def _answer(
    day: MarketDay, form: MarketForm, act: Callable[[], Done], again: SecondForm | None = None
) -> ResponseReturnValue:
    """`again`: the form in which a reason can be written and the same be asked once more."""
    if form.validate_on_submit() and (done := form.attempt(act)):
        return done.value.answer(day)
    return page(day, refusal=form.refusal, second=again), form.status


# ── acts ──────────────────────────────────────────────────────────────────────────────────────────────────


def _move(day: MarketDay, form: MoveForm) -> Done:
    application = _application(day, form.who.data)
    stall_ref, other_ref = form.target
    stall = service.find_stall(day, stall_ref)
    held = service.assignment_of(day, application.vendor)
    if held is None:
        return _placed(day, application, stall, form)
    if other_ref:
        return _swapped(day, held, _holder(day, _application(day, other_ref), stall), form)
    by, at, beside = current_user(), clock.now(), _beside(day, form.beside.data)
    old, undo = held.label, back_to_its_stall(day, held)
    moved = service.move(held, stall, by=by, at=at, because=form.because.text, beside=beside)
    if moved.id == held.id:
        return Done(_("%(name)s还在 %(stall)s 号，没有变动。", name=held.vendor.trading_name, stall=old))
    sentence = _(
        "%(name)s从 %(old)s 换到 %(new)s 号。", name=held.vendor.trading_name, old=old, new=moved.label
    )
    return Done(sentence, undo, stall_ref)


def _placed(day: MarketDay, application: Application, stall: Stall, form: MoveForm) -> Done:
    by, at, beside = current_user(), clock.now(), _beside(day, form.beside.data)
    placed = service.place(application, stall, by=by, at=at, because=form.because.text, beside=beside)
    if form.fixed.data:
        service.pin(placed, by=by, at=at)
    sentence = _("%(name)s排到 %(stall)s 号。", name=application.vendor.trading_name, stall=placed.label)
    for other in applied_elsewhere(day, [application.vendor]).get(application.vendor_id, ()):
        flash(f"{application.vendor.trading_name}：{overlap_for_staff(other, day)}", "wait")
    return Done(sentence, back_to_waiting(day, application), stall.ref)


def _swapped(day: MarketDay, one: Assignment, other: Assignment, form: MoveForm) -> Done:
    by, at, beside = current_user(), clock.now(), _beside(day, form.beside.data)
    after = service.swap(one, other, by=by, at=at, because=form.because.text, beside=beside)
    sentence = _(
        "%(one)s和%(two)s对调了。", one=one.vendor.trading_name, two=other.vendor.trading_name
    )  # fmt: skip
    return Done(sentence, swapped_back(day, (one, other), after), after[0].stall.ref)


def _release(day: MarketDay, form: ReleaseForm) -> Done:
    application = _application(day, form.who.data)
    held = service.assignment_of(day, application.vendor)
    name = application.vendor.trading_name
    at_stall = held.stall.ref if held else None
    if form.leaves.data:
        service.withdraw(application, by=current_user(), at=clock.now())
        return Done(_("%(name)s这一场不来了，摊位空出来了。", name=name), None, at_stall)
    if held is None:
        raise Refusal("stalls.released", _("%(name)s已经没有摊位了，请看看现在的摊位图。", name=name))
    if day.state in GATE_STATES:
        raise Refusal("stalls.published", _("这一场已经发布，不能再退回候补。可以换摊位，或记成不来了。"))
    undo = back_to_its_stall(day, held)
    service.release(held, ReleaseReason.REPLANNED, by=current_user(), at=clock.now())
    sentence = _("%(name)s回到候补，%(stall)s 号空出来了。", name=name, stall=held.label)
    return Done(sentence, undo, at_stall)


def _pin(day: MarketDay, form: PinForm) -> Done:
    application = _application(day, form.who.data)
    held, by, at = service.assignment_of(day, application.vendor), current_user(), clock.now()
    name = application.vendor.trading_name
    if held is None:
        raise Refusal("stalls.released", _("%(name)s已经没有摊位了，请看看现在的摊位图。", name=name))
    if form.fixed.data:
        service.pin(held, by=by, at=at)
        sentence = _("%(name)s固定在 %(stall)s 号，重新分也不动他。", name=name, stall=held.label)
    else:
        service.unpin(application, by=by, at=at)
        sentence = _("%(name)s不再固定在 %(stall)s 号。", name=name, stall=held.label)
    undo = Undo(day, "stalls.pin", who=application.ref, fixed="" if form.fixed.data else "1")
    return Done(sentence, undo, held.stall.ref)


def _second(day: MarketDay, form: SecondForm) -> Done:
    application = _application(day, form.who.data)
    held, by, at = service.assignment_of(day, application.vendor), current_user(), clock.now()
    name, two = application.vendor.trading_name, bool(form.two.data)
    undo = Undo(day, "stalls.second", who=application.ref, two="" if two else "1", beside=second_ref(held))
    if held is None:
        service.ask_for(application, double=two, by=by, at=at)
        wants = _("%(name)s要两个相邻的摊位。") if two else _("%(name)s只要一个摊位。")
        return Done(wants % {"name": name}, undo)
    if not two:
        kept = service.give_back_second(held, by=by, at=at)
        sentence = _("%(name)s只要一个摊位，留在 %(stall)s 号。", name=name, stall=kept.label)
        return Done(sentence, undo, kept.stall.ref)
    wanted, because = _beside(day, form.beside.data), form.because.text
    widened = service.add_second(held, wanted, by=by, at=at, because=because)
    sentence = _("旁边的摊位也给%(name)s：%(stall)s。", name=name, stall=widened.label)
    return Done(sentence, undo, widened.stall.ref)


def _keep(day: MarketDay, form: KeptForm) -> Done:
    stall, by, at = service.find_stall(day, form.stall.data or ""), current_user(), clock.now()
    undo = Undo(day, "stalls.keep", stall=stall.ref, kept="" if form.kept.data else "1")
    if form.kept.data:
        service.keep_free(day, stall, by=by, at=at)
        sentence = _("%(stall)s 号这一场留空，不排人。", stall=stall.label)
    else:
        service.use_again(day, stall, by=by, at=at)
        sentence = _("%(stall)s 号不再留空，可以排人了。", stall=stall.label)
    return Done(sentence, undo, stall.ref)


def _application(day: MarketDay, ref: str | None) -> Application:
    application = find_application(current_community(), ref or "")
    if application.day_id != day.id:
        raise NotFound("vendors.no_application", _("没有这份报名。"))
    return application


def _holder(day: MarketDay, other: Application, stall: Stall) -> Assignment:
    """The assignment of whoever stood on the stall when the page was drawn, if that is still so."""
    held = service.assignment_of(day, other.vendor)
    if held is None or stall.id not in held.stall_ids:
        sentence = _(
            "%(name)s已经不在 %(stall)s 号了，刚刚有人调整过。请看看现在的摊位图，再试一次。",
            name=other.vendor.trading_name, stall=stall.label,
        )  # fmt: skip
        raise Refusal("stalls.released", sentence)
    return held


def _beside(day: MarketDay, ref: str | None) -> Stall | None:
    return service.find_stall(day, ref) if ref else None
