"""Two presses at once are one, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.feedback import service
from market.feedback.models import Complaint, ComplaintStep, DayVoice
from market.feedback.rules import About, Door, Outcome, Question, Way
from market.feedback.service import ComplaintDraft
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.gate import published_day
from tests.races import at_once

PRESSES = 8


@pytest.fixture
def opened(context: Flask, cast: Cast) -> tuple[int, datetime]:
    """A market, and a moment at which it is open."""
    with unit_of_work():
        day = published_day(find_community(cast.ours), person("staff"))
        return day.id, day.open_at + timedelta(hours=1)


@both_engines
@pytest.mark.own_app
def test_a_phone_that_taps_many_times_at_once_is_one_voice(
    context: Flask, opened: tuple[int, datetime]
) -> None:
    key, at = opened

    def tap() -> str:
        day = db.session.get_one(MarketDay, key)
        service.answer_day(day, Question.SCORE, "5", token="p1", address="203.0.113.1", way=Way.PAGE, at=at)
        return "said"

    assert at_once(context, [tap] * PRESSES) == ["said"] * PRESSES
    assert len(db.session.scalars(sa.select(DayVoice)).all()) == 1


@both_engines
@pytest.mark.own_app
def test_two_of_the_staff_who_answer_at_once_have_answered_once(
    context: Flask, opened: tuple[int, datetime]
) -> None:
    _key, at = opened
    with unit_of_work():
        draft = ComplaintDraft(About.NOISE, "喇叭太响", Door.DESK)
        ref = service.complain(find_community("huaiyin"), draft, by=person("staff"), at=at).id

    def answer() -> str:
        row = db.session.get_one(Complaint, ref)
        service.answer(row, Outcome.AGREED, "调小了。", public=False, by=person("staff"), at=at)
        return "answered"

    assert at_once(context, [answer] * PRESSES) == ["answered"] * PRESSES
    assert len(db.session.scalars(sa.select(ComplaintStep)).all()) == 1
