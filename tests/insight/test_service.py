"""The counters: sums of the latest settlements, by period, community and region."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.rules import RegionLevel
from market.communities.service import create_region, find_community
from market.db import db, unit_of_work
from market.insight import service
from market.insight.rules import Counters
from market.settlement import service as settlement
from market.stalls import service as stalls
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.settlement import settled_market
from tests.settlement.conftest import Desk


def opened(day: MarketDay, moment: datetime) -> None:
    """Moves a market in time, by hand."""
    with unit_of_work():
        db.session.execute(sa.update(MarketDay).where(MarketDay.id == day.id).values(open_at=moment))


@both_engines
def test_only_the_latest_revision_of_a_market_counts(desk: Desk) -> None:
    first, _second = desk.settled((100_000, 82_010)), desk.settled((40_000, 0, 60_000), in_days=20)
    assert service.counters(desk.community) == Counters(
        days=2, vendors=5, appearances=5, takings_fen=282_010, contribution_fen=14_101
    )
    for fen in (120_000, 90_000):
        last = desk.correct(desk.held(first.day), fen, by=desk.second if fen == 120_000 else desk.clerk)
    assert last.revision == 3
    counted = service.counters(desk.community)
    assert (counted.days, counted.appearances) == (2, 5)
    assert (counted.takings_fen, counted.contribution_fen) == (272_010, 13_601)
    assert [closed.revision for closed in service.by_day(desk.community)] == [3, 1]


def test_goods_are_counted_in_pieces_and_a_vendor_who_comes_twice_once(desk: Desk) -> None:
    day = desk.ended((10_000,))
    held = stalls.assignments(day)[0]
    with unit_of_work():
        settlement.give_in_kind(day, held.vendor, "棉被", 12, by=desk.clerk, at=day.close_at)
    desk.close(day)
    assert service.counters(desk.community).items == 12


def test_nothing_settled_is_nothing_counted(desk: Desk, cast: Cast) -> None:
    desk.ended()
    assert service.counters(desk.community) == Counters()
    assert service.years(desk.community) == []


def test_a_market_belongs_to_the_year_on_its_own_wall(desk: Desk) -> None:
    """7:00 on New Year's Day in China is still the old year in UTC."""
    day = desk.settled((100_000,)).day
    opened(day, datetime(2024, 12, 31, 23, 0, tzinfo=UTC))
    assert service.years(desk.community) == [2025]
    year_2025 = service.counters(desk.community, date(2025, 1, 1), date(2025, 12, 31))
    year_2024 = service.counters(desk.community, date(2024, 1, 1), date(2024, 12, 31))
    assert (year_2025.days, year_2024.days) == (1, 0)


def test_both_ends_of_a_period_are_inside_it(desk: Desk) -> None:
    day = desk.settled((100_000,)).day
    opened(day, datetime(2025, 3, 8, 0, 0, tzinfo=UTC))

    def days(since: date | None, until: date | None) -> int:
        return service.counters(desk.community, since, until).days

    the_day, before, after = date(2025, 3, 8), date(2025, 3, 7), date(2025, 3, 9)
    assert days(the_day, the_day) == days(None, the_day) == days(the_day, None) == 1
    assert days(after, None) == days(None, before) == 0


def test_a_region_adds_up_its_communities_and_those_of_its_streets(desk: Desk, cast: Cast) -> None:
    theirs = find_community(cast.theirs)
    with unit_of_work():
        district = create_region("370303000000", "示例区", RegionLevel.DISTRICT, at=desk.community.created_at)
        for community in (desk.community, theirs):
            community.region.parent_id = district.id
    desk.settled((100_000,))
    with unit_of_work():
        settled_market(theirs, person("staff-b"), (40_000, 60_000))
    rows = service.roll_up(district)
    assert sorted((community.slug, sums.days, sums.takings_fen) for community, sums in rows) == [
        ("huaiyin", 1, 100_000),
        ("songhe", 1, 100_000),
    ]
    total = service.total(sums for _community, sums in rows)
    assert (total.days, total.appearances, total.contribution_fen) == (2, 3, 10_000)
    assert rows == [(community, service.counters(community)) for community, _sums in rows]
    assert service.whole_region(district) == (2, total)
    assert [service.roll_up(district, offset=at, limit=1) for at in (0, 1, 2)] == [rows[:1], rows[1:], []]
    assert [community.slug for community, _sums in service.roll_up(theirs.region)] == ["songhe"]


def test_the_sum_of_no_communities_is_nothing() -> None:
    assert service.total([]) == Counters()
    assert Counters(1, 2, 3, 4, 5, 6, 7) + Counters(1, 1, 1, 1, 1, 1, 1) == Counters(2, 3, 4, 5, 6, 7, 8)


def test_other_communities_are_not_counted_in(desk: Desk, cast: Cast) -> None:
    desk.settled((100_000,))
    assert service.counters(other(cast)) == Counters()


def other(cast: Cast) -> Community:
    return find_community(cast.theirs)
