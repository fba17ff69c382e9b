"""Takings told in time earn a point; how much was sold, and what of it is given, never does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings, strategies as st

from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.config import ROOT
from market.db import db, unit_of_work
from market.settlement import service
from market.settlement.rules import TakingsSource, Terms, TermsKind
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.rules import Conduct
from tests.cast import Cast, person, post, sign_in_client
from tests.factories import settlement as make
from tests.settlement.conftest import Desk

CAME, CLEAN, REPORTED = Conduct.CAME_IN_TIME, Conduct.LEFT_CLEAN, Conduct.REPORTED_IN_TIME


def points(held: Assignment) -> set[Conduct]:
    return vendors.conduct_of(held.vendor, [held.day_id])[held.day_id]


def first(day: MarketDay) -> Assignment:
    return stalls.assignments(day)[0]


def midnight_after(day: MarketDay) -> datetime:
    """The end of the day after the market, where it was held: 24:00 in Shanghai is 16:00 UTC."""
    return (day.open_at + timedelta(days=1)).replace(hour=16, minute=0)


@pytest.mark.parametrize(
    ("late", "earned"),
    [
        (timedelta(hours=-30), {CAME, REPORTED}),
        (timedelta(seconds=-1), {CAME, REPORTED}),
        (timedelta(), {CAME}),
        (timedelta(days=3), {CAME}),
    ],
)
def test_takings_told_by_the_end_of_the_next_day_earn_a_point(
    desk: Desk, late: timedelta, earned: set[Conduct]
) -> None:
    day = desk.ended((None,))
    with unit_of_work():
        make.tell(first(day), 0, desk.clerk, at=midnight_after(day) + late)
    assert points(first(day)) == earned


@pytest.mark.parametrize(
    ("source", "earned"),
    [
        (TakingsSource.SELF, {CAME, REPORTED}),
        (TakingsSource.STAFF, {CAME, REPORTED}),
        (TakingsSource.ESTIMATED, {CAME}),
    ],
)
def test_a_figure_guessed_by_others_is_no_report(
    desk: Desk, source: TakingsSource, earned: set[Conduct]
) -> None:
    day = desk.ended((None,))
    with unit_of_work():
        make.tell(first(day), 12_300, desk.clerk, source=source)
    assert points(first(day)) == earned


def test_a_correction_later_keeps_the_point(desk: Desk) -> None:
    day = desk.ended((12_300,))
    with unit_of_work():
        make.tell(first(day), 45_600, desk.clerk, at=midnight_after(day) + timedelta(days=3))
    desk.close(day)
    desk.correct(first(day), 78_900)
    assert points(first(day)) == {CAME, REPORTED}


# ── money reaches no point ────────────────────────────────────────────────────────────────────────────────

TERMS = st.one_of(
    st.just(Terms(TermsKind.NONE)),
    st.builds(Terms, st.just(TermsKind.PERCENT), basis_points=st.integers(1, 10_000)),
    st.builds(Terms, st.just(TermsKind.FIXED), fixed_fen=st.integers(1, 1_000_000)),
)
GIFTS = st.none() | st.integers(0, 10_000_000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms=TERMS, takings=st.integers(0, 100_000_000), gift=GIFTS)
def test_whatever_is_sold_agreed_and_given_the_points_are_the_same(
    desk: Desk, terms: Terms, takings: int, gift: int | None
) -> None:
    day = _held_once(desk)
    held = first(day)
    with _taken_back():
        service.agree_terms(held.vendor, terms, by=desk.clerk, at=day.open_at - timedelta(days=9))
        make.tell(held, takings, desk.clerk, chosen_fen=gift)
        assert vendors.conduct_points([held.vendor_id], [day.id]) == {held.vendor_id: 2}
    assert vendors.conduct_points([held.vendor_id], [day.id]) == {held.vendor_id: 1}


class _Undone(Exception):
    """What an example did is taken back."""


@contextmanager
def _taken_back() -> Iterator[None]:
    with suppress(_Undone), unit_of_work():
        yield
        raise _Undone


def _held_once(desk: Desk) -> MarketDay:
    """The same market for every example."""
    days = db.session.query(MarketDay).all()
    return days[0] if days else desk.open(vendors=1, terms=None)


def test_the_room_of_the_vendors_cannot_see_money() -> None:
    """What earns points is decided and counted where neither takings nor gifts are known."""
    seen = set()
    for name in ("rules.py", "models.py", "service/conduct.py"):
        tree = ast.parse((ROOT / "market" / "vendors" / name).read_text(encoding="utf-8"))
        seen |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    money = {"market.money", "market.settlement", "market.ledger", "market.fund"}
    assert {module for module in seen if ".".join(module.split(".")[:2]) in money} == set()


# ── the paper list ────────────────────────────────────────────────────────────────────────────────────────


class Paper:
    """The list of a market that is over: of two vendors only the first was scanned, nobody has reported."""

    def __init__(self, app: Flask, slug: str) -> None:
        self.app = app
        with app.app_context(), unit_of_work():
            day = make.ended_market(find_community(slug), person("staff"), (None, None), scanned=False)
            self.ref, self.refs = day.ref, [held.ref for held in stalls.assignments(day)]
            came_at = day.arrive_by - timedelta(minutes=5)
            service.admit_from_paper(day, [(first(day), came_at)], by=person("staff"), at=day.close_at)
        self.page = f"/staff/{slug}/days/{self.ref}/takings"
        self.client: FlaskClient = sign_in_client(app, app.test_client(), "staff")

    def save(self, **fields: str) -> tuple[int, str]:
        every = {f"takings-{ref}": "" for ref in self.refs}
        answer = post(self.client, self.page, **every, **fields)
        return answer.status_code, answer.text

    def points(self) -> list[set[Conduct]]:
        with self.app.app_context():
            return [points(held) for held in stalls.assignments(find_day_by_ref(self.ref))]

    def ticked(self) -> list[bool]:
        """Of each row: whether its 保洁 is ticked on the page."""
        text = self.client.get(self.page).text
        return [f'name="clean-{ref}" value="y" checked' in text for ref in self.refs]


@pytest.fixture
def paper(app: Flask, cast: Cast) -> Paper:
    return Paper(app, cast.ours)


def test_arrivals_and_clean_places_are_typed_from_the_signed_sheet(paper: Paper) -> None:
    one, two = paper.refs
    assert paper.points() == [{CAME}, set()]
    fields = {f"clean-{one}": "y", f"came-{two}": "7:40", f"clean-{two}": "y"}
    assert paper.save(**fields)[0] == 302
    assert (paper.points(), paper.ticked()) == ([{CAME, CLEAN}, {CAME, CLEAN}], [True, True])


def test_who_signed_late_earns_no_point_for_coming(paper: Paper) -> None:
    assert paper.save(**{f"came-{paper.refs[1]}": "7:41"})[0] == 302
    assert paper.points() == [{CAME}, set()]


def test_a_tick_is_taken_back_by_who_saw_it(paper: Paper) -> None:
    one = paper.refs[0]
    paper.save(**{f"clean-{one}": "y"})
    assert paper.save(**{f"clean-seen-{one}": "y"})[0] == 302
    assert (paper.points()[0], paper.ticked()[0]) == ({CAME}, False)


def test_a_page_that_did_not_show_the_tick_leaves_it(paper: Paper) -> None:
    one = paper.refs[0]
    paper.save(**{f"clean-{one}": "y"})
    assert paper.save()[0] == 302
    assert paper.points()[0] == {CAME, CLEAN}


def test_who_did_not_sign_cannot_have_left_clean(paper: Paper) -> None:
    two = paper.refs[1]
    status, text = paper.save(**{f"clean-{two}": "y"})
    assert (status, "请先补上签到时间" in text, f'name="clean-{two}" value="y" checked' in text) == (
        422, True, True,
    )  # fmt: skip
    assert paper.points() == [{CAME}, set()]
