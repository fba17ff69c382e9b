"""Receipts of the charity: who wants one, and the numbers that came back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.errors import NotFound
from market.forms import MarketForm
from market.people.access import current_community, current_user
from market.settlement import service
from market.settlement.blueprint import bp
from market.settlement.forms import AbsenceForm, ReceiptForm
from market.stalls import service as stalls
from market.vendors import service as vendors


@bp.post("/vendor/<slug>/days/<ref>/receipt")
@open_to(Audience.VENDOR)
def ask_receipt(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    mine = stalls.assignment_of(day, vendors.vendor_of(current_user(), current_community()))
    if mine is None:
        raise NotFound("settlement.no_stall_of_mine", _("您这一场没有摊位，不用报数。"))
    service.ask_receipt(mine, by=current_user(), at=clock.now())
    flash(_("记下了：要捐赠票据。由慈善组织开，开好了号码写在这里。"), "go")
    return redirect(url_for("settlement.takings", ref=ref))


@bp.get("/staff/<slug>/days/<ref>/receipts")
@open_to(Audience.STAFF)
def receipts(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref), ReceiptForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/receipts")
@open_to(Audience.STAFF)
def create_receipt_request(ref: str) -> ResponseReturnValue:
    """Entered from the slip, where the vendor ticked that it wants one."""
    held = service.find_assignment(day_at(ref), AbsenceForm().assignment.data or "")
    service.ask_receipt(held, by=current_user(), at=clock.now())
    flash(_("替%(name)s记下了：要票据。", name=held.vendor.trading_name), "go")
    return redirect(url_for("settlement.receipts", ref=ref))


@bp.post("/staff/<slug>/days/<ref>/receipts/<receipt_ref>/number")
@open_to(Audience.STAFF)
def create_receipt_number(ref: str, receipt_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), ReceiptForm()
    request = service.find_receipt(day, receipt_ref)
    if form.validate() and form.attempt(
        lambda: service.number_receipt(request, form.number.text, by=current_user(), at=clock.now())
    ):
        flash(_("票据号记下了。"), "go")
        return redirect(url_for("settlement.receipts", ref=ref))
    return _page(day, form, receipt_ref)


def _page(day: MarketDay, form: MarketForm, numbering: str = "") -> ResponseReturnValue:
    asked = service.receipt_requests(day)
    given, wanting = service.given_by(day), {request.vendor_id for request in asked}
    others = [
        held
        for held in stalls.assignments(day)
        if given.get(held.vendor_id) and held.vendor_id not in wanting
    ]
    page = render_template(
        "settlement/receipts.html",
        day=day,
        requests=asked,
        given=given,
        others=others,
        form=form,
        numbering=numbering,
    )
    return page, form.status
