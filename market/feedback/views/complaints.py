"""Complaining without a name, and reading the answer by the number of the receipt."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.feedback import service
from market.feedback.blueprint import bp
from market.feedback.forms import ComplaintForm
from market.feedback.models import Complaint
from market.feedback.rules import About, Door
from market.feedback.views import phone
from market.feedback.views.public import sellers
from market.forms import options
from market.headers import make_each_time
from market.people.access import current_community
from market.vendors import service as vendors


@bp.get("/c/<slug>/feedback/complaints")
@open_to(Audience.PUBLIC)
def complaints() -> ResponseReturnValue:
    """The rules, the public answers; `?q=` is the number of a receipt."""
    community, at = current_community(), clock.now()
    typed = request.args.get("q", "").strip()[:30]
    if typed:
        found = service.find_by_receipt(community, typed)
        return redirect(url_for("feedback.complaint", receipt=found.receipt))
    page = render_template(
        "feedback/complaints.html",
        cases=service.public_cases(community, at),
        rule=service.rule_of(community),
        days_taken=_days_taken,
    )
    return phone.not_stored(make_response(page))


def _days_taken(case: service.Case) -> int:
    """From the day it came in to the day of the answer."""
    zone = case.complaint.community.zone
    answer = case.answer
    if answer is None:
        return 0
    received = clock.local(case.complaint.made_at, zone).date()
    return (clock.local(answer.done_at, zone).date() - received).days


@bp.get("/c/<slug>/feedback/complaints/new")
@open_to(Audience.PUBLIC)
def new_complaint() -> ResponseReturnValue:
    """`?on=` names the market; without it, nothing of a market is meant."""
    return _page(ComplaintForm(formdata=None, data={"day": request.args.get("on", "")[:10]}))


@bp.post("/c/<slug>/feedback/complaints/new")
@open_to(Audience.PUBLIC, from_our_pages=True)
def complain() -> ResponseReturnValue:
    form, token = ComplaintForm(), phone.new_token()
    offer_vendors(form)
    if not (form.validate_on_submit() and (made := form.attempt(lambda: _complain(form, token)))):
        return _page(form)
    answer = redirect(url_for("feedback.complaint", receipt=made.value.receipt, _anchor="number"))
    return phone.keep_token(make_response(answer), token)


def draft_of(form: ComplaintForm, door: Door = Door.PAGE) -> service.ComplaintDraft:
    """What was typed, as the room takes it."""
    chosen = form.vendor.data
    return service.ComplaintDraft(
        about=About(form.about.data),
        text=form.text.text,
        door=door,
        day=_day(form),
        vendor=vendors.find_vendor(current_community(), chosen) if chosen else None,
        phone=form.phone.text,
    )


def _complain(form: ComplaintForm, token: str) -> Complaint:
    return service.complain(
        current_community(), draft_of(form), token=token, address=phone.address(), at=clock.now()
    )


def _day(form: ComplaintForm) -> MarketDay | None:
    return public_day_at(form.day.data) if form.day.data else None


def offer_vendors(form: ComplaintForm) -> None:
    """Only who stood at the market that is meant can be named."""
    day = _day(form)
    form.vendor.choices = options([("", _("不是哪一家的事")), *(sellers(day) if day else [])])


def _page(form: ComplaintForm) -> ResponseReturnValue:
    community = current_community()
    offer_vendors(form)
    page = render_template(
        "feedback/new_complaint.html",
        form=form,
        day=_day(form),
        days=service.days_to_complain_of(community, clock.now()),
        rule=service.rule_of(community),
    )
    return phone.not_stored(make_response(page, form.status))


@bp.get("/c/<slug>/feedback/complaints/<receipt>")
@open_to(Audience.PUBLIC)
def complaint(receipt: str) -> ResponseReturnValue:
    """Where it stands: nobody's name, no number, and not what was written."""
    make_each_time()
    found = service.find_by_receipt(current_community(), receipt)
    page = render_template(
        "feedback/complaint.html",
        case=service.case_of(found, clock.now()),
        rule=service.rule_of(current_community()),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/c/<slug>/feedback/complaints/<receipt>/again")
@open_to(Audience.PUBLIC, from_our_pages=True)
def say_not_settled(receipt: str) -> ResponseReturnValue:
    found = service.find_by_receipt(current_community(), receipt)
    service.say_not_settled(found, at=clock.now())
    return redirect(url_for("feedback.complaint", receipt=found.receipt))
