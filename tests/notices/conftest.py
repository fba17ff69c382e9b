"""A published market whose people are to be told; over HTTP and in a browser."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.notices import service as notices
from market.notices.rules import Channel
from market.notices.service import Message
from market.passes import service as passes
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service as vendors
from tests.cast import Cast, person
from tests.factories.calendar import time_of
from tests.factories.gate import planned_day
from tests.factories.vendors import act_for


def pending(day: MarketDay) -> dict[str, Message]:
    """What is still to be told, by the vendor's name."""
    return {one.person.row.vendor: one for one in notices.messages([day], at=clock.now())}


def tell_everybody(day: MarketDay, by: User) -> None:
    """Staff have told everybody what there is to tell."""
    seen = [message.seen for message in pending(day).values()]
    notices.tell(day, seen, channel=Channel.CALL, by=by, at=clock.now())


@dataclass
class Published:
    """A market published for ten days ahead: 甲 has an account (`gate`), 乙 and 丙 must be called."""

    app: Flask
    ref: str
    label: str

    def seen(self, name: str) -> str:
        """What the form of a card or of a call says now."""
        with self.app.app_context():
            return pending(find_day_by_ref(self.ref))[name].seen

    @property
    def reading(self) -> str:
        return f"/vendor/huaiyin/days/{self.ref}/reading"

    @property
    def calls(self) -> str:
        return f"/staff/huaiyin/days/{self.ref}/calls"


@pytest.fixture
def published(app: Flask, cast: Cast) -> Published:
    with app.app_context(), unit_of_work():
        staff = person("staff")
        day = planned_day(find_community(cast.ours), staff, vendors=3, stall_limit=2)
        for application, name in zip(vendors.applications(day), "甲乙丙", strict=True):
            application.vendor.trading_name = name
        held = next(one for one in stalls.assignments(day) if one.vendor.trading_name == "甲")
        act_for(held.vendor, person("gate"))
        db.session.flush()
        passes.publish_day(day, by=staff, at=time_of(day, DayState.PUBLISHED))
        return Published(app, day.ref, held.label)
