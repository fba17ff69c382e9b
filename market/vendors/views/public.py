"""Registration by the vendor itself: one page, then it is signed in on its own page."""

from __future__ import annotations

from contextlib import suppress

from flask import flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import Refusal
from market.people import service as people
from market.people.access import begin_browser_session, current_community, kept_to, user_or_none
from market.people.browser_key import keep_browser_key, new_browser_key
from market.people.link_page import own_link_page
from market.people.models import User
from market.vendors import service
from market.vendors.agreements import ENTRY_AGREEMENT, FOOD_UNDERTAKING, PRIVACY_NOTICE, lines
from market.vendors.blueprint import bp
from market.vendors.forms import RegistrationForm
from market.vendors.goods_said import advise_on_goods
from market.vendors.models import Vendor
from market.vendors.numbers import normal_phone


@bp.get("/c/<slug>/vendors/new")
@open_to(Audience.PUBLIC)
def registration() -> ResponseReturnValue:
    user = user_or_none()
    if user is not None and _is_vendor_here(user):
        return redirect(url_for("pages.vendor_home"))
    form = RegistrationForm()
    if user is not None and normal_phone(user.login):
        form.phone.data, form.holder.data = user.login, user.display_name
    return _page(form)


@bp.before_request
def try_password() -> None:
    """Before the unit of work begins: hashing is slow on purpose, and meanwhile nobody else could write."""
    if request.endpoint != "vendors.create_vendor":
        return
    form = RegistrationForm()
    phone = normal_phone(form.phone.text) or ""
    if not form.password.data or _signed_in_with(phone) or not form.validate_on_submit():
        return
    with suppress(Refusal):  # while the door is shut nobody's password is tried; the view says so
        people.refuse_while_locked(phone, _address(), at=clock.now())
        g.knows_password = people.knows_password(phone, form.password.text)


def _address() -> str:
    return request.remote_addr or ""


@bp.post("/c/<slug>/vendors/new")
@open_to(Audience.PUBLIC)
def create_vendor() -> ResponseReturnValue:
    form, at = RegistrationForm(), clock.now()
    if not (form.validate_on_submit() and (found := form.attempt(lambda: _account(form)))):
        return _page(form)
    user = found.value
    made = form.attempt(lambda: _register(form, user)) if user is not None else None
    if user is None or made is None:
        return _page(form)
    advise_on_goods(made.value)
    if user.password_hash is not None:
        flash(_("登记好了，%(name)s。以后用手机号登录，就看到这一页。", name=made.value.trading_name), "go")
        return _enter(user)
    key = new_browser_key()
    secret = people.own_link(user, key, kept_to=kept_to(), at=at)
    _enter(user)
    page = own_link_page(secret, title=_("登记好了"), on=(url_for("pages.vendor_home"), _("去报名")))
    return keep_browser_key(make_response(page), key)


def _page(form: RegistrationForm) -> ResponseReturnValue:
    texts = [
        (_("《入场经营协议》"), lines(ENTRY_AGREEMENT)),
        (_("《食品安全承诺书》（做食品的）"), lines(FOOD_UNDERTAKING)),
        (_("我们记下什么、为什么、留多久"), lines(PRIVACY_NOTICE)),
    ]
    return render_template("vendors/registration.html", form=form, texts=texts), form.status


def _is_vendor_here(user: User) -> bool:
    try:
        service.vendor_of(user, current_community())
    except Refusal:
        return False
    return True


def _signed_in_with(phone: str) -> User | None:
    """Who is signed in, if that is the account of the number and all of it is open."""
    user = user_or_none()
    return user if user is not None and kept_to() is None and user.login == normal_phone(phone) else None


def _account(form: RegistrationForm) -> User | None:
    """The account that will act for the vendor: signed in, known by its password, or new; None when the form
    has to be shown again."""
    phone, at = normal_phone(form.phone.text) or "", clock.now()
    signed_in = _signed_in_with(phone)
    if signed_in is not None:
        return signed_in
    if service.vendor_by_phone(current_community(), phone) is not None:
        raise service.phone_taken()
    known = people.find_user(phone)
    if known is None:
        return people.create_user(phone, form.holder.text, None, at=at)
    if known.password_hash is None:
        sentence = _(
            "这个手机号在别的社区登记过。请先用自己的专用链接进来，再到这里登记；进不来就给社区打电话。"
        )
        raise Refusal("vendors.known_elsewhere", sentence)
    if form.password.data:
        user = people.finish_sign_in(phone, g.get("knows_password", False), address=_address(), at=at)
        if user is not None:
            return user
    form.refusal = Refusal(
        "vendors.wrong_password",
        _("这个手机号已经有账号了（可能在别的社区登记过）。请填原来的密码；忘了，就请社区工作人员帮忙。"),
        422,
    )
    form.say_wrong(str(form.refusal.sentence))
    return None


def _register(form: RegistrationForm, user: User) -> Vendor:
    at = clock.now()
    vendor = service.register_vendor(current_community(), form.draft(), by=user, at=at, user=user)
    service.sign_agreements(vendor, by=user, at=at)
    return vendor


def _enter(user: User) -> ResponseReturnValue:
    secret = people.start_session(user, device=request.user_agent.string, at=clock.now())
    flashes = session.get("_flashes", [])
    begin_browser_session(secret)
    session["_flashes"] = flashes
    return redirect(url_for("pages.vendor_home"))
