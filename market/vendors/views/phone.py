"""A whole telephone number is shown for a reason, and who looked is shown too."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from market import clock, form_use
from market.access import Audience, open_to
from market.people.access import current_community, current_user
from market.vendors import service
from market.vendors.blueprint import bp
from market.vendors.forms import PhoneForm
from market.vendors.rules import WhyPhone
from market.vendors.words import WHY_PHONE_WORDS

A_WEEK = timedelta(days=7)


@bp.get("/staff/<slug>/vendors/<ref>/phone")
@open_to(Audience.STAFF)
def phone(ref: str) -> str:
    vendor = service.find_vendor(current_community(), ref)
    return render_template("vendors/phone.html", vendor=vendor, form=PhoneForm(), number=None)


@bp.post("/staff/<slug>/vendors/<ref>/phone")
@open_to(Audience.STAFF)
def see_phone(ref: str) -> ResponseReturnValue:
    vendor, form, number = service.find_vendor(current_community(), ref), PhoneForm(), None
    if form.validate_on_submit():
        why, by, at = WhyPhone(form.why.data), current_user(), clock.now()
        seen = form.attempt(lambda: service.see_phone(vendor, why, note=form.note.text, by=by, at=at))
        number = seen.value if seen is not None else None
    if number is not None:
        form_use.shown_once()
    return render_template("vendors/phone.html", vendor=vendor, form=form, number=number), form.status


@bp.get("/staff/<slug>/vendors/phone-looks")
@open_to(Audience.STAFF)
def phone_looks() -> str:
    """Who looked at whole numbers in the last seven days."""
    looks = service.looks_since(current_community(), clock.now() - A_WEEK)
    return render_template("vendors/phone_looks.html", looks=looks, why_words=WHY_PHONE_WORDS)
