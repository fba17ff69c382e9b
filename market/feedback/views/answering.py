"""Answering a complaint, alike for the community and for the street."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.feedback.forms import AnswerForm
from market.feedback.models import Complaint, ComplaintStep
from market.feedback.rules import Outcome
from market.people.access import current_user
from market.people.models import User

Page = Callable[[Complaint, AnswerForm], ResponseReturnValue]


class Answer(Protocol):
    """The act by which one of both answers."""

    def __call__(
        self, complaint: Complaint, outcome: Outcome, sentence: str, *, public: bool, by: User, at: datetime
    ) -> ComplaintStep: ...


def answered(found: Complaint, act: Answer, page: Page, then: str) -> ResponseReturnValue:
    """What was found is said by this act, and another page shown; or this one, with what is wrong."""
    form = AnswerForm()
    if form.validate_on_submit() and form.attempt(lambda: _say(found, act, form)):
        flash(_("答复了，查回执号的人看得到。"), "go")
        return redirect(then)
    return page(found, form)


def _say(found: Complaint, act: Answer, form: AnswerForm) -> ComplaintStep:
    outcome, public = Outcome(form.outcome.data), form.public.data
    return act(found, outcome, form.sentence.text, public=public, by=current_user(), at=clock.now())
