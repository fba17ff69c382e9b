"""How a vendor wants to be told; what it was written."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import NotFound
from market.notices.rules import Channel
from market.outbox import service, words
from market.outbox.blueprint import bp
from market.outbox.forms import WaysForm
from market.people.access import current_community, current_user
from market.vendors import service as vendors
from market.vendors.models import Vendor

bp.add_app_template_global(words.letter_text, "letter_text")


def _current_vendor() -> Vendor:
    return vendors.vendor_of(current_user(), current_community())


@bp.get("/vendor/<slug>/ways")
@open_to(Audience.VENDOR)
def own_ways() -> ResponseReturnValue:
    return _ways(_current_vendor(), "base_vendor.html")


@bp.post("/vendor/<slug>/ways")
@open_to(Audience.VENDOR)
def choose_own_ways() -> ResponseReturnValue:
    return _chosen(_current_vendor(), "base_vendor.html", url_for("pages.vendor_profile"))


@bp.get("/staff/<slug>/vendors/<ref>/ways")
@open_to(Audience.STAFF)
def ways(ref: str) -> ResponseReturnValue:
    return _ways(vendors.find_vendor(current_community(), ref), "base_staff.html")


@bp.post("/staff/<slug>/vendors/<ref>/ways")
@open_to(Audience.STAFF)
def choose_ways(ref: str) -> ResponseReturnValue:
    vendor = vendors.find_vendor(current_community(), ref)
    return _chosen(vendor, "base_staff.html", url_for("pages.vendor", ref=ref))


def _ways(vendor: Vendor, frame: str, form: WaysForm | None = None) -> ResponseReturnValue:
    known = service.ways_of(vendor)
    facts = {name: getattr(known, name) for name in ("email", "no_email", "no_sms")} if known else {}
    shown = form or WaysForm(formdata=None, data=facts)
    open_ = service.ways_open(service.rule_of(vendor.community))
    page = {"vendor": vendor, "frame": frame, "form": shown, "open_ways": open_}
    return render_template("outbox/ways.html", **page), shown.status


def _chosen(vendor: Vendor, frame: str, then: str) -> ResponseReturnValue:
    form = WaysForm()
    if form.validate() and form.attempt(
        lambda: service.choose_ways(
            vendor,
            form.email.text,
            no_email=form.no_email.data,
            no_sms=form.no_sms.data,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("存好了。"), "go")
        return redirect(then)
    return _ways(vendor, frame, form)


@bp.post("/vendor/<slug>/letters/copies/<ref>/reading")
@open_to(Audience.VENDOR)
def create_letter_reading(ref: str) -> ResponseReturnValue:
    """知道了: what staff wrote."""
    copy = service.find_copy(current_community(), ref)
    if copy.application.vendor_id != _current_vendor().id:
        raise NotFound("outbox.no_letter", _("没有这条消息。"))
    service.tell_copy(copy, channel=Channel.APP, by=current_user(), at=clock.now())
    return redirect(url_for("pages.vendor_home"))
