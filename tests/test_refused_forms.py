"""After a refused form the title begins with what is wrong, the focus stands on the summary: every page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD, Cast
from tests.demo_year import Samples, client_of, samples
from tests.parts.live import served
from tests.test_junk import LOGINS, address_of, posts

Doors = tuple[Flask, dict[str | None, FlaskClient], Samples]


@pytest.fixture(scope="module")
def open_doors(year_app: Flask) -> Doors:
    year_app.config["WTF_CSRF_ENABLED"] = False
    clients = {login: client_of(year_app, login) for login in set(LOGINS.values())}
    with year_app.app_context():
        found = samples()
    return year_app, clients, found


@pytest.fixture
def doors(open_doors: Doors, nothing_kept: None) -> Doors:
    return open_doors


@pytest.mark.slow
def test_every_refused_form_is_named_in_the_title_and_has_the_focus(doors: Doors) -> None:
    app, clients, found = doors
    wrong, refused = [], 0
    for rule, login in posts(app):
        answer = clients[login].post(address_of(app, rule, found), data={"like": "", "junk": "1"})
        page = unescape(answer.get_data().decode(errors="replace"))  # a workbook is no page
        summary = re.search(r'<div class="notice stop"[^>]*role="alert"[^>]*>(.*?)</ul>', page, re.S)
        if answer.status_code < 400 or summary is None:
            continue
        refused += 1
        title = re.search(r"<title>(.*?)</title>", page, re.S)
        assert title is not None
        first = title[1].split(" · ")[0].strip()
        if not first or first not in re.sub(r"\s+", " ", summary[1]) or "autofocus" not in summary[0]:
            wrong.append(f"{rule.rule}: {title[1]!r}")
    assert wrong == []
    assert refused > 20


@pytest.mark.parametrize(
    ("login", "page", "asked", "title"),
    [
        (None, "/sign-in", {"login": "demo-staff", "password": "wrong"}, "手机号（登录名）或密码不对。"),
        ("demo-staff", "/staff/demo/days/{ref}/move?on=2020-01-01", None, "这一天已经过去了"),
        ("demo-staff", "/staff/demo/days/series?rhythm=weekly&since=2020-01-01", None, "这一天已经过去了"),
    ],
)
def test_what_is_found_wrong_after_the_fields_is_named_too(
    doors: Doors, login: str | None, page: str, asked: dict[str, str] | None, title: str
) -> None:
    """A wrong password, a date that is over: said in no field of its own, or only when it was looked up."""
    _app, clients, found = doors
    client, address = clients[login], page.format(ref=found.values["days"]["ref"])
    answer = client.get(address) if asked is None else client.post(address, data=asked)
    assert answer.status_code == 422
    assert re.search(r"<title>\s*" + re.escape(title), unescape(answer.text)), answer.text[:900]


@pytest.mark.browser
def test_the_focus_stands_on_the_summary(app: Flask, cast: Cast, browser: Browser) -> None:
    with served(app) as address:
        page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/staff/**")
        page.goto(f"{address}/staff/{cast.ours}/venues/new")
        page.locator("main form button.first").click()
        page.wait_for_load_state()
        assert page.title().startswith("请给场地起个名字。 · ")
        expect(page.locator("[role=alert]")).to_be_focused()
        page.context.close()
