"""The page of the plan: who stands where and why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.calendar.words import state_word
from market.errors import Refusal
from market.stalls import service
from market.stalls.advice import METHOD_HINTS, METHOD_ORDER, METHOD_WORDS, change_sentence
from market.stalls.blueprint import bp
from market.stalls.forms import MethodForm, MoveForm, SecondForm
from market.stalls.models import Assignment, PlanRun
from market.stalls.service import PlanStall, PlanState
from market.stalls.views.choices import offer
from market.stalls.words import assignment_sentence, published_weights, reason_sentence


@bp.get("/staff/<slug>/days/<ref>/plan")
@open_to(Audience.STAFF)
def plan(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return page(day, MoveForm(who=request.args.get("who"), to=request.args.get("to")))


def page(
    day: MarketDay,
    form: MoveForm | None = None,
    refusal: Refusal | None = None,
    second: SecondForm | None = None,
) -> str:
    """The plan as it is now, with what was chosen, or with what was refused."""
    form, current = form or MoveForm(formdata=None), service.plan_state(day)
    movable = day.state in service.MOVING_STATES
    run, method = service.latest_run(day), service.method_of(day)
    offer(form, current)
    placed = sorted(current.live.values(), key=lambda held: held.stall.label)
    stalls = _drawn(day, current, form)
    kept = sum(stall.kept_free for stall in stalls)
    return render_template(
        "stalls/plan.html",
        day=day,
        form=form,
        refusal=refusal or form.refusal,
        second=second if refusal and refusal.code == "stalls.unwise" else None,
        movable=movable,
        plannable=day.state in service.PLANNING_STATES,
        published=day.state in GATE_STATES,
        state_word=state_word(day.state),
        stalls=stalls,
        target=next((stall for stall in stalls if stall.ref == form.to.data), None),
        lanes=service.lanes_view(day),
        placed=placed,
        why={held.id: _why(held) for held in placed},
        waiting=[
            (one, reason_sentence(one.reason) + change_sentence(one.reason) if one.reason else "")
            for one in service.waiting_reasons(day, current)
        ],
        planned=service.is_planned(day),
        absent=service.absent(day),
        offers=[(one, service.offered_label(one)) for one in service.offers_now(day, clock.now())],
        pinned=service.pinned_stalls(day),
        method=method,
        method_form=MethodForm(formdata=None, method=method).offer(),
        method_words=METHOD_WORDS,
        method_hints=METHOD_HINTS,
        method_rule=METHOD_HINTS[method],
        order_word=METHOD_ORDER[run.method if run else "optimum"],
        following=service.next_in_line(day, current) if movable else None,
        loads=service.loads(current),
        run=run,
        changed=_changed(run, current, placed) if run else "",
        free=sum(stall.state == "free" for stall in stalls) - kept,
        kept=kept,
        weights=published_weights(current.weights),
        focus=request.args.get("at"),
    )


def _why(held: Assignment) -> str:
    """What the vendor reads, and for staff the reason for which a warning was overridden."""
    told = assignment_sentence(held.reason_code, held.reason_params)
    because = held.reason_params.get("because")
    return told + _("（不顾提醒，原因：%(because)s）", because=because) if because else told


def _changed(run: PlanRun, current: PlanState, placed: Sequence[Assignment]) -> str:
    """Why the plan is no longer the computed one, so that its proof says nothing about it; empty = it is."""
    by_hand = any(held.reason_code in ("staff", "swapped", "promoted") for held in placed)
    if by_hand or len(placed) != run.placed:
        return _("自动分好以后又人工调整过。")
    if len(current.applications) - len(placed) != run.waiting:
        return _("自动分好以后，报名又有变动。")
    if run.weights and run.weights != dict(current.weights):
        return _("自动分好以后，分数改过。")
    return ""


def _drawn(day: MarketDay, current: PlanState, form: MoveForm) -> list[PlanStall]:
    pinned = {
        place for held in current.live.values() for place in held.stall_ids if _is_pinned(current, held)
    }
    ids = {stall.ref: key for key, stall in current.stalls.items()}
    drawn = [
        replace(stall, pinned=ids.get(stall.ref) in pinned) for stall in service.plan_view(day)
    ]  # fmt: skip
    if day.state not in service.MOVING_STATES:
        return drawn
    holders = {current.stalls[place].ref: held for held in current.live.values() for place in held.stall_ids}
    return [replace(stall, href=_link(day, stall, holders, form)) for stall in drawn]


def _is_pinned(current: PlanState, held: Assignment) -> bool:
    return current.state.applicant(held.application_id).pinned_stall_id is not None


def _link(day: MarketDay, stall: PlanStall, holders: Mapping[str, Assignment], form: MoveForm) -> str:
    """What a click on a stall means without a script: who is there is picked up, or put down there."""
    holder = holders.get(stall.ref)
    if form.who.data:
        to = f"{holder.stall.ref}.{holder.application.ref}" if holder else stall.ref
        return url_for("stalls.plan", ref=day.ref, who=form.who.data, to=to) + "#move"
    if holder:
        return url_for("stalls.plan", ref=day.ref, who=holder.application.ref) + "#move"
    return url_for("stalls.plan", ref=day.ref, to=stall.ref) + "#move"
