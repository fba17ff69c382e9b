"""A market's page is worked out once for a state of what is public; what the clock changes shows at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.calendar.shown_day import ShownDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.pages import market as page
from market.pages.answer import Asked
from tests.cast import Cast, person
from tests.factories.calendar import make_day

pytestmark = pytest.mark.own_app


class Made(list[str]):
    """The queries for which the page was worked out; each request is in a minute of its own."""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    found, true, minutes = Made(), page._page, count()

    def note(shown: ShownDay, asked: Asked) -> str:
        found.append(asked.text)
        return true(shown, asked)

    monkeypatch.setattr(page, "_page", note)
    monkeypatch.setattr("market.public_pages._minute", lambda: next(minutes))
    return found


@pytest.fixture
def ref(app: Flask, cast: Cast) -> str:
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        day = make_day(community, by, in_days=12, state=DayState.OPEN_FOR_APPLICATION, theme="腊八集市")
        return day.ref


def read(app: Flask, ref: str, query: str = "") -> str:
    answer = app.test_client().get(f"/c/huaiyin/markets/{ref}{query}")
    assert answer.status_code == 200
    assert ("ETag" in answer.headers) is (not query)
    return answer.text


def change(app: Flask, ref: str, act: Callable[[MarketDay], None]) -> None:
    with app.app_context(), unit_of_work():
        act(find_day_by_ref(ref))


def moment(app: Flask, ref: str, of: Callable[[MarketDay], datetime]) -> datetime:
    with app.app_context():
        found = of(find_day_by_ref(ref))
        db.session.remove()
    return found


def test_another_minute_and_another_host_do_not_work_it_out_again(app: Flask, ref: str, made: Made) -> None:
    first = read(app, ref)
    assert read(app, ref) == first
    other = app.test_client().get(f"/c/huaiyin/markets/{ref}", headers={"Host": "localhost:81"}).text
    assert other == first
    assert made == [""]


def test_what_is_written_shows_at_once(app: Flask, ref: str, made: Made) -> None:
    assert "腊八集市" in read(app, ref)
    change(app, ref, lambda day: setattr(day, "theme", "小年集市"))
    assert "小年集市" in read(app, ref)
    assert len(made) == 2


def test_language_type_and_search_are_pages_of_their_own(app: Flask, ref: str, made: Made) -> None:
    plain = read(app, ref)
    client = app.test_client()
    client.set_cookie("preferences", "en.elder")
    assert client.get(f"/c/huaiyin/markets/{ref}").text != plain
    assert read(app, ref, "?q=x") != plain
    assert read(app, ref) == plain
    assert made == ["", "", "x"]


def test_what_the_clock_changes_shows_at_once(
    app: Flask, ref: str, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "报名摆摊" in read(app, ref)
    until = moment(app, ref, lambda day: day.apply_until)
    monkeypatch.setattr(clock, "now", lambda: until)
    assert "报名摆摊" not in read(app, ref)
    opening = moment(app, ref, lambda day: day.open_at)
    change(app, ref, lambda day: setattr(day, "state", DayState.PUBLISHED))
    told = []
    for at in (
        opening - timedelta(days=2),
        opening - timedelta(days=1),
        opening,
        opening + timedelta(days=1),
    ):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        told.append(read(app, ref))
    assert len(set(told)) == 4
