"""The account of the person who is signed in: where they work, their password, their sessions."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import Refusal
from market.people import service
from market.people.access import current_user, kept_to, memberships_within, own_memberships
from market.people.blueprint import bp
from market.people.browser_key import keep_browser_key, new_browser_key
from market.people.first_pages import own_pages
from market.people.forms import PasswordForm
from market.people.link_page import link_page, own_link_page
from market.people.models import User
from market.people.rules import Role
from market.people.views.first_page import enter


@bp.get("/account")
@open_to(Audience.SIGNED_IN)
def account() -> str:
    return _account_page(PasswordForm())


def _account_page(form: PasswordForm) -> str:
    kept = kept_to() is not None
    only_a_stall = all(membership.role is Role.VENDOR for membership in own_memberships())
    return render_template(
        "people/account.html", form=form, places=own_pages(), kept=kept, only_a_stall=only_a_stall
    )


@bp.post("/account/own-link")
@open_to(Audience.SIGNED_IN)
def create_own_link() -> ResponseReturnValue:
    """The link with which a vendor comes back on this telephone."""
    key = new_browser_key()
    secret = service.own_link(current_user(), key, kept_to=kept_to(), at=clock.now())
    page = own_link_page(secret, title=_("我的专用链接"), on=_back())
    return keep_browser_key(make_response(page), key)


@bp.post("/account/other-phone")
@open_to(Audience.SIGNED_IN)
def create_other_phone() -> str:
    """A link that lets the same person in on another telephone, once."""
    user = current_user()
    if kept_to() is not None:
        sentence = _("您是用这个社区给的链接进来的。要在另一部手机上用，请社区工作人员再给一个链接。")
        raise Refusal("people.kept_link", sentence, 403)
    secret = service.make_sign_in_link(user, by=user, at=clock.now())
    return link_page(user, secret, back=_back())


def _back() -> tuple[str, str]:
    return url_for("people.account"), _("回到我的账号")


@bp.post("/account/sign-outs")
@open_to(Audience.SIGNED_IN)
def delete_sessions() -> ResponseReturnValue:
    """Ends every session of the account, this one too."""
    service.sign_out_everywhere(current_user())
    session.clear()
    return redirect(url_for("people.sign_in"))


@bp.post("/account/password")
@open_to(Audience.SIGNED_IN)
def create_password() -> ResponseReturnValue:
    form, user = PasswordForm(), current_user()
    if form.validate_on_submit() and form.attempt(lambda: _set_password(user, form)):
        flash(_("密码改好了。别的设备都已退出。"), "go")
        return enter(user, url_for("people.account"))
    return _account_page(form), form.status


def _set_password(user: User, form: PasswordForm) -> None:
    kept = kept_to()  # through a link of one community's staff nobody shall get into another
    if kept is not None and any(m.community_id != kept for m in memberships_within(user, None)):
        raise Refusal(
            "people.kept_link",
            _("您是用这个社区给的链接进来的，不能在这里换密码。请用原来的密码登录以后再换，或找平台管理员。"),
            403,
        )
    service.set_password(user, form.password.text, by=user, at=clock.now())
