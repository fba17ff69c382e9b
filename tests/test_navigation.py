"""Preferences, the way back after them, and static addresses that follow their content."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from market.access import policy_of
from market.addresses import safe_next
from market.layout.frame import NAVIGATION, UNDER, nearest
from tests.cast import Cast

ELSEWHERE = [
    None,
    "",
    "evil.example",
    "https://evil.example",
    "http:evil.example",
    "HTTPS://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\x00/evil.example",
    "/\x0b/evil.example",
    "/\x7f/evil.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,hi",
    "vbscript:x",
    "mailto:a@evil.example",
    "@evil.example",
    ".evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "//evil.example@market.example",
    "//market.example:80@evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "//[::1",
    "//%65vil.example",
    "//xn--fiq.example",
    "／／evil.example",
    "/c/huaiyin/\r\nSet-Cookie: session=1",
    "/\\t/evil.example",
]

OURS = [
    "/",
    "/c/huaiyin/",
    "/c/huaiyin/calendar?month=2026-11",
    "/staff/huaiyin/days/abc#papers",
    "/%2f%2fevil",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_leads_out_of_the_house(app: Flask, target: str | None) -> None:
    assert safe_next(target) is None
    answer = app.test_client().get("/preferences", query_string={"next": target or ""})
    assert answer.headers.get("Location", "/") == "/"


@pytest.mark.parametrize("target", OURS)
def test_ways_inside_are_taken(app: Flask, target: str) -> None:
    assert safe_next(target) == target
    answer = app.test_client().get("/preferences", query_string={"next": target})
    assert answer.headers["Location"] == target


def test_large_type_stays_until_it_is_taken_back(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    client.get("/preferences?elder=1&next=/")
    assert "data-elder" in client.get("/c/huaiyin/").text
    client.get("/preferences?elder=0&next=/")
    assert "data-elder" not in client.get("/c/huaiyin/").text


def test_one_choice_leaves_the_other_as_it_was(app: Flask) -> None:
    client = app.test_client()
    client.get("/preferences?elder=1")
    client.get("/preferences?lang=en")
    page = client.get("/sign-in").text
    assert re.search(r'<html\s+lang="en"', page)
    assert "data-elder" in page


def test_the_choice_is_kept_for_a_year_and_not_for_scripts(app: Flask) -> None:
    cookie = app.test_client().get("/preferences?elder=1").headers["Set-Cookie"]
    assert cookie.startswith("preferences=elder;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_links_come_back_to_the_page_with_its_question(app: Flask, cast: Cast) -> None:
    page = app.test_client().get("/c/huaiyin/calendar?month=2026-11").text
    assert "next=%2Fc%2Fhuaiyin%2Fcalendar%3Fmonth%3D2026-11" in page


def test_every_line_of_the_navigation_and_every_page_under_one_exists(app: Flask) -> None:
    lines = {endpoint for items in NAVIGATION.values() for endpoint, _label in items}
    addresses = [rule.rule for rule in app.url_map.iter_rules()]
    assert lines <= set(app.view_functions)
    assert set(UNDER.values()) <= lines
    assert all(any(address.startswith(start) for address in addresses) for start in UNDER)


@pytest.mark.parametrize(
    ("endpoint", "line"),
    [
        ("pages.desk", "pages.desk"),
        ("calendar.days", "pages.desk"),
        ("pages.day", "pages.desk"),
        ("pages.applications", "pages.desk"),
        ("stalls.plan", "pages.desk"),
        ("gate.pass_list", "pages.desk"),
        ("passes.call_off", "pages.desk"),
        ("settlement.close", "pages.desk"),
        ("stalls.weights", "pages.desk"),
        ("pages.vendor", "vendors.register"),
        ("vendors.edit_vendor", "vendors.register"),
        ("settlement.terms_for", "vendors.register"),
        ("pages.calls", "pages.calls"),
        ("pages.venue_stall", "places.venues"),
        ("fund.desk", "fund.desk"),
        ("pages.market", "pages.community"),
        ("stalls.public_lottery", "pages.community"),
        ("fund.market_account", "fund.page"),
        ("passes.my_pass", "pages.vendor_home"),
        ("settlement.takings", "pages.vendor_home"),
        ("settlement.terms", "settlement.terms"),
        ("notices.mine", "pages.vendor_home"),
        ("spending.proposal", "spending.committee"),
        ("people.sign_in", None),
    ],
)
def test_the_menu_marks_the_room_shown(app: Flask, endpoint: str, line: str | None) -> None:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    assert marked(app, rule) == line


def test_every_page_inside_a_community_has_its_place_in_the_menu(app: Flask) -> None:
    frames = ("/c/<slug>/", "/staff/<slug>/", "/vendor/<slug>/", "/committee/<slug>/")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(frames):
            assert marked(app, rule), rule.endpoint


def marked(app: Flask, rule: Rule) -> str | None:
    """The line of the navigation that a page of this address has marked."""
    policy = policy_of(app.view_functions[rule.endpoint])
    assert policy is not None
    known = [endpoint for endpoint, _label in NAVIGATION.get(policy.audiences[0], ())]
    return nearest(rule.endpoint, rule.rule, known)
