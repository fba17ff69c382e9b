"""What people follow, read back by two parsers that know nothing of each other."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import feedparser
import pytest
import sqlalchemy as sa
import vobject
from flask import Flask
from icalendar import Calendar
from lxml import etree

from market import clock
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.calendar.web_feeds import NEWEST
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.pages import subscriptions
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors.rules import ApplicationState, Category
from tests.cast import OTHER_STREET, STREET, Cast, person
from tests.factories.calendar import bring_to, make_day, make_venue
from tests.factories.vendors import make_application, make_vendor

HOSTILE = "]]>\x00\x0b<script>alert(1)</script>&amp;;,\\n\r\nEND:VEVENT\r\nSTATUS:X\ufffe\U0001f9d3甲"
ATOM = "{http://www.w3.org/2005/Atom}"


class Market(NamedTuple):
    """A published market with two vendors."""

    ref: str
    barber: str
    baker: str


@pytest.fixture
def market(app: Flask, cast: Cast) -> Market:
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        day = make_day(community, by, in_days=5, state=DayState.REVIEWING, theme="冬储菜集")
        refs = []
        for number, (name, kind) in enumerate(
            (("老顾理发", Category.HAIRCUT), ("万家", Category.COOKED_FOOD))
        ):
            vendor = make_vendor(community, by, name, category=kind, phone=f"1390000000{number}")
            make_application(day, vendor, by, state=ApplicationState.APPROVED)
            refs.append(vendor.ref)
        stalls.compute_plan(day, by=by, at=clock.now())
        bring_to(day, DayState.PUBLISHED, by)
        return Market(day.ref, *refs)


class Read(NamedTuple):
    """What both parsers of calendars say of an event, where they agree."""

    uid: str
    sequence: int
    status: str
    summary: str
    begins: Any
    location: str


def events(app: Flask, address: str) -> list[Read]:
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar"), answer.text
    one, other = list(_by_icalendar(answer.data)), list(_by_vobject(answer.text))
    assert one == other
    return one


def _by_icalendar(body: bytes) -> Iterator[Read]:
    for event in Calendar.from_ical(body).walk("VEVENT"):
        words = {name: str(event[name]) for name in ("UID", "STATUS", "SUMMARY", "LOCATION")}
        yield Read(
            words["UID"], event.decoded("SEQUENCE"), words["STATUS"], words["SUMMARY"],
            event.decoded("DTSTART").timestamp(), words["LOCATION"],
        )  # fmt: skip


def _by_vobject(text: str) -> Iterator[Read]:
    for event in getattr(vobject.readOne(io.StringIO(text)), "vevent_list", []):
        yield Read(
            event.uid.value, int(event.sequence.value), event.status.value, event.summary.value,
            event.dtstart.value.timestamp(), event.location.value,
        )  # fmt: skip


def entries(app: Flask, address: str) -> list[tuple[str, str, str, str]]:
    """Id, title, time of the change and page of each entry, as both parsers of feeds say."""
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml"), answer.text
    seen = feedparser.parse(answer.data)
    assert not seen.bozo, seen.get("bozo_exception")
    one = [(entry.id, entry.title, entry.updated, entry.link) for entry in seen.entries]
    root = etree.fromstring(answer.data, etree.XMLParser(resolve_entities=False, no_network=True))
    other = [
        (
            *(str(entry.findtext(ATOM + name)) for name in ("id", "title", "updated")),
            entry.find(ATOM + "link").get("href"),
        )
        for entry in root.iterfind(ATOM + "entry")
    ]
    assert one == other
    return one


def change(app: Flask, ref: str, act: Callable[[MarketDay], object]) -> None:
    with app.app_context(), unit_of_work():
        act(find_day_by_ref(ref))


def later(day: MarketDay) -> None:
    """The same market, an hour later."""
    draft = service.shifted_draft(day, service.local_date(day))
    opens, closes = (
        clock.local(at + timedelta(hours=1), day.community.zone).time() for at in (day.open_at, day.close_at)
    )
    changed = replace(draft, opens=opens, closes=closes)
    service.edit_day(day, changed, by=person("staff"), at=clock.now())


def addresses(market: Market, form: str) -> list[str]:
    return [
        f"/c/huaiyin/calendar.{form}",
        f"/districts/{STREET}.{form}",
        f"/c/huaiyin/kinds/haircut.{form}",
        f"/c/huaiyin/vendors/{market.barber}.{form}",
    ]


@pytest.mark.parametrize("number", range(4))
def test_two_parsers_read_the_same_in_every_calendar(app: Flask, market: Market, number: int) -> None:
    (event,) = events(app, addresses(market, "ics")[number])
    assert event.status == "CONFIRMED"
    assert "槐荫社区睦邻集市" in event.summary
    assert (event.summary.startswith("老顾理发 · "), event.summary.startswith("理发 · ")) == (
        number == 3,
        number == 2,
    )
    assert ("号摊位" in event.location) is (number >= 2)


@pytest.mark.parametrize("number", range(4))
def test_two_parsers_read_the_same_in_every_feed(app: Flask, market: Market, number: int) -> None:
    ((name, title, _changed, page),) = entries(app, addresses(market, "atom")[number])
    assert (page.endswith(f"/c/huaiyin/markets/{market.ref}"), name.startswith(page)) == (True, True)
    assert "槐荫社区睦邻集市" in title
    feed = json.loads(app.test_client().get(addresses(market, "json")[number]).data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert title == feed["items"][0]["title"]
    assert [(item["id"], item["url"]) for item in feed["items"]] == [(name, page)]


@pytest.mark.parametrize("number", range(4))
def test_an_hour_later_is_the_same_event_with_the_next_number(
    app: Flask, market: Market, number: int
) -> None:
    address = addresses(market, "ics")[number]
    (before,) = events(app, address)
    change(app, market.ref, later)
    (after,) = events(app, address)
    assert (after.uid, after.sequence) == (before.uid, before.sequence + 1)
    assert after.begins == before.begins + 3600


@pytest.mark.parametrize("number", range(4))
def test_a_market_that_is_called_off_stays_and_says_so(app: Flask, market: Market, number: int) -> None:
    address = addresses(market, "ics")[number]
    (before,) = events(app, address)
    change(app, market.ref, lambda day: bring_to(day, DayState.POSTPONED, person("staff")))
    (after,) = events(app, address)
    assert (after.uid, after.status) == (before.uid, "CANCELLED")
    assert after.sequence > before.sequence
    assert after.summary.startswith("【延期】")


def test_who_gives_the_stall_back_is_called_off_and_the_market_is_not(app: Flask, market: Market) -> None:
    before = [events(app, address)[0] for address in addresses(market, "ics")]
    change(app, market.ref, lambda day: _gives_back(day, market.barber))
    after = [events(app, address)[0] for address in addresses(market, "ics")]
    assert [event.status for event in after] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED"]
    assert [event.uid for event in after] == [event.uid for event in before]
    assert [new.sequence > old.sequence for new, old in zip(after, before, strict=True)][2:] == [True, True]
    assert after[3].summary.startswith("【不来了】老顾理发")


def _gives_back(day: MarketDay, vendor: str) -> None:
    stalls.release(_held(day, vendor), ReleaseReason.WITHDRAWN, by=person("staff"), at=day.open_at)


def test_another_stall_raises_the_number_of_its_vendor_only(app: Flask, market: Market) -> None:
    before = [events(app, address)[0] for address in addresses(market, "ics")]
    change(app, market.ref, lambda day: _moves(day, market.barber))
    after = [events(app, address)[0] for address in addresses(market, "ics")]
    assert after[0] == before[0]
    assert (after[3].uid, after[3].status) == (before[3].uid, "CONFIRMED")
    assert after[3].sequence > before[3].sequence
    assert after[3].location != before[3].location


def _moves(day: MarketDay, vendor: str) -> None:
    held = _held(day, vendor)
    taken = {one.stall_id for one in stalls.assignments(day)}
    free = next(stall for stall in day.venue.stalls if stall.id not in taken)
    stalls.move(held, free, by=person("staff"), at=day.open_at)


@pytest.mark.parametrize("number", [2, 3])
def test_who_has_two_stalls_is_looked_for_at_both(app: Flask, market: Market, number: int) -> None:
    address = addresses(market, "ics")[number]
    (before,) = events(app, address)
    change(app, market.ref, lambda day: _gets_the_one_beside(day, market.barber))
    (after,) = events(app, address)
    assert after.sequence > before.sequence
    with app.app_context():
        held = _held(find_day_by_ref(market.ref), market.barber)
        labels = "、".join(sorted(held.label.split("+")))
    assert "、" in labels
    assert after.location.endswith(f"，{labels} 号摊位")


def _gets_the_one_beside(day: MarketDay, vendor: str) -> None:
    """Where the last two of the row are free."""
    last = max(day.venue.stalls, key=lambda stall: stall.label)
    moved = stalls.move(_held(day, vendor), last, by=person("staff"), at=day.open_at)
    stalls.add_second(moved, by=person("staff"), at=day.open_at, because="家什多")


def _held(day: MarketDay, vendor: str) -> Assignment:
    return next(one for one in stalls.assignments(day) if one.vendor.ref == vendor)


def test_a_calendar_that_is_full_holds_whole_markets(
    app: Flask, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "MOST", 1)
    with app.app_context():
        day = find_day_by_ref(market.ref)
        known = subscriptions.vendors_known(day.community, day)
    assert sorted(name for _ref, name in known) == ["万家", "老顾理发"]


def test_nobody_learns_of_a_plan_before_it_is_published(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        day = make_day(community, by, in_days=5, state=DayState.REVIEWING)
        vendor = make_vendor(community, by, "老顾理发", category=Category.HAIRCUT, phone="13900000009")
        make_application(day, vendor, by, state=ApplicationState.APPROVED)
        stalls.compute_plan(day, by=by, at=clock.now())
        ref = vendor.ref
    assert events(app, "/c/huaiyin/kinds/haircut.ics") == []
    assert app.test_client().get(f"/c/huaiyin/vendors/{ref}.ics").status_code == 404


@pytest.mark.parametrize("form", ["ics", "atom", "json"])
def test_hostile_words_stay_words_in_every_format(app: Flask, market: Market, form: str) -> None:
    def name(day: MarketDay) -> None:
        day.theme = day.public_note = day.venue.name = day.community.host_org = HOSTILE
        for one in stalls.assignments(day):
            one.vendor.trading_name = HOSTILE

    change(app, market.ref, name)
    for address in addresses(market, form):
        if form == "ics":
            assert len(events(app, address)) == 1
        elif form == "atom":
            assert len(entries(app, address)) == 1
        else:
            assert len(json.loads(app.test_client().get(address).data)["items"]) == 1


@pytest.mark.parametrize("form", ["ics", "atom", "json"])
def test_who_asks_again_is_told_that_nothing_changed(app: Flask, market: Market, form: str) -> None:
    client = app.test_client()
    for address in addresses(market, form):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    change(app, market.ref, later)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("form", ["ics", "atom", "json"])
def test_a_feed_takes_few_statements_however_long_it_is(app: Flask, market: Market, form: str) -> None:
    with app.app_context(), unit_of_work():
        community, by = find_community("huaiyin"), person("staff")
        venue = make_venue(community, by, name="北广场")
        for number in range(NEWEST):
            make_day(community, by, venue=venue, in_days=20 + number, state=DayState.OPEN_FOR_APPLICATION)
    for address in addresses(market, form):
        with counted(app) as said:
            answer = app.test_client().get(address)
        assert answer.status_code == 200
        assert len(said) <= 12, said
    if form == "atom":
        assert len(entries(app, f"/c/huaiyin/calendar.{form}")) == NEWEST


class counted:  # noqa: N801  # reads as a word of the test
    """The statements that were said meanwhile."""

    def __init__(self, app: Flask) -> None:
        self.said: list[str] = []
        with app.app_context():
            self.engine = db.engine

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.said.append(statement)

    def __enter__(self) -> list[str]:
        sa.event.listen(self.engine, "before_cursor_execute", self._note)
        return self.said

    def __exit__(self, *_error: object) -> None:
        sa.event.remove(self.engine, "before_cursor_execute", self._note)


def test_calendars_say_how_often_to_ask(app: Flask, market: Market) -> None:
    text = app.test_client().get("/c/huaiyin/calendar.ics").text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H" in text
    assert "X-PUBLISHED-TTL:PT4H" in text


@pytest.mark.parametrize(
    "address",
    [
        "/c/huaiyin/kinds/nothing.ics",
        "/c/huaiyin/vendors/nobody.atom",
        "/districts/1.ics",
        "/c/huaiyin/calendar.rss",
    ],
)
def test_what_is_not_there_is_not_found(app: Flask, market: Market, address: str) -> None:
    assert app.test_client().get(address).status_code == 404


def test_another_community_stands_only_in_the_feed_of_its_own_street(
    app: Flask, cast: Cast, market: Market
) -> None:
    with app.app_context(), unit_of_work():
        theirs = find_community(cast.theirs)
        make_day(theirs, person("staff-b"), state=DayState.OPEN_FOR_APPLICATION, theme="别人的集")
    ours, others = (events(app, f"/districts/{code}.ics") for code in (STREET, OTHER_STREET))
    assert [event.summary for event in (*ours, *others)] == [
        "槐荫社区睦邻集市 · 冬储菜集",
        "松鹤社区睦邻集市 · 别人的集",
    ]
