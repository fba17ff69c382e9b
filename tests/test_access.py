"""The generated matrix: every route × method × person × community against what the route declares."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from market.access import KEY_HOLDERS, Audience, Policy, policy_of
from market.config import ROOT
from market.db import db
from market.people.rules import ROLE_AUDIENCES, Role
from tests.demo_year import OTHER_REGION, OURS, THEIRS, Samples, client_of, rules, samples

pytestmark = pytest.mark.usefixtures("nothing_kept")

PEOPLE: dict[str, tuple[Role, str] | None] = {
    "nobody": None,
    "demo-vendor": (Role.VENDOR, OURS),
    "demo-gate": (Role.GATE, OURS),
    "demo-staff": (Role.STAFF, OURS),
    "demo-member-1": (Role.COMMITTEE, OURS),
    "demo-viewer": (Role.REGION_VIEWER, ""),
    "demo-platform": (Role.PLATFORM, ""),
    "other-vendor": (Role.VENDOR, THEIRS),
    "other-gate": (Role.GATE, THEIRS),
    "other-staff": (Role.STAFF, THEIRS),
    "other-member": (Role.COMMITTEE, THEIRS),
    "other-viewer": (Role.REGION_VIEWER, OTHER_REGION),
}
"""Everybody who may knock, with the role and where it counts."""

WHEN_SETTLED = ("/c/<slug>/fund/markets/", "/api/v1/communities/<slug>/markets/<ref>/account")
"""What is there of a market when it was settled; the market of the samples is not."""
PRIVATE = ("13800000001", "13800000022", "苗海丰", "张万福")
"""Phones and holders of the demo community: nobody from elsewhere may ever read them."""


class Knocker:
    """Somebody who shows the same cookie at every door, whatever the last door said of it."""

    def __init__(self, app: Flask, login: str | None) -> None:
        cookie = client_of(app, login).get_cookie("session") if login else None
        self._headers = {"Accept": "application/json, text/html;q=0.5"}
        self._headers |= {"Cookie": f"session={cookie.value}"} if cookie else {}
        self._client = app.test_client(use_cookies=False)

    def open(self, address: str, method: str) -> TestResponse:
        return self._client.open(address, method=method, headers=self._headers, buffered=True)


@pytest.fixture(scope="module")
def doors(year_app: Flask) -> tuple[Flask, dict[str, Knocker], Samples]:
    """The application, a client for each person, and addresses of the demo community's objects."""
    year_app.config["WTF_CSRF_ENABLED"] = False
    clients = {login: Knocker(year_app, None if login == "nobody" else login) for login in PEOPLE}
    with year_app.app_context():
        found = samples()
    return year_app, clients, found


def call(client: Knocker, app: Flask, rule: Rule, method: str, values: dict[str, object]) -> TestResponse:
    with app.test_request_context():
        address = app.url_map.bind("127.0.0.1").build(rule.endpoint, values, method=method)
    return client.open(address, method)


def answer(response: TestResponse) -> str:
    """How the policy answered: `sign_in`, `forbidden`, or `open` (whatever the view then said)."""
    code = (response.get_json(silent=True) or {}).get("code")
    if code == "access.not_yours":
        assert response.status_code == 403
        return "forbidden"
    if code == "access.sign_in":
        assert response.status_code == 401
        return "sign_in"
    if response.status_code == 302 and response.headers["Location"].startswith("/sign-in?next="):
        return "sign_in"
    return "open"


def expected(policy: Policy, login: str, slug: str, code: str) -> str:
    """What the declaration promises this person in this community or region."""
    if policy.audiences in ((Audience.PUBLIC,), *KEY_HOLDERS):  # a key is the view's question
        return "open"
    held = PEOPLE[login]
    if held is None:
        return "sign_in"
    role, where = held
    for audience in policy.audiences:
        if audience is Audience.SIGNED_IN:
            return "open"
        if audience is Audience.PLATFORM and role is Role.PLATFORM:
            return "open"
        if audience is Audience.REGION and role is Role.REGION_VIEWER and (where or code) == code:
            return "open"
        if role in ROLE_AUDIENCES.get(audience, ()) and where == slug:
            return "open"
    return "forbidden"


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def region_code(app: Flask) -> str:
    from market.communities.service import find_community

    with app.app_context():
        return find_community(OURS).region.code


@pytest.mark.slow
def test_every_route_keeps_its_declaration_for_everybody(
    doors: tuple[Flask, dict[str, Knocker], Samples],
) -> None:
    app, clients, found = doors
    code, wrong, calls = region_code(app), [], 0
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        assert policy is not None, rule.endpoint
        places = [OURS, THEIRS] if "slug" in rule.arguments else [""]
        for slug in places:
            given = {"slug": slug} if slug else {}
            given |= {"code": code} if "code" in rule.arguments else {}
            for method in methods(rule):
                for login, client in clients.items():
                    response = call(client, app, rule, method, {**found.of(rule), **given})
                    calls += 1
                    got, wanted = answer(response), expected(policy, login, slug, code)
                    if got != wanted or response.status_code >= 500:
                        wrong.append(
                            f"{method} {rule.rule} in {slug}: {login} {got} {response.status_code} ≠ {wanted}"
                        )
    assert wrong == []
    assert calls > 2_000


def test_objects_of_another_community_do_not_exist(
    doors: tuple[Flask, dict[str, Knocker], Samples],
) -> None:
    """Each person of the other community asks there for objects of ours, by their true references."""
    app, clients, found = doors
    wrong = []
    for rule in rules(app):
        values = found.of(rule)
        if "slug" not in rule.arguments or not any(name.endswith("ref") for name in values):
            continue
        if shows_a_key(app, rule):
            continue  # no person opens it: tests/api/test_writing.py asks there with keys of others
        for method in methods(rule):
            for login in ("nobody", "other-vendor", "other-gate", "other-staff", "other-member"):
                response = call(clients[login], app, rule, method, {**values, "slug": THEIRS})
                if answer(response) == "open" and response.status_code != 404:
                    wrong.append(f"{method} {rule.rule}: {login} got {response.status_code}")
    assert wrong == []


def test_the_addresses_asked_for_do_exist_at_home(
    doors: tuple[Flask, dict[str, Knocker], Samples],
) -> None:
    """The leak test above has something to leak: at home the same addresses are found."""
    app, clients, found = doors
    missing = []
    for rule in rules(app):
        values = found.of(rule)
        if (
            "slug" not in rule.arguments
            or "GET" not in methods(rule)
            or not any(n.endswith("ref") for n in values)
        ):
            continue
        login = {"gate": "demo-gate", "committee": "demo-member-1", "vendor": "demo-vendor"}.get(
            rule.rule.split("/")[1], "demo-staff"
        )
        response = call(clients[login], app, rule, "GET", {**values, "slug": OURS})
        if response.status_code == 404 and not rule.rule.startswith(WHEN_SETTLED):
            missing.append(f"{rule.rule}: {login} {response.get_data(as_text=True)[:200]}")
    assert missing == []


@pytest.mark.slow
def test_private_words_stay_at_home(doors: tuple[Flask, dict[str, Knocker], Samples]) -> None:
    app, clients, found = doors
    code, leaks = region_code(app), []
    for rule in rules(app):
        if "GET" not in methods(rule) or rule.endpoint == "static":
            continue
        for slug in [OURS, THEIRS] if "slug" in rule.arguments else [""]:
            values = {**found.of(rule), **({"slug": slug} if slug else {})}
            values |= {"code": code} if "code" in rule.arguments else {}
            for login in PEOPLE:
                if login.startswith("demo-") and login not in ("demo-viewer", "demo-platform"):
                    continue
                body = call(clients[login], app, rule, "GET", values).get_data().decode(errors="replace")
                leaks += [f"{rule.rule} in {slug}: {login} reads {word}" for word in PRIVATE if word in body]
    assert leaks == []


def shows_a_key(app: Flask, rule: Rule) -> bool:
    """Phones at the gate and programs show a key instead of a cookie, which no other site's form can send."""
    policy = policy_of(app.view_functions[rule.endpoint])
    return policy is not None and policy.audiences in KEY_HOLDERS


def test_no_form_is_taken_without_its_token(doors: tuple[Flask, dict[str, Knocker], Samples]) -> None:
    app, clients, found = doors
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        taken = []
        for rule in rules(app):
            if "POST" not in methods(rule) or shows_a_key(app, rule):
                continue
            values = {**found.of(rule), **({"slug": OURS} if "slug" in rule.arguments else {})}
            values |= {"code": region_code(app)} if "code" in rule.arguments else {}
            response = call(clients["demo-staff"], app, rule, "POST", values)
            if response.status_code != 400 or response.get_json()["code"] != "http.form_expired":
                taken.append(f"{rule.rule}: {response.status_code}")
        assert taken == []
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.slow
def test_reading_changes_nothing(doors: tuple[Flask, dict[str, Knocker], Samples]) -> None:
    app, clients, found = doors

    def content() -> str:
        """Everything the database holds, as text."""
        with app.app_context(), closing(sqlite3.connect(str(db.engine.url.database))) as reader:
            return "\n".join(reader.iterdump())

    before = content()
    for rule in rules(app):
        if "GET" in methods(rule):
            values = {**found.of(rule), **({"slug": OURS} if "slug" in rule.arguments else {})}
            values |= {"code": region_code(app)} if "code" in rule.arguments else {}
            for login in ("nobody", "demo-staff", "demo-vendor", "demo-gate"):
                call(clients[login], app, rule, "GET", values)
    assert content() == before


ROUTES = ROOT / "tests" / "routes.txt"


def test_the_list_of_routes_is_the_one_that_was_reviewed(year_app: Flask) -> None:
    """tests/routes.txt lists path, method and audience; a change of a route is a change of that file."""
    lines = []
    for rule in rules(year_app):
        policy = policy_of(year_app.view_functions[rule.endpoint])
        assert policy is not None
        audiences = ",".join(policy.audiences)
        lines += [f"{method:4} {rule.rule}  {audiences}  {rule.endpoint}" for method in methods(rule)]
    if os.environ.get("ROUTES") == "write":
        ROUTES.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert ROUTES.read_text(encoding="utf-8").splitlines() == lines, (
        "Meant? Then: ROUTES=write python -m pytest tests/test_access.py -k list_of_routes"
    )
