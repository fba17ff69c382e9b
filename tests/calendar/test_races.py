"""Many clerks at once: a step is taken once, a place holds one market; and the harm without the locks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar import service
from market.calendar.models import DayStep, MarketDay
from market.calendar.rules import Step
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people.models import User
from market.places.models import Venue
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import ZONE, draft_on, make_day
from tests.races import at_once, guards_off


class Ground(NamedTuple):
    """Keys, because every thread reads rows of its own."""

    day: int
    venue: int
    by: int


@pytest.fixture
def ground(context: Flask, cast: Cast) -> Ground:
    with unit_of_work():
        by = person("staff")
        day = make_day(find_community(cast.ours), by)
        return Ground(day.id, day.venue_id, by.id)


def prepare(ground: Ground) -> Callable[[], str]:
    def act() -> str:
        day, by = db.session.get_one(MarketDay, ground.day), db.session.get_one(User, ground.by)
        service.take_step(day, Step.PREPARE, by=by, at=clock.now())
        return "taken"

    return act


def write_down(ground: Ground) -> Callable[[], str]:
    def act() -> str:
        venue, by = db.session.get_one(Venue, ground.venue), db.session.get_one(User, ground.by)
        draft = draft_on(venue, clock.today(ZONE) + timedelta(days=40))
        service.create_day(venue.community, draft, by=by, at=clock.now())
        return "written"

    return act


def count(model: type[DayStep] | type[MarketDay]) -> int:
    return db.session.scalar(sa.select(sa.func.count(model.id))) or 0


@both_engines
def test_a_step_that_many_take_at_once_is_taken_once(context: Flask, ground: Ground) -> None:
    answers = at_once(context, [prepare(ground)] * 20)
    assert sorted(answers) == ["calendar.wrong_step"] * 19 + ["taken"]
    assert count(DayStep) == 1


@both_engines
def test_a_place_that_many_want_at_once_holds_one_market(context: Flask, ground: Ground) -> None:
    answers = at_once(context, [write_down(ground)] * 20)
    assert sorted(answers) == ["calendar.clash"] * 19 + ["written"]
    assert count(MarketDay) == 2


@both_engines
def test_without_the_locks_a_step_is_taken_twice(
    context: Flask, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same clerks, and the harm that the lock prevents."""
    with guards_off(context, monkeypatch, "calendar.step", together=4):
        answers = at_once(context, [prepare(ground)] * 4)
    assert answers.count("taken") >= 2
    assert count(DayStep) == answers.count("taken")


@both_engines
def test_without_the_locks_a_place_holds_two_markets(
    context: Flask, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guards_off(context, monkeypatch, "calendar.clash", together=4):
        answers = at_once(context, [write_down(ground)] * 4)
    assert answers.count("written") >= 2
    assert count(MarketDay) == 1 + answers.count("written")
