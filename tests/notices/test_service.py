"""Told once; the newest of a day counts; read, called, taken back, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound
from market.notices import service
from market.notices.models import Notice
from market.notices.service import Message, Recipient
from market.people.models import User
from tests.cast import Cast, person

AT = datetime(2026, 11, 20, 1, tzinfo=UTC)
MARKET = AT + timedelta(days=8)
DAYS = {"day1": MARKET, "day2": MARKET + timedelta(days=14)}


@dataclass
class Room:
    """Rows of the running unit of work; 周 reads here, 王 is called."""

    ours: Community
    theirs: Community
    staff: User
    reader: User

    def tell(
        self, source: str, day: str = "day1", *, phone: str = "", at: datetime = AT, **params: str
    ) -> int:
        """Tells the reader, or (with a number) somebody without an account."""
        to = Recipient(None, "王师傅", phone) if phone else Recipient(self.reader.id, "周桂兰", "13800000001")
        message = Message(to, "gate.placed", params, source, day)
        return service.tell(self.ours, [message], by=self.staff, at=at)

    def unread(self) -> list[str]:
        return [notice.source for notice in service.unread(self.reader, self.ours, DAYS)]

    def calls(self, at: datetime = AT) -> list[str]:
        return [notice.source for notice in service.to_call(self.ours, DAYS, at=at)]

    def notice(self, source: str) -> Notice:
        return db.session.scalars(sa.select(Notice).where(Notice.source == source)).one()


@pytest.fixture
def room(context: Flask, cast: Cast) -> Iterator[Room]:
    with unit_of_work():
        yield Room(find_community(cast.ours), find_community(cast.theirs), person("staff"), person("gate"))


def test_the_same_event_tells_once(room: Room) -> None:
    assert (room.tell("offer:a"), room.tell("offer:a"), room.tell("offer:b")) == (1, 0, 1)
    assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 2


def test_of_many_only_those_not_told_yet_are_told(room: Room) -> None:
    room.tell("published:1")
    to = Recipient(room.reader.id, "周桂兰", "13800000001")
    messages = [Message(to, "gate.placed", {}, f"published:{number}", "day1") for number in (1, 2, 3)]
    assert service.tell(room.ours, messages, by=room.staff, at=AT) == 2


def test_telling_nobody_tells_nobody(room: Room) -> None:
    assert service.tell(room.ours, [], by=room.staff, at=AT) == 0


def test_what_somebody_did_is_not_news_to_them(room: Room) -> None:
    message = Message(Recipient(room.reader.id, "周桂兰", "1"), "gate.placed", {}, "mine", "day1")
    service.tell(room.ours, [message], by=room.reader, at=AT)
    assert (room.unread(), room.notice("mine").read_at) == ([], AT)


def test_the_newest_notice_of_a_day_is_the_one_to_read(room: Room) -> None:
    room.tell("placed")
    room.tell("moved")
    room.tell("elsewhere", "day2")
    assert room.unread() == ["elsewhere", "moved"]
    service.read(room.notice("moved"), at=AT)
    assert room.unread() == ["elsewhere"]
    assert [notice.source for notice in service.mine(room.reader, room.ours)] == [
        "elsewhere",
        "moved",
        "placed",
    ]


def test_days_that_are_over_need_no_reading_and_no_call(room: Room) -> None:
    room.tell("long ago", "day0")
    room.tell("long ago, by telephone", "day0", phone="13900000001")
    assert (room.unread(), room.calls()) == ([], [])


def test_reading_twice_is_reading_once(room: Room) -> None:
    room.tell("placed")
    for hours in (1, 2):
        service.read(room.notice("placed"), at=AT + timedelta(hours=hours))
    assert room.notice("placed").read_at == AT + timedelta(hours=1)


def test_who_has_no_account_is_called_once_for_a_day_the_most_urgent_first(room: Room) -> None:
    room.tell("later", "day2", phone="13900000001")
    room.tell("placed", phone="13900000001")
    room.tell("moved", phone="13900000001")
    room.tell("offered", phone="13900000002", until=(AT + timedelta(hours=12)).isoformat())
    assert room.calls() == ["offered", "moved", "later"]
    assert room.calls(AT + timedelta(hours=12)) == ["moved", "later"]  # nobody waits for an answer any more


def test_who_does_not_read_is_called_when_time_is_short(room: Room) -> None:
    room.tell("placed")
    assert (room.calls(), room.calls(MARKET - timedelta(days=2))) == ([], ["placed"])
    service.read(room.notice("placed"), at=AT)
    assert room.calls(MARKET - timedelta(days=2)) == []


def test_who_was_told_is_off_the_list_until_it_is_taken_back(room: Room) -> None:
    room.tell("placed", phone="13900000001")
    notice = room.notice("placed")
    for login in ("staff", "second"):
        service.told(notice, by=person(login), at=AT)
    assert (room.calls(), notice.told_by) == ([], room.staff.id)
    assert service.told_lately(room.ours, DAYS, AT) == [notice]
    for _twice in range(2):
        service.untold(notice, by=room.staff, at=AT)
    assert (room.calls(), notice.told_at, service.told_lately(room.ours, DAYS, AT)) == (["placed"], None, [])


def test_an_answer_given_is_not_asked_for_again(room: Room) -> None:
    room.tell("offer:1")
    room.tell("offer:2", "day2")
    service.answered("offer:1", by=room.reader, at=AT)
    service.answered("offer:2", by=room.staff, at=AT)
    service.answered("never made", by=room.staff, at=AT)
    told = [(room.notice(source).read_at, room.notice(source).told_at) for source in ("offer:1", "offer:2")]
    assert (told, room.unread()) == ([(AT, None), (None, AT)], [])


def test_another_community_and_another_person_find_nothing(room: Room) -> None:
    room.tell("placed")
    room.tell("by telephone", phone="13900000001")
    ref, stranger = room.notice("placed").ref, person("staff-b")
    assert service.unread(room.reader, room.theirs, DAYS) == []
    assert (service.unread(stranger, room.ours, DAYS), service.mine(stranger, room.ours)) == ([], [])
    assert (service.mine(room.reader, room.theirs), service.to_call(room.theirs, DAYS, at=AT)) == ([], [])
    assert service.find_mine(room.reader, room.ours, ref) == service.find_notice(room.ours, ref)
    for who, place in ((stranger, room.ours), (room.reader, room.theirs)):
        with pytest.raises(NotFound):
            service.find_mine(who, place, ref)
    with pytest.raises(NotFound):
        service.find_notice(room.theirs, ref)


def test_a_new_number_or_account_takes_its_notices_along(room: Room) -> None:
    room.tell("placed", phone="13900000001")
    service.readdress(room.ours, "13900000001", Recipient(room.reader.id, "周桂兰", "13900000002"))
    db.session.expire_all()
    assert (room.unread(), room.calls()) == (["placed"], [])
    assert (room.notice("placed").name, room.notice("placed").phone) == ("周桂兰", "13900000002")


def test_nothing_is_left_of_whoever_is_forgotten(room: Room) -> None:
    room.tell("placed", phone="13900000001")
    service.readdress(room.ours, "13900000001", Recipient(None, "", ""))
    db.session.expire_all()
    found = room.notice("placed")
    assert ((found.user_id, found.name, found.phone), room.calls()) == ((None, "", ""), [])


def test_notices_are_kept_a_year(room: Room) -> None:
    room.tell("old", at=AT - timedelta(days=366))
    room.tell("kept", at=AT - timedelta(days=364))
    assert service.purge(at=AT) == 1
    assert [notice.source for notice in service.mine(room.reader, room.ours)] == ["kept"]
