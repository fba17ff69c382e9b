"""A published market moves, and nobody loses an approval, a stall, a fixed place or a pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings, strategies as st

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import DayDraft
from market.db import db
from market.gate import service
from market.passes import service as passes
from market.places import service as places
from market.places.models import Venue
from market.stalls import service as stalls
from market.stalls.models import KeptFree, PlanPin, StallHold
from market.vendors import service as vendors
from tests.conftest import both_engines
from tests.factories import gate as make
from tests.factories.calendar import ZONE, bring_to, make_venue
from tests.factories.desk import Desk, refused
from tests.factories.vendors import make_application, make_vendor

DAY = timedelta(days=1)


class Held(NamedTuple):
    """Everything that was decided about a market."""

    state: DayState
    applications: list[tuple[str, str]]
    stalls: list[tuple[str, str]]
    pins: dict[int, str]
    passes: dict[str, int]
    waiting: list[str]


def held(day: MarketDay) -> Held:
    db.session.expire_all()
    pins = sa.select(PlanPin).where(PlanPin.day_id == day.id)
    labels = {stall.id: stall.label for venue in places.venues(day.community) for stall in venue.stalls}
    return Held(
        day.state,
        [(one.ref, one.state.value) for one in vendors.applications(day)],
        [(one.ref, one.label) for one in stalls.assignments(day)],
        {pin.application_id: labels[pin.stall_id] for pin in db.session.scalars(pins)},
        {label: one.version for label, one in make.passes_by_stall(day).items()},
        [one.ref for one in stalls.waiting_list(day)],
    )


@pytest.fixture
def day(desk: Desk) -> MarketDay:
    """Three vendors on their stalls, one of them fixed there, a fourth in line."""
    stalls.pin(desk.held("A02"), by=desk.staff, at=clock.now())
    late = make_vendor(desk.community, desk.staff, "来晚了的")
    application = make_application(desk.day, late, desk.staff)
    vendors.approve(application, by=desk.staff, at=clock.now())
    return desk.day


def draft_for(day: MarketDay, on: date, **changes: Any) -> DayDraft:
    now = calendar.draft_of(day)
    asked = {"opens": now.opens, "closes": now.closes, "arrive_by": now.arrive_by, "venue": now.venue}
    return calendar.moved_draft(day, on, **{**asked, **changes}, at=clock.now())


def move(desk: Desk, draft: DayDraft) -> None:
    service.move_day(desk.day, draft, public_note="改了。", by=desk.staff, at=clock.now())


@both_engines
def test_nobody_loses_anything_when_the_market_comes_a_day_later(desk: Desk, day: MarketDay) -> None:
    before, new = held(day), calendar.local_date(day) + DAY
    move(desk, draft_for(day, new))
    assert calendar.local_date(day) == new
    assert held(day) == before
    assert len(before.stalls) == len(before.passes) == 3
    assert (len(before.applications), list(before.pins.values())) == (4, ["A02"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.integers(1, 200), st.integers(6, 12), st.integers(1, 8), st.booleans()), max_size=6
    )
)
def test_nobody_loses_anything_by_any_row_of_moves(
    desk: Desk, day: MarketDay, moves: list[tuple[int, int, int, bool]]
) -> None:
    plaza = {False: day.venue, True: _other(desk)}
    before = held(day)
    for ahead, opens, long, elsewhere in moves:
        hours = {"opens": time(opens), "closes": time(opens + long), "arrive_by": time(opens - 1, 30)}
        move(desk, draft_for(day, clock.today(ZONE) + ahead * DAY, **hours, venue=plaza[elsewhere]))
        assert held(day) == before
        assert {one.stall.venue_id for one in stalls.assignments(day)} == {day.venue_id}
        assert day.apply_from < day.apply_until <= day.open_at
    move(desk, draft_for(day, clock.today(ZONE) + 300 * DAY, venue=plaza[False]))


def _other(desk: Desk) -> Venue:
    known = [venue for venue in places.venues(desk.community) if venue.name == "西广场"]
    return known[0] if known else make_venue(desk.community, desk.staff, name="西广场")


# ── to another place ──────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_at_another_place_everybody_keeps_the_number_of_the_stall(desk: Desk, day: MarketDay) -> None:
    before, other = held(day), make_venue(desk.community, desk.staff, name="西广场")
    move(desk, draft_for(day, calendar.local_date(day), venue=other))
    assert (day.venue, held(day)) == (other, before)
    there = {stall.id for stall in other.stalls}
    assert set(db.session.scalars(sa.select(StallHold.stall_id).where(StallHold.day_id == day.id))) <= there
    assert set(db.session.scalars(sa.select(PlanPin.stall_id).where(PlanPin.day_id == day.id))) <= there
    assert [finding for finding in stalls.readiness(day, clock.today(ZONE)) if finding.blocks] == []


def test_a_place_without_the_number_is_refused_before_anything_changes(desk: Desk, day: MarketDay) -> None:
    small = make_venue(desk.community, desk.staff, name="小院", stalls=1)
    before = held(day)
    with refused("stalls.no_namesake"):
        move(desk, draft_for(day, calendar.local_date(day), venue=small))
    assert (held(day), day.venue == small) == (before, False)


def test_what_nobody_was_promised_goes_when_the_other_place_has_no_such_stall(
    desk: Desk, day: MarketDay
) -> None:
    free = [stall for stall in day.venue.stalls if stall.label in ("A05", "A06")]
    for stall in free:
        stalls.keep_free(day, stall, by=desk.staff, at=clock.now())
    other = make_venue(desk.community, desk.staff, name="西广场", stalls=5)
    move(desk, draft_for(day, calendar.local_date(day), venue=other))
    kept = db.session.scalars(sa.select(KeptFree.stall_id).where(KeptFree.day_id == day.id)).all()
    assert [next(s.label for s in other.stalls if s.id == one) for one in kept] == ["A05"]


def test_a_plan_of_the_old_place_cannot_be_put_back(desk: Desk) -> None:
    planned = make.planned_day(desk.community, desk.staff, in_days=20)
    stalls.compute_plan(planned, by=desk.staff, at=clock.now())
    assert len(stalls.plan_before(planned)) == 3
    other = make_venue(desk.community, desk.staff, name="西广场")
    draft = draft_for(planned, calendar.local_date(planned), venue=other)
    service.move_day(planned, draft, public_note="换了地方。", by=desk.staff, at=clock.now())
    assert len(stalls.assignments(planned)) == 3
    assert stalls.plan_before(planned) == []


# ── on the morning itself ─────────────────────────────────────────────────────────────────────────────────


def test_vendors_who_may_drive_in_already_are_sent_home(desk: Desk, day: MarketDay) -> None:
    bring_to(day, DayState.SETTING_UP, desk.staff)
    move(desk, draft_for(day, calendar.local_date(day) + DAY))
    assert day.state is DayState.PUBLISHED


def test_where_somebody_has_come_the_date_stands(desk: Desk, day: MarketDay) -> None:
    bring_to(day, DayState.SETTING_UP, desk.staff)
    desk.scan(passes.pass_url(desk.stall_pass()))
    on = calendar.local_date(day)
    with refused("gate.came_already"):
        move(desk, draft_for(day, on + DAY))
    later = replace(draft_for(day, on), opens=time(9, 0), closes=time(12, 0))
    move(desk, later)
    assert calendar.draft_of(day).opens == time(9, 0)
