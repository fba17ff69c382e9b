"""What a vendor says of itself, and what it earned."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.pages.blueprint import bp
from market.pages.outing import stall_labels
from market.pages.vendor_home import current_vendor
from market.people.access import current_user
from market.vendors import service
from market.vendors.forms import HelperForm, VendorForm, facts_of
from market.vendors.goods_said import advise_on_goods
from market.vendors.models import Vendor
from market.vendors.points import points_of
from market.vendors.vocabulary import vocabulary
from market.vendors.words import WHY_PHONE_WORDS


@bp.get("/vendor/<slug>/profile")
@open_to(Audience.VENDOR)
def vendor_profile() -> ResponseReturnValue:
    vendor = current_vendor()
    return _profile(vendor, VendorForm(data=facts_of(vendor)))


def _profile(vendor: Vendor, form: VendorForm, helper_form: HelperForm | None = None) -> ResponseReturnValue:
    points = points_of(vendor, stall_labels(service.history(vendor), vendor))
    page = {
        "vendor": vendor,
        "form": form,
        "points": points,
        "helper_form": helper_form or HelperForm(formdata=None),
        "refused": helper_form,
        "looks": service.looks_of(vendor),
        "why_words": WHY_PHONE_WORDS,
        "leaves_at": service.leaves_at(vendor, clock.now()),
    }
    return render_template("pages/vendor_profile.html", **vocabulary(), **page), (helper_form or form).status


def profile_with(vendor: Vendor, form: HelperForm) -> ResponseReturnValue:
    """The page on which a helper could not be added."""
    return _profile(vendor, VendorForm(formdata=None, data=facts_of(vendor)), form)


@bp.post("/vendor/<slug>/profile")
@open_to(Audience.VENDOR)
def edit_vendor_profile() -> ResponseReturnValue:
    vendor, form = current_vendor(), VendorForm()
    form.known_before(facts_of(vendor))
    if form.validate_on_submit() and form.attempt(
        lambda: service.edit_vendor(vendor, form.draft(), by=current_user(), at=clock.now())
    ):
        advise_on_goods(vendor)
        flash(_("改好了。"), "go")
        return redirect(url_for("pages.vendor_profile"))
    return _profile(vendor, form)
