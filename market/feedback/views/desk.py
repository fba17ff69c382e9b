"""What staff do after a market: what is due first, praise to look at, forms on paper to type in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.feedback import service
from market.feedback.blueprint import bp
from market.feedback.forms import AnswerForm, SheetForm, TypedComplaintForm
from market.feedback.models import Complaint
from market.feedback.rules import Door, Point, Who
from market.feedback.service import SheetDraft
from market.feedback.views.answering import answered
from market.feedback.views.complaints import draft_of, offer_vendors
from market.paging import SIZE, paging
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/feedback")
@open_to(Audience.STAFF)
def desk() -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    answered = paging(service.answered(community))
    days = service.days_spoken_of(community, at, past=4)
    results, networks = service.results_of(days), service.networks_aside(days)
    return render_template(
        "feedback/desk.html",
        due=service.open_cases(community, at),
        done=service.answered_cases(community, at, offset=answered.offset, most=SIZE),
        paging=answered,
        praise=service.praise_waiting(community),
        days=[(day, results[day.id], networks[day.id]) for day in days],
    )


@bp.post("/staff/<slug>/feedback/praise/<ref>")
@open_to(Audience.STAFF)
def say_of_praise(ref: str) -> ResponseReturnValue:
    """Everybody may read it (`fit=yes`), or nobody."""
    fit = request.form.get("fit") == "yes"
    found = service.find_praise(current_community(), ref)
    service.say_of_praise(found, fit=fit, by=current_user(), at=clock.now())
    flash(_("公开了。") if fit else _("收起来了，谁也看不到。"), "go")
    return redirect(url_for("feedback.desk", _anchor="praise"))


@bp.post("/staff/<slug>/feedback/<ref>/networks")
@open_to(Audience.STAFF)
def say_of_network(ref: str) -> ResponseReturnValue:
    counts = request.form.get("counts") == "yes"
    network = request.form.get("network", "")[:32]
    service.say_of_network(day_at(ref), network, counts=counts, by=current_user(), at=clock.now())
    flash(_("算上了。") if counts else _("不算。"), "go")
    return redirect(url_for("feedback.desk", _anchor="days"))


# ── complaints ────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/feedback/complaints/new")
@open_to(Audience.STAFF)
def type_complaint() -> ResponseReturnValue:
    return _typing(TypedComplaintForm(formdata=None, data={"day": request.args.get("on", "")[:10]}))


@bp.post("/staff/<slug>/feedback/complaints/new")
@open_to(Audience.STAFF)
def add_complaint() -> ResponseReturnValue:
    form = TypedComplaintForm()
    offer_vendors(form)
    if form.validate_on_submit() and (made := form.attempt(lambda: _add(form))):
        flash(_("登记了。把回执号告诉对方。"), "go")
        return redirect(url_for("feedback.case", ref=made.value.ref))
    return _typing(form)


def _add(form: TypedComplaintForm) -> Complaint:
    draft = draft_of(form, Door(form.door.data))
    return service.complain(current_community(), draft, by=current_user(), at=clock.now())


def _typing(form: TypedComplaintForm) -> ResponseReturnValue:
    offer_vendors(form)
    days = service.days_spoken_of(current_community(), clock.now(), past=3)
    return render_template("feedback/type_complaint.html", form=form, days=days), form.status


@bp.get("/staff/<slug>/feedback/complaints/<ref>")
@open_to(Audience.STAFF)
def case(ref: str) -> ResponseReturnValue:
    return _case_page(_complaint(ref), AnswerForm(formdata=None))


@bp.post("/staff/<slug>/feedback/complaints/<ref>/acknowledged")
@open_to(Audience.STAFF)
def acknowledge(ref: str) -> ResponseReturnValue:
    service.acknowledge(_complaint(ref), by=current_user(), at=clock.now())
    flash(_("收下了，查回执号的人看得到。"), "go")
    return redirect(url_for("feedback.case", ref=ref))


@bp.post("/staff/<slug>/feedback/complaints/<ref>/answers")
@open_to(Audience.STAFF)
def answer(ref: str) -> ResponseReturnValue:
    return answered(_complaint(ref), service.answer, _case_page, url_for("feedback.case", ref=ref))


@bp.post("/staff/<slug>/feedback/complaints/<ref>/phone-forgotten")
@open_to(Audience.STAFF)
def forget_phone(ref: str) -> ResponseReturnValue:
    service.forget_phone(_complaint(ref), by=current_user(), at=clock.now())
    flash(_("电话删掉了。"), "go")
    return redirect(url_for("feedback.case", ref=ref))


def _complaint(ref: str) -> Complaint:
    return service.find_complaint(current_community(), ref)


def _case_page(found: Complaint, form: AnswerForm) -> ResponseReturnValue:
    page = render_template(
        "feedback/case.html",
        case=service.case_of(found, clock.now()),
        form=form,
        side=service.side_of(found),
        phone=service.phone_of_complaint(found),
    )
    return page, form.status


# ── forms on paper ────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/feedback/<ref>/sheets")
@open_to(Audience.STAFF)
def sheets(ref: str) -> ResponseReturnValue:
    return _sheets_page(day_at(ref), SheetForm(formdata=None))


@bp.post("/staff/<slug>/feedback/<ref>/sheets")
@open_to(Audience.STAFF)
def add_sheet(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), SheetForm()
    if form.validate_on_submit() and form.attempt(lambda: _add_sheet(day, form)):
        flash(_("记下了，可以录下一张。"), "go")
        return redirect(url_for("feedback.sheets", ref=ref))
    return _sheets_page(day, form)


def _add_sheet(day: MarketDay, form: SheetForm) -> None:
    draft = SheetDraft(
        who=Who(form.who.data),
        score=int(form.score.data),
        points=frozenset(Point(point) for point in form.points.data or ()),
        again=form.chosen_again,
        collector=form.collector.text,
    )
    service.add_sheet(day, draft, by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/feedback/<ref>/sheets/<sheet>/undo")
@open_to(Audience.STAFF)
def undo_sheet(ref: str, sheet: str) -> ResponseReturnValue:
    service.undo_sheet(service.find_sheet(day_at(ref), sheet), by=current_user(), at=clock.now())
    flash(_("收回了，记录还在。"), "go")
    return redirect(url_for("feedback.sheets", ref=ref))


def _sheets_page(day: MarketDay, form: SheetForm) -> ResponseReturnValue:
    page = render_template(
        "feedback/sheets.html",
        day=day,
        form=form,
        sheets=service.sheets_of(day),
        result=service.result_of(day),
    )
    return page, form.status
