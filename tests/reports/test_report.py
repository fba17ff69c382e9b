"""Collecting: what a period has of markets that were corrected, moved, left open, or held somewhere else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, unit_of_work
from market.fund import service as fund
from market.fund.rules import Figures
from market.gate import service as gate
from market.gate.rules import CountMethod
from market.insight import service as insight
from market.insight.periods import Length, Period, period_of
from market.inspection import service as inspection
from market.inspection.service.incidents import IncidentDraft
from market.ledger import service as ledger
from market.ledger.spans import quarter_of
from market.reports.rules import Figure, Standing, Sums, add_up
from market.reports.service.collector import collect
from market.reports.service.places import areas_inside, place_of, places_in
from market.reports.service.report import CommunityReport, community_report, newest_period, region_report
from market.settlement import service as settlement
from market.vendors.models import Vendor
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.settlement import evening, make_fund, settled_market
from tests.parts.statements import statements
from tests.reports.conftest import held_on, make_district
from tests.settlement.conftest import Desk

AT = clock.now()


def period_around(moment: datetime, length: Length = Length.MONTH) -> Period:
    return period_of(length, clock.local(moment, "Asia/Shanghai").date())


def report(desk: Desk, moment: datetime, length: Length = Length.MONTH, at: datetime = AT) -> CommunityReport:
    return community_report(desk.community, period_around(moment, length), at=at)


def test_a_community_without_anything_has_a_report_of_nothing(desk: Desk) -> None:
    found = report(desk, AT)
    assert (found.now.sums, found.markets, found.months, found.open_markets) == (Sums(), [], [], [])
    assert (found.books, found.is_closed) == (0, False)


@both_engines
def test_a_market_counts_in_the_month_in_which_it_was_held(desk: Desk) -> None:
    settled = desk.settled((100_000, 82_010, 0), in_days=-40)
    found = report(desk, settled.day.open_at)
    assert (found.now.sums.days, found.now.sums.appearances, found.now.sums.vendors) == (1, 3, 3)
    assert found.now.sums.contributed_fen == settled.contribution_fen == 9_101
    assert found.now.sums.on_its_way_fen == 9_101
    assert [(line.booked_fen, line.appearances, line.visits) for line in found.markets] == [(9_101, 3, None)]
    assert found.now.of(Figure.VISITS) is None
    year = report(desk, settled.day.open_at, Length.YEAR)
    assert sum(month.days for month in year.months) == 1
    assert sum(month.contributed_fen for month in year.months) == year.now.sums.contributed_fen


def test_the_first_of_a_month_is_its_first_on_the_wall_of_the_community(desk: Desk) -> None:
    """7:00 on the first of January in China is still the old year in UTC."""
    day = desk.settled((100_000,), in_days=-40).day
    with unit_of_work():
        moved = sa.update(MarketDay).where(MarketDay.id == day.id)
        db.session.execute(moved.values(open_at=datetime(2024, 12, 31, 23, 0, tzinfo=UTC)))
    place = place_of(desk.community)
    counted = {
        code: collect([place], period_of(Length.MONTH, on), at=AT)[place.id].sums.days
        for code, on in (("2024-12", date(2024, 12, 5)), ("2025-01", date(2025, 1, 5)))
    }
    assert counted == {"2024-12": 0, "2025-01": 1}
    assert newest_period([place], Length.YEAR, at=AT, zone=desk.community.zone).code == "2025"


def test_communities_in_two_zones_each_go_by_their_own_wall(desk: Desk, cast: Cast) -> None:
    theirs = find_community(cast.theirs)
    with unit_of_work():
        other = settled_market(theirs, person("staff-b"), (40_000,), in_days=-40)
        theirs.zone = "America/New_York"
    first = desk.settled((100_000,), in_days=-40)
    with unit_of_work():
        moment = datetime(2024, 12, 31, 23, 0, tzinfo=UTC)  # in China 7:00 of the new year, in New York 18:00
        both = sa.update(MarketDay).where(MarketDay.id.in_([first.day_id, other.day_id]))
        db.session.execute(both.values(open_at=moment))
    places = [place_of(desk.community), place_of(theirs)]
    found = collect(places, period_of(Length.YEAR, date(2025, 5, 1)), at=AT)
    assert [found[place.id].sums.days for place in places] == [1, 0]


@pytest.fixture
def two_quarters(desk: Desk) -> tuple[MarketDay, Period]:
    """A market in a quarter that was closed, and corrected since."""
    day = desk.settled((100_000, 40_000, 60_000), in_days=-150).day
    book = fund.require_fund(desk.community)
    span = quarter_of(clock.local(day.open_at, "Asia/Shanghai").date())
    closing = evening(day) + timedelta(days=95)
    closed = do_in_unit_of_work(
        lambda: fund.close_quarter(
            book, span.first, Figures(0, 0, 0), reference="DZ-1", explanation="还在路上", by=desk.second,
            at=closing,
        )
    )  # fmt: skip
    quarter = period_of(Length.QUARTER, span.first)
    assert not community_report(desk.community, quarter, at=AT).is_closed  # it could still be withdrawn
    do_in_unit_of_work(lambda: fund.confirm_quarter(closed, by=person("member1"), at=closing))
    return day, quarter


def test_a_closed_quarter_never_changes_and_the_correction_is_named_where_it_was_made(
    desk: Desk, two_quarters: tuple[MarketDay, Period]
) -> None:
    day, quarter = two_quarters
    before = community_report(desk.community, quarter, at=AT)
    assert (before.is_closed, before.touched) == (True, [])
    desk.correct(desk.held(day), 140_000, at=AT)
    after = community_report(desk.community, quarter, at=AT)
    assert after.now == before.now
    assert [(line.booked_fen, line.is_of_period) for line in after.markets] == [(10_000, True)]
    assert [line.ref for line in after.touched] == [day.ref]
    now = report(desk, AT)
    assert now.now.sums.contributed_fen == 2_000
    assert [(line.ref, line.booked_fen, line.visits) for line in now.elsewhere] == [(day.ref, 2_000, None)]
    assert (now.own_markets, now.now.sums.days, now.is_closed) == ([], 0, False)
    assert now.now.sums.contributed_fen == ledger.contributed(
        ledger.book_of(desk.community), *period_around(AT).span
    )


def test_what_is_counted_after_closing_is_said(desk: Desk, two_quarters: tuple[MarketDay, Period]) -> None:
    day, quarter = two_quarters
    with unit_of_work():
        entrance = gate.footfall(day).entrances[0]
        settlement.add_counts(day, {(entrance, 1): 300}, CountMethod.FULL_COUNT, by=desk.second, at=AT)
    found = community_report(desk.community, quarter, at=AT)
    assert (found.now.sums.visits, [line.ref for line in found.touched]) == (300, [day.ref])
    assert found.now.sums.contributed_fen == 10_000


def test_markets_that_nobody_settled_are_named_and_in_no_figure(desk: Desk) -> None:
    waiting = desk.ended((100_000,), in_days=-40)
    called_off = desk.ended((50_000,), in_days=-39)
    with unit_of_work():
        db.session.execute(
            sa.update(MarketDay).where(MarketDay.id == called_off.id).values(state=DayState.CANCELLED)
        )
    for day, on in ((waiting, date(2026, 5, 3)), (called_off, date(2026, 5, 10))):
        held_on(day, on)
    found = report(desk, waiting.open_at)
    assert found.now.sums.days == 0
    assert found.standings == Counter({Standing.WAITING: 1, Standing.CALLED_OFF: 1})
    assert {(market.ref, market.standing) for market in found.open_markets} == {
        (waiting.ref, Standing.WAITING),
        (called_off.ref, Standing.CALLED_OFF),
    }


def test_incidents_count_at_the_date_of_their_market(desk: Desk) -> None:
    day = desk.settled((100_000,), in_days=-40).day
    with unit_of_work():
        draft = IncidentDraft(day.open_at, "东门", "有人滑倒")
        inspection.note_incident(day, draft, client_id="i-1", by=desk.clerk, at=AT)
    assert report(desk, day.open_at).now.sums.incidents == 1
    assert report(desk, day.open_at - timedelta(days=70)).now.sums.incidents == 0


# ── places ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_district_is_the_sum_of_its_streets_and_they_of_their_communities(desk: Desk, cast: Cast) -> None:
    district, theirs = make_district(cast, AT), find_community(cast.theirs)
    with unit_of_work():
        other = settled_market(theirs, person("staff-b"), (40_000, 60_000), in_days=-40)
    ours = desk.settled((100_000,), in_days=-40)
    held_on(other.day, date(2026, 5, 3))
    held_on(ours.day, date(2026, 5, 10))
    period = period_of(Length.YEAR, date(2026, 5, 1))
    found = region_report(district, period, at=AT)
    streets = [region_report(community.region, period, at=AT) for community in (desk.community, theirs)]
    assert [part.area and part.area.code for part in found.parts] == [
        community.region.code for community in (desk.community, theirs)
    ]
    assert found.now.sums == add_up(street.now.sums for street in streets)
    assert found.now.sums == add_up(part.sums for part in found.parts)
    assert found.now.sums == add_up(part.sums for part in found.communities)
    assert (found.now.sums.days, found.now.sums.vendors, found.now.different) == (2, 3, 3)
    assert [part.under for part in found.communities] == [part.name for part in found.parts][::-1] or [
        part.under for part in found.communities
    ] == [part.name for part in found.parts]
    by_hand = [insight.counters(community, *period.span) for community in (desk.community, theirs)]
    assert found.now.sums.contributed_fen == sum(one.contribution_fen for one in by_hand)
    assert found.now.sums.appearances == sum(one.appearances for one in by_hand)


def test_who_stands_in_two_communities_under_one_number_is_one_vendor_of_the_district(
    desk: Desk, cast: Cast
) -> None:
    district, theirs = make_district(cast, AT), find_community(cast.theirs)
    with unit_of_work():
        other = settled_market(theirs, person("staff-b"), (40_000, 60_000), in_days=-40)
    ours = desk.settled((100_000, 0), in_days=-40)
    with unit_of_work():
        same = {settled.lines[0].assignment.vendor_id for settled in (ours, other)}
        db.session.execute(sa.update(Vendor).where(Vendor.id.in_(same)).values(phone="13955550000"))
        forgotten = {settled.lines[1].assignment.vendor_id for settled in (ours, other)}
        db.session.execute(sa.update(Vendor).where(Vendor.id.in_(forgotten)).values(phone=""))
    period = period_around(ours.day.open_at, Length.YEAR)
    found = region_report(district, period, at=AT)
    assert (found.now.sums.vendors, found.now.different) == (4, 3)
    assert found.now.of(Figure.DIFFERENT) == 3


def test_a_region_without_communities_has_a_report(desk: Desk, cast: Cast) -> None:
    with unit_of_work():
        desk.community.region_id = find_community(cast.theirs).region_id
        empty = db.session.merge(desk.community.region)
    period = period_of(Length.MONTH, AT.date())
    street = next(area for area in areas_inside(empty).values())
    assert places_in({}) == []
    assert region_report(empty, period, at=AT).name == street.name


def many(community: Community, count: int) -> None:
    """So many more communities in the same street."""
    row = {
        "region_id": community.region_id, "host_org": "x", "phone": "0533", "zone": community.zone,
        "created_at": AT, "profile": "",
    }  # fmt: skip
    with unit_of_work():
        db.session.execute(
            sa.insert(Community), [{**row, "slug": f"more-{n}", "name": f"第 {n} 社区"} for n in range(count)]
        )


@both_engines
def test_questions_do_not_grow_with_the_communities(desk: Desk, cast: Cast) -> None:
    """1 and 200 communities, 1 and 3 markets: the same questions."""
    district = make_district(cast, AT)
    settled = desk.settled((100_000,), in_days=-40)
    period = period_around(settled.day.open_at, Length.YEAR)

    def asked() -> int:
        db.session.expire_all()
        region = db.session.merge(district)
        assert region.name
        with statements() as found:
            report = region_report(region, period, at=AT)
        assert report.now.sums.days >= 1
        return len(found)

    before = asked()
    many(desk.community, 200)
    desk.settled((50_000, 20_000), in_days=-39)
    with unit_of_work():
        make_fund(find_community(cast.theirs), person("staff-b"), AT)
        settled_market(find_community(cast.theirs), person("staff-b"), (40_000,), in_days=-40)
    assert asked() == before
    assert before <= 26
