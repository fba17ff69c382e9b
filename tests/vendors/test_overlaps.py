"""Two markets at the same hours: named when applying, approving and placing; never forbidden."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import unit_of_work
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.rules import ApplicationState, hours_overlap
from tests.cast import Cast, person, post
from tests.factories.calendar import make_day, make_venue
from tests.factories.vendors import act_for, make_application, make_vendor

S = DayState.OPEN_FOR_APPLICATION


def hour(text: str) -> datetime:
    hours, minutes = map(int, text.split(":"))
    return datetime(2026, 5, 3, hours, minutes, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (("7:40", "11:30"), ("7:40", "11:30"), True),
        (("7:40", "11:30"), ("11:00", "15:00"), True),
        (("7:40", "11:30"), ("8:00", "9:00"), True),
        (("7:40", "11:30"), ("11:30", "15:00"), False),
        (("7:40", "11:30"), ("17:00", "21:00"), False),
    ],
)
def test_two_markets_are_at_once_from_the_arrival_to_the_end(
    one: tuple[str, str], other: tuple[str, str], both: bool
) -> None:
    spans = [(hour(begin), hour(end)) for begin, end in (one, other)]
    assert hours_overlap(spans[0], spans[1]) is hours_overlap(spans[1], spans[0]) is both


def another(community: Community, by: User, **more: object) -> MarketDay:
    """A market on another plaza of a community, taking applications."""
    venue = make_venue(community, by, name="河边广场")
    return make_day(community, by, venue=venue, in_days=15, state=S, theme="河边集市", **more)


@pytest.fixture
def day(context: Flask, cast: Cast) -> MarketDay:
    with unit_of_work():
        return make_day(find_community(cast.ours), person("staff"), in_days=15, state=S)


def names(day: MarketDay, vendor: Vendor) -> list[str]:
    found = service.applied_elsewhere(day, [vendor])
    return [other.day.theme for other in found.get(vendor.id, ())]


def test_the_same_person_is_found_by_account_or_telephone_in_other_communities_too(
    day: MarketDay, cast: Cast
) -> None:
    by = person("staff")
    with unit_of_work():
        ours = make_vendor(day.community, by, "老张豆浆坊", login="zhang")
        theirs = find_community(cast.theirs)
        elsewhere = another(theirs, person("staff-b"))
        twin = make_vendor(theirs, person("staff-b"), "老张", phone=ours.phone)
        make_application(elsewhere, twin, person("staff-b"))
        assert names(day, ours) == ["河边集市"]
        twin.phone = "13900009999"
        assert names(day, ours) == []
        twin.user = ours.user
        assert names(day, ours) == ["河边集市"]
        assert names(day, make_vendor(day.community, by, "别人")) == []


@pytest.mark.parametrize(
    "state", [ApplicationState.REJECTED, ApplicationState.WITHDRAWN, ApplicationState.SUBMITTED]
)
def test_only_what_is_still_meant_counts(day: MarketDay, state: ApplicationState) -> None:
    by = person("staff")
    with unit_of_work():
        vendor = make_vendor(day.community, by)
        make_application(another(day.community, by), vendor, by, state=state)
        assert names(day, vendor) == (["河边集市"] if state is ApplicationState.SUBMITTED else [])
        evening = {"opens": time(17, 0), "closes": time(20, 0), "arrive_by": time(16, 40)}
        other = make_vendor(day.community, by, "晚上来的")
        make_application(another(day.community, by, **evening), other, by)
        assert names(day, other) == []


def text(client: FlaskClient, address: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", client.get(address).text)))


def test_the_vendor_and_staff_are_warned_when_applying_approving_and_placing(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        by, ours = person("staff"), find_community(cast.ours)
        day = make_day(ours, by, in_days=15, state=S)
        vendor = make_vendor(ours, by)
        act_for(vendor, person("gate"))
        make_application(another(ours, by), vendor, by)
        ref, who = day.ref, vendor.ref
    staff, mine = sign_in("staff"), sign_in("gate")
    warned = "同一时间还报了"
    assert f"您{warned}槐荫社区的「河边集市」（8:00–11:30）" in text(mine, "/vendor/huaiyin/")
    page = f"/staff/huaiyin/days/{ref}/applications"
    assert post(staff, page, vendor=who).status_code == 302
    assert f"{warned}「河边集市」（8:00–11:30，河边广场）" in text(staff, page)
    with app.app_context():
        application = service.find_vendor(find_community("huaiyin"), who).applications[-1].ref
    assert post(staff, page, f"{page}/{application}/decision", decision="approve").status_code == 302
    assert text(staff, page).count(warned) == 2  # the answer to the act, and the line that stays
    with app.app_context(), unit_of_work():
        day = service.find_application(find_community("huaiyin"), application).day
        day.state = DayState.REVIEWING
        stall = next(iter(stalls.plan_state(day).stalls.values())).ref
    plan = f"/staff/huaiyin/days/{ref}/plan"
    assert post(staff, plan, f"/staff/huaiyin/days/{ref}/moves", who=application, to=stall).status_code == 302
    assert warned in text(staff, plan)
    with app.app_context():
        day = service.find_application(find_community("huaiyin"), application).day
        codes = [finding.code for finding in stalls.readiness(day, clock.today(day.community.zone))]
    assert codes.count("plan_elsewhere") == 1
