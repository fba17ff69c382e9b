"""By what a community sends: the page, the robot, a test."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.config import settings
from market.errors import Refusal
from market.outbox import service
from market.outbox.blueprint import bp
from market.outbox.channels import is_connected
from market.outbox.forms import RobotForm, RuleForm, TrialForm, rule_facts
from market.outbox.rules import Errand, Way
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/channels")
@open_to(Audience.STAFF)
def channels() -> ResponseReturnValue:
    return _page()


def _page(
    form: RuleForm | None = None, robot_form: RobotForm | None = None, trial: TrialForm | None = None
) -> ResponseReturnValue:
    """The page; with the form that was refused."""
    community = current_community()
    rule = service.rule_of(community)
    refused = form or robot_form or trial
    open_ways = service.ways_open(rule)
    failures = {way.value: service.last_failure(way, clock.now(), community) for way in open_ways}
    page = {
        "rule": rule,
        "form": form or RuleForm(formdata=None, data=rule_facts(rule)),
        "robot_form": robot_form or RobotForm(formdata=None),
        "trial": trial or TrialForm(formdata=None),
        "refused": refused,
        "connected": {way.value: is_connected(way, settings()) for way in Way},
        "open_ways": open_ways,
        "failing": {way: row.fault for way, row in failures.items() if row and row.fault},
        "tests": [row for row in service.delivery_log(community) if row.errand is Errand.TEST][:3],
    }
    return render_template("outbox/channels.html", **page), refused.status if refused else 200


@bp.post("/staff/<slug>/channels")
@open_to(Audience.STAFF)
def set_channels() -> ResponseReturnValue:
    form = RuleForm()
    if form.validate() and form.attempt(
        lambda: service.set_rule(current_community(), form.draft(), by=current_user(), at=clock.now())
    ):
        flash(_("存好了。"), "go")
        return redirect(url_for("outbox.channels"))
    return _page(form)


@bp.post("/staff/<slug>/channels/robot")
@open_to(Audience.STAFF)
def set_robot() -> ResponseReturnValue:
    form = RobotForm()
    if form.validate() and form.attempt(
        lambda: service.set_robot(current_community(), form.url.text, by=current_user(), at=clock.now())
    ):
        flash(_("群机器人接好了。发一条测试消息看看。"), "go")
        return redirect(url_for("outbox.channels") + "#group-robot")
    return _page(robot_form=form)


@bp.post("/staff/<slug>/channels/robot/removal")
@open_to(Audience.STAFF)
def remove_robot() -> ResponseReturnValue:
    service.remove_robot(current_community(), by=current_user(), at=clock.now())
    flash(_("群机器人断开了，地址删掉了。"), "wait")
    return redirect(url_for("outbox.channels") + "#group-robot")


@bp.post("/staff/<slug>/channels/tests")
@open_to(Audience.STAFF)
def create_test() -> ResponseReturnValue:
    """It goes the same road as every message, so it proves all of it."""
    form, asked = TrialForm(), request.form.get("way", "")
    if asked not in [*Way]:
        raise Refusal("outbox.no_way", _("没有这种发法。请回到上一页，再点一次。"), 422)
    way = Way(asked)
    form.address.id = f"address-{way.value}"
    if form.validate() and form.attempt(
        lambda: service.ask_for_test(
            current_community(), way, form.address.text, by=current_user(), at=clock.now()
        )
    ):
        flash(_("测试消息排上了，一分钟里会发出去。过一会儿刷新，看看发到没有。"), "go")
        return redirect(url_for("outbox.channels") + "#tests")
    return _page(trial=form)
