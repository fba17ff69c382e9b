"""Hours of volunteers: noted once the market has opened, corrected by the last word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import service
from market.gate.models import VolunteerWork
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories.calendar import make_day

SignIn = Callable[[str], FlaskClient]


@both_engines
def test_the_last_word_counts_and_the_same_again_is_nothing(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        day = make_day(find_community(cast.ours), person("staff"), state=DayState.OPEN)
        assert service.volunteers_of(day) is None
        for people, hours in ((5, 20), (5, 20), (6, 22)):
            service.note_volunteers(day, people, hours, by=person("staff"), at=clock.now())
        known = service.volunteers_of(day)
        assert known is not None
        assert (known.people, known.hours) == (6, 22)
        assert db.session.scalar(sa.select(sa.func.count(VolunteerWork.id))) == 2


@pytest.mark.parametrize(
    ("state", "people", "hours", "code"),
    [
        (DayState.PUBLISHED, 5, 20, "gate.volunteers_too_early"),
        (DayState.CANCELLED, 5, 20, "gate.volunteers_too_early"),
        (DayState.OPEN, -1, 0, "gate.volunteers"),
        (DayState.OPEN, 201, 400, "gate.volunteers"),
        (DayState.OPEN, 5, 4, "gate.volunteer_hours"),
        (DayState.OPEN, 5, 81, "gate.volunteer_hours"),
        (DayState.OPEN, 0, 1, "gate.volunteer_hours"),
    ],
)
def test_what_cannot_be_is_refused(
    context: Flask, cast: Cast, state: DayState, people: int, hours: int, code: str
) -> None:
    with unit_of_work():
        day = make_day(find_community(cast.ours), person("staff"), state=state)
        with pytest.raises(Refusal) as refused:
            service.note_volunteers(day, people, hours, by=person("staff"), at=clock.now())
    assert refused.value.code == code


def test_staff_type_it_on_a_page_of_the_day(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        ref = make_day(find_community(cast.ours), person("staff"), state=DayState.OPEN).ref
    staff, page = sign_in("staff"), f"/staff/huaiyin/days/{ref}/volunteers"
    assert f'href="{page}"' in staff.get(f"/staff/huaiyin/days/{ref}").text
    wrong = post(staff, page, people="5", hours="4")
    assert wrong.status_code == 422
    assert 'value="5"' in wrong.text
    assert post(staff, page, people="5 人", hours="20").status_code == 302
    assert 'value="20"' in staff.get(page).text
    assert sign_in("staff-b").get(page).status_code == 403
