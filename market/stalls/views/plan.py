"""The plan of a market day: computed, looked at, and changed by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.calendar.service import find_day
from market.calendar.words import state_word
from market.errors import NotFound, Refusal
from market.forms import MarketForm
from market.gate import service as gate
from market.people.access import Audience, current_community, current_user, open_to
from market.people.models import User
from market.stalls import service
from market.stalls.advice import METHOD_HINTS, METHOD_ORDER, METHOD_RULES, METHOD_WORDS, change_sentence
from market.stalls.forms import MethodForm, MoveForm, PinForm, ReleaseForm
from market.stalls.models import Assignment, PlanRun, ReleaseReason
from market.stalls.rules import StallFacts, check_move, check_swap
from market.stalls.service import PlanStall, Scene
from market.stalls.views import bp
from market.stalls.words import assignment_sentence, published_weights, reason_sentence
from market.vendors.models import Application
from market.vendors.service import find_application


@bp.get("/staff/<slug>/days/<ref>/plan")
@open_to(Audience.STAFF)
def plan(ref: str) -> ResponseReturnValue:
    day = find_day(current_community(), ref)
    return _page(day, MoveForm(who=request.args.get("who"), to=request.args.get("to")))


@bp.post("/staff/<slug>/days/<ref>/plan-runs")
@open_to(Audience.STAFF)
def create_plan(ref: str) -> ResponseReturnValue:
    day = find_day(current_community(), ref)
    form = MarketForm()
    runs: list[PlanRun] = []
    by, at = current_user(), clock.now()
    if not form.attempt(lambda: runs.append(service.compute_plan(day, by=by, at=at))):
        return _page(day, MoveForm(formdata=None), form.refusal), form.status
    placed, waiting = runs[0].placed, runs[0].waiting
    flash(_("分好了：%(placed)s 家有摊位，%(waiting)s 家候补。", placed=placed, waiting=waiting), "go")
    return _back(day)


@bp.post("/staff/<slug>/days/<ref>/plan-method")
@open_to(Audience.STAFF)
def choose_method(ref: str) -> ResponseReturnValue:
    """How the stalls are given out, chosen before they are."""
    day = find_day(current_community(), ref)
    form, by, at = MethodForm().offer(), current_user(), clock.now()
    chosen = form.validate_on_submit() and form.attempt(
        lambda: service.choose_method(day, form.method.data, by=by, at=at)
    )
    if not chosen:
        return _page(day, MoveForm(formdata=None), form.refusal), form.status
    flash(_("这一场的分法：%(method)s。", method=METHOD_WORDS[form.method.data]), "go")
    return _back(day)


@bp.get("/staff/<slug>/days/<ref>/plan-comparison")
@open_to(Audience.STAFF)
def comparison(ref: str) -> ResponseReturnValue:
    """What laying the plan anew would change, `?method=` by another way; nothing changes by looking."""
    day = find_day(current_community(), ref)
    chosen = service.method_of(day)
    method = request.args.get("method", chosen)
    if method not in service.METHODS:
        raise Refusal("stalls.no_method", _("没有这种分法。请从列出的几种里选。"), 422)
    try:
        compared = service.compare(day, method)
    except Refusal as refusal:
        return _page(day, MoveForm(formdata=None), refusal), refusal.status
    return render_template(
        "stalls/comparison.html",
        day=day,
        compared=compared,
        method=method,
        chosen=chosen,
        methods=[(key, word) for key, word in METHOD_WORDS.items() if key in (chosen, *service.COMPARABLE)],
    )


@bp.post("/staff/<slug>/days/<ref>/plan-confirmation")
@open_to(Audience.STAFF)
def confirm(ref: str) -> ResponseReturnValue:
    day = find_day(current_community(), ref)
    form = MarketForm()
    if not form.attempt(lambda: service.confirm_plan(day, by=current_user(), at=clock.now())):
        return _page(day, MoveForm(formdata=None), form.refusal), form.status
    flash(_("就按现在的摊位图办。没排上的在候补名单里。"), "go")
    return redirect(url_for("calendar.day", ref=day.ref))


@bp.post("/staff/<slug>/days/<ref>/moves")
@open_to(Audience.STAFF)
def move(ref: str) -> ResponseReturnValue:
    """Places, moves or exchanges, as the form says; the service is the judge."""
    day = find_day(current_community(), ref)
    form = MoveForm()
    done: list[Markup] = []
    if form.validate_on_submit() and form.attempt(lambda: done.append(_move(day, form))):
        flash(done[0], "go")
        return _back(day, form.target[0])
    return _page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/releases")
@open_to(Audience.STAFF)
def release(ref: str) -> ResponseReturnValue:
    """A vendor gives the stall back: to wait for another (only before publication), or to stay at home."""
    day = find_day(current_community(), ref)
    form = ReleaseForm()
    done: list[Markup] = []
    if form.validate_on_submit() and form.attempt(lambda: done.append(_release(day, form))):
        flash(done[0], "go")
        return _back(day)
    return _page(day, MoveForm(formdata=None), form.refusal), form.status


@bp.post("/staff/<slug>/days/<ref>/pins")
@open_to(Audience.STAFF)
def pin(ref: str) -> ResponseReturnValue:
    """Fixes a vendor's stall, or lets it go again."""
    day, by, at = find_day(current_community(), ref), current_user(), clock.now()
    form = PinForm()
    if form.validate_on_submit() and form.attempt(lambda: _pin(day, form, by, at)):
        flash(_("固定好了，重新分也不动他。") if form.fixed.data else _("取消固定了。"), "go")
        return _back(day)
    return _page(day, MoveForm(formdata=None), form.refusal), form.status


@bp.post("/staff/<slug>/days/<ref>/promotions")
@open_to(Audience.STAFF)
def promote(ref: str) -> ResponseReturnValue:
    """The first in the waiting list for whom a free stall fits."""
    day = find_day(current_community(), ref)
    form = MarketForm()
    found: list[Assignment | None] = []
    by, at = current_user(), clock.now()
    if not form.attempt(lambda: found.append(gate.promote_next(day, by=by, at=at))):
        return _page(day, MoveForm(formdata=None), form.refusal), form.status
    placed = found[0]
    if placed is None:
        flash(_("候补名单里现在没有人用得上空着的摊位。"), "wait")
        return _back(day)
    sentence = _("%(name)s补到 %(stall)s 号。", name=placed.vendor.trading_name, stall=placed.stall.label)
    flash(_with_undo(sentence, _undo_place(day, placed.application)), "go")
    return _back(day, placed.stall.ref)


# ── acts ──────────────────────────────────────────────────────────────────────────────────────────────────


def _move(day: MarketDay, form: MoveForm) -> Markup:
    application = _application(day, form.who.data)
    stall_ref, other_ref = form.target
    stall = service.find_stall(day, stall_ref)
    held = service.assignment_of(day, application.vendor)
    by, at, name = current_user(), clock.now(), application.vendor.trading_name
    because = form.because.text
    if held is None:
        gate.place_vendor(application, stall, by=by, at=at, because=because)
        sentence = _("%(name)s排到 %(stall)s 号。", name=name, stall=stall.label)
        return _with_undo(sentence, _undo_place(day, application))
    before = held.stall
    if other_ref:
        other = _application(day, other_ref)
        gate.swap_vendors(held, _holder(day, other, stall.label), by=by, at=at, because=because)
        sentence = _("%(one)s和%(two)s对调了。", one=name, two=other.vendor.trading_name)
        return _with_undo(sentence, _undo_move(day, application, f"{before.ref}.{other.ref}"))
    gate.move_vendor(held, stall, by=by, at=at, because=because)
    sentence = _("%(name)s从 %(old)s 换到 %(new)s 号。", name=name, old=before.label, new=stall.label)
    return _with_undo(sentence, _undo_move(day, application, before.ref))


def _pin(day: MarketDay, form: PinForm, by: User, at: datetime) -> None:
    application = _application(day, form.who.data)
    held = service.assignment_of(day, application.vendor)
    if not form.fixed.data:
        service.unpin(application, by=by, at=at)
    elif held is not None:
        service.pin(held, by=by, at=at)


def _release(day: MarketDay, form: ReleaseForm) -> Markup:
    application = _application(day, form.who.data)
    held = service.assignment_of(day, application.vendor)
    name = application.vendor.trading_name
    if form.leaves.data:
        gate.withdraw_vendor(application, by=current_user(), at=clock.now())
        return Markup.escape(_("%(name)s这一场不来了，摊位空出来了。", name=name))
    if held is None:
        raise Refusal("stalls.released", _("%(name)s已经没有摊位了，请看看现在的摊位图。", name=name))
    if day.state in GATE_STATES:
        raise Refusal("stalls.published", _("这一场已经发布，不能再退回候补。可以换摊位，或记成不来了。"))
    service.release(held, ReleaseReason.REPLANNED, by=current_user(), at=clock.now())
    sentence = _("%(name)s回到候补，%(stall)s 号空出来了。", name=name, stall=held.stall.label)
    return _with_undo(sentence, _undo_move(day, application, held.stall.ref))


def _application(day: MarketDay, ref: str | None) -> Application:
    application = find_application(current_community(), ref or "")
    if application.day_id != day.id:
        raise NotFound("vendors.no_application", _("没有这份报名。"))
    return application


def _holder(day: MarketDay, other: Application, label: str) -> Assignment:
    """The assignment of whoever stood on the stall when the page was drawn, if that is still so."""
    held = service.assignment_of(day, other.vendor)
    if held is None or held.stall.label != label:
        sentence = _(
            "%(name)s已经不在 %(stall)s 号了，刚刚有人调整过。请看看现在的摊位图，再试一次。",
            name=other.vendor.trading_name, stall=label,
        )  # fmt: skip
        raise Refusal("stalls.released", sentence)
    return held


# ── undo: the inverse act, offered with the answer ────────────────────────────────────────────────────────


def _with_undo(sentence: str, undo: tuple[str, dict[str, str]] | None) -> Markup:
    form = render_template("stalls/_undo.html", action=undo[0], fields=undo[1]) if undo else ""
    return Markup.escape(sentence) + Markup(form)  # noqa: S704 - our own template, escaped there


def _undo_move(day: MarketDay, application: Application, to: str) -> tuple[str, dict[str, str]]:
    return url_for("stalls.move", ref=day.ref), {"who": application.ref, "to": to}


def _undo_place(day: MarketDay, application: Application) -> tuple[str, dict[str, str]] | None:
    """Back to the waiting list; once a pass is out, taking the stall away again is a decision of its own."""
    if day.state in GATE_STATES:
        return None
    return url_for("stalls.release", ref=day.ref), {"who": application.ref}


def _back(day: MarketDay, at_stall: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("stalls.plan", ref=day.ref, at=at_stall))


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────


def _page(day: MarketDay, form: MoveForm, refusal: Refusal | None = None) -> str:
    ground = service.scene(day)
    movable = day.state in service.MOVING_STATES
    run, method = service.latest_run(day), service.method_of(day)
    _offer(form, ground)
    placed = sorted(ground.live.values(), key=lambda held: held.stall.label)
    return render_template(
        "stalls/plan.html",
        day=day,
        form=form,
        refusal=refusal or form.refusal,
        movable=movable,
        plannable=day.state in service.PLANNING_STATES,
        published=day.state in GATE_STATES,
        state_word=state_word(day.state),
        stalls=[_linked(day, ground, stall, form) for stall in service.plan_view(day)],
        lanes=service.lanes_view(day),
        placed=placed,
        why={held.id: _why(held) for held in placed},
        waiting=[
            (one, reason_sentence(one.reason) + change_sentence(one.reason))
            for one in service.waiting_reasons(day, ground)
        ],
        offers=service.open_offers(day) if day.state in GATE_STATES else [],
        pinned=service.pins(day),
        method=method,
        method_form=MethodForm(formdata=None, method=method).offer(),
        method_words=METHOD_WORDS,
        method_hints=METHOD_HINTS,
        method_rule=METHOD_RULES[method],
        order_word=METHOD_ORDER[run.method if run else "optimum"],
        following=service.next_in_line(ground) if movable else None,
        loads=service.loads(ground),
        run=run,
        adjusted=run is not None and _adjusted(run, placed),
        free=len(ground.stalls) - len(placed),
        weights=published_weights(),
        focus=request.args.get("at"),
    )


def _why(held: Assignment) -> str:
    """What the vendor reads, and for staff the reason for which a warning was overridden."""
    told = assignment_sentence(held.reason_code, held.reason_params)
    because = held.reason_params.get("because")
    return told + _("（不顾提醒，原因：%(because)s）", because=because) if because else told


def _adjusted(run: PlanRun, placed: list[Assignment]) -> bool:
    """Whether the plan is no longer the computed one, so that its proof says nothing about it."""
    by_hand = any(held.reason_code in ("staff", "swapped", "promoted") for held in placed)
    return by_hand or len(placed) != run.placed


def _linked(day: MarketDay, ground: Scene, stall: PlanStall, form: MoveForm) -> PlanStall:
    """What a click on a stall means without a script: who is there is picked up, or put down there."""
    if day.state not in service.MOVING_STATES:
        return stall
    holder = next((held for held in ground.live.values() if held.stall.ref == stall.ref), None)
    if form.who.data:
        to = f"{stall.ref}.{holder.application.ref}" if holder else stall.ref
        return replace(stall, href=url_for("stalls.plan", ref=day.ref, who=form.who.data, to=to) + "#move")
    if holder:
        return replace(stall, href=url_for("stalls.plan", ref=day.ref, who=holder.application.ref) + "#move")
    return replace(stall, href=url_for("stalls.plan", ref=day.ref, to=stall.ref) + "#move")


def _offer(form: MoveForm, ground: Scene) -> None:
    """Fills both lists; once somebody is chosen, only the stalls that are possible remain."""
    held = sorted(ground.live.values(), key=lambda one: one.stall.label)
    standing = [(one.application.ref, f"{one.stall.label} {one.vendor.trading_name}") for one in held]
    waiting = [
        (a.ref, a.vendor.trading_name) for a in ground.applications.values() if a.id not in ground.live
    ]
    form.who.choices = {"": [("", _("请选"))], _("已有摊位"): standing, _("候补"): waiting}
    who = next((a for a in ground.applications.values() if a.ref == form.who.data), None)
    possible = _possible(ground, who)
    choices = [_choice(ground, stall) for stall in ground.layout.stalls if possible(stall)]
    form.to.choices = [("", _("请选")), *choices]


def _possible(ground: Scene, who: Application | None) -> Callable[[StallFacts], bool]:
    layout = ground.layout

    def possible(stall: StallFacts) -> bool:
        if who is None:
            return not stall.closed
        holder = next((key for key, place in layout.assignment.items() if place == stall.id), None)
        if holder is None:
            return not check_move(layout, who.id, stall.id)
        both_stand = holder != who.id and who.id in layout.assignment
        return both_stand and not check_swap(layout, who.id, holder)

    return possible


def _choice(ground: Scene, facts: StallFacts) -> tuple[str, str]:
    stall = ground.stalls[facts.id]
    holder = ground.holder_of(stall)
    if holder is not None:
        label = _("%(stall)s（和%(name)s对调）", stall=stall.label, name=holder.vendor.trading_name)
        return f"{stall.ref}.{holder.application.ref}", label
    offers = [
        word
        for word, there in ((_("有电"), stall.power_w), (_("有水"), stall.water), (_("有遮阴"), stall.shade))
        if there
    ]
    return stall.ref, " · ".join([stall.label, _("空"), *offers])
