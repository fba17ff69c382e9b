"""One market day as staff see it: where it stands, what it lacks, its steps and permits."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service, words
from market.calendar.forms import CopyForm, PermitForm, StepForm, WaiverForm
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.new_date import MOVABLE
from market.calendar.rules import (
    BEFORE_OPENING,
    EDITABLE_STATES,
    GATE_STATES,
    DayPermitKind,
    DayState,
    Severity,
    Step,
    has_reached,
    is_too_early,
)
from market.errors import NotFound, Refusal
from market.gate.service import ABSENCE_STATES
from market.layout.filters import day_text
from market.pages import next_act, progress
from market.pages.blueprint import bp
from market.pages.breaks import date_notes, left_behind
from market.pages.left_to_tell import left_to_tell
from market.people.access import current_user
from market.settlement import service as settlement
from market.settlement.paper_kit.tables import titles
from market.stalls import service as stalls
from market.vendors import service as vendors, words as vendor_words
from market.vendors.forms import PlainForm
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE

STEPS_HERE = frozenset(
    {Step.PREPARE, Step.OPEN_APPLICATIONS, Step.CLOSE_APPLICATIONS, Step.REOPEN_PLAN, Step.SET_UP, Step.OPEN,
     Step.CLOSE, Step.START_SETTLING, Step.ARCHIVE}
)  # fmt: skip
"""Steps that can be taken right here; the others are joint acts of later rooms with pages of their own."""


BOARD_STATES = (*GATE_STATES, DayState.CLOSED, DayState.SETTLING)
"""While there is something to see on the plaza, or to type in of it."""

AGREEING = (DayState.ALLOCATED, DayState.PUBLISHED, DayState.SETTING_UP)
"""States in which an agreement to give still counts for this market."""


ASKING = (DayState.PUBLISHED, DayState.SETTING_UP)
"""States in which vendors are asked whether they come."""

ENTERING = (DayState.OPEN_FOR_APPLICATION, DayState.REVIEWING)
"""States in which many are entered at once."""


@bp.post("/staff/<slug>/days/<ref>/copies")
@open_to(Audience.STAFF)
def copy_day(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = CopyForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _copy(day, cast("date", form.on.data)))):
        flash(_("照样记下了：%(day)s。看看哪里要改。", day=day_text(made.value.open_at)), "go")
        return redirect(url_for("pages.day", ref=made.value.ref))
    return _day_page(day, copy_form=form), form.status


def _copy(day: MarketDay, on: date) -> MarketDay:
    """The same market on another date, with its quotas and duties."""
    by, at = current_user(), clock.now()
    made = service.copy_day(day, on, by=by, at=at)
    stalls.copy_rules(day, made, by=by, at=at)
    return made


@bp.get("/staff/<slug>/days/<ref>")
@open_to(Audience.STAFF)
def day(ref: str) -> ResponseReturnValue:
    return _day_page(day_at(ref))


def _day_page(day: MarketDay, **forms: Any) -> str:
    """The page of a day; a form that was refused is shown again as it was typed."""
    at = clock.now()
    today = clock.today(day.community.zone)
    plan = service.planned(day)
    fresh: dict[str, Any] = {
        "step_form": StepForm(formdata=None),
        "waiver_form": WaiverForm(formdata=None),
        "permit_form": PermitForm(formdata=None, filed_on=today, kind=_asked_permit()),
        "copy_form": CopyForm(formdata=None, on=service.free_date(day, today)),
    }
    return render_template(
        "pages/day.html",
        day=day,
        progress=progress.progress_of(day, at),
        side_steps=next_act.side_steps(day),
        links=_links(day),
        absent=stalls.absent(day) if day.state in ABSENCE_STATES else [],
        to_tell=left_to_tell(day, at),
        undecided=settlement.undecided(day) if day.state in AGREEING else [],
        tables=_tables(day),
        back=stalls.back_from_last_time(day) if day.state in ENTERING else [],
        entering=day.state in ENTERING,
        permits_open="paper" in request.args or "permit_form" in forms,
        permits=service.permits_in_force(day),
        permits_left_behind=[(p, left_behind(p, plan)) for p in service.permits_left_behind(day)],
        changed=_changed(day),
        notes=date_notes(day, plan) if day.state in BEFORE_OPENING else [],
        movable=day.state in MOVABLE,
        editable=day.state in EDITABLE_STATES,
        callable_off=day.state in EDITABLE_STATES,
        words=words,
        **{**fresh, **forms},
    )


def _changed(day: MarketDay) -> list[Vendor]:
    """Who applied and changed what it sells since, while nobody has looked at it."""
    if day.state not in EDITABLE_STATES and day.state not in GATE_STATES:
        return []
    applied = {one.vendor_id for one in vendors.applications(day) if one.state in LIVE}
    return [vendor for vendor in vendors.waiting_changes(day.community) if vendor.id in applied]


def _asked_permit() -> DayPermitKind | None:
    asked = request.args.get("paper", "")
    return next((kind for kind in DayPermitKind if kind.value == asked), None)


def _links(day: MarketDay) -> list[tuple[str, str]]:
    """The pages of a day that make sense in its state."""
    since = partial(has_reached, day.state)
    pages = (
        (since(DayState.OPEN_FOR_APPLICATION), _("报名"), "pages.applications"),
        (since(DayState.DRAFT), _("这一场的规矩"), "stalls.rules"),
        (since(DayState.DRAFT), _("表格与文件"), "paperwork.of_day"),
        (since(DayState.REVIEWING), _("摊位图"), "stalls.plan"),
        (day.state in stalls.MOVING_STATES, _("不开的摊位"), "stalls.shut_stalls"),
        (day.state in ASKING, _("问一问来不来"), "pages.coming"),
        (since(DayState.PUBLISHED), _("摊位证和签到表"), "gate.pass_list"),
        (day.state in BOARD_STATES, _("现场"), "pages.board"),
        (day.state in GATE_STATES, _("扫码签到"), "gate.scanner"),
        (day.state in BOARD_STATES, _("巡查"), "inspection.round_page"),
        (day.state in BOARD_STATES, _("给检查人员的链接"), "inspection.link_list"),
        (since(DayState.PUBLISHED), _("门口的手机"), "gate.phones"),
        (since(DayState.OPEN), _("志愿者几小时"), "gate.volunteers"),
        (since(DayState.OPEN), _("对账和入账"), "settlement.close"),
        (day.was_public, _("居民看到的页面"), "pages.market"),
        (since(DayState.SETTLED), _("这一场的账目"), "fund.market_account"),
    )
    return [(label, url_for(endpoint, ref=day.ref)) for shown, label, endpoint in pages if shown]


def _tables(day: MarketDay) -> list[tuple[str, str]]:
    """The single tables of the paper kit, once stalls are given out."""
    if day.state in (DayState.POSTPONED, DayState.CANCELLED) or not stalls.assignments(day):
        return []
    return [(title, url_for("settlement.table", ref=day.ref, name=key)) for key, title in titles().items()]


@bp.post("/staff/<slug>/days/<ref>/steps")
@open_to(Audience.STAFF)
def create_step(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = StepForm()
    if form.validate_on_submit() and form.attempt(lambda: _take_step(day, form.step.data, form.reason.text)):
        flash(_("好了，现在是「%(state)s」。", state=words.state_word(day.state)), "go")
        return redirect(url_for("pages.day", ref=day.ref))
    return _day_page(day, step_form=form), form.status


def _take_step(day: MarketDay, step: Step, reason: str) -> None:
    at = clock.now()
    if step not in STEPS_HERE:
        raise Refusal("calendar.not_here", _("这一步有自己的页面，请从上面的按钮进入。"), 422)
    if is_too_early(step, today=clock.local(at, day.community.zone).date(), on=service.local_date(day)):
        raise Refusal("calendar.too_early", _("还没到开市那天，到了当天再点。"))
    note = reason if step is Step.CLOSE and service.closes_early(day, at) else None
    by = current_user()
    service.take_step(day, step, by=by, at=at, reason=reason, public_note=note)
    if step is Step.OPEN_APPLICATIONS:  # who ticked the date ahead need not do it again
        vendors.apply_for_announced(day, by=by, at=at)


@bp.post("/staff/<slug>/days/<ref>/applications/last-time")
@open_to(Audience.STAFF)
def apply_last_time(ref: str) -> ResponseReturnValue:
    """Enters all who had a stall last time."""
    day, form = day_at(ref), PlainForm()
    if form.validate_on_submit() and (made := form.attempt(lambda: _apply_last_time(day))):
        flash(_("替 %(n)s 家报上名了。", n=len(made.value)), "go")
        return redirect(url_for("pages.applications", ref=ref))
    return _day_page(day, step_form=form), form.status


def _apply_last_time(day: MarketDay) -> list[Application]:
    return stalls.apply_last_time(day, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/days/<ref>/waivers")
@open_to(Audience.STAFF)
def create_waiver(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = WaiverForm()
    if form.validate_on_submit() and form.attempt(lambda: _waive(day, form)):
        flash(_("记下了：由您负责，原因留档。"), "go")
        return redirect(url_for("pages.day", ref=day.ref) + "#lacks")
    return _day_page(day, waiver_form=form), form.status


def _waive(day: MarketDay, form: WaiverForm) -> None:
    code, subject = form.code.data or "", form.subject.data or ""
    by, at, found = current_user(), clock.now(), progress.findings(day, clock.today(day.community.zone))
    known = {(f.code, f.subject): f for f in found if f.severity is Severity.OVERRIDABLE}
    if (code, subject) not in known:
        raise NotFound("calendar.no_finding", _("这一条已经不缺了，或者不能这样办。请刷新页面看看。"))
    if vendor_words.knows(known[code, subject]):
        vendor = vendors.find_vendor(day.community, subject.split(":")[0])
        vendors.answer_for(day, vendor, code, subject, form.reason.text, by=by, at=at)
    else:
        service.waive(day, code, subject, form.reason.text, by=by, at=at)


@bp.post("/staff/<slug>/days/<ref>/papers")
@open_to(Audience.STAFF)
def create_permit(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = PermitForm()
    if form.validate_on_submit() and form.attempt(lambda: _add_permit(day, form)):
        flash(_("文件登记好了。"), "go")
        return redirect(url_for("pages.day", ref=day.ref) + "#papers")
    return _day_page(day, permit_form=form), form.status


def _add_permit(day: MarketDay, form: PermitForm) -> None:
    filed_on = cast("date", form.filed_on.data)
    service.add_day_permit(
        day, form.kind.data, form.number.text, form.issuer.text, filed_on, by=current_user(), at=clock.now()
    )
