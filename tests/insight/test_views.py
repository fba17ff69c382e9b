"""The counters as people read them: for everybody, for staff, for the street."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import unit_of_work
from tests.cast import STREET, Cast, person
from tests.factories.settlement import settled_market

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def settled(app: Flask, cast: Cast) -> int:
    """One settled market; the year it was held in."""
    with app.app_context(), unit_of_work():
        takings = (100_000, 42_010, 40_000)
        closed = settled_market(find_community(cast.ours), person("staff"), takings, in_days=-30)
        return closed.day.open_at.year


def test_an_empty_page_says_what_comes_next(app: Flask, cast: Cast) -> None:
    answer = app.test_client().get("/c/huaiyin/impact")
    assert (answer.status_code, "还没有结算过的集市" in answer.text) == (200, True)


def test_everybody_reads_the_counters_and_comes_to_the_account_of_each_market(
    app: Flask, settled: int
) -> None:
    page = app.test_client().get("/c/huaiyin/impact").text
    assert "91.01" in page
    assert "/c/huaiyin/fund/markets/" in page
    assert "1,820.10" not in page


@pytest.mark.parametrize("year", ["x", "", "99999999999999999999", "-1", "1999"])
def test_a_year_nobody_can_read_is_no_year(app: Flask, settled: int, year: str) -> None:
    answer = app.test_client().get("/c/huaiyin/impact", query_string={"year": year})
    assert (answer.status_code, "91.01" in answer.text) == (200, True)


def test_another_year_shows_nothing_of_this_one(app: Flask, settled: int) -> None:
    client = app.test_client()
    assert "91.01" in client.get(f"/c/huaiyin/impact?year={settled}").text
    assert "91.01" not in client.get(f"/c/huaiyin/impact?year={settled - 1}").text


def test_staff_read_the_takings_of_the_whole_market_too(settled: int, sign_in: SignIn) -> None:
    assert "1,820.10" in sign_in("staff").get("/staff/huaiyin/insight").text


def test_the_street_reads_its_own_communities_and_nobody_elses(settled: int, sign_in: SignIn) -> None:
    page = sign_in("viewer").get(f"/region/{STREET}?year={settled}").text
    assert "槐荫社区" in page
    assert "91.01" in page
    assert "松鹤社区" not in page
    assert sign_in("viewer-b").get(f"/region/{STREET}").status_code == 403
    assert sign_in("staff").get(f"/region/{STREET}").status_code == 403
    assert sign_in("viewer").get("/region/999999999999").status_code == 404
