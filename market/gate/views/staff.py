"""Publish and call off a market, print passes and the sign-in list, re-issue and revoke passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from itertools import chain
from urllib.parse import quote

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale, gettext as _
from werkzeug.datastructures import MultiDict

from market import clock
from market.calendar.finding import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState, Step, next_state
from market.gate import service, words
from market.gate.forms import CallOffForm, PrintForm, ReasonForm
from market.gate.rules import Layout, RevokeReason
from market.gate.stacks import STACK, zipped
from market.gate.views import bp
from market.layout.answers import send_pdf
from market.people.access import Audience, current_user, open_to
from market.stalls import service as stalls

ROWS = 200
"""Passes on one page of the list: more than any market we know."""


@bp.post("/staff/<slug>/days/<ref>/publication")
@open_to(Audience.STAFF)
def publish(ref: str) -> ResponseReturnValue:
    issued = service.publish_day(day_at(ref), by=current_user(), at=clock.now())
    flash(_("发布好了，居民看得到了。%(count)s 张摊位证可以打印，商户手机上也有。", count=len(issued)), "go")
    return redirect(url_for("gate.pass_list", ref=ref))


# ── passes ────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/passes")
@open_to(Audience.STAFF)
def pass_list(ref: str) -> str:
    return _pass_page(day_at(ref), ReasonForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/passes")
@open_to(Audience.STAFF)
def create_passes(ref: str) -> ResponseReturnValue:
    """Every pass anew: other hours, or another key."""
    day, form = day_at(ref), ReasonForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.reissue_all(day, form.chosen, by=current_user(), at=clock.now())
    ):
        flash(_("全部换成了新证，旧证已经作废。请重新打印。"), "go")
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/assignments/<assignment_ref>/pass")
@open_to(Audience.STAFF)
def reissue(ref: str, assignment_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), ReasonForm()
    held = stalls.find_assignment(day, assignment_ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.reissue(held, form.chosen, by=current_user(), at=clock.now())
    ):
        flash(_("%(stall)s 的证换好了，旧的已经作废。", stall=held.label), "go")
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/passes/<pass_ref>/revocation")
@open_to(Audience.STAFF)
def revoke(ref: str, pass_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), ReasonForm()
    stall_pass = service.find_pass(day, pass_ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.withdraw_pass(stall_pass, form.chosen, by=current_user(), at=clock.now())
    ):
        flash(_("%(stall)s 的证收回了，门口不再放行。", stall=stall_pass.assignment.label), "go")
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


@bp.post("/staff/<slug>/days/<ref>/assignments/<assignment_ref>/absence")
@open_to(Audience.STAFF)
def create_absence(ref: str, assignment_ref: str) -> ResponseReturnValue:
    """The vendor has not come; the stall may go to the next in line."""
    day, form = day_at(ref), ReasonForm(reason=RevokeReason.RELEASED.value)
    held = stalls.find_assignment(day, assignment_ref)
    if form.attempt(lambda: service.mark_no_show(held, by=current_user(), at=clock.now())):
        name, stall = held.vendor.trading_name, held.label
        flash(
            _("%(name)s记成没来，%(stall)s 空出来了。要补人，去摊位图看候补。", name=name, stall=stall),
            "wait",
        )
        return redirect(url_for("gate.pass_list", ref=ref))
    return _pass_page(day, form), form.status


def _pass_page(day: MarketDay, form: ReasonForm) -> str:
    came = service.attendance(day)
    begun = service.gate_opens_at(day) <= clock.now()
    passes = {stall_pass.assignment_id: stall_pass for stall_pass in service.live_passes(day)}
    placed = stalls.assignments(day)
    pages = max(1, -(-len(placed) // ROWS))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    shown = placed[(page - 1) * ROWS : page * ROWS]
    return render_template(
        "gate/pass_list.html",
        day=day,
        form=form,
        print_form=PrintForm(MultiDict({"layout": Layout.A4X4.value, "start": "1", "spares": "0"})),
        rows=[(held, passes.get(held.id), came.get(held.id)) for held in shown],
        page=page,
        pages=pages,
        page_link=lambda number: url_for("gate.pass_list", ref=day.ref, page=number),
        issuing=day.state in GATE_STATES,
        begun=begun,
        outdated=len(service.outdated(day)),
        passes=passes,
        many=len(passes) > service.LONG,
        stack=STACK,
        zip_name=f"{words.passes_title(day)}.zip",
        version_text=words.version_text,
    )


@bp.get("/staff/<slug>/days/<ref>/passes.pdf")
@open_to(Audience.STAFF)
def passes(ref: str) -> ResponseReturnValue:
    """All passes, or that of one stall (`?pass=`), as `PrintForm` says: `?layout=labels24&start=5&back=1`."""
    day, out = day_at(ref), BytesIO()
    order = PrintForm(request.args).order()
    only = [service.find_pass(day, request.args["pass"])] if "pass" in request.args else None
    if only is None and service.long_print(day, order).total > service.LONG:
        return redirect(f"{url_for('gate.pass_stacks', ref=ref)}?{request.query_string.decode()}")
    service.write_passes(day, out, order=order, only=only)
    return send_pdf(out, words.pass_file_name(only[0]) if only else f"{words.passes_title(day)}.pdf")


@bp.get("/staff/<slug>/days/<ref>/passes.zip")
@open_to(Audience.STAFF)
def pass_stacks(ref: str) -> Response:
    """The same for more passes than one file should hold: stacks of sheets, sent while they are made.

    The header tells how many passes are in each file, so that the page can say how far it is. The first is
    made before anything is sent: what makes a print impossible is still told on a page of its own.
    """
    printed = service.long_print(day_at(ref), PrintForm(request.args).order())
    pieces = zipped(printed.files(_looks()), clock.now())
    response = Response(chain([next(pieces)], pieces), mimetype="application/zip")
    response.headers["X-Stacks"] = " ".join(str(len(stack)) for stack in printed.stacks)
    name = quote(f"{printed.title}.zip")
    response.headers.set("Content-Disposition", "attachment", **{"filename*": f"UTF-8''{name}"})
    return response


def _looks() -> Callable[[], AbstractContextManager[object]]:
    """Contexts like that of this request, for what is made after it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's own way to keep it
    locale = str(get_locale())

    @contextmanager
    def look() -> Iterator[None]:
        with app.app_context(), force_locale(locale):
            yield

    return look


@bp.get("/staff/<slug>/days/<ref>/sign-in-sheet.pdf")
@open_to(Audience.STAFF)
def sign_in_sheet(ref: str) -> Response:
    day, out = day_at(ref), BytesIO()
    service.write_sign_in_sheet(day, out)
    return send_pdf(out, words.sheet_file_name(day))


# ── calling off ───────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/call-off")
@open_to(Audience.STAFF)
def call_off(ref: str) -> str:
    return _call_off_page(day_at(ref), CallOffForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/call-off")
@open_to(Audience.STAFF)
def create_call_off(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), CallOffForm()
    if form.validate_on_submit() and form.attempt(lambda: _call_off(day, form)):
        flash(_("居民的页面已经改了，摊位证都作废了。"), "go")
        return redirect(url_for("gate.call_off", ref=ref))
    return _call_off_page(day, form), form.status


def _call_off(day: MarketDay, form: CallOffForm) -> None:
    step = Step(form.step.data)
    service.call_off_day(day, step, form.public_note.text, by=current_user(), at=clock.now())


def _call_off_page(day: MarketDay, form: CallOffForm) -> str:
    return render_template(
        "gate/call_off.html",
        day=day,
        form=form,
        touched=service.call_off_preview(day),
        possible=next_state(day.state, Step.CANCEL) is not None,
        done=day.state in (DayState.POSTPONED, DayState.CANCELLED),
        date_text=words.date_of(day),
    )
