"""A stall is kept free while somebody is put there: one of the two is told; without locks both are done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people.models import User
from market.places.models import Stall
from market.stalls import service
from market.stalls.models import KeptFree, StallHold
from market.vendors.models import Application
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.stalls import approved, day_under_review, stall
from tests.races import at_once, guards_off

Acts = list[Callable[[], str]]
POINTS = ("stalls.claim", "stalls.keep_free")


@pytest.fixture
def acts(context: Flask, cast: Cast) -> Acts:
    """One of the staff places a vendor on A03, another keeps A03 free."""
    with unit_of_work():
        by = person("staff")
        day = day_under_review(find_community(cast.ours), by)
        keys = approved(day, by, "周记鲜蔬").id, stall(day, "A03").id, day.id, by.id

    def put() -> str:
        application, there = db.session.get_one(Application, keys[0]), db.session.get_one(Stall, keys[1])
        service.place(application, there, by=db.session.get_one(User, keys[3]), at=clock.now())
        return "placed"

    def keep() -> str:
        day, there = db.session.get_one(MarketDay, keys[2]), db.session.get_one(Stall, keys[1])
        service.keep_free(day, there, by=db.session.get_one(User, keys[3]), at=clock.now())
        return "kept"

    return [put, keep]


def done() -> tuple[int, int]:
    """How many hold the stall, and how often it is kept free."""
    count = sa.select(sa.func.count())
    return (
        db.session.scalar(count.select_from(StallHold)) or 0,
        db.session.scalar(count.select_from(KeptFree)) or 0,
    )


@both_engines
def test_a_stall_is_given_or_kept_free_and_the_second_is_told(context: Flask, acts: Acts) -> None:
    answers = sorted(at_once(context, acts))
    assert (answers, done()) in (
        (["placed", "stalls.taken"], (1, 0)),
        (["kept", "stalls.misfit"], (0, 1)),
    )


@both_engines
def test_without_locks_a_stall_is_given_and_kept_free(
    context: Flask, acts: Acts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked before either writes."""
    with guards_off(context, monkeypatch, *POINTS, together=2):
        answers = at_once(context, acts)
    assert (sorted(answers), done()) == (["kept", "placed"], (1, 1))
