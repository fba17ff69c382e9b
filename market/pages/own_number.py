"""A new telephone number: the login, and the number of one's stall in every community, at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import Refusal
from market.pages.blueprint import bp
from market.people.access import current_user, kept_to
from market.vendors import service
from market.vendors.forms import NumberForm


@bp.get("/account/number")
@open_to(Audience.SIGNED_IN)
def own_number() -> ResponseReturnValue:
    return _page(NumberForm())


@bp.post("/account/number")
@open_to(Audience.SIGNED_IN)
def change_own_number() -> ResponseReturnValue:
    form = NumberForm()
    if form.validate_on_submit() and form.attempt(lambda: _change(form)):
        flash(_("手机号换好了，以后用 %(phone)s 登录。", phone=current_user().login), "go")
        return redirect(url_for("people.account"))
    return _page(form)


def _change(form: NumberForm) -> None:
    if kept_to() is not None:
        sentence = _("您是用社区给的链接进来的，不能在这里换手机号。请用密码登录以后再换。")
        raise Refusal("people.kept_link", sentence, 403)
    user = current_user()
    service.change_number(user, form.phone.text, by=user, at=clock.now())


def _page(form: NumberForm) -> ResponseReturnValue:
    return render_template("pages/own_number.html", form=form), form.status
