"""Who else acts for a vendor: invited and removed by the holder, or by staff."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.pages.blueprint import bp
from market.pages.vendor import vendor_page_with
from market.pages.vendor_home import current_vendor
from market.pages.vendor_profile import profile_with
from market.people.access import current_community, current_user
from market.people.link_page import link_page
from market.vendors import service
from market.vendors.forms import HelperForm
from market.vendors.models import Vendor, VendorHelper


@bp.post("/vendor/<slug>/helpers")
@open_to(Audience.VENDOR)
def create_own_helper() -> ResponseReturnValue:
    vendor, form = current_vendor(), HelperForm()
    helper = _add(vendor, form)
    return profile_with(vendor, form) if helper is None else _invite(helper, _own_page())


@bp.post("/vendor/<slug>/helpers/<helper_ref>/link")
@open_to(Audience.VENDOR)
def create_own_helper_link(helper_ref: str) -> ResponseReturnValue:
    return _invite(service.find_helper(current_vendor(), helper_ref), _own_page())


@bp.post("/vendor/<slug>/helpers/<helper_ref>/end")
@open_to(Audience.VENDOR)
def end_own_helper(helper_ref: str) -> ResponseReturnValue:
    """The holder takes somebody away, or the helper leaves."""
    helper = service.find_helper(current_vendor(), helper_ref)
    _end(helper)
    is_gone = helper.user_id == current_user().id
    return redirect(url_for("people.account") if is_gone else _own_page())


@bp.post("/staff/<slug>/vendors/<ref>/helpers")
@open_to(Audience.STAFF)
def create_helper(ref: str) -> ResponseReturnValue:
    vendor, form = service.find_vendor(current_community(), ref), HelperForm()
    helper = _add(vendor, form)
    return vendor_page_with(vendor, form) if helper is None else _invite(helper, _staff_page(ref))


@bp.post("/staff/<slug>/vendors/<ref>/helpers/<helper_ref>/link")
@open_to(Audience.STAFF)
def create_helper_link(ref: str, helper_ref: str) -> ResponseReturnValue:
    vendor = service.find_vendor(current_community(), ref)
    return _invite(service.find_helper(vendor, helper_ref), _staff_page(ref))


@bp.post("/staff/<slug>/vendors/<ref>/helpers/<helper_ref>/end")
@open_to(Audience.STAFF)
def end_helper(ref: str, helper_ref: str) -> ResponseReturnValue:
    vendor = service.find_vendor(current_community(), ref)
    _end(service.find_helper(vendor, helper_ref))
    return redirect(_staff_page(ref))


def _own_page() -> str:
    return url_for("pages.vendor_profile", _anchor="helpers")


def _staff_page(ref: str) -> str:
    return url_for("pages.vendor", ref=ref, _anchor="helpers")


def _add(vendor: Vendor, form: HelperForm) -> VendorHelper | None:
    name, phone = form.helper_name.text, form.helper_phone.text
    if not form.validate_on_submit():
        return None
    made = form.attempt(lambda: service.add_helper(vendor, name, phone, by=current_user(), at=clock.now()))
    return made.value if made else None


def _invite(helper: VendorHelper, back: str) -> ResponseReturnValue:
    """Shows the link that lets the helper in; whoever has an account already uses that."""
    secret = service.invite_helper(helper, by=current_user(), at=clock.now())
    if secret is not None:
        return link_page(helper.user, secret, back=(back, _("回到帮手名单")))
    name = helper.user.display_name
    flash(_("%(name)s已经有账号，请本人用自己的密码登录，就能管这个摊位。", name=name), "go")
    return redirect(back)


def _end(helper: VendorHelper) -> None:
    service.remove_helper(helper, by=current_user(), at=clock.now())
    flash(_("%(name)s不再是帮手，马上生效。", name=helper.user.display_name), "go")
