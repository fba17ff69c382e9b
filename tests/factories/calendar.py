"""Venues and market days, made by the services; call inside a unit of work."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from market import clock
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import DayDraft
from market.communities.models import Community
from market.people.models import User
from market.places import service as places
from market.places.models import Venue
from market.places.rules import LandType, Ownership, VenuePermitKind, labels

ZONE = "Asia/Shanghai"

PATH: list[tuple[Step, DayState]] = [
    (Step.PREPARE, DayState.PREPARED),
    (Step.OPEN_APPLICATIONS, DayState.OPEN_FOR_APPLICATION),
    (Step.CLOSE_APPLICATIONS, DayState.REVIEWING),
    (Step.ALLOCATE, DayState.ALLOCATED),
    (Step.PUBLISH, DayState.PUBLISHED),
    (Step.SET_UP, DayState.SETTING_UP),
    (Step.OPEN, DayState.OPEN),
    (Step.CLOSE, DayState.CLOSED),
    (Step.START_SETTLING, DayState.SETTLING),
    (Step.SETTLE, DayState.SETTLED),
    (Step.ARCHIVE, DayState.ARCHIVED),
]
"""The straight life of a market day; the steps of later rooms are taken without their acts."""


def make_venue(
    community: Community,
    by: User,
    *,
    name: str = "小区广场",
    stalls: int = 6,
    ready: bool = True,
    land_type: LandType = LandType.PLAZA,
) -> Venue:
    """A plaza with a row of stalls A01 …; with `ready` nothing about the place is missing."""
    at = clock.now()
    draft = places.VenueDraft(name, "槐荫路 1 号", land_type, Ownership.PUBLIC, 400, 200, "东门、西门")
    venue = places.create_venue(community, draft, by=by, at=at)
    places.add_circuit(venue, "一号线", 6_000, by=by, at=at)
    drawn = [
        places.StallDraft(label, 1, column, 10 + 32 * column, 20, power_w=2_000, circuit="一号线")
        for column, label in enumerate(labels("A", stalls))
    ]
    places.draw_stalls(venue, drawn, by=by, at=at)
    if ready:
        places.add_lane(venue, "消防通道", (0, 100, 400, 40), fire=True, by=by, at=at)
        for kind in (VenuePermitKind.DESIGNATION, VenuePermitKind.CHECK_SCALE):
            places.add_permit(
                venue, kind, number=f"{kind.value}-1", issuer="街道办", valid_to=None, by=by, at=at
            )
    return venue


def draft_on(venue: Venue, on: date, **changes: Any) -> DayDraft:
    """A morning market from 8:00 to 11:30; applications run from 20 to 5 days before.

    They begin at midnight: a day made 20 days ahead takes them now, whatever the hour is.
    """
    facts: dict[str, Any] = {
        "venue": venue,
        "theme": "金秋生活集市",
        "on": on,
        "opens": time(8, 0),
        "closes": time(11, 30),
        "arrive_by": time(7, 40),
        "apply_from": clock.at_local(on - timedelta(days=20), time(0, 0), ZONE),
        "apply_until": clock.at_local(on - timedelta(days=5), time(18, 0), ZONE),
        "expected_visitors": 600,
        "stall_limit": 6,
    }
    return DayDraft(**{**facts, **changes})


def make_day(
    community: Community,
    by: User,
    *,
    venue: Venue | None = None,
    in_days: int = 10,
    state: DayState = DayState.DRAFT,
    **changes: Any,
) -> MarketDay:
    """A market day so many days from today, brought to a state at plausible moments."""
    venue = venue or next(iter(places.venues(community)), None) or make_venue(community, by)
    on = clock.today(community.zone) + timedelta(days=in_days)
    draft = draft_on(venue, on, **changes)
    day = service.create_day(community, draft, by=by, at=draft.apply_from - timedelta(days=10))
    return bring_to(day, state, by)


def bring_to(day: MarketDay, state: DayState, by: User) -> MarketDay:
    """Takes the steps of `PATH` up to a state, each at its own time; POSTPONED and CANCELLED at once."""
    if state in (DayState.POSTPONED, DayState.CANCELLED):
        step = Step.POSTPONE if state is DayState.POSTPONED else Step.CANCEL
        service.take_step(day, step, by=by, at=day.open_at - timedelta(days=1), public_note="天气不好。")
        return day
    states = [DayState.DRAFT, *(reached for _step, reached in PATH)]
    for step, reached in PATH[states.index(day.state) : states.index(state)]:
        service.take_step(day, step, by=by, at=time_of(day, reached))
    return day


def time_of(day: MarketDay, reached: DayState) -> datetime:
    """When a day plausibly reaches a state."""
    return {
        DayState.PREPARED: day.apply_from - timedelta(days=5),
        DayState.OPEN_FOR_APPLICATION: day.apply_from,
        DayState.REVIEWING: day.apply_until,
        DayState.ALLOCATED: day.apply_until + timedelta(hours=1),
        DayState.PUBLISHED: day.apply_until + timedelta(hours=2),
        DayState.SETTING_UP: day.open_at - timedelta(hours=1),
        DayState.OPEN: day.open_at,
        DayState.CLOSED: day.close_at,
        DayState.SETTLING: day.close_at + timedelta(minutes=30),
        DayState.SETTLED: day.close_at + timedelta(hours=2),
        DayState.ARCHIVED: day.close_at + timedelta(days=15),
    }[reached]
