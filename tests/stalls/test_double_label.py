"""Two stalls of one vendor are named together: to residents, to the vendor, at the gate, in the books."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from market.people.rules import Role
from market.people.service import grant
from market.stalls import service
from market.vendors.rules import ApplicationState
from tests.cast import Cast, make_user, person
from tests.factories.calendar import bring_to, make_day, time_of
from tests.factories.gate import ALL_DAY
from tests.factories.vendors import make_application, make_vendor


@pytest.fixture
def ref(app: Flask, cast: Cast) -> str:
    """A market that is open, with one vendor on A01 and A02."""
    with app.app_context(), unit_of_work():
        by = person("staff")
        ours = find_community(cast.ours)
        day = make_day(ours, by, in_days=0, state=DayState.OPEN_FOR_APPLICATION, **ALL_DAY)
        vendor = make_vendor(ours, by, "老张豆浆坊")
        vendor.user = make_user("zhang", "老张")
        grant(vendor.user, Role.VENDOR, community=ours, at=day.apply_from)
        make_application(day, vendor, by, state=ApplicationState.APPROVED, at=day.apply_from, double=True)
        take_step(day, Step.CLOSE_APPLICATIONS, by=by, at=time_of(day, DayState.REVIEWING))
        service.compute_plan(day, by=by, at=time_of(day, DayState.ALLOCATED))
        passes.publish_day(day, by=by, at=time_of(day, DayState.PUBLISHED))
        bring_to(day, DayState.OPEN, by)
        return day.ref


@pytest.mark.parametrize(
    ("login", "address"),
    [
        ("", "/c/huaiyin/markets/{ref}"),
        ("zhang", "/vendor/huaiyin/"),
        ("gate", "/gate/huaiyin/days/{ref}/sign-in"),
        ("staff", "/staff/huaiyin/days/{ref}/settlement"),
        ("staff", "/staff/huaiyin/days/{ref}/takings"),
    ],
)
def test_both_numbers_are_read(
    app: Flask, sign_in: Callable[[str], FlaskClient], ref: str, login: str, address: str
) -> None:
    client = sign_in(login) if login else app.test_client()
    answer = client.get(address.format(ref=ref))
    assert answer.status_code == 200
    assert "A01+A02" in answer.get_data(as_text=True)


def test_on_the_public_plan_both_stalls_lead_to_one_line(app: Flask, ref: str) -> None:
    page = app.test_client().get(f"/c/huaiyin/markets/{ref}").get_data(as_text=True)
    assert page.count('href="#A01"') == 2
    assert page.count('id="A01"') == 1
