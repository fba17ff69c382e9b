"""What a community charges for a stall: set by staff, read by everybody."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.money import yuan
from market.people.access import current_community, current_user
from market.settlement import service
from market.settlement.blueprint import bp
from market.settlement.forms import StallFeeForm


@bp.get("/staff/<slug>/stall-fee")
@open_to(Audience.STAFF)
def stall_fee() -> ResponseReturnValue:
    form, charged = StallFeeForm(formdata=None), service.current_fee(current_community())
    form.amount.data = yuan(charged.fee.amount_fen) if charged else "0"
    if charged is not None:
        form.payee.data, form.basis.data = charged.fee.payee, charged.fee.basis
        form.exempt.data = [category.value for category in charged.fee.exempt]
    return _page(form)


@bp.post("/staff/<slug>/stall-fee")
@open_to(Audience.STAFF)
def create_stall_fee() -> ResponseReturnValue:
    form = StallFeeForm()
    if form.validate() and form.attempt(
        lambda: service.set_stall_fee(current_community(), form.fee(), by=current_user(), at=clock.now())
    ):
        flash(_("记下了。从下一场开市的集市起算。"), "go")
        return redirect(url_for("settlement.stall_fee"))
    return _page(form)


def _page(form: StallFeeForm) -> ResponseReturnValue:
    page = render_template(
        "settlement/stall_fee.html", form=form, history=service.fee_history(current_community())
    )
    return page, form.status
