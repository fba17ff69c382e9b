"""A public page is rendered once, and again as soon as anything in the database has changed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from market.calendar.rules import DayState
from market.db import unit_of_work
from market.places.service import find_community
from tests.cast import Cast, person
from tests.factories.calendar import make_day

PAGE = "/c/huaiyin/"


def test_a_reader_who_has_the_page_is_told_that_it_is_still_true(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    first = client.get(PAGE)
    again = client.get(PAGE, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_change_is_read_at_once(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    before = client.get(PAGE)
    with app.app_context(), unit_of_work():
        theme = make_day(find_community(cast.ours), person("staff"), state=DayState.PUBLISHED).theme
    after = client.get(PAGE, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, theme in before.text, theme in after.text) == (200, False, True)


def test_whoever_is_signed_in_gets_a_page_of_their_own(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    stranger, staff = app.test_client().get(PAGE), sign_in("staff").get(PAGE)
    assert "ETag" in stranger.headers
    assert (staff.headers["Cache-Control"], "ETag" in staff.headers) == ("no-store", False)
