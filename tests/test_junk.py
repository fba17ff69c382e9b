"""Whatever a POST carries, in the names and values of its fields and in its address, is no error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from market.access import Audience, policy_of
from tests.demo_year import OURS, Samples, client_of, rules, samples
from tests.test_typed_text import every_form

pytestmark = pytest.mark.usefixtures("nothing_kept")

LOGINS = {
    Audience.PUBLIC: None, Audience.SIGNED_IN: "demo-staff", Audience.VENDOR: "demo-vendor",
    Audience.GATE: "demo-gate", Audience.STAFF: "demo-staff", Audience.COMMITTEE: "demo-member-1",
    Audience.PLATFORM: "demo-platform", Audience.REGION: "demo-viewer", Audience.PHONE: None,
    Audience.PROGRAM: None,
}  # fmt: skip

VALUES = (
    "", "\u202e", "\x00", "9" * 30, "-1", "1e400", "NaN", "²", "٣", "2026-02-30", "0001-01-01", "25:99",
    "a.b.c", "'; --", "\ud7ff\U0001f9e7", "[]", "\r\n\t",
)  # fmt: skip

LONG, AT_ONCE = "甲" * 300, 100
"""A long text, and in how many fields of one request: too large a body is refused before it is read."""

PREFIXES = (
    "takings", "gift", "came", "clean", "clean-seen", "seen", "estimated", "sure", "visits", "stall",
    "unprinted", "zone", "least", "votes",
)  # fmt: skip
TAILS = (
    "", "-", "--", "-\u202e", "-\x00", "-0", "-0-", "-0-0", "-99-1", "-0-99", "-1-" + "9" * 30, "--1-1",
    "-²-1", "-0-1-2", "-" + "x" * 300,
)  # fmt: skip
NAMES = [prefix + tail for prefix in PREFIXES for tail in TAILS]
"""Names that are put together on a page and taken apart again by a view."""


@pytest.fixture(scope="module")
def doors(year_app: Flask) -> tuple[Flask, dict[str | None, FlaskClient], Samples]:
    year_app.config["WTF_CSRF_ENABLED"] = False
    clients = {login: client_of(year_app, login) for login in set(LOGINS.values())}
    with year_app.app_context():
        found = samples()
    return year_app, clients, found


@pytest.fixture(scope="module")
def field_names(year_app: Flask) -> list[str]:
    """The names of every field of every form."""
    with year_app.test_request_context():
        return sorted({field.name for form in every_form() for field in form(formdata=None)} - {"csrf_token"})


def posts(app: Flask) -> Iterator[tuple[Rule, str | None]]:
    """Every route that takes a POST, with who may send it. Leaving would end the sender's session."""
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        assert policy is not None
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith("people.delete_session"):
            yield rule, LOGINS[policy.audiences[0]]


def address_of(app: Flask, rule: Rule, found: Samples) -> str:
    given = {"slug": OURS} if "slug" in rule.arguments else {}
    with app.test_request_context():
        return app.url_map.bind("127.0.0.1").build(rule.endpoint, {**found.of(rule), **given}, method="POST")


@pytest.mark.slow
def test_junk_in_every_field_is_never_an_error_of_ours(
    doors: tuple[Flask, dict[str | None, FlaskClient], Samples], field_names: list[str]
) -> None:
    app, clients, found = doors
    wrong, asked = [], 0
    for rule, login in posts(app):
        address = address_of(app, rule, found)
        for body in bodies(field_names):
            status = clients[login].post(address, data=body).status_code
            asked += 1
            if status >= 500 or status == 413:
                wrong.append(f"{rule.rule} {next(iter(body.values()))[:20]!r}: {status}")
    assert wrong == []
    assert asked > 1_000


def bodies(names: list[str]) -> Iterator[dict[str, str]]:
    """Every field with each value; with a long one some of them at a time."""
    for value in VALUES:
        yield dict.fromkeys(names, value)
    for first in range(0, len(names), AT_ONCE):
        yield dict.fromkeys(names[first : first + AT_ONCE], LONG)


@pytest.mark.slow
def test_names_that_no_page_makes_are_never_an_error_of_ours(
    doors: tuple[Flask, dict[str | None, FlaskClient], Samples],
) -> None:
    app, clients, found = doors
    wrong = []
    for rule, login in posts(app):
        address = address_of(app, rule, found)
        for value in ("1", "\u202e"):
            body = MultiDict([(name, value) for name in NAMES] + [(NAMES[0], "2"), ("method", "full_count")])
            answer = clients[login].post(address, data=body)
            if answer.status_code >= 500:
                wrong.append(f"{rule.rule} {value!r}: {answer.status_code}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("junk", ["\x00", "\u202e", "9" * 40, "-1", "a/../b", "x" * 2_000, "²"])
def test_junk_in_an_address_is_never_an_error_of_ours(
    doors: tuple[Flask, dict[str | None, FlaskClient], Samples], junk: str
) -> None:
    app, clients, found = doors
    wrong = []
    for rule, login in posts(app):
        real = {"slug": OURS, **found.of(rule)}
        for name in rule.arguments:
            address = rule.rule
            for other in rule.arguments:
                text = junk if other == name else str(real.get(other))
                address = address.replace(f"<{other}>", quote(text)).replace(f"<int:{other}>", quote(text))
            status = clients[login].post(address, data={}).status_code
            if status >= 500:
                wrong.append(f"{rule.rule} {name}: {status}")
    assert wrong == []
