"""A long list shows one page of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.paging import SIZE, paging
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
