"""Regions and communities as stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from market import clock
from market.communities import service
from market.communities.models import Community
from market.communities.rules import RegionLevel
from market.db import db, unit_of_work
from market.errors import NotFound, Refusal
from market.people.models import User
from tests.cast import STREET, Cast, person


@pytest.fixture
def community(context: Flask, cast: Cast) -> Iterator[Community]:
    with unit_of_work():
        yield service.find_community(cast.ours)


@pytest.fixture
def by(community: Community) -> User:
    return person("staff")


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught, db.session.begin_nested():
        act()
    return caught.value.code, str(caught.value.sentence)


def test_a_street_belongs_to_its_district_where_that_is_known(community: Community, by: User) -> None:
    assert service.parent_region("370303003000") is None
    district = service.create_region("370303000000", "张店区", RegionLevel.DISTRICT, at=clock.now(), by=by)
    assert service.parent_region("370303003000") is district
    assert (
        refused(lambda: service.create_region("37", "短", RegionLevel.CITY, at=clock.now()))[0]
        == "places.bad_code"
    )
    assert service.find_region(STREET).code == STREET
    with pytest.raises(NotFound):
        service.find_region("999999999999")


@pytest.mark.parametrize("slug, code", [("Huai Yin", "places.bad_slug"), ("huaiyin", "places.slug_taken")])
def test_a_community_needs_a_name_of_its_own_in_addresses(
    community: Community, by: User, slug: str, code: str
) -> None:
    assert refused(
        lambda: service.create_community(
            slug, "新社区", community.region, host_org="居委会", phone="0533", zone="Asia/Shanghai",
            by=by, at=clock.now(),
        )
    )[0] == code  # fmt: skip
