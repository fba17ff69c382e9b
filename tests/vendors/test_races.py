"""Many at once: a vendor has one application to a market, and one number one vendor."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.people.models import User
from market.vendors import service
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import make_day
from tests.factories.vendors import draft, make_application, make_vendor
from tests.races import at_once

pytestmark = both_engines


def keys(context: Flask, cast: Cast) -> tuple[int, int, int, int]:
    """Keys of community, staff, market and vendor, because every thread reads rows of its own."""
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        return community.id, staff.id, day.id, make_vendor(community, staff).id


def count(model: type[Application] | type[Vendor]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_twenty_taps_are_one_application(context: Flask, cast: Cast) -> None:
    _community, staff, day, vendor = keys(context, cast)

    def tap() -> str:
        by = db.session.get_one(User, staff)
        found = db.session.get_one(MarketDay, day), db.session.get_one(Vendor, vendor)
        return service.apply(*found, by=by, at=clock.now()).ref

    answers = at_once(context, [tap] * 20)
    assert len(set(answers)) == 1
    assert count(Application) == 1


def test_a_number_registered_twice_at_once_is_one_vendor(context: Flask, cast: Cast) -> None:
    community, staff, _day, _vendor = keys(context, cast)
    facts = draft(phone="13811112222")

    def enter() -> str:
        by = db.session.get_one(User, staff)
        return service.register_vendor(
            db.session.get_one(Community, community), facts, by=by, at=clock.now()
        ).phone

    answers = at_once(context, [enter] * 8)
    assert sorted(answers) == ["13811112222", *["vendors.phone_taken"] * 7]
    assert count(Vendor) == 2


def test_yes_and_withdrawal_at_once_leave_the_withdrawal(context: Flask, cast: Cast) -> None:
    _community, staff, day, vendor = keys(context, cast)
    with unit_of_work():
        by = db.session.get_one(User, staff)
        application = make_application(
            db.session.get_one(MarketDay, day), db.session.get_one(Vendor, vendor), by
        ).id

    def act(what: Callable[..., None]) -> Callable[[], str]:
        def run() -> str:
            by, found = db.session.get_one(User, staff), db.session.get_one(Application, application)
            try:
                what(found, by=by, at=clock.now())
            except Refusal as refusal:
                return refusal.code
            return "done"

        return run

    answers = at_once(context, [act(service.approve), act(service.withdraw)] * 4)
    assert set(answers) <= {"done", "vendors.withdrawn"}
    assert db.session.get_one(Application, application).state is ApplicationState.WITHDRAWN
