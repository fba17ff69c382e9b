"""The sign-in list at the gate: who is missing, who came, and who left the place clean."""

from __future__ import annotations

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.rules import GATE_STATES
from market.errors import Refusal
from market.gate import service, words
from market.gate.blueprint import bp
from market.gate.forms import AdmissionForm, CleanForm
from market.people.access import current_user
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.rules import Conduct


@bp.get("/gate/<slug>/days/<ref>/sign-in")
@open_to(Audience.GATE)
def sign_in_list(ref: str) -> str:
    day = day_at(ref)
    came = service.attendance(day)
    held = stalls.assignments(day)
    return render_template(
        "gate/sign_in_list.html",
        day=day,
        missing=[assignment for assignment in held if assignment.id not in came],
        there=[(assignment, came[assignment.id]) for assignment in held if assignment.id in came],
        absent=stalls.absent(day),
        open_now=day.state in GATE_STATES,
        leaving=day.state in service.LEAVING_STATES,
        clean=vendors.who_earned(day, Conduct.LEFT_CLEAN),
        words=words,
        new_client_id=lambda: secrets.token_urlsafe(12),
    )


@bp.post("/gate/<slug>/days/<ref>/admissions")
@open_to(Audience.GATE)
def create_admission(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), AdmissionForm()
    if not form.validate_on_submit():
        raise Refusal("gate.bad_admission", _("没看清要签到哪一家，请回到名单再点一次。"), 422)
    assignment = stalls.find_assignment(day, form.assignment.data or "")
    seen = service.admit_from_list(
        assignment,
        client_id=form.client_id.data or "",
        entrance=form.entrance.data or "",
        by=current_user(),
        at=clock.now(),
    )
    answer = words.answer(service.scan_view(seen, day))
    stall = assignment.label
    flash(f"{stall} {answer.name}：{answer.word}。{answer.detail}", answer.kind)
    return redirect(url_for("gate.sign_in_list", ref=ref))


@bp.post("/gate/<slug>/days/<ref>/cleaning")
@open_to(Audience.GATE)
def create_cleaning(ref: str) -> ResponseReturnValue:
    """Ticks that a vendor left the place clean, or takes the tick back."""
    day, form = day_at(ref), CleanForm()
    if not form.validate_on_submit():
        raise Refusal("gate.bad_cleaning", _("没看清是哪一家，请回到名单再点一次。"), 422)
    assignment = stalls.find_assignment(day, form.assignment.data or "")
    service.tick_clean(assignment, form.clean.data, by=current_user(), at=clock.now())
    entrance = request.args.get("entrance") or None
    return redirect(
        url_for("gate.sign_in_list", ref=ref, entrance=entrance, _anchor=f"held-{assignment.ref}")
    )
