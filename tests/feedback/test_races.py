"""Two presses at once are one, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.feedback import service
from market.feedback.marks import marks_of
from market.feedback.models import Complaint, ComplaintStep, DayVoice
from market.feedback.rules import About, Door, Outcome, Question, Way
from market.feedback.service import ComplaintDraft
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.gate import published_day
from tests.races import at_once, guards_off

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


def _complaining(at: datetime) -> Callable[[], str]:
    with unit_of_work():
        marks_of(find_community("huaiyin"), at.date(), "p1", "203.0.113.1")  # the salt of the date is there

    def complain() -> str:
        draft = ComplaintDraft(About.NOISE, "喇叭太响")
        where = find_community("huaiyin")
        service.complain(where, draft, token="p1", address="203.0.113.1", at=at)
        return "complained"

    return complain


@both_engines
@pytest.mark.own_app
def test_a_complaint_that_is_sent_many_times_at_once_is_one(
    context: Flask, opened: tuple[int, datetime]
) -> None:
    complain = _complaining(opened[1])
    assert at_once(context, [complain] * PRESSES) == ["complained"] * PRESSES
    assert len(db.session.scalars(sa.select(Complaint)).all()) == 1


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.own_app
def test_without_the_lock_it_is_several(
    context: Flask, opened: tuple[int, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    complain = _complaining(opened[1])
    with guards_off(context, monkeypatch, "feedback.complain", together=PRESSES):
        at_once(context, [complain] * PRESSES)
    assert len(db.session.scalars(sa.select(Complaint)).all()) > 1


def _left_alone(at: datetime) -> tuple[int, datetime]:
    """A complaint that two rungs left unanswered, and a moment at which it is the street's."""
    with unit_of_work():
        draft = ComplaintDraft(About.NOISE, "喇叭太响", Door.DESK)
        key = service.complain(find_community("huaiyin"), draft, by=person("staff"), at=at).id
    return key, at + timedelta(days=40)


def _taking_over(key: int, at: datetime) -> Callable[[], str]:
    def take() -> str:
        service.take_over(db.session.get_one(Complaint, key), by=person("viewer"), at=at)
        return "taken"

    return take


@both_engines
@pytest.mark.own_app
def test_two_of_the_street_who_take_it_over_at_once_took_it_once(
    context: Flask, opened: tuple[int, datetime]
) -> None:
    take = _taking_over(*_left_alone(opened[1]))
    assert at_once(context, [take] * PRESSES) == ["taken"] * PRESSES
    assert len(db.session.scalars(sa.select(ComplaintStep)).all()) == 1


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.own_app
def test_without_the_lock_they_take_it_over_twice(
    context: Flask, opened: tuple[int, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    take = _taking_over(*_left_alone(opened[1]))
    with guards_off(context, monkeypatch, "feedback.take_over", together=PRESSES):
        at_once(context, [take] * PRESSES)
    assert len(db.session.scalars(sa.select(ComplaintStep)).all()) > 1
