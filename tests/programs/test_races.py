"""Two hosts at the same thing, and what happens without the guards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.programs import service
from market.programs.models import CallShare, HookDelivery, KeptAnswer, ProgramKey
from market.programs.rules import Event
from market.programs.service.deliveries import claim_hooks
from market.programs.service.limits import take_share
from market.vendors.models import Vendor
from market.vendors.service import register_vendor
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import bring_to, make_day
from tests.factories.programs import make_key
from tests.factories.vendors import draft
from tests.races import at_once, guards_off

pytestmark = both_engines
MANY = 4


def stored(what: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(what)) or 0


@pytest.fixture
def call(context: Flask, cast: Cast) -> Callable[[], str]:
    """The same call, come in several times: it registers a vendor."""
    make_key(cast.ours)
    numbers = count(13_800_000_000)

    def once() -> str:
        key, at = db.session.scalars(sa.select(ProgramKey)).one(), clock.now()

        def act() -> service.Answered:
            community = find_community("huaiyin")
            said = draft(phone=str(next(numbers)))
            return service.Answered(201, register_vendor(community, said, by=person("staff"), at=at).ref)

        return service.answer_once(key, "call-1", b"POST", act, at=at).body

    return once


def test_a_call_that_comes_twice_at_once_is_done_once(context: Flask, call: Callable[[], str]) -> None:
    told = at_once(context, [call] * MANY)
    assert (stored(Vendor), stored(KeptAnswer), len(set(told))) == (1, 1, 1), told


def test_without_the_key_it_would_be_done_by_each(
    context: Flask, call: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with guards_off(
        context, monkeypatch, "programs.answer_once", together=MANY, indices=["uq_kept_answer_call"]
    ):
        at_once(context, [call] * MANY)
    assert stored(KeptAnswer) > 1


@pytest.fixture
def share(context: Flask) -> Callable[[], str]:
    """A host takes a share of an allowance of 50, of which the first 20 are taken."""
    at = clock.now()
    with unit_of_work():
        take_share("somebody", 1, 50, at=at)
    return lambda: str(take_share("somebody", 1, 50, at=at)[0])


def test_hosts_never_take_more_than_there_is(context: Flask, share: Callable[[], str]) -> None:
    told = at_once(context, [share] * MANY)
    assert sorted(told) == ["0", "0", "10", "20"]
    assert db.session.scalars(sa.select(CallShare.taken)).one() == 50


def test_without_the_lock_they_would(
    context: Flask, share: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with guards_off(context, monkeypatch, "programs.take_share", together=MANY):
        told = at_once(context, [share] * MANY)
    assert sum(int(one) for one in told if one.isdigit()) > 30, told


@pytest.fixture
def hook(context: Flask, cast: Cast) -> int:
    """A subscription, and a market that was published since."""
    at = clock.now()
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        made, _secret = service.subscribe(
            community, "https://example.org/", [Event.MARKET_CANCELLED], by=staff, at=at
        )
        number, ref = made.id, make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION).ref
    with unit_of_work():
        bring_to(find_day_by_ref(ref), DayState.CANCELLED, person("staff"))
    return number


def test_what_happened_is_put_into_the_line_once(context: Flask, hook: int) -> None:
    at = clock.now() + timedelta(seconds=1)
    at_once(context, [lambda: str(service.plan(hook, at))] * MANY)
    assert stored(HookDelivery) == 1
    told = at_once(context, [lambda: str(len(claim_hooks(at)[1]))] * MANY)
    assert sorted(told) == ["0"] * (MANY - 1) + ["1"]


def test_without_lock_and_key_it_would_be_told_by_each(
    context: Flask, hook: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    with guards_off(context, monkeypatch, "programs.plan", together=MANY, indices=["uq_hook_delivery_line"]):
        at_once(context, [lambda: str(service.plan(hook, at))] * MANY)
    assert stored(HookDelivery) > 1
