"""The desk of a staff member."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.models import MarketDay
from market.db import unit_of_work
from market.places import service as places
from tests.cast import Cast, person
from tests.factories.stalls import day_under_review, planned_day
from tests.stalls.desk import Desk


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
