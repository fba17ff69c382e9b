"""What residents said of a vendor, for the vendor: praise, and complaints to which it is heard."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.feedback import service
from market.feedback.blueprint import bp
from market.feedback.forms import SideForm
from market.people.access import current_community, current_user
from market.vendors import service as vendors
from market.vendors.models import Vendor


def _vendor() -> Vendor:
    return vendors.vendor_of(current_user(), current_community())


@bp.get("/vendor/<slug>/feedback")
@open_to(Audience.VENDOR)
def of_vendor() -> ResponseReturnValue:
    return _page(SideForm(formdata=None))


@bp.post("/vendor/<slug>/feedback/complaints/<ref>")
@open_to(Audience.VENDOR)
def tell_side(ref: str) -> ResponseReturnValue:
    vendor, form = _vendor(), SideForm()
    found = service.find_complaint(current_community(), ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.tell_side(found, vendor, form.text.text, by=current_user(), at=clock.now())
    ):
        flash(_("记下了，社区处理的时候会看。"), "go")
        return redirect(url_for("feedback.of_vendor"))
    return _page(form, ref)


def _page(form: SideForm, sent: str = "") -> ResponseReturnValue:
    vendor, at = _vendor(), clock.now()
    cases = service.complaints_about(vendor, at)
    page = render_template(
        "feedback/of_vendor.html",
        vendor=vendor,
        praise=service.praise_of_vendor(vendor),
        cases=[(case, service.side_of(case.complaint), _form(form, sent, case)) for case in cases],
        form=form,
    )
    return page, form.status


def _form(form: SideForm, sent: str, case: service.Case) -> SideForm:
    """The form of one complaint, each with names of its own for the reader."""
    own = form if case.complaint.ref == sent else SideForm(formdata=None)
    own.text.id = f"text-{case.complaint.ref}"
    return own
