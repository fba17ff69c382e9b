"""The calendar for phones, read back by a parser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar

from market import clock
from market.calendar import ical, service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.communities.service import find_community
from market.db import unit_of_work
from tests.cast import Cast, person
from tests.factories.calendar import bring_to, make_day

URL = "https://market.example"
HOSTILE = "甲;乙,丙\\\r\nEND:VEVENT\nSTATUS:X\x00\x1b"


@pytest.fixture
def day(app: Flask, cast: Cast) -> Iterator[MarketDay]:
    with app.test_request_context(), unit_of_work():
        yield make_day(find_community(cast.ours), person("staff"), theme="冬储菜集", state=DayState.PUBLISHED)


def written(*days: MarketDay) -> bytes:
    return ical.write_calendar(
        "槐荫社区睦邻集市", days, public_url=URL, address=lambda day: f"{URL}/markets/{day.ref}"
    )


def event(*days: MarketDay) -> dict[str, object]:
    """The first event as a parser reads it."""
    found = Calendar.from_ical(written(*days)).walk("VEVENT")[0]
    return {name: found.decoded(name) for name in found}


def text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def test_an_event_says_what_when_and_where(day: MarketDay) -> None:
    found = event(day)
    assert text(found["SUMMARY"]) == "槐荫社区睦邻集市 · 冬储菜集"
    assert text(found["LOCATION"]) == "小区广场，槐荫路 1 号"
    assert text(found["URL"]) == f"{URL}/markets/{day.ref}"
    assert text(found["UID"]) == f"{day.ref}@market.example"
    assert text(found["STATUS"]) == "CONFIRMED"
    assert found["SEQUENCE"] == day.revision == 5
    assert found["LAST-MODIFIED"] == found["DTSTAMP"] == day.changed_at
    assert (found["DTSTART"], found["DTEND"]) == (day.open_at, day.close_at)


def test_hours_carry_the_zone_of_the_community(day: MarketDay) -> None:
    body = written(day).decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\n" in body
    assert f"DTSTART;TZID=Asia/Shanghai:{clock.local(day.open_at, 'Asia/Shanghai'):%Y%m%dT%H%M%S}" in body
    assert all(len(line) <= 75 for line in written(day).split(b"\r\n"))


def test_a_market_that_closed_early_ends_early(day: MarketDay) -> None:
    by = person("staff")
    bring_to(day, DayState.OPEN, by)
    rain = day.open_at + timedelta(hours=2)
    service.take_step(day, Step.CLOSE, by=by, at=rain, reason="下雨了。", public_note="下雨了。")
    assert event(day)["DTEND"] == rain


def test_a_called_off_day_stays_in_the_feed_and_says_so(day: MarketDay) -> None:
    before = event(day)
    bring_to(day, DayState.POSTPONED, person("staff"))
    after = event(day)
    assert (text(before["STATUS"]), text(after["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert text(after["SUMMARY"]) == "【延期】槐荫社区睦邻集市 · 冬储菜集"
    assert text(after["DESCRIPTION"]).startswith("天气不好。\n")
    assert after["UID"] == before["UID"]
    assert int(str(after["SEQUENCE"])) == int(str(before["SEQUENCE"])) + 1


def test_a_new_date_revives_the_same_event(day: MarketDay) -> None:
    uid = event(day)["UID"]
    bring_to(day, DayState.POSTPONED, person("staff"))
    draft = service.shifted_draft(day, service.local_date(day) + timedelta(days=30))
    service.reschedule(day, draft, public_note="", by=person("staff"), at=clock.now())
    found = event(day)
    assert (found["UID"], text(found["STATUS"])) == (uid, "TENTATIVE")
    assert found["DTSTART"] == day.open_at
    service.take_step(day, Step.CANCEL, by=person("staff"), at=clock.now(), public_note="没有场地了。")
    assert text(event(day)["SUMMARY"]) == "【取消】槐荫社区睦邻集市 · 冬储菜集"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (DayState.PREPARED, "TENTATIVE"),
        (DayState.OPEN_FOR_APPLICATION, "TENTATIVE"),
        (DayState.ALLOCATED, "TENTATIVE"),
        (DayState.PUBLISHED, "CONFIRMED"),
        (DayState.SETTLED, "CONFIRMED"),
        (DayState.POSTPONED, "CANCELLED"),
        (DayState.CANCELLED, "CANCELLED"),
    ],
)
def test_how_sure_a_day_is(state: DayState, status: str) -> None:
    assert ical.status_of(state) == status


def test_hostile_words_stay_words(day: MarketDay) -> None:
    day.theme, day.public_note, day.venue.name = HOSTILE, HOSTILE, HOSTILE
    body = written(day)
    assert b"\x00" not in body
    assert b"\x1b" not in body
    assert body.count(b"\r\nEND:VEVENT\r\n") == 1
    parsed = Calendar.from_ical(body)
    assert sorted(str(part.name) for part in parsed.subcomponents) == ["VEVENT", "VTIMEZONE"]
    plain = "甲;乙,丙\\\nEND:VEVENT\nSTATUS:X"
    assert text(event(day)["SUMMARY"]) == f"槐荫社区睦邻集市 · {plain}"
    assert text(event(day)["STATUS"]) == "CONFIRMED"


def test_the_same_rows_give_the_same_bytes(day: MarketDay) -> None:
    assert written(day) == written(day)


def test_a_feed_without_days_is_still_a_calendar(day: MarketDay) -> None:
    parsed = Calendar.from_ical(written())
    assert (parsed["VERSION"], parsed["X-WR-CALNAME"]) == ("2.0", "槐荫社区睦邻集市")
    assert parsed.walk("VEVENT") == []
