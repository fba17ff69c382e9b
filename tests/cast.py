"""The cast: Huaiyin is our community, Songhe is somebody else's; everyone's password is the same."""

from __future__ import annotations

import re
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market import clock
from market.communities import service as communities
from market.communities.rules import RegionLevel
from market.db import unit_of_work
from market.people import service as people
from market.people.models import User
from market.people.rules import Role

PASSWORD = "four plain words here"
STREET = "370303001000"
OTHER_STREET = "370303002000"


class Cast(NamedTuple):
    """Slugs; people are known by their logins, which are their roles."""

    ours: str = "huaiyin"
    theirs: str = "songhe"


LOGINS = {
    "staff": ("王社工", (Role.STAFF,)),
    "second": ("李书记", (Role.STAFF,)),
    "gate": ("高志愿", (Role.GATE,)),
    "member1": ("委员甲", (Role.COMMITTEE,)),
    "member2": ("委员乙", (Role.COMMITTEE,)),
    "member3": ("委员丙", (Role.COMMITTEE,)),
}


def make_cast() -> Cast:
    """Both communities with the same roles (`staff` and `staff-b` …), and one platform administrator."""
    at = clock.now()
    with unit_of_work():
        for slug, name, code, suffix in (
            ("huaiyin", "槐荫社区", STREET, ""),
            ("songhe", "松鹤社区", OTHER_STREET, "-b"),
        ):
            region = communities.create_region(code, f"{name}街道", RegionLevel.STREET, at=at)
            community = communities.create_community(
                slug,
                name,
                region,
                host_org=f"{name}居民委员会",
                phone="0533-000-0000",
                zone="Asia/Shanghai",
                by=None,
                at=at,
            )
            for login, (display_name, roles) in LOGINS.items():
                user = make_user(login + suffix, display_name)
                for role in roles:
                    people.grant(user, role, community=community, at=at)
            viewer = make_user("viewer" + suffix, "街道办")
            people.grant(viewer, Role.REGION_VIEWER, region=region, at=at)
        people.grant(make_user("platform", "平台管理员"), Role.PLATFORM, at=at)
    return Cast()


_hashes: dict[str, str] = {}


def make_user(login: str, display_name: str) -> User:
    """An account with the common test password; hashed once, because argon2 is meant to be slow."""
    user = people.create_user(login, display_name, None, at=clock.now())
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = people.hash_password(PASSWORD)
    user.password_hash = _hashes[PASSWORD]
    return user


def person(login: str) -> User:
    """The account of somebody of the cast (inside an application context)."""
    user = people.find_user(login)
    assert user is not None
    return user


def csrf_token(page: str) -> str:
    """The token of the first form on a page, or of its meta tag."""
    found = re.search(r'name="csrf[_-]token"[^>]* (?:value|content)="([^"]+)"', page)
    assert found is not None, "no CSRF token on this page"
    return found[1]


def sign_in_client(app: Flask, client: FlaskClient, login: str) -> FlaskClient:
    """Signs in through the page, as a person would."""
    token = csrf_token(client.get("/sign-in").get_data(as_text=True))
    answer = client.post("/sign-in", data={"csrf_token": token, "login": login, "password": PASSWORD})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return client


def post(client: FlaskClient, page: str, action: str | None = None, **fields: object) -> TestResponse:
    """Opens `page` for its CSRF token and posts `fields` to `action` (the page itself when None)."""
    token = csrf_token(client.get(page).get_data(as_text=True))
    return client.post(action or page, data={"csrf_token": token, **fields})
