"""The signed sheet typed in: times as people write them, merged with scans, the same twice as once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref, local_date
from market.communities.service import find_community
from market.db import unit_of_work
from market.errors import Refusal
from market.gate import service as gate
from market.gate.rules import ScanMethod
from market.settlement import service
from market.settlement.service.arrivals import admit_from_paper, parse_arrival
from market.stalls import service as stalls
from tests.cast import Cast, person, post, sign_in_client
from tests.factories import settlement as make
from tests.settlement.conftest import Desk


def at(day: MarketDay, hour: int, minute: int = 0) -> datetime:
    return clock.at_local(local_date(day), time(hour, minute), day.community.zone)


@pytest.mark.parametrize("text", ["7:12", "07:12", "7：12", "712", "0712", " 7.12 "])
def test_a_time_is_read_as_people_write_it(desk: Desk, text: str) -> None:
    day = desk.ended()
    assert parse_arrival(text, day) == at(day, 7, 12)


@pytest.mark.parametrize("text", ["来了", "25:00", "7:60", "7", "-7:12", "7:12:00"])
def test_what_is_no_time_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_arrival(text, desk.ended())
    assert refused.value.code == "settlement.no_time"


def test_at_a_market_over_midnight_a_small_hour_is_of_the_next_day(desk: Desk) -> None:
    day = desk.ended()
    with unit_of_work():
        day.close_at = day.open_at + timedelta(hours=17)
        assert parse_arrival("0:30", day) == at(day, 0, 30) + timedelta(days=1)
        assert parse_arrival("7:12", day) == at(day, 7, 12)


@pytest.mark.parametrize("text", ["3:00", "19:00"])
def test_a_time_at_which_the_gate_is_shut_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_arrival(text, desk.ended())
    assert refused.value.code == "settlement.time_outside"


def test_who_signed_on_paper_is_there_like_who_was_scanned(desk: Desk) -> None:
    day = desk.ended(scanned=False)
    held = stalls.assignments(day)[0]
    came_at = day.open_at - timedelta(minutes=20)
    with unit_of_work():
        assert admit_from_paper(day, [(held, came_at)], by=desk.clerk, at=make.evening(day)) == 1
    scan = gate.attendance(day)[held.id]
    assert (scan.scanned_at, scan.received_at, scan.method) == (came_at, make.evening(day), ScanMethod.LIST)
    assert service.close_view(day).rows[0].fault is None


def test_typing_the_sheet_twice_is_typing_it_once(desk: Desk) -> None:
    day = desk.ended(scanned=False)
    came = [(held, day.open_at) for held in stalls.assignments(day)]
    with unit_of_work():
        first = admit_from_paper(day, came, by=desk.clerk, at=make.evening(day))
    with unit_of_work():
        again = admit_from_paper(day, came, by=desk.second, at=make.evening(day) + timedelta(hours=1))
    assert (first, again) == (3, 0)


def test_a_scan_that_is_there_already_stays_as_it_was(desk: Desk) -> None:
    day = desk.ended()
    held = stalls.assignments(day)[0]
    before = gate.attendance(day)[held.id].scanned_at
    with unit_of_work():
        assert admit_from_paper(day, [(held, day.open_at)], by=desk.clerk, at=make.evening(day)) == 0
    assert gate.attendance(day)[held.id].scanned_at == before


def test_what_the_gate_would_have_refused_is_refused_for_all(desk: Desk) -> None:
    day = desk.ended(scanned=False)
    first, second, _third = stalls.assignments(day)
    too_early = [(first, day.open_at), (second, day.open_at - timedelta(hours=6))]
    with pytest.raises(Refusal) as refused, unit_of_work():
        admit_from_paper(day, too_early, by=desk.clerk, at=make.evening(day))
    assert (refused.value.code, gate.attendance(day)) == ("settlement.not_admitted", {})


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────


class Typed(NamedTuple):
    """A market that is over, as its clerk sees it."""

    app: Flask
    client: FlaskClient
    ref: str
    page: str
    stalls: list[str]

    def came(self) -> dict[str, datetime]:
        """Who is known to have come, by stall."""
        with self.app.app_context():
            return {
                s.assignment.ref: s.scanned_at for s in gate.attendance(self.day()).values() if s.assignment
            }

    def reported(self) -> int:
        with self.app.app_context():
            return sum(map(len, service.reports(self.day()).values()))

    def day(self) -> MarketDay:
        return find_day_by_ref(self.ref)


@pytest.fixture
def typed(app: Flask, cast: Cast, request: pytest.FixtureRequest) -> Typed:
    """Nobody was scanned and nobody has reported, unless `scanned` is asked for."""
    with app.app_context(), unit_of_work():
        day = make.ended_market(
            find_community(cast.ours), person("staff"), (None, None), scanned=getattr(request, "param", False)
        )
        ref, refs = day.ref, [held.ref for held in stalls.assignments(day)]
    client = sign_in_client(app, app.test_client(), "staff")
    return Typed(app, client, ref, f"/staff/{cast.ours}/days/{ref}/takings", refs)


def test_one_save_takes_arrivals_and_takings_and_the_same_again_changes_nothing(typed: Typed) -> None:
    first, second = typed.stalls
    fields = {
        f"came-{first}": "7:12",
        f"takings-{first}": "820.50",
        f"came-{second}": "0730",
        f"takings-{second}": "",
    }
    answers = [post(typed.client, typed.page, **fields).status_code for _time in (1, 2)]
    with typed.app.app_context():
        day = typed.day()
        wanted = {first: at(day, 7, 12), second: at(day, 7, 30)}
    assert (answers, typed.came(), typed.reported()) == ([302, 302], wanted, 1)


def test_a_wrong_time_saves_nothing_and_keeps_what_was_typed(typed: Typed) -> None:
    first = typed.stalls[0]
    answer = post(typed.client, typed.page, **{f"came-{first}": "72:1", f"takings-{first}": "820.50"})
    body = answer.get_data(as_text=True)
    assert (answer.status_code, 'value="72:1"' in body, 'value="820.50"' in body) == (422, True, True)
    assert (typed.came(), typed.reported()) == ({}, 0)


@pytest.mark.parametrize("typed", [True], indirect=True)
def test_who_was_scanned_has_the_time_and_no_field(typed: Typed) -> None:
    body = typed.client.get(typed.page).get_data(as_text=True)
    assert ("came-" in body, f"takings-{typed.stalls[0]}" in body) == (False, True)
