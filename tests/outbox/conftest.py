"""A published market whose people have addresses, and real servers that take what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref, local_date
from market.communities.service import find_community
from market.config import Settings
from market.db import db, do_in_unit_of_work, unit_of_work
from market.notices import service as notices
from market.notices.models import Telling
from market.notices.rules import Channel
from market.outbox import service
from market.outbox.models import Outgoing
from market.outbox.rule_draft import RuleDraft
from market.people.models import User
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from tests.cast import Cast, person
from tests.factories.gate import published_day
from tests.parts.receivers import Hook, Mailbox, hook, mailbox

ALL_ON = RuleDraft(
    email=True, reply_to="", sms=True, sms_sign="", robot=True, quiet_from=time(21), quiet_to=time(8)
)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def web() -> Iterator[Hook]:
    with hook() as found:
        yield found


@dataclass
class House:
    """A market published for ten days ahead, with 甲, 乙 and 丙 on it."""

    app: Flask
    ref: str

    @property
    def day(self) -> MarketDay:
        return find_day_by_ref(self.ref)

    @property
    def staff(self) -> User:
        return person("staff")

    def application(self, name: str) -> Application:
        return next(one for one in vendors.applications(self.day) if one.vendor.trading_name == name)

    def vendor(self, name: str) -> Vendor:
        return self.application(name).vendor

    def at(self, hour: int, minute: int = 0, *, days_before: int = 2) -> datetime:
        """A moment on the wall, so many days before the market."""
        day = self.day
        on = local_date(day) - timedelta(days=days_before)
        return clock.at_local(on, time(hour, minute), day.community.zone)

    def addressed(self, *names: str, no_sms: bool = True) -> None:
        """Gives these an e-mail address."""
        with unit_of_work():
            for name in names:
                address = f"{'甲乙丙'.index(name)}@example.com"
                service.choose_ways(
                    self.vendor(name),
                    address,
                    no_email=False,
                    no_sms=no_sms,
                    by=self.staff,
                    at=self.at(9, days_before=9),
                )

    def do(self, act: Callable[[], object]) -> None:
        do_in_unit_of_work(act)
        db.session.expire_all()

    def plan(self, at: datetime) -> int:
        return do_in_unit_of_work(lambda: service.plan(self.day.community, at=at))

    def send(self, at: datetime) -> int:
        """What the clock does: looks what is wanted, and brings what is due."""
        self.plan(at)
        sent = service.send_due(lambda: at)
        db.session.expire_all()
        return sent

    def rows(self) -> list[Outgoing]:
        return list(db.session.scalars(sa.select(Outgoing).order_by(Outgoing.id)))

    def states(self) -> list[str]:
        return [row.state.value for row in self.rows()]

    def told_by(self, name: str) -> list[Channel]:
        query = sa.select(Telling).where(Telling.application_id == self.application(name).id)
        return [telling.channel for telling in db.session.scalars(query.order_by(Telling.id))]

    def tell_everybody(self, at: datetime) -> None:
        """Staff have told everybody what there is to tell."""
        with unit_of_work():
            seen = [message.seen for message in notices.messages([self.day], at=at)]
            notices.tell(self.day, seen, channel=Channel.CALL, by=self.staff, at=at)


def connect(app: Flask, box: Mailbox, web: Hook) -> Settings:
    """The platform is connected to these servers."""
    known: Settings = app.extensions["settings"]
    return known.model_copy(
        update={
            "smtp": box.url,
            "sms_url": f"{web.origin}/sms",
            "sms_secret": "shared",
            "webhook_origins": web.origin,
        }
    )


def make_house(app: Flask, cast: Cast, box: Mailbox, web: Hook) -> House:
    """Everything is switched on, nobody has an address yet, nobody was told anything."""
    app.extensions["settings"] = connect(app, box, web)
    with unit_of_work():
        staff = person("staff")
        day = published_day(find_community(cast.ours), staff, vendors=3)
        for application, name in zip(vendors.applications(day), "甲乙丙", strict=True):
            application.vendor.trading_name = name
            application.vendor.phone = f"0533-{application.id:04d}"
        service.set_rule(day.community, ALL_ON, by=staff, at=day.created_at)
        return House(app, day.ref)


@pytest.fixture
def house(context: Flask, cast: Cast, box: Mailbox, web: Hook) -> House:
    """For tests of services: the application's context is there."""
    return make_house(context, cast, box, web)


@pytest.fixture
def shown(app: Flask, cast: Cast, box: Mailbox, web: Hook) -> House:
    """For tests of pages: each request has a context of its own."""
    with app.app_context():
        return make_house(app, cast, box, web)
