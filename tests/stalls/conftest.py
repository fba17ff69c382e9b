"""Our community and its clerk in a unit of work; the clerk's desk over HTTP, and in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import unit_of_work
from market.people.models import User
from tests.cast import Cast, person
from tests.factories.stalls import approved, day_under_review, planned_day
from tests.parts.live import served
from tests.stalls.desk import Desk
from tests.stalls.screen import Screen


@pytest.fixture
def community(context: Flask, cast: Cast) -> Iterator[Community]:
    """Ours, inside a unit of work."""
    with unit_of_work():
        yield find_community(cast.ours)


@pytest.fixture
def by(community: Community) -> User:
    return person("staff")


@pytest.fixture
def prepared_day(app: Flask, cast: Cast) -> Callable[[Callable[[MarketDay], object], bool], str]:
    """Makes a day of ours, with a plan or still under review, prepares it, and answers with its reference."""

    def make(prepare: Callable[[MarketDay], object], planned: bool) -> str:
        with app.app_context(), unit_of_work():
            ours, by = find_community(cast.ours), person("staff")
            day = planned_day(ours, by) if planned else day_under_review(ours, by)
            prepare(day)
            return day.ref

    return make


@pytest.fixture
def desk_of(
    app: Flask, prepared_day: Callable[..., str], sign_in: Callable[[str], FlaskClient]
) -> Callable[..., Desk]:
    def make(prepare: Callable[[MarketDay], object] = lambda day: None, *, planned: bool = True) -> Desk:
        return Desk(app, sign_in("staff"), prepared_day(prepare, planned))

    return make


@pytest.fixture
def desk(app: Flask, cast: Cast, page: Page) -> Iterator[Screen]:
    with app.app_context(), unit_of_work():
        day = planned_day(find_community(cast.ours), person("staff"))
        approved(day, person("staff"), "候补甲")
        ref, venue = day.ref, day.venue.ref
    with served(app) as address:
        yield Screen(app, page, address, ref, venue)
