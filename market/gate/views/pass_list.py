"""The staff's list of passes with who came: passes replaced and withdrawn, the sign-in list on paper.

It stands here because it shows what the gate knows.
"""

from __future__ import annotations

from io import BytesIO

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.gate import service, words
from market.gate.blueprint import bp
from market.layout.answers import send_pdf
from market.passes import service as passes, words as pass_words
from market.passes.forms import PrintForm, ReasonForm
from market.passes.rules import Layout
from market.passes.stacks import STACK
from market.people.access import current_user
from market.stalls import service as stalls
from market.vendors.words import lacks_sentence

ROWS = 200
"""Passes on one page of the list: more than any market we know."""


@bp.get("/staff/<slug>/days/<ref>/passes")
@open_to(Audience.STAFF)
def pass_list(ref: str) -> str:
    return _pass_page(day_at(ref), ReasonForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/passes")
@open_to(Audience.STAFF)
def create_passes(ref: str) -> ResponseReturnValue:
    """Reissues every pass, because the hours or the key changed."""
    day, form = day_at(ref), ReasonForm()
    if form.validate_on_submit() and (
        made := form.attempt(lambda: passes.reissue_all(day, form.chosen, by=current_user(), at=clock.now()))
    ):
        flash(_("%(n)s 张换成了新证，旧证已经作废。请重新打印。", n=len(made.value)), "go")
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/assignments/<assignment_ref>/pass")
@open_to(Audience.STAFF)
def reissue(ref: str, assignment_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), ReasonForm()
    held = stalls.find_assignment(day, assignment_ref)
    if form.validate_on_submit() and form.attempt(
        lambda: passes.reissue(held, form.chosen, by=current_user(), at=clock.now())
    ):
        flash(_("%(stall)s 的证换好了，旧的已经作废。", stall=held.label), "go")
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/passes/<pass_ref>/revocation")
@open_to(Audience.STAFF)
def revoke(ref: str, pass_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), ReasonForm()
    stall_pass = passes.find_pass(day, pass_ref)
    if form.validate_on_submit() and form.attempt(
        lambda: passes.revoke(stall_pass, form.chosen, by=current_user(), at=clock.now())
    ):
        flash(_("%(stall)s 的证收回了，门口不再放行。", stall=stall_pass.assignment.label), "go")
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


def _pass_page(day: MarketDay, form: ReasonForm) -> str:
    came = service.attendance(day)
    begun = passes.gate_opens_at(day) <= clock.now()
    live = {stall_pass.assignment.id: stall_pass for stall_pass in passes.live_passes(day)}
    placed, left_out = stalls.assignments(day), stalls.held_back(day)
    pages = max(1, -(-len(placed) // ROWS))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    shown = placed[(page - 1) * ROWS : page * ROWS]
    return render_template(
        "gate/pass_list.html",
        day=day,
        form=form,
        print_form=PrintForm(MultiDict({"layout": Layout.A4X4.value, "start": "1", "spares": "0"})),
        rows=[(held, live.get(held.id), came.get(held.id)) for held in shown],
        page=page,
        pages=pages,
        page_link=lambda number: url_for("gate.pass_list", ref=day.ref, page=number),
        absent=stalls.absent(day),
        marking=day.state in service.ABSENCE_STATES,
        issuing=day.state in GATE_STATES,
        late_text=words.late_text,
        begun=begun,
        left_out=[(held, lacks_sentence(left_out[held.id])) for held in placed if held.id in left_out],
        held_back=left_out,
        outdated=len(passes.outdated(day, [one for key, one in live.items() if key not in left_out])),
        passes=live,
        many=len(live) > passes.LONG,
        stack=STACK,
        zip_name=f"{pass_words.passes_title(day)}.zip",
        version_text=pass_words.version_text,
    )


@bp.get("/staff/<slug>/days/<ref>/sign-in-sheet.pdf")
@open_to(Audience.STAFF)
def sign_in_sheet(ref: str) -> Response:
    day, out = day_at(ref), BytesIO()
    service.write_sign_in_sheet(day, out)
    return send_pdf(out, words.sheet_file_name(day))
