"""Signing in and out, one-time links, the team: what the browser sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market import clock
from market.app import create_app
from market.db import db, unit_of_work
from market.people import service
from market.people.models import User, UserSession
from market.people.rules import Role
from market.people.service import sessions
from tests.cast import PASSWORD, Cast, csrf_token, person, post
from tests.conftest import settings_for

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tries at one moment, however long a busy machine takes for them: pauses last seconds."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(
        sessions, "_password_matches", lambda stored, password: bool(stored) and password == PASSWORD
    )


def knock(app: Flask, login: str = "staff", password: str = "wrong", **headers: str) -> TestResponse:
    """A try from a fresh browser."""
    client = app.test_client()
    token = csrf_token(client.get("/sign-in").text)
    fields = {"csrf_token": token, "login": login, "password": password}
    return client.post("/sign-in", data=fields, headers=headers)


def test_wrong_and_unknown_are_answered_alike(app: Flask, cast: Cast) -> None:
    def text(login: str) -> tuple[int, str]:
        answer = knock(app, login)
        body = answer.text.replace(login, "")
        body = re.sub(r'name="form_id" value="[^"]*"', "", body)
        return answer.status_code, body.replace(csrf_token(answer.text), "")

    assert text("staff") == text("nobody")
    assert text("staff")[0] == 422


@pytest.mark.usefixtures("fast")
def test_a_forged_forwarding_header_does_not_make_somebody_new(app: Flask, cast: Cast) -> None:
    tries = [knock(app, f"guess{n}", **{"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(26)]
    assert tries == [422] * 25 + [429]


@pytest.mark.usefixtures("fast")
def test_behind_a_trusted_proxy_only_its_own_word_counts(app: Flask, cast: Cast, database_url: str) -> None:
    folder = app.extensions["settings"].instance
    proxied = create_app(settings_for(folder, database_url, trusted_proxies=1))
    forged = [
        knock(proxied, f"guess{n}", **{"X-Forwarded-For": f"10.9.9.{n}, 203.0.113.5"}).status_code
        for n in range(26)
    ]
    assert forged[-1] == 429
    assert knock(proxied, "staff", **{"X-Forwarded-For": "203.0.113.6"}).status_code == 422
    with proxied.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.usefixtures("fast")
def test_whoever_waits_reads_how_long_and_keeps_the_login(app: Flask, cast: Cast) -> None:
    for _ in range(9):
        knock(app)
    answer = knock(app, password=PASSWORD)
    assert answer.status_code == 429
    assert "请等" in answer.text
    assert 'value="staff"' in answer.text
    assert PASSWORD not in answer.text


def test_the_password_is_checked_before_anybody_has_to_wait_for_us(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def look(_stored: str | None, _password: str) -> bool:
        seen.append(db.session.info.get("in_unit_of_work"))
        return True

    monkeypatch.setattr(sessions, "_password_matches", look)
    assert knock(app).status_code == 302
    assert seen == [None]


@pytest.mark.parametrize(
    ("login", "home"),
    [
        ("staff", "/staff/huaiyin/"),
        ("gate", "/gate/huaiyin/"),
        ("member1", "/committee/huaiyin/"),
        ("viewer", "/region/370303001000"),
        ("platform", "/platform/communities"),
    ],
)
def test_everybody_begins_where_their_work_is(app: Flask, cast: Cast, login: str, home: str) -> None:
    assert knock(app, login, PASSWORD).headers["Location"] == home


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(app: Flask, cast: Cast, target: str) -> None:
    client = app.test_client()
    token = csrf_token(client.get("/sign-in", query_string={"next": target}).text)
    fields = {"csrf_token": token, "login": "staff", "password": PASSWORD, "next": target}
    assert client.post("/sign-in", data=fields).headers["Location"] == "/staff/huaiyin/"


def test_signing_in_brings_back_to_the_page_that_was_asked_for(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    page = client.get(client.get("/staff/huaiyin/team").headers["Location"]).text
    fields = {"csrf_token": csrf_token(page), "login": "staff", "password": PASSWORD}
    assert client.post("/sign-in", data={**fields, "next": "/staff/huaiyin/team"}).headers["Location"] == (
        "/staff/huaiyin/team"
    )
    assert 'value="/staff/huaiyin/team"' in page


def test_a_session_planted_beforehand_is_worth_nothing(app: Flask, cast: Cast) -> None:
    """Fixation: the cookie from before the sign-in neither survives nor opens anything."""
    client = app.test_client()
    token = csrf_token(client.get("/sign-in").text)
    planted = client.get_cookie("session")
    client.post("/sign-in", data={"csrf_token": token, "login": "staff", "password": PASSWORD})
    fresh = client.get_cookie("session")
    assert planted is not None
    assert fresh is not None
    assert planted.value != fresh.value
    thief = app.test_client()
    thief.set_cookie("session", planted.value)
    assert thief.get("/account").status_code == 302
    first, second = (app.test_client() for _ in range(2))
    for browser in (first, second):
        page = csrf_token(browser.get("/sign-in").text)
        browser.post("/sign-in", data={"csrf_token": page, "login": "staff", "password": PASSWORD})
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 3


def test_a_copied_cookie_is_dead_once_its_owner_signs_out(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client, thief = sign_in("staff"), app.test_client()
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert thief.get("/account").status_code == 200
    post(client, "/account", "/sign-out")
    assert thief.get("/account").status_code == 302


def test_signing_out_everywhere_ends_every_device_at_once(cast: Cast, sign_in: SignIn) -> None:
    one, other, colleague = sign_in("staff"), sign_in("staff"), sign_in("second")
    assert post(one, "/account", "/account/sign-outs").status_code == 302
    assert [client.get("/account").status_code for client in (one, other, colleague)] == [302, 302, 200]


def test_a_new_password_keeps_this_device_and_ends_the_others(cast: Cast, sign_in: SignIn) -> None:
    one, other = sign_in("staff"), sign_in("staff")
    assert post(one, "/account", "/account/password", password="another four words").status_code == 302
    assert [client.get("/account").status_code for client in (one, other)] == [200, 302]
    weak = post(one, "/account", "/account/password", password="12345678")
    assert (weak.status_code, "太常见" in weak.text) == (422, True)


def test_the_account_lists_every_place_where_one_may_work(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        from market.communities.service import find_community

        service.grant(person("staff"), Role.COMMITTEE, community=find_community(cast.theirs), at=clock.now())
    page = sign_in("staff").get("/account").text
    assert 'href="/staff/huaiyin/"' in page
    assert 'href="/committee/songhe/"' in page


# ── one-time links ────────────────────────────────────────────────────────────────────────────────────────


def link_on(page: str) -> str:
    return page.split('value="http://127.0.0.1:8000')[1].split('"')[0]


def test_a_newcomer_enters_by_a_link_once_and_previews_do_not_use_it_up(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    made = post(sign_in("staff"), "/staff/huaiyin/team", display_name="赵新人", login="zhao", role="gate")
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    address = link_on(made.text)
    assert "<svg" in made.text
    previews = [app.test_client().get(address).status_code for _ in range(3)]
    assert previews == [200, 200, 200]
    newcomer = app.test_client()
    token = csrf_token(newcomer.get(address).text)
    assert newcomer.post(address, data={"csrf_token": token}).headers["Location"] == "/gate/huaiyin/"
    late = app.test_client()
    token = csrf_token(late.get("/sign-in").text)
    assert late.post(address, data={"csrf_token": token}).status_code == 410
    assert late.get(address).status_code == 410


def test_a_link_that_opens_nothing_says_why_and_how_to_get_in(app: Flask, cast: Cast) -> None:
    """E26: spent, out of date, replaced by a newer one; and what waits in the phone is not lost."""

    def link(at: datetime) -> str:
        return "/enter/" + service.make_sign_in_link(person("gate"), by=person("staff"), at=at)

    with app.app_context(), unit_of_work():
        old = link(clock.now())
        spent = link(clock.now())
        service.use_sign_in_link(spent.removeprefix("/enter/"), at=clock.now())
        late = link(clock.now() - timedelta(days=3, seconds=1))
    for address, why in ((old, "后来又给过一个新的"), (spent, "一个链接只能用一次"), (late, "三天内有效")):
        answer = app.test_client().get(address)
        assert answer.status_code == 410
        assert why in answer.text
        assert "请用密码登录" in answer.text or "用密码登录，或请" in answer.text
        assert 'href="/sign-in"' in answer.text
        assert "没送到的都还在这部手机里" in answer.text
        assert "Clear-Site-Data" not in answer.headers


def test_two_tabs_opened_right_after_signing_in_share_one_token(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    """The cookie of neither answer has reached the browser when the other page is asked for."""
    cookie = sign_in("staff").get_cookie("session")
    assert cookie is not None
    tabs = []
    for _ in range(2):
        tab = app.test_client()
        tab.set_cookie("session", cookie.value)
        token = csrf_token(tab.get("/staff/huaiyin/team").text)
        after = tab.get_cookie("session")
        assert after is not None
        tabs.append((token, after.value))
    browser = app.test_client()
    browser.set_cookie("session", tabs[-1][1])
    for token, _after in tabs:
        new = {"display_name": "新人", "login": f"n{len(token)}{token[-4:]}", "role": "gate"}
        assert browser.post("/staff/huaiyin/team", data={"csrf_token": token, **new}).status_code == 200


def test_naming_the_administrator_as_a_helper_gives_no_link_into_that_account(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in("staff")
    answer = post(client, "/staff/huaiyin/team", display_name="谁", login="platform", role="gate")
    assert answer.headers["Location"] == "/staff/huaiyin/team"
    page = client.get("/staff/huaiyin/team").text
    assert "已经有账号" in page
    assert page.count('/link"') == 3  # staff and gate; members' links are made by another member


# ── the team ──────────────────────────────────────────────────────────────────────────────────────────────


def end_role(app: Flask, client: FlaskClient, login: str, role: str) -> TestResponse:
    with app.app_context():
        ref = person(login).ref
    return post(client, "/staff/huaiyin/team", f"/staff/huaiyin/team/{ref}/{role}/end")


def test_a_role_taken_away_counts_from_the_next_request(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff, second = sign_in("staff"), sign_in("second")
    assert second.get("/staff/huaiyin/fund").status_code == 200
    assert end_role(app, staff, "second", "staff").status_code == 302
    assert second.get("/staff/huaiyin/fund").status_code == 403
    assert second.get("/account").status_code == 200


def test_the_last_of_the_staff_stays(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    end_role(app, staff, "second", "staff")
    answer = end_role(app, staff, "staff", "staff")
    assert (answer.status_code, "people.last_staff" in answer.text) == (409, True)
    assert staff.get("/staff/huaiyin/team").status_code == 200


def test_people_of_the_other_community_are_not_in_our_list(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    assert end_role(app, staff, "gate-b", "gate").status_code == 404
    assert staff.get("/staff/songhe/team").status_code == 403
    assert end_role(app, staff, "gate", "king").status_code == 404


def test_what_was_typed_is_kept_when_something_is_missing(cast: Cast, sign_in: SignIn) -> None:
    answer = post(sign_in("staff"), "/staff/huaiyin/team", display_name="赵新人", login="zhao")
    assert answer.status_code == 422
    assert 'value="赵新人"' in answer.text
    assert "请选一项" in answer.text


# ── first set-up and demo ─────────────────────────────────────────────────────────────────────────────────


def test_a_fresh_installation_is_set_up_once(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalars(sa.select(User)).all() == []
        with unit_of_work():
            token = service.make_setup_token(at=clock.now())
    fields = {"display_name": "平台", "login": "admin", "password": "four plain words"}
    client = app.test_client()
    wrong = post(client, "/setup", token="guess", **fields)
    assert (wrong.status_code, "people" not in wrong.headers.get("Location", "")) == (403, True)
    assert 'value="平台"' in wrong.text
    assert post(client, "/setup", token=token, **fields).headers["Location"] == "/platform/communities"
    assert client.get("/setup").headers["Location"] == "/sign-in"
    again = app.test_client()
    page = csrf_token(again.get("/sign-in").text)
    answer = again.post("/setup", data={"csrf_token": page, "token": token, **fields, "login": "second"})
    assert answer.status_code == 403


def test_outside_the_demo_nobody_signs_in_by_one_click(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    with app.app_context():
        ref = person("staff").ref
    assert post(client, "/sign-in", "/demo-sign-in", user=ref).status_code == 403
    assert client.get("/account").status_code == 302
