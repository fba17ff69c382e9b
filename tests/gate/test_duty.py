"""Signed in as long as the market: a phone that lay idle goes on, and nothing more than the gate does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people import service as people
from market.people.models import UserSession
from market.people.rules import Role
from tests.cast import Cast, csrf_token, person, post
from tests.factories import gate as make

SignIn = Callable[[str], FlaskClient]
HOUR = timedelta(hours=1)


@pytest.fixture
def gate(app: Flask, cast: Cast) -> str:
    """The address of the gate of a market that is on."""
    with app.app_context(), unit_of_work():
        return f"/gate/huaiyin/days/{make.running_today(find_community('huaiyin'), person('staff')).ref}"


def lie_idle(app: Flask, hours: int) -> None:
    """Every phone was signed in, and used, so long ago."""
    then = clock.now() - hours * HOUR
    with app.app_context(), unit_of_work():
        db.session.execute(sa.update(UserSession).values(created_at=then, seen_at=then))


def end_market(app: Flask, hours_ago: float) -> None:
    now = clock.now()
    with app.app_context(), unit_of_work():
        hours = {"open_at": now - 30 * HOUR, "close_at": now - hours_ago * HOUR}
        db.session.execute(sa.update(MarketDay).values(**hours))


def opens(client: FlaskClient, address: str) -> bool:
    return client.get(address).status_code == 200


def test_a_phone_at_the_gate_that_was_idle_for_hours_goes_on(app: Flask, gate: str, sign_in: SignIn) -> None:
    phone = sign_in("gate")
    lie_idle(app, 13)
    assert [opens(phone, address) for address in (gate, f"{gate}/footfall", "/account")] == [True] * 3
    token = csrf_token(phone.get(gate).text)
    fields = {"csrf_token": token, "entrance": "东门", "slot": 1, "visits": 3}
    assert phone.post(f"{gate}/counts", data=fields).status_code == 302


def test_it_ends_two_hours_after_the_closing(app: Flask, gate: str, sign_in: SignIn) -> None:
    phone = sign_in("gate")
    lie_idle(app, 13)
    end_market(app, 1.9)
    assert opens(phone, gate)
    end_market(app, 2.1)
    assert not opens(phone, gate)


def test_without_a_market_an_idle_hour_ends_it_as_ever(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    phone = sign_in("gate")
    lie_idle(app, 2)
    assert not opens(phone, "/gate/huaiyin/")


def test_an_idle_phone_of_staff_opens_the_gate_and_nothing_else(
    app: Flask, gate: str, sign_in: SignIn
) -> None:
    phone = sign_in("staff")
    lie_idle(app, 2)
    pages = (gate, "/staff/huaiyin/", "/account")
    assert [opens(phone, address) for address in pages] == [True, False, False]
    assert not opens(phone, "/staff/huaiyin/"), "looking at the gate does not bring the rest back"
    assert post(phone, gate, "/sign-out").status_code == 302
    assert not opens(phone, gate)


def test_the_gate_of_another_community_ends_no_later(app: Flask, gate: str, sign_in: SignIn) -> None:
    phone = sign_in("gate-b")
    lie_idle(app, 2)
    assert not opens(phone, "/gate/songhe/")


def test_a_link_that_keeps_to_one_community_opens_that_one(app: Flask, gate: str, sign_in: SignIn) -> None:
    at = clock.now()
    with app.app_context(), unit_of_work():
        theirs = find_community("songhe")
        people.grant(person("gate"), Role.GATE, community=theirs, at=at)
        secret = people.make_sign_in_link(person("gate"), by=person("staff-b"), at=at, community=theirs)
    phone = app.test_client()
    token = csrf_token(phone.get(f"/enter/{secret}").text)
    assert phone.post(f"/enter/{secret}", data={"csrf_token": token}).location == "/gate/songhe/"
    assert opens(phone, "/gate/songhe/")
    assert phone.get(gate).status_code == 403
    page = phone.get("/account").text
    assert "/gate/songhe/" in page
    assert "/gate/huaiyin/" not in page
    assert post(phone, "/account", "/account/password", password="another four words").status_code == 403
    assert post(phone, "/account/number", phone="13900001111").status_code == 403


def test_whoever_works_in_two_places_changes_over_in_the_frame(
    app: Flask, gate: str, sign_in: SignIn
) -> None:
    with app.app_context(), unit_of_work():
        people.grant(person("staff"), Role.STAFF, community=find_community("songhe"), at=clock.now())
    client = sign_in("staff")
    desk, at_the_gate = client.get("/staff/huaiyin/").text, client.get(gate).text
    assert 'href="/staff/songhe/"' in desk
    assert 'class="switch"' in desk
    assert 'href="/staff/huaiyin/"' in at_the_gate
    assert 'class="switch"' not in sign_in("second").get("/staff/huaiyin/").text


@pytest.mark.parametrize(
    "login, page",
    [
        ("staff", "/staff/huaiyin/"),
        ("gate", "/gate/huaiyin/"),
        ("member1", "/committee/huaiyin/"),
        ("platform", "/platform/communities"),
        ("viewer", "/region/370303001000"),
    ],
)
def test_the_account_is_one_tap_away_in_every_frame(
    cast: Cast, sign_in: SignIn, login: str, page: str
) -> None:
    assert 'href="/account"' in sign_in(login).get(page).text


def test_the_first_page_of_the_gate_has_ways_out(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("staff").get("/gate/huaiyin/").text
    assert 'href="/c/huaiyin/"' in page
    assert 'href="/staff/huaiyin/"' in page


@pytest.mark.parametrize(
    "page, line",
    [
        ("applications", "集市日程"),
        ("passes", "集市日程"),
        ("plan", "集市日程"),
        ("settlement", "集市日程"),
    ],
)
def test_the_menu_marks_the_room_that_is_shown(gate: str, sign_in: SignIn, page: str, line: str) -> None:
    address = gate.replace("/gate/", "/staff/")
    text = sign_in("staff").get(f"{address}/{page}").text
    marked = text[text.index('aria-current="page"') :]
    assert marked[: marked.index("</a>")].split(">")[1].strip().startswith(line)
