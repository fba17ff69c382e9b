"""Told once; read, called, taken back; what is kept of it, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound
from market.notices import service
from market.notices.models import Telling
from market.notices.rules import Channel
from market.notices.service import Message
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from tests.cast import Cast, person
from tests.factories.gate import published_day
from tests.factories.vendors import act_for, make_vendor


def to_call(community: Community, at: datetime) -> list[Message]:
    return service.to_call(service.due_messages(community, at=at), at=at)


@dataclass
class Room:
    """A published market in a unit of work: 甲 reads here (`gate`), 乙 is called, 丙 waits and is called."""

    ours: Community
    theirs: Community
    staff: User
    reader: User
    day: MarketDay

    def vendor(self, name: str) -> Vendor:
        return self.application(name).vendor

    def application(self, name: str) -> Application:
        return next(a for a in vendors.applications(self.day) if a.vendor.trading_name == name)

    def calls(self, at: datetime | None = None) -> str:
        """Names of those to call, in their order."""
        found = to_call(self.ours, at or clock.now())
        return "".join(message.person.row.vendor for message in found)

    def tell(self, names: str, channel: Channel = Channel.CALL, by: User | None = None) -> list[Telling]:
        found = service.messages([self.day], at=clock.now())
        seen = [message.seen for message in found if message.person.row.vendor in names]
        return service.tell(self.day, seen, channel=channel, by=by or self.staff, at=clock.now())

    def change_hours(self, opens: time = time(7, 0)) -> None:
        draft = replace(calendar.draft_of(self.day), opens=opens, closes=time(10, 0), arrive_by=time(6, 30))
        calendar.edit_day(self.day, draft, by=self.staff, at=clock.now())


@pytest.fixture
def room(context: Flask, cast: Cast) -> Iterator[Room]:
    with unit_of_work():
        staff, ours = person("staff"), find_community(cast.ours)
        day = published_day(ours, staff, vendors=3, stall_limit=2)
        for application, name in zip(vendors.applications(day), "甲乙丙", strict=True):
            application.vendor.trading_name = name
        act_for(vendors.applications(day)[0].vendor, person("gate"))
        db.session.flush()
        yield Room(ours, find_community(cast.theirs), staff, person("gate"), day)


def test_whoever_was_told_is_told_nothing_more(room: Room) -> None:
    assert room.calls() == "乙丙"
    assert [telling.application.vendor.trading_name for telling in room.tell("乙")] == ["乙"]
    assert (room.calls(), room.tell("乙")) == ("丙", [])
    room.tell("丙")
    assert room.calls() == ""


def test_who_does_not_read_is_called_when_time_is_short(room: Room) -> None:
    room.tell("乙丙")
    soon = room.day.arrive_by - timedelta(hours=5)
    assert (room.calls(), room.calls(soon), room.calls(room.day.arrive_by)) == ("", "甲", "")
    room.tell("甲", Channel.APP, room.reader)
    assert room.calls(soon) == ""


def test_days_that_are_over_or_settled_need_no_telling(room: Room) -> None:
    assert service.messages([room.day], at=room.day.close_at) == []
    room.day.state = calendar.FINISHED_STATES[0]
    assert (service.messages([room.day], at=clock.now()), room.calls()) == ([], "")


def test_what_was_told_and_does_not_hold_any_more_is_told_again_as_it_is_now(room: Room) -> None:
    found = service.messages([room.day], at=clock.now())
    shown = next(message.seen for message in found if message.person.row.vendor == "乙")
    room.change_hours()
    assert service.tell(room.day, [shown], channel=Channel.CALL, by=room.staff, at=clock.now()) == []
    assert "乙" in room.calls()


def test_who_was_told_is_off_the_list_until_it_is_taken_back(room: Room) -> None:
    (telling,) = room.tell("乙")
    assert (room.calls(), telling.told_by, telling.batch) == ("丙", room.staff.id, "")
    assert service.told_lately(room.ours, [room.day.id], telling.told_at) == [telling]
    for _twice in range(2):
        service.take_back(telling, by=person("second"), at=clock.now())
    assert room.calls() == "乙丙"
    assert service.told_lately(room.ours, [room.day.id], telling.told_at) == []
    (again,) = room.tell("乙")
    assert (room.calls(), again.number) == ("丙", 2)


def test_a_whole_list_is_told_and_taken_back_at_once(room: Room) -> None:
    told = room.tell("乙丙")
    assert (room.calls(), len({telling.batch for telling in told})) == ("", 1)
    assert service.take_back_list(told[1], by=room.staff, at=clock.now()) == told
    assert room.calls() == "乙丙"
    (alone,) = room.tell("乙")
    assert service.take_back_list(alone, by=room.staff, at=clock.now()) == [alone]


def test_what_somebody_did_is_not_news_to_them(room: Room) -> None:
    room.tell("甲", Channel.APP, room.reader)
    stalls.withdraw(room.application("甲"), by=room.reader, at=clock.now())
    assert service.of_vendor(room.vendor("甲"), at=clock.now()) == []
    act_for(room.vendor("丙"), person("second"))
    stalls.accept_offer(stalls.open_offers(room.day)[0], by=person("second"), at=clock.now())
    assert service.of_vendor(room.vendor("丙"), at=clock.now()) == []
    room.change_hours()
    (message,) = service.of_vendor(room.vendor("丙"), at=clock.now())
    assert message.kinds == ("notices.hours_placed",)


def test_who_waits_for_an_answer_is_first_on_the_list(room: Room) -> None:
    room.tell("甲乙丙")
    stalls.withdraw(room.application("甲"), by=room.staff, at=clock.now())
    offer = stalls.open_offers(room.day)[0]
    assert room.calls()[0] == "丙"
    assert "丙" not in room.calls(offer.expires_at)  # nobody waits for an answer any more


def test_another_community_and_another_person_find_nothing(room: Room) -> None:
    (telling,) = room.tell("甲", Channel.APP, room.reader)
    stranger = make_vendor(room.theirs, person("staff-b"), "松")
    assert service.find_telling(room.ours, telling.ref) is telling
    with pytest.raises(NotFound):
        service.find_telling(room.theirs, telling.ref)
    assert (service.history(stranger), service.of_vendor(stranger, at=clock.now())) == ([], [])
    assert to_call(room.theirs, clock.now()) == []
    found = service.messages([room.day], at=clock.now())
    seen, at = [message.seen for message in found], clock.now()
    assert service.tell(room.day, seen, channel=Channel.APP, by=room.reader, at=at, only=[stranger]) == []


def test_history_tells_who_was_told_what_and_not_what_was_taken_back(room: Room) -> None:
    (first,) = room.tell("乙")
    room.change_hours()
    (second,) = room.tell("乙")
    assert service.history(room.vendor("乙")) == [second, first]
    service.take_back(second, by=room.staff, at=clock.now())
    assert service.history(room.vendor("乙")) == [first]


def test_nothing_is_left_of_whoever_is_forgotten(room: Room) -> None:
    vendor = room.vendor("乙")
    stalls.withdraw(room.application("乙"), by=room.staff, at=clock.now())
    room.tell("乙")
    vendors.forget_vendor(vendor, by=room.staff, at=clock.now())
    stored = [str(v) for row in db.session.execute(sa.select(Telling.__table__)) for v in row]
    assert not [text for text in stored if "张师傅" in text or "138" in text]
    assert "乙" not in room.calls()


def test_a_new_number_is_called(room: Room) -> None:
    room.vendor("乙").phone = "13900000002"
    db.session.flush()
    found = [message.person.row.phone for message in to_call(room.ours, clock.now())]
    assert "13900000002" in found


def test_what_was_told_is_kept_a_year(room: Room) -> None:
    told = room.tell("乙丙")
    told[0].told_at = clock.now() - timedelta(days=366)
    told[1].told_at = clock.now() - timedelta(days=364)
    db.session.flush()
    assert service.purge(at=clock.now()) == 1
    assert db.session.scalars(sa.select(Telling.id)).all() == [told[1].id]
