"""Coming in time and leaving clean: what the gate notes of a vendor, and the ticks of its list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.errors import Refusal
from market.gate import service
from market.gate.rules import Verdict
from market.passes import service as passes
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.rules import Conduct
from tests.cast import Cast, person, post
from tests.factories import gate as make
from tests.factories.calendar import bring_to
from tests.factories.desk import Desk

SignIn = Callable[[str], FlaskClient]


def held_by(desk: Desk) -> list[Assignment]:
    return stalls.assignments(desk.day)


def tick(held: Assignment, at: datetime, desk: Desk, number: int = 1) -> Verdict:
    seen = service.admit_from_list(held, client_id=f"tick-{number:04}", by=desk.volunteer, at=at)
    return seen.verdict


def points(held: Assignment) -> set[Conduct]:
    return vendors.conduct_of(held.vendor, [held.day_id])[held.day_id]


# ── coming in time ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("late", "earned"),
    [
        (timedelta(minutes=-10), {Conduct.CAME_IN_TIME}),
        (timedelta(seconds=30), {Conduct.CAME_IN_TIME}),
        (timedelta(minutes=1), set()),
        (timedelta(hours=1), set()),
    ],
)
def test_who_is_let_in_by_the_hour_earns_a_point(desk: Desk, late: timedelta, earned: set[Conduct]) -> None:
    held = held_by(desk)[0]
    assert tick(held, desk.day.arrive_by + late, desk) is Verdict.ADMITTED
    assert points(held) == earned


def test_a_scan_that_waited_for_a_network_counts_by_the_hour_of_coming(desk: Desk) -> None:
    held = held_by(desk)[0]
    code = next(p.short_code for p in passes.live_passes(desk.day) if p.assignment.id == held.id)
    came_at = desk.day.arrive_by - timedelta(minutes=5)
    make.scan_code(desk.day, code, desk.volunteer, at=desk.day.open_at, scanned_at=came_at)
    assert points(held) == {Conduct.CAME_IN_TIME}


def test_who_is_not_let_in_earns_nothing(desk: Desk) -> None:
    held = held_by(desk)[0]
    assert tick(held, desk.day.open_at - timedelta(hours=6), desk) is Verdict.TOO_EARLY
    assert points(held) == set()


def test_only_the_admission_counts_and_no_later_tick_of_an_earlier_hour(desk: Desk) -> None:
    held = held_by(desk)[0]
    tick(held, desk.day.open_at, desk, 1)
    assert tick(held, make.morning(desk.day), desk, 2) is Verdict.ALREADY_IN
    assert points(held) == set()


# ── leaving clean ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_clean_place_is_ticked_and_the_tick_taken_back(desk: Desk) -> None:
    held, at = held_by(desk)[0], desk.day.close_at
    tick(held, make.morning(desk.day), desk)
    bring_to(desk.day, DayState.OPEN, desk.staff)
    earned = []
    for clean in (True, True, False, False, True):
        service.tick_clean(held, clean, by=desk.volunteer, at=at)
        earned.append(Conduct.LEFT_CLEAN in points(held))
    assert earned == [True, True, False, False, True]
    assert points(held) == {Conduct.CAME_IN_TIME, Conduct.LEFT_CLEAN}


def test_who_did_not_come_leaves_nothing_clean(desk: Desk) -> None:
    held = held_by(desk)[0]
    bring_to(desk.day, DayState.OPEN, desk.staff)
    with pytest.raises(Refusal) as refused:
        service.tick_clean(held, True, by=desk.volunteer, at=desk.day.close_at)
    assert (refused.value.code, points(held)) == ("gate.not_here", set())


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (DayState.PUBLISHED, False),
        (DayState.SETTING_UP, False),
        (DayState.OPEN, True),
        (DayState.CLOSED, True),
        (DayState.SETTLING, True),
        (DayState.SETTLED, False),
        (DayState.ARCHIVED, False),
    ],
)
def test_places_are_ticked_from_the_opening_until_the_settlement(
    desk: Desk, state: DayState, may: bool
) -> None:
    held = held_by(desk)[0]
    tick(held, make.morning(desk.day), desk)
    bring_to(desk.day, state, desk.staff)
    answer = ""
    try:
        service.tick_clean(held, True, by=desk.volunteer, at=desk.day.close_at)
    except Refusal as refusal:
        answer = refusal.code
    assert (answer, Conduct.LEFT_CLEAN in points(held)) == ("" if may else "gate.not_leaving", may)


# ── the list at the gate ──────────────────────────────────────────────────────────────────────────────────


class List(NamedTuple):
    """The sign-in list of a market that is on: the first stall has come, the others have not."""

    app: Flask
    client: FlaskClient
    ref: str
    came: str
    missing: str

    @property
    def page(self) -> str:
        return f"/gate/huaiyin/days/{self.ref}/sign-in"

    @property
    def action(self) -> str:
        return f"/gate/huaiyin/days/{self.ref}/cleaning"

    def tick(self, held: str, **fields: str) -> int:
        return int(post(self.client, self.page, self.action, assignment=held, **fields).status_code)

    def buttons(self) -> list[tuple[str, str]]:
        """Of each button: what pressing it would say, and whether it is pressed."""
        text = self.client.get(self.page).text
        return re.findall(r'name="clean" value="(y?)">\s*<button\s[^>]*aria-pressed="(true|false)"', text)


@pytest.fixture
def on_now(app: Flask, cast: Cast, sign_in: SignIn) -> List:
    with app.app_context(), unit_of_work():
        day = make.running_today(find_community(cast.ours), person("staff"), vendors=2)
        first, second = stalls.assignments(day)
        bring_to(day, DayState.SETTING_UP, person("staff"))
        service.admit_from_list(first, client_id="came-first", by=person("gate"), at=day.open_at)
        bring_to(day, DayState.OPEN, person("staff"))
        found = day.ref, first.ref, second.ref
    return List(app, sign_in("gate"), *found)


def test_one_tap_ticks_and_another_takes_it_back(on_now: List) -> None:
    assert on_now.buttons() == [("y", "false")]
    answer = post(on_now.client, on_now.page, on_now.action, assignment=on_now.came, clean="y")
    assert (answer.status_code, answer.location) == (302, f"{on_now.page}#held-{on_now.came}")
    assert on_now.buttons() == [("", "true")]
    assert on_now.tick(on_now.came, clean="y") == 302  # the same page, pressed on a second phone
    assert on_now.buttons() == [("", "true")]
    assert on_now.tick(on_now.came, clean="") == 302
    assert on_now.buttons() == [("y", "false")]


def test_the_gate_stays_where_it_stands(on_now: List) -> None:
    fields = {"assignment": on_now.came, "clean": "y"}
    answer = post(on_now.client, on_now.page, f"{on_now.action}?entrance=东门", **fields)
    assert answer.location.endswith(f"?entrance=%E4%B8%9C%E9%97%A8#held-{on_now.came}")


@pytest.mark.parametrize(("held", "status"), [("", 422), ("nobody", 404), ("missing", 409)])
def test_what_cannot_be_ticked_is_refused(on_now: List, held: str, status: int) -> None:
    assert on_now.tick(on_now.missing if held == "missing" else held, clean="y") == status
    assert on_now.buttons() == [("y", "false")]


def test_before_the_opening_there_is_nothing_to_tick(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        day = make.running_today(find_community(cast.ours), person("staff"), vendors=1)
        service.admit_from_list(
            stalls.assignments(day)[0], client_id="came-first", by=person("gate"), at=day.open_at
        )
        page = f"/gate/{cast.ours}/days/{day.ref}/sign-in"
    assert "aria-pressed" not in sign_in("gate").get(page).text


@pytest.mark.parametrize(("login", "status"), [("member1", 403), ("gate-b", 403), ("staff", 302)])
def test_only_our_gate_and_staff_tick(on_now: List, sign_in: SignIn, login: str, status: int) -> None:
    client = sign_in(login)
    fields = {"assignment": on_now.came, "clean": "y"}
    answer = post(client, "/account", on_now.action, **fields)
    assert answer.status_code == status
    with on_now.app.app_context():
        day = find_day_by_ref(on_now.ref)
        assert len(vendors.who_earned(day, Conduct.LEFT_CLEAN)) == (status == 302)
