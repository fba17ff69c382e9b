"""Points for good conduct: twice is once, taken back, counted over given markets, and never for money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market import audit, clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound
from market.people.models import User
from market.vendors import service
from market.vendors.models import ConductPoint, Vendor
from market.vendors.rules import Conduct
from market.vendors.service.conduct import note_conduct, take_back_conduct
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import make_day
from tests.factories.vendors import make_vendor
from tests.races import at_once, guards_off
from tests.trail import select_said
from tests.vendors.conftest import Stage


def audited() -> list[tuple[str, dict[str, object]]]:
    query = select_said(audit.AuditRow).where(audit.AuditRow.act.like("vendors.%note_conduct"))
    return [(row.act, row.detail) for row in db.session.scalars(query.order_by(audit.AuditRow.id))]


def test_a_point_is_noted_once_and_taken_back_once(stage: Stage) -> None:
    facts = stage.vendor, stage.day, Conduct.LEFT_CLEAN
    for act in (note_conduct, note_conduct, take_back_conduct, take_back_conduct, note_conduct):
        act(*facts, by=stage.staff, at=clock.now())
    assert service.conduct_of(stage.vendor, [stage.day.id]) == {stage.day.id: {Conduct.LEFT_CLEAN}}
    detail = {"day": stage.day.ref, "conduct": "left_clean"}
    assert audited() == [
        ("vendors.note_conduct", detail),
        ("vendors.unnote_conduct", detail),
        ("vendors.note_conduct", detail),
    ]


def test_a_vendor_of_another_community_earns_nothing_here(stage: Stage) -> None:
    stranger = make_vendor(find_community("songhe"), person("staff-b"), "别处的摊")
    with pytest.raises(NotFound):
        note_conduct(stranger, stage.day, Conduct.LEFT_CLEAN, by=stage.staff, at=clock.now())


def test_points_are_counted_over_the_markets_that_are_asked_for(stage: Stage) -> None:
    other = make_vendor(stage.community, stage.staff, "陈记百货")
    idle = make_vendor(stage.community, stage.staff, "没来过的")
    later = make_day(stage.community, stage.staff, in_days=20)
    for vendor, day, conduct in (
        (stage.vendor, stage.day, Conduct.CAME_IN_TIME),
        (stage.vendor, stage.day, Conduct.LEFT_CLEAN),
        (stage.vendor, later, Conduct.CAME_IN_TIME),
        (other, later, Conduct.REPORTED_IN_TIME),
    ):
        note_conduct(vendor, day, conduct, by=stage.staff, at=clock.now())
    everybody = [stage.vendor.id, other.id, idle.id]
    assert [
        list(service.conduct_points(everybody, days).values())
        for days in ([stage.day.id], [later.id], [stage.day.id, later.id], [])
    ] == [[2, 0, 0], [1, 1, 0], [3, 1, 0], [0, 0, 0]]
    assert service.who_earned(later, Conduct.CAME_IN_TIME) == {stage.vendor.id}


def test_the_last_four_markets_that_were_held_count(stage: Stage) -> None:
    held = [
        make_day(stage.community, stage.staff, in_days=-7 * weeks, state=DayState.CLOSED)
        for weeks in (5, 4, 3, 2, 1)
    ]
    make_day(stage.community, stage.staff, in_days=-3, state=DayState.CANCELLED)
    assert service.counted_markets(stage.community) == held[:0:-1]


def test_a_point_knows_nothing_but_who_when_and_what_for() -> None:
    columns = {column.name for column in sa.inspect(ConductPoint).columns}
    assert columns == {"id", "day_id", "vendor_id", "conduct", "noted_by", "noted_at"}
    assert {conduct.value for conduct in Conduct} == {
        "came_in_time", "left_clean", "reported_in_time", "complaint",
    }  # fmt: skip


# ── many at once ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tap(context: Flask, cast: Cast) -> Callable[[], str]:
    """An act for another thread: ticks that the same vendor left clean."""
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make_day(community, staff, state=DayState.OPEN)
        by_id, day_id, vendor_id = staff.id, day.id, make_vendor(community, staff).id

    def act() -> str:
        by, day = db.session.get_one(User, by_id), db.session.get_one(MarketDay, day_id)
        note_conduct(db.session.get_one(Vendor, vendor_id), day, Conduct.LEFT_CLEAN, by=by, at=clock.now())
        return "noted"

    return act


@both_engines
def test_twenty_taps_are_one_point(context: Flask, tap: Callable[[], str]) -> None:
    assert at_once(context, [tap] * 20) == ["noted"] * 20
    assert (db.session.scalar(sa.select(sa.func.count(ConductPoint.id))), len(audited())) == (1, 1)


def test_without_the_lock_the_key_is_the_last_guard(
    context: Flask, tap: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everyone has looked before the first one writes: more than one tries, and still one point is there."""
    monkeypatch.setattr("market.db.MAX_TRIES_OF_A_TAKEN_KEY", 1)
    with guards_off(context, monkeypatch, "vendors.note_conduct", together=8):
        answers = at_once(context, [tap] * 8)
    assert (answers.count("noted"), answers.count("database.conflict")) == (1, 7)
    assert db.session.scalar(sa.select(sa.func.count(ConductPoint.id))) == 1
