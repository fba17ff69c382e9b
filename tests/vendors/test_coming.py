"""Who comes: dates ticked ahead, the word before a market, everybody of last time in one act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound, Refusal
from market.stalls import service as stalls
from market.vendors import service
from market.vendors.coming import ComingKind, is_asked
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person, post
from tests.factories import settlement as make
from tests.factories.calendar import bring_to, make_day
from tests.factories.gate import published_day
from tests.factories.vendors import act_for, make_application, make_vendor
from tests.vendors.conftest import Stage

SignIn = Callable[[str], FlaskClient]
S = DayState


@pytest.mark.parametrize(
    ("state", "ahead", "asked"),
    [
        (S.PUBLISHED, 0, True), (S.PUBLISHED, 1, True), (S.PUBLISHED, 3, True), (S.PUBLISHED, 4, False),
        (S.PUBLISHED, -1, False), (S.SETTING_UP, 0, True), (S.ALLOCATED, 1, False), (S.OPEN, 0, False),
    ],
)  # fmt: skip
def test_when_vendors_are_asked(state: DayState, ahead: int, asked: bool) -> None:
    today = clock.now().date()
    assert is_asked(state, today + timedelta(days=ahead), today) is asked


def test_a_date_ticked_ahead_is_an_application_once_there_can_be_one(stage: Stage) -> None:
    day, at = make_day(stage.community, stage.staff, in_days=30, state=S.PREPARED), clock.now()
    service.say_means_to(day, stage.vendor, by=stage.staff, at=at)
    service.say_means_to(day, stage.vendor, by=stage.staff, at=at)
    assert service.ticked_days(stage.vendor, [day]) == {day.id}
    bring_to(day, S.OPEN_FOR_APPLICATION, stage.staff)
    (made,) = service.apply_for_announced(day, by=stage.staff, at=at)
    assert (made.vendor, made.state) == (stage.vendor, ApplicationState.SUBMITTED)
    assert service.apply_for_announced(day, by=stage.staff, at=at) == []
    with pytest.raises(Refusal, check=lambda one: one.code == "vendors.not_announced"):
        service.say_means_to(day, stage.vendor, by=stage.staff, at=at)


def test_what_was_taken_back_or_said_of_another_date_counts_no_longer(stage: Stage) -> None:
    day, at = make_day(stage.community, stage.staff, in_days=30, state=S.PREPARED), clock.now()
    service.say_means_to(day, stage.vendor, by=stage.staff, at=at)
    service.take_word_back(day, stage.vendor, ComingKind.MEANS_TO, by=stage.staff, at=at)
    service.take_word_back(day, stage.vendor, ComingKind.MEANS_TO, by=stage.staff, at=at)
    assert service.words_of(day, ComingKind.MEANS_TO) == {}
    service.say_means_to(day, stage.vendor, by=stage.staff, at=at)
    day.open_at, day.close_at = (moment + timedelta(days=7) for moment in (day.open_at, day.close_at))
    assert service.words_of(day, ComingKind.MEANS_TO) == {}
    service.say_means_to(day, stage.vendor, by=stage.staff, at=at)
    assert set(service.words_of(day, ComingKind.MEANS_TO)) == {stage.vendor.id}


def test_who_is_not_expected_is_not_sure_and_nobody_speaks_for_another_community(stage: Stage) -> None:
    at = clock.now()
    with pytest.raises(NotFound):
        service.say_sure(stage.day, stage.vendor, by=stage.staff, at=at)
    make_application(stage.day, stage.vendor, stage.staff)
    with pytest.raises(Refusal, check=lambda one: one.code == "vendors.not_asked"):
        service.say_sure(stage.day, stage.vendor, by=stage.staff, at=at)
    other = make_vendor(find_community("songhe"), person("staff-b"), "松鹤的")
    with pytest.raises(NotFound):
        service.say_means_to(stage.day, other, by=stage.staff, at=at)


def test_everybody_of_last_time_but_who_answered_already(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        held = make.ended_market(community, staff, (None,) * 4)
        day = make_day(community, staff, in_days=30, state=S.OPEN_FOR_APPLICATION)
        people = [one.vendor for one in stalls.assignments(held)]
        make_application(day, people[0], staff, state=ApplicationState.REJECTED)
        make_application(day, people[1], staff, state=ApplicationState.WITHDRAWN)
        assert stalls.held_before(day) is held
        made = stalls.apply_last_time(day, by=staff, at=clock.now())
        assert {one.vendor_id for one in made} == {one.id for one in people[2:]}
        assert stalls.apply_last_time(day, by=staff, at=clock.now()) == []
        assert service.application_of(day, people[0]).state is ApplicationState.REJECTED


def test_a_vendor_ticks_its_dates_and_staff_open_applications(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        one = make_day(community, staff, in_days=15, state=S.PREPARED).ref
        other = make_day(community, staff, in_days=25, state=S.PREPARED).ref
        now = make_day(community, staff, in_days=10, state=S.OPEN_FOR_APPLICATION).ref
        make_vendor(community, staff, login="13800009999")
    vendor, season = sign_in("13800009999"), "/vendor/huaiyin/season"
    assert "接下来还有 2 场" in vendor.get("/vendor/huaiyin/").text
    assert post(vendor, season, day=[one, now]).location == "/vendor/huaiyin/"
    assert vendor.get(season).text.count("checked") == 2
    assert "已经报了名" in vendor.get(season).text
    assert post(vendor, season, day=[one]).status_code == 302
    page = f"/staff/huaiyin/days/{one}"
    assert post(sign_in("staff"), page, f"{page}/steps", step="open_applications").status_code == 302
    with app.app_context():
        found = {ref: service.applications(calendar.find_day_by_ref(ref)) for ref in (one, other, now)}
        assert [len(found[ref]) for ref in (one, other, now)] == [1, 0, 1]


def test_one_tap_says_that_somebody_comes(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = published_day(community, staff, vendors=2, stall_limit=2)
        day.open_at, day.close_at = (clock.now() + timedelta(days=1, hours=hours) for hours in (0, 3))
        act_for(stalls.assignments(day)[0].vendor, person("gate"))
        ref, second = day.ref, stalls.assignments(day)[1].vendor.ref
        db.session.flush()
    vendor, staff_client = sign_in("gate"), sign_in("staff")
    page = f"/staff/huaiyin/days/{ref}/coming"
    assert "0 家说了来，2 家还没说" in staff_client.get(page).text
    assert "我来" in vendor.get("/vendor/huaiyin/").text
    assert post(vendor, "/vendor/huaiyin/", f"/vendor/huaiyin/days/{ref}/coming").status_code == 302
    assert "您说了来" in vendor.get("/vendor/huaiyin/").text
    assert "自己说的" in staff_client.get(page).text
    assert post(staff_client, page, f"{page}/{second}").location == page
    assert "2 家说了来，0 家还没说" in staff_client.get(page).text
    assert post(staff_client, page, f"{page}/{second}", answer="back").location == page
    assert "1 家说了来，1 家还没说" in staff_client.get(page).text
    assert post(staff_client, page, f"{page}/nosuchvend").status_code == 404
