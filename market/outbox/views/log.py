"""What left the house and what did not."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.outbox import service
from market.outbox.blueprint import bp
from market.outbox.rules import OPEN, SMS_A_DAY, SendState
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/outbox")
@open_to(Audience.STAFF)
def delivery_log() -> str:
    community, failed = current_community(), request.args.get("state") == "failed"
    found = service.counts(community)
    return render_template(
        "outbox/log.html",
        rows=service.delivery_log(community, failed=failed),
        only_failed=failed,
        waiting=sum(found.get(state, 0) for state in OPEN),
        sent=found.get(SendState.SENT, 0),
        failed=found.get(SendState.FAILED, 0),
        held=service.held_back(community),
        most=SMS_A_DAY,
    )


@bp.post("/staff/<slug>/outbox/<ref>/retry")
@open_to(Audience.STAFF)
def retry(ref: str) -> ResponseReturnValue:
    service.retry(service.find_outgoing(current_community(), ref), by=current_user(), at=clock.now())
    flash(_("再试一次，排上了。"), "go")
    return redirect(url_for("outbox.delivery_log"))
