"""A market day that takes applications, and a vendor with all papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import unit_of_work
from market.people.models import User
from market.vendors.models import Vendor
from tests.cast import Cast, person
from tests.factories.calendar import make_day
from tests.factories.vendors import make_vendor


@dataclass
class Stage:
    """Rows of the running unit of work."""

    community: Community
    staff: User
    day: MarketDay
    vendor: Vendor


@pytest.fixture
def stage(context: Flask, cast: Cast) -> Iterator[Stage]:
    """Opens a unit of work that lasts as long as the test."""
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        yield Stage(community, staff, day, make_vendor(community, staff, login="13800009999"))
