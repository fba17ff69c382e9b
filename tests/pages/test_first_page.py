"""The first page of an installation with many communities: by district, by search, what was seen last."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.rules import DayState
from market.communities import service as communities
from market.communities.rules import RegionLevel
from market.communities.service import find_community
from market.db import db, unit_of_work
from tests.cast import Cast, person
from tests.factories.calendar import make_day
from tests.pages.test_find import get, plain

MANY = 40


@pytest.fixture
def many(app: Flask, cast: Cast) -> None:
    """Forty communities more, in two districts of four streets each."""
    at = clock.now()
    with app.app_context(), unit_of_work():
        for district in (1, 2):
            above = communities.create_region(
                f"37030{district}000000", f"第{district}区", RegionLevel.DISTRICT, at=at
            )
            for street in range(4):
                code = f"37030{district}9{street:02d}000"
                below = communities.create_region(
                    code, f"{district}{street}街道", RegionLevel.STREET, parent=above, at=at
                )
                for number in range(MANY // 8):
                    name = f"第{district}{street}{number}社区"
                    communities.create_community(
                        f"c{district}{street}{number}", name, below, host_org=name, phone="0533",
                        zone="Asia/Shanghai", by=None, at=at,
                    )  # fmt: skip


@pytest.mark.usefixtures("many")
def test_many_communities_stand_by_district(app: Flask) -> None:
    page = get(app, "/")
    words = plain(page)
    assert "第1区 20 个社区" in words
    assert "第2区 20 个社区" in words
    assert "第100社区" not in words
    district = plain(get(app, "/?district=370301000000"))
    assert "10街道 第100社区 下一场还没定。" in district
    assert "第200社区" not in district


@pytest.mark.usefixtures("many")
def test_a_district_says_when_each_community_has_its_next_market(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        make_day(find_community("c100"), person("staff"), in_days=5, state=DayState.OPEN_FOR_APPLICATION)
    assert "第100社区 下一场还没定" not in plain(get(app, "/?district=370301000000"))
    assert "这几天的集市" in plain(get(app, "/"))


@pytest.mark.usefixtures("many")
def test_it_takes_as_many_statements_for_many_communities(app: Flask) -> None:
    seen: list[str] = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    for address in ("/", "/?district=370301000000", "/find?q=%E7%AC%AC100"):
        del seen[:]
        get(app, address)
        assert sum(not one.startswith("PRAGMA") and "page_revision" not in one for one in seen) <= 4, address


def test_a_district_that_is_none_is_not_found(app: Flask, cast: Cast) -> None:
    for code in ("1", "%00", "甲"):
        get(app, f"/?district={code}", status=404)


def test_a_few_communities_stand_with_their_markets(app: Flask, cast: Cast) -> None:
    words = plain(get(app, "/"))
    assert "松鹤社区 看这个社区 下一场还没定。" in words
    assert "按区县" not in words
