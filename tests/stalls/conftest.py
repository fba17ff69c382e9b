"""The desk of a staff member: over HTTP, and in a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.serving import make_server

from market.calendar.models import MarketDay
from market.db import unit_of_work
from market.places import service as places
from tests.cast import Cast, person
from tests.factories.stalls import approved, day_under_review, planned_day
from tests.stalls.desk import Desk
from tests.stalls.screen import Screen


@pytest.fixture
def desk_of(app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]) -> Callable[..., Desk]:
    def make(prepare: Callable[[MarketDay], object] = lambda day: None, *, planned: bool = True) -> Desk:
        with app.app_context(), unit_of_work():
            ours, by = places.find_community(cast.ours), person("staff")
            day = planned_day(ours, by) if planned else day_under_review(ours, by)
            prepare(day)
            ref = day.ref
        return Desk(app, sign_in("staff"), ref)

    return make


@pytest.fixture
def desk(app: Flask, cast: Cast, page: Page) -> Iterator[Screen]:
    with app.app_context(), unit_of_work():
        day = planned_day(places.find_community(cast.ours), person("staff"))
        approved(day, person("staff"), "候补甲")
        ref, venue = day.ref, day.venue.ref
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Screen(app, page, f"http://127.0.0.1:{server.server_port}", ref, venue)
    server.shutdown()
    thread.join()
