"""When markets settle themselves: the community's rule."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.people.access import current_community, current_user
from market.settlement import service
from market.settlement.blueprint import bp
from market.settlement.forms import CloseRuleForm

AFTER, DEADLINE = 2, 48
"""Hours that the form proposes."""


@bp.get("/staff/<slug>/close-rule")
@open_to(Audience.STAFF)
def close_rule() -> ResponseReturnValue:
    rule = service.close_rule(current_community())
    form = CloseRuleForm(formdata=None)
    form.automatic.data = "yes" if rule else "no"
    form.after.data = rule.after_hours if rule else AFTER
    form.deadline.data = rule.deadline_hours if rule else DEADLINE
    return _page(form)


@bp.post("/staff/<slug>/close-rule")
@open_to(Audience.STAFF)
def create_close_rule() -> ResponseReturnValue:
    form = CloseRuleForm()
    if form.validate() and form.attempt(lambda: _set(form)):
        flash(_("记下了。"), "go")
        return redirect(url_for("settlement.close_rule"))
    return _page(form)


def _set(form: CloseRuleForm) -> None:
    service.set_close_rule(
        current_community(),
        automatic=form.automatic.data == "yes",
        after_hours=AFTER if form.after.data is None else form.after.data,
        deadline_hours=form.deadline.data,
        by=current_user(),
        at=clock.now(),
    )


def _page(form: CloseRuleForm) -> ResponseReturnValue:
    rule = service.close_rule(current_community())
    return render_template("settlement/close_rule.html", form=form, rule=rule), form.status
