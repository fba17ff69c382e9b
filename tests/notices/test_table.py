"""Every fact of a day that can change × every kind of person: who is told, and in which sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import time, timedelta

import pytest
from flask import Flask

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import DayDraft
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate import service as gate
from market.notices import service as notices
from market.passes import service as passes
from market.passes.rules import RevokeReason
from market.people.models import User
from market.places import service as places
from market.places.models import Venue
from market.places.rules import LandType, Ownership
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.rules import ApplicationState as A
from tests.cast import Cast, person
from tests.factories.calendar import make_day, make_venue
from tests.factories.gate import published_day
from tests.factories.stalls import stall
from tests.factories.vendors import act_for, make_application, make_vendor
from tests.notices.conftest import pending, tell_everybody


@dataclass
class World:
    """A published day with a person of every kind on it, and one that takes applications; all were told."""

    staff: User
    published: MarketDay
    open: MarketDay

    @property
    def days(self) -> tuple[MarketDay, MarketDay]:
        return self.published, self.open

    def held(self, name: str) -> Assignment:
        return next(one for one in stalls.assignments(self.published) if one.vendor.trading_name == name)

    def told(self) -> dict[str, str]:
        """Which sentences each person is still to be told."""
        found = {name: one for day in self.days for name, one in pending(day).items()}
        return {name: " ".join(one.kinds) for name, one in found.items()}


PEOPLE = ("placed", "no account", "absent", "offered", "waiting", "refused", "withdrawn")
APPLICANTS = {"approved": A.APPROVED, "submitted": A.SUBMITTED, "needs more": A.NEEDS_MORE}


@pytest.fixture
def world(context: Flask, cast: Cast) -> Iterator[World]:
    with unit_of_work():
        staff, ours = person("staff"), find_community(cast.ours)
        day = published_day(ours, staff, vendors=5, stall_limit=3)
        for application, name in zip(vendors.applications(day), PEOPLE, strict=False):
            application.vendor.trading_name = name
        world = World(staff, day, make_day(ours, staff, in_days=20, state=DayState.OPEN_FOR_APPLICATION))
        act_for(world.held("placed").vendor, person("gate"))
        gate.mark_no_show(world.held("absent"), by=staff, at=clock.now())
        for state, name in ((A.REJECTED, "refused"), (A.WITHDRAWN, "withdrawn")):
            make_application(day, make_vendor(ours, staff, name), staff, state=state)
        for name, state in APPLICANTS.items():
            make_application(world.open, make_vendor(ours, staff, name), staff, state=state)
        for one in world.days:
            tell_everybody(one, staff)
        assert world.told() == {}
        yield world


def edit(world: World, **changes: object) -> None:
    for day in world.days:
        draft = replace(calendar.draft_of(day), **changes)  # type: ignore[arg-type]  # fields of a draft
        calendar.edit_day(day, draft, by=world.staff, at=clock.now())


def edit_venue(world: World, **changes: object) -> None:
    venue: Venue = world.published.venue
    known = {one.name: getattr(venue, one.name) for one in fields(places.VenueDraft)}
    draft = places.VenueDraft(**{**known, **changes})
    places.edit_venue(venue, draft, by=world.staff, at=clock.now())


def move_and_open_later(world: World) -> None:
    edit(world, opens=time(9, 0))
    edit_venue(world, name="东广场")


def one_day_later(world: World) -> None:
    """What a move of a whole market does to its moments."""
    for day in world.days:
        for name in ("open_at", "close_at", "arrive_by"):
            setattr(day, name, getattr(day, name) + timedelta(days=1))
    db.session.flush()


def draw_lots_instead(world: World) -> None:
    calendar.take_step(world.open, Step.CLOSE_APPLICATIONS, by=world.staff, at=clock.now())
    stalls.choose_method(world.open, "draw", by=world.staff, at=clock.now())


def call_off(step: Step) -> Callable[[World], None]:
    def act(world: World) -> None:
        for day in world.days:
            passes.call_off_day(day, step, "明天有大风", by=world.staff, at=clock.now())

    return act


def move(world: World) -> None:
    there = stall(world.published, "A06")
    stalls.move(world.held("no account"), there, by=world.staff, at=clock.now())


def replace_pass(world: World) -> None:
    passes.reissue(world.held("no account"), RevokeReason.LOST, by=world.staff, at=clock.now())


def withdraw_pass(world: World) -> None:
    shown = passes.pass_of(world.held("no account"))
    assert shown is not None
    passes.revoke(shown, RevokeReason.MISUSED, by=world.staff, at=clock.now())


def let_the_offer_lapse(world: World) -> None:
    (offer,) = stalls.open_offers(world.published)
    stalls.expire_offers(at=offer.expires_at)


STANDING = ("placed", "no account")
HOPING = ("offered", "waiting")
APPLYING = tuple(APPLICANTS)
COUNTING = (*STANDING, "absent", *HOPING, *APPLYING)

EDITS: dict[str, tuple[Callable[[World], None], dict[str, str]]] = {
    "hours": (
        lambda world: edit(world, opens=time(9, 0)),
        dict.fromkeys(STANDING, "notices.hours_placed")
        | dict.fromkeys((*HOPING, *APPLYING), "notices.hours"),
    ),
    "arrival": (
        lambda world: edit(world, arrive_by=time(6, 30)),
        dict.fromkeys(STANDING, "notices.arrive"),
    ),
    "theme": (
        lambda world: edit(world, theme="年货集市"),
        dict.fromkeys((*STANDING, *APPLYING), "notices.theme"),
    ),
    "visitors": (lambda world: edit(world, expected_visitors=700), {}),
    "place": (
        lambda world: edit_venue(world, name="东广场"),
        dict.fromkeys((*STANDING, *HOPING, *APPLYING), "notices.place"),
    ),
    "address": (
        lambda world: edit_venue(world, address="槐荫路 2 号"),
        dict.fromkeys((*STANDING, *HOPING, *APPLYING), "notices.address"),
    ),
    "entrance": (
        lambda world: edit_venue(world, entrances="北门"),
        dict.fromkeys(STANDING, "notices.entrance"),
    ),
    "method": (draw_lots_instead, {"approved": "notices.method"}),
    "date": (
        one_day_later,
        dict.fromkeys(STANDING, "notices.date_placed")
        | dict.fromkeys((*HOPING, "absent"), "notices.date")
        | dict.fromkeys(APPLYING, "calendar.rescheduled"),
    ),
    "postponed": (call_off(Step.POSTPONE), dict.fromkeys(COUNTING, "calendar.postponed")),
    "cancelled": (call_off(Step.CANCEL), dict.fromkeys(COUNTING, "calendar.cancelled")),
    "stall": (move, {"no account": "stalls.moved"}),
    "pass": (replace_pass, {"no account": "notices.new_pass"}),
    "pass taken away": (withdraw_pass, {"no account": "gate.pass_withdrawn"}),
    "offer": (let_the_offer_lapse, {"offered": "stalls.offer_over", "waiting": "stalls.offered"}),
    "hours and place": (
        move_and_open_later,
        dict.fromkeys(STANDING, "notices.hours_placed notices.place")
        | dict.fromkeys((*HOPING, *APPLYING), "notices.hours notices.place"),
    ),
}
"""What is done to both days, and whom it is news for, in which sentences."""


# ── every field that staff can type ───────────────────────────────────────────────────────────────────────


def other_date(world: World) -> None:
    """As staff do it: every day a week later."""
    for day in world.days:
        here = calendar.draft_of(day)
        moved = calendar.moved_draft(
            day, here.on + timedelta(days=7), here.opens, here.closes, here.arrive_by, here.venue,
            at=clock.now(),
        )  # fmt: skip
        gate.move_day(day, moved, public_note="晚一周", by=world.staff, at=clock.now())


def other_venue(world: World) -> None:
    """Another plaza of the same plan, address and gates."""
    venue = make_venue(world.published.community, world.staff, name="东院")
    for day in world.days:
        here = calendar.draft_of(day)
        moved = calendar.moved_draft(
            day, here.on, here.opens, here.closes, here.arrive_by, venue, at=clock.now()
        )
        gate.move_day(day, moved, public_note="换个地方", by=world.staff, at=clock.now())


def typed(**changes: object) -> Callable[[World], None]:
    """Into the form of both days."""
    return lambda world: edit(world, **changes)


def typed_of_place(**changes: object) -> Callable[[World], None]:
    """Into the form of the place."""
    return lambda world: edit_venue(world, **changes)


NOBODY = "visitors"
"""The row of what is no news for anybody."""
FIELDS: dict[str, tuple[Callable[[World], None], str]] = {
    "venue": (other_venue, "place"),
    "theme": (typed(theme="年货集市"), "theme"),
    "on": (other_date, "date"),
    "opens": (typed(opens=time(9, 0)), "hours"),
    "closes": (typed(closes=time(12, 0)), "hours"),
    "arrive_by": (typed(arrive_by=time(6, 30)), "arrival"),
    "apply_from": (lambda world: shift_window(world, "apply_from"), NOBODY),
    "apply_until": (lambda world: shift_window(world, "apply_until"), NOBODY),
    "expected_visitors": (typed(expected_visitors=700), NOBODY),
    "stall_limit": (typed(stall_limit=5), NOBODY),
    "has_donation_box": (typed(has_donation_box=True), NOBODY),
    "name": (typed_of_place(name="东广场"), "place"),
    "address": (typed_of_place(address="槐荫路 2 号"), "address"),
    "land_type": (typed_of_place(land_type=LandType.ROAD), NOBODY),
    "ownership": (typed_of_place(ownership=Ownership.COLLECTIVE), NOBODY),
    "width_dm": (typed_of_place(width_dm=900), NOBODY),
    "depth_dm": (typed_of_place(depth_dm=900), NOBODY),
    "entrances": (typed_of_place(entrances="北门"), "entrance"),
    "step_free": (typed_of_place(step_free=True), NOBODY),
    "no_flame": (typed_of_place(no_flame=True), NOBODY),
}
"""Each field of a day and of its place: how it is typed anew, and the row above that says who hears of it."""


def shift_window(world: World, name: str) -> None:
    for day in world.days:
        draft = calendar.draft_of(day)
        draft = replace(draft, **{name: getattr(draft, name) - timedelta(hours=1)})
        calendar.edit_day(day, draft, by=world.staff, at=clock.now())


def test_no_field_of_a_day_and_its_place_is_forgotten() -> None:
    assert set(FIELDS) == {one.name for draft in (DayDraft, places.VenueDraft) for one in fields(draft)}


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_told_to_those_for_whom_it_matters(world: World, field: str) -> None:
    act, row = FIELDS[field]
    act(world)
    assert world.told() == EDITS[row][1]


@pytest.mark.parametrize("fact", EDITS)
def test_each_change_is_told_to_those_for_whom_it_matters_and_once(world: World, fact: str) -> None:
    act, expected = EDITS[fact]
    act(world)
    assert world.told() == expected
    for day in world.days:
        tell_everybody(day, world.staff)
    assert world.told() == {}


def test_a_change_taken_back_before_it_was_told_is_told_to_nobody(world: World) -> None:
    for hour in (9, 8):
        edit(world, opens=time(hour, 0))
    assert world.told() == {}


def test_after_the_market_nobody_is_told_anything(world: World) -> None:
    edit(world, opens=time(9, 0))
    assert notices.messages([world.published], at=world.published.close_at) == []
    world.published.state = DayState.SETTLED
    assert pending(world.published) == {}
