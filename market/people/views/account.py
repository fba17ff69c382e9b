"""The account of the person who is signed in: where they work, their password, their sessions."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.people import service, words
from market.people.access import current_user
from market.people.blueprint import bp
from market.people.forms import PasswordForm
from market.people.models import User
from market.people.views.first_page import enter, first_page


@bp.get("/account")
@open_to(Audience.SIGNED_IN)
def account() -> str:
    return _account_page(PasswordForm())


def _account_page(form: PasswordForm) -> str:
    return render_template("people/account.html", form=form, places=_places(current_user()))


def _places(user: User) -> list[tuple[str, str]]:
    """Where a person may work: what it is called, and its first page."""
    found = []
    for membership in user.memberships:
        address = first_page(membership) if membership.until is None else None
        if address is not None:
            where = membership.community or membership.region
            names = [where.name] if where is not None else []
            found.append((" · ".join([*names, str(words.ROLE_WORDS[membership.role])]), address))
    return found


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
    if form.validate_on_submit() and form.attempt(
        lambda: service.set_password(user, form.password.text, by=user, at=clock.now())
    ):
        flash(_("密码改好了。别的设备都已退出。"), "go")
        return enter(user, url_for("people.account"))
    return _account_page(form), form.status
