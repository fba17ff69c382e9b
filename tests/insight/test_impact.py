"""The four quadrants, their charts and the one-page case: what is known, of the period, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, strategies as st

from market import clock
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund import service as funds
from market.gate import service as gate
from market.insight.charts import BOTTOM, MOST, WIDTH, Point, columns, rows
from market.insight.impact import QUADRANTS, Counted, Impact, Quadrant
from market.insight.impact_words import MEANINGS, QUADRANT_WORDS, not_yet, quadrants
from tests.cast import STREET, Cast, person
from tests.demo_year import client_of
from tests.factories.settlement import settled_market
from tests.factories.sources import SPACE, WORKSHOP
from tests.parts.pdf import page_count, page_size_mm

SignIn = Callable[[str], FlaskClient]


def figures(page: str) -> dict[str, str]:
    """What each counter is called, and what it says."""
    found = re.findall(r"(?s)<dt><b>(.*?)</b>.*?<dd.*?>(.*?)<small>", page)
    return {name: figure.strip() for name, figure in found}


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_counter_stands_in_one_quadrant_with_definition_and_method() -> None:
    placed = [one for each in QUADRANTS.values() for one in each]
    assert sorted(placed) == sorted(set(MEANINGS)) == sorted(set(Counted) - {Counted.DAYS})
    assert set(QUADRANT_WORDS) == set(QUADRANTS) == set(Quadrant)


def test_what_is_not_known_is_left_out_instead_of_being_nothing(context: Flask) -> None:
    impact = Impact(None, {Counted.HANDY: 0, Counted.VENDORS: 3})
    assert [[one.figure for one in counters] for _heading, _about, counters in quadrants(impact)] == [
        ["0"], [], [], ["3"]
    ]  # fmt: skip


def test_what_did_not_go_well_is_said(context: Flask) -> None:
    assert not_yet(Impact(None, {})) == []
    assert len(not_yet(Impact(None, {}, called_off=1, uncounted=2, on_its_way_fen=300))) == 3


@given(st.lists(st.integers(min_value=0, max_value=10**9), max_size=40))
def test_bars_stand_inside_the_picture_and_keep_their_proportions(values: list[int]) -> None:
    bars = columns([Point(str(n), value, str(value)) for n, value in enumerate(values)])
    assert len(bars) == (min(len(values), MOST) if any(values[-MOST:]) else 0)
    for bar in bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.1
        assert 0 < bar.y <= BOTTOM
        assert 0 <= bar.at <= WIDTH + 0.1
    assert sum(bar.highest for bar in bars) == bool(bars)
    assert all(bar.x + bar.width < WIDTH for bar in rows([Point("", value, "") for value in values]))


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_demo_year_comes_to_what_the_report_says(year_app: Flask) -> None:
    client = client_of(year_app, None)
    whole = figures(client.get("/c/demo/impact").text)
    said = ("来过", "自愿反哺", "捐的物资", "基金付了", "办成的事", "来过的商户", "摆摊")
    assert [whole[name] for name in said] == ["5,236", "10,482.50", "112", "5,760.00", "3", "62", "306"]
    quarters = [figures(client.get(f"/c/demo/impact?period=2024-Q{n}").text) for n in range(1, 5)]
    months = [figures(client.get(f"/c/demo/impact?period=2024-{n:02d}").text) for n in range(1, 13)]
    for parts in (quarters, months):
        for name in ("来过", "便民服务", "捐的物资", "摆摊", "办成的事"):
            assert sum(_number(part.get(name, "0")) for part in parts) == _number(whole[name]), name


def _number(said: str) -> int:
    return int(said.replace(",", ""))


@pytest.mark.slow
def test_charts_are_drawn_by_the_server_and_said_in_words(year_app: Flask) -> None:
    page = client_of(year_app, None).get("/c/demo/impact?period=2024").text
    pictures = re.findall(r'(?s)<svg\s+class="chart".*?aria-label="(.*?)".*?</svg>', page)
    assert len(pictures) == 3
    assert pictures[0] == "每场来了多少人次：最多 812（1 月），最少 268（8 月）"
    assert "style=" not in page
    assert re.findall(r"<caption>|<table", page) == ["<table", "<table"]


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["", "?period=2024", "?period=2024-Q3", "?period=2024-08", "?period=2020"])
def test_the_case_is_one_sheet_of_a4(year_app: Flask, asked: str) -> None:
    for preference in ("zh_Hans_CN", "en"):
        client = client_of(year_app, None)
        client.get(f"/preferences?lang={preference}")
        pdf = client.get(f"/c/demo/impact.pdf{asked}")
        assert (pdf.status_code, page_count(pdf.data), page_size_mm(pdf.data)) == (200, 1, (210.0, 297.0))


@pytest.mark.parametrize("period", ["2024-Q5", "2024-13", "x", "0", "2024-", "99999"])
def test_a_period_nobody_can_read_is_all_the_time(app: Flask, settled: int, period: str) -> None:
    answer = app.test_client().get("/c/huaiyin/impact", query_string={"period": period})
    assert (answer.status_code, "91.01" in answer.text) == (200, True)


def test_what_vendors_sold_is_told_of_a_region_only_and_only_of_enough(
    app: Flask, settled: int, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "1,820.10" not in app.test_client().get("/c/huaiyin/impact").text
    viewer = sign_in("viewer")
    assert figures(viewer.get(f"/region/{STREET}?year={settled}").text).get("卖出") == "1,820.10"
    monkeypatch.setattr("market.insight.views.profile_of", lambda _place: _Strict())
    assert "卖出" not in figures(viewer.get(f"/region/{STREET}?year={settled}").text)


class _Strict:
    """A profile that asks for more vendors than came."""

    class disclosure:  # noqa: N801  # stands for the profile's own part
        smallest_group = 4


@pytest.fixture
def settled(app: Flask, cast: Cast) -> int:
    """One settled market of three vendors; the year it was held in."""
    with app.app_context(), unit_of_work():
        closed = settled_market(
            find_community(cast.ours), person("staff"), (100_000, 42_010, 40_000), in_days=-30
        )
        return closed.day.open_at.year


def test_partners_work_and_hours_come_from_what_was_noted(app: Flask, settled: int, sign_in: SignIn) -> None:
    """Of partners those in force, of each workshop the last count, of each market the last word."""
    page = "/c/huaiyin/impact"
    assert not {"合伙人", "家门口做活", "志愿服务"} & set(figures(app.test_client().get(page).text))
    with app.app_context(), unit_of_work():
        staff, now = person("staff"), clock.now()
        fund = funds.require_fund(find_community("huaiyin"))
        today = clock.local(now, fund.community.zone).date()
        ends = today + timedelta(days=300)
        for number, draft in enumerate((SPACE, SPACE, WORKSHOP, WORKSHOP)):
            dated = replace(draft, agreement_no=f"合 {number}", starts_on=fund.signed_on, ends_on=ends)
            partner = funds.add_partner(fund, dated, by=staff, at=now)
        for jobs, on in ((60, today), (45, fund.signed_on)):
            funds.count_jobs(partner, jobs, on, by=staff, at=now)
        day = db.session.scalars(sa.select(MarketDay)).one()
        for hours in (40, 36):
            gate.note_volunteers(day, 9, hours, by=staff, at=now)
    viewer = sign_in("viewer")
    for answer in (app.test_client().get(page), viewer.get(f"/region/{STREET}?year={settled}")):
        shown = figures(answer.text)
        assert [shown[name] for name in ("合伙人", "家门口做活", "志愿服务")] == ["2", "60", "36"]
    before = figures(app.test_client().get(f"{page}?period=2020").text)
    assert not {"合伙人", "家门口做活", "志愿服务"} & set(before)


def test_the_page_takes_few_statements(app: Flask, settled: int) -> None:
    said: list[str] = []
    client = app.test_client()
    client.get("/c/huaiyin/impact?period=2020")  # the public book is worked out once

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    answer = client.get(f"/c/huaiyin/impact?period={settled}")
    sa.event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    assert len(said) <= 12, said
