"""A long list shows one page of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.paging import SIZE, Part, paging, part_of
from tests.cast import Cast


@pytest.mark.parametrize(
    ("asked", "total", "page", "pages"),
    [
        ("", 0, 1, 1),
        ("2", 120, 2, 3),
        ("9", 120, 3, 3),
        ("-1", 120, 1, 3),
        ("x", SIZE, 1, 1),
        ("2", SIZE + 1, 2, 2),
    ],
)
def test_the_nearest_page_that_there_is(app: Flask, asked: str, total: int, page: int, pages: int) -> None:
    with app.test_request_context(f"/platform/communities?page={asked}"):
        found = paging(total)
    assert (found.page, found.pages, found.offset) == (page, pages, (page - 1) * SIZE)


def test_the_platform_turns_the_pages_of_its_communities(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        like = find_community(cast.ours)
        rest = {"region": like.region, "host_org": "居委会", "phone": "0533", "zone": like.zone}
        for number in range(SIZE):
            more = Community(slug=f"c{number}", name=f"甲{number:03d}", created_at=like.created_at, **rest)
            db.session.add(more)
    client = sign_in("platform")
    first, second = (client.get(f"/platform/communities?page={page}").text for page in (1, 2))
    assert "/c/c0/" in first + second
    assert f"共 {SIZE + 2} 个社区" in first
    assert first.count('action="/platform/communities/') == SIZE
    assert second.count('action="/platform/communities/') == 2
    assert "page=2" in first


KEYS = [f"{number:03d}" for number in range(0, 2 * SIZE + 20, 2)]
"""A page and ten rows; between them there is room for others."""


def turned(app: Flask, rows: list[str], address: str = "/sign-in") -> Part[str]:
    with app.test_request_context(address):
        app.preprocess_request()
        return part_of(rows, lambda row: row)


def test_turning_pages_shows_every_row_once_although_others_come_and_go(app: Flask) -> None:
    first = turned(app, KEYS)
    others = sorted({*KEYS, "000", "001", "003"} - {"010", first.rows[-1]})
    second = turned(app, others, first.later)
    assert first.rows + second.rows == KEYS
    assert (first.earlier, second.later) == ("", "")


def test_numbered_pages_would_repeat_a_row_that_was_shown() -> None:
    more = sorted({*KEYS, "001"})
    assert more[SIZE] in KEYS[:SIZE]


def test_one_turns_back_to_where_one_came_from(app: Flask) -> None:
    second = turned(app, KEYS, turned(app, KEYS).later)
    assert turned(app, KEYS, second.earlier) == turned(app, KEYS)


def test_behind_the_last_row_there_is_the_last_page(app: Flask) -> None:
    assert turned(app, KEYS, "/sign-in?after=zzz").rows == KEYS[-SIZE:]
    assert turned(app, [], "/sign-in?after=zzz") == Part([], "", "")
