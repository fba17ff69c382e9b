"""The account of the person who is signed in: where they work, their password, their sessions."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import Refusal
from market.people import service
from market.people.access import current_user, kept_to, memberships_within
from market.people.blueprint import bp
from market.people.first_pages import own_pages
from market.people.forms import PasswordForm
from market.people.models import User
from market.people.views.first_page import enter


@bp.get("/account")
@open_to(Audience.SIGNED_IN)
def account() -> str:
    return _account_page(PasswordForm())


def _account_page(form: PasswordForm) -> str:
    return render_template("people/account.html", form=form, places=own_pages(), kept=kept_to() is not None)


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
