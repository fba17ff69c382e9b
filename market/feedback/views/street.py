"""For the street: the complaints that were passed up to it, and nothing else of its communities."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.communities.service import profile_of
from market.feedback import service
from market.feedback.blueprint import bp
from market.feedback.forms import AnswerForm
from market.feedback.models import Complaint
from market.feedback.views.answering import answered
from market.people.access import current_region, current_user


@bp.get("/region/<code>/complaints")
@open_to(Audience.REGION)
def passed_up() -> str:
    """What is due first stands first; what is over stands apart."""
    region, at = current_region(), clock.now()
    return render_template(
        "feedback/passed_up.html",
        region=region,
        due=service.due_of_street(region, at),
        done=service.answered_by_street(region, at),
        rule=profile_of(region).complaints,
    )


@bp.get("/region/<code>/complaints/<ref>")
@open_to(Audience.REGION)
def street_case(ref: str) -> ResponseReturnValue:
    return _page(_complaint(ref), AnswerForm(formdata=None))


@bp.post("/region/<code>/complaints/<ref>/taken")
@open_to(Audience.REGION)
def take_over(ref: str) -> ResponseReturnValue:
    service.take_over(_complaint(ref), by=current_user(), at=clock.now())
    flash(_("接手了，由街道答复。社区和查回执号的人看得到。"), "go")
    return redirect(url_for("feedback.street_case", ref=ref))


@bp.post("/region/<code>/complaints/<ref>/answers")
@open_to(Audience.REGION)
def answer_from_street(ref: str) -> ResponseReturnValue:
    return answered(
        _complaint(ref), service.answer_from_street, _page, url_for("feedback.street_case", ref=ref)
    )


def _complaint(ref: str) -> Complaint:
    return service.find_passed_up(current_region(), ref, clock.now())


def _page(found: Complaint, form: AnswerForm) -> ResponseReturnValue:
    page = render_template(
        "feedback/street_case.html",
        region=current_region(),
        case=service.case_of(found, clock.now()),
        form=form,
        side=service.side_of(found),
    )
    return page, form.status
