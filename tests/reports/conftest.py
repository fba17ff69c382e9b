"""The desk where markets are settled, and the fund around it, for places that report."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.clock import at_local
from market.communities.models import Region
from market.communities.rules import RegionLevel
from market.communities.service import create_region, find_community
from market.db import db, unit_of_work
from tests.cast import Cast
from tests.settlement.conftest import desk as desk

DISTRICT = "370303000000"


def make_district(cast: Cast, at: datetime) -> Region:
    """A district around the streets of both communities."""
    with unit_of_work():
        district = create_region(DISTRICT, "示例区", RegionLevel.DISTRICT, at=at)
        for slug in (cast.ours, cast.theirs):
            find_community(slug).region.parent_id = district.id
    return district


def held_on(day: MarketDay, on: date) -> None:
    """Moves a market to another date, by hand."""
    opened = at_local(on, time(8), "Asia/Shanghai")
    with unit_of_work():
        db.session.execute(sa.update(MarketDay).where(MarketDay.id == day.id).values(open_at=opened))
    db.session.expire_all()
