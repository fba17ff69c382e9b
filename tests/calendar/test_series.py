"""Rhythms and their dates; a series of drafts, and drafts that go without a trace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, strategies as st

from market import clock
from market.allocation.market_rules import Quota as QuotaRule
from market.audit import AuditRow
from market.calendar import service
from market.calendar.models import DayPermit, MarketDay, Waiver
from market.calendar.rules import DayPermitKind, DayState
from market.calendar.series import MOST, Rhythm, series_dates
from market.db import db
from market.stalls import service as stalls
from market.stalls.models import KeptFree, Quota, ZoneDuty
from market.vendors.rules import ApplicationState
from tests.calendar.test_service import Ground, acts
from tests.conftest import both_engines
from tests.factories.calendar import ZONE, make_day
from tests.factories.desk import refused
from tests.factories.vendors import fill_day
from tests.trail import select_said

R, S = Rhythm, DayState
SATURDAY, SUNDAY = 5, 6
SINCE = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("rhythm", "weekday", "until", "expected"),
    [
        (R.WEEKLY, SATURDAY, date(2026, 12, 19), ["11-28", "12-05", "12-12", "12-19"]),
        (R.WEEKLY, SATURDAY, date(2026, 11, 27), []),
        (R.FORTNIGHTLY, SATURDAY, date(2026, 12, 31), ["11-28", "12-12", "12-26"]),
        (R.FIRST, SUNDAY, date(2027, 2, 28), ["12-06", "01-03", "02-07"]),
        (R.SECOND, SATURDAY, date(2027, 2, 28), ["12-12", "01-09", "02-13"]),
        (R.THIRD, SATURDAY, date(2027, 1, 31), ["12-19", "01-16"]),
        (R.FOURTH, SATURDAY, date(2026, 12, 31), ["11-28", "12-26"]),
        (R.LAST, SUNDAY, date(2027, 2, 28), ["11-29", "12-27", "01-31", "02-28"]),
        (R.WEEKLY, SATURDAY, date(2020, 1, 1), []),
    ],
)
def test_the_dates_of_a_rhythm(rhythm: Rhythm, weekday: int, until: date, expected: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in series_dates(rhythm, weekday, SINCE, until)] == expected


@given(
    rhythm=st.sampled_from(Rhythm),
    weekday=st.integers(0, 6),
    since=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    days=st.integers(0, 900),
)
def test_every_date_is_of_the_weekday_between_the_ends_and_comes_once(
    rhythm: Rhythm, weekday: int, since: date, days: int
) -> None:
    until = since + timedelta(days)
    found = series_dates(rhythm, weekday, since, until)
    assert found == sorted(set(found))
    assert all(since <= day <= until and day.weekday() == weekday for day in found)
    assert len(found) <= MOST
    if rhythm not in (R.WEEKLY, R.FORTNIGHTLY):
        assert len({(day.year, day.month) for day in found}) == len(found)


# ── drafts ────────────────────────────────────────────────────────────────────────────────────────────────


def today() -> date:
    return clock.today(ZONE)


def test_a_series_is_all_of_its_drafts_or_none(ground: Ground) -> None:
    like = make_day(ground.community, ground.by, in_days=3, theme="邻里集", stall_limit=5)
    dates = [today() + timedelta(weeks=week) for week in (2, 4, 6)]
    made = service.create_series(like, dates, "冬日集", by=ground.by, at=ground.at)
    assert [(service.local_date(day), day.theme, day.state, day.stall_limit) for day in made] == [
        (on, "冬日集", S.DRAFT, 5) for on in dates
    ]
    known = len(service.days(ground.community))
    with refused("calendar.clash"):
        later = [today() + timedelta(weeks=week) for week in (8, 4)]
        service.create_series(like, later, "冬日集", by=ground.by, at=ground.at)
    assert len(service.days(ground.community)) == known


@both_engines
def test_a_draft_goes_without_a_trace(ground: Ground) -> None:
    like = make_day(ground.community, ground.by, in_days=3)
    stalls.set_quotas(like, {"produce": QuotaRule(1, 6)}, by=ground.by, at=ground.at)
    stalls.set_duties(like, {"A": "李网格"}, by=ground.by, at=ground.at)
    draft = service.copy_day(like, today() + timedelta(40), by=ground.by, at=ground.at)
    stalls.copy_rules(like, draft, by=ground.by, at=ground.at)
    stalls.keep_free(draft, draft.venue.stalls[0], by=ground.by, at=ground.at)
    kind = DayPermitKind.SAFETY_PLAN
    service.add_day_permit(draft, kind, "1 号", "社区", today(), by=ground.by, at=ground.at)
    service.waive(draft, "crowd_licence", "M05", "分时段", by=ground.by, at=ground.at)
    key, ref = draft.id, draft.ref
    stalls.discard_draft(draft, by=ground.by, at=ground.at)
    assert service.days(ground.community) == [like]
    for table in (Quota, ZoneDuty, KeptFree, DayPermit, Waiver):
        assert db.session.scalars(sa.select(table).where(table.day_id == key)).all() == []
    assert stalls.quotas(like) == {"produce": QuotaRule(1, 6)}
    query = select_said(AuditRow.act).where(AuditRow.object_ref == ref).order_by(AuditRow.id.desc()).limit(1)
    assert db.session.scalar(query) == "calendar.delete_draft"
    assert acts(like)[0] == "pages.create_day"


@pytest.mark.parametrize("state", [s for s in DayState if s is not S.DRAFT])
def test_only_drafts_are_deleted(ground: Ground, state: DayState) -> None:
    day = make_day(ground.community, ground.by, state=state)
    with refused("calendar.no_draft"):
        stalls.discard_draft(day, by=ground.by, at=ground.at)
    assert service.days(ground.community) == [day]


def test_a_draft_somebody_was_entered_for_is_not_deleted(ground: Ground) -> None:
    day = make_day(ground.community, ground.by)
    fill_day(day, ground.by, 1, state=ApplicationState.SUBMITTED)
    with refused("stalls.draft_in_use"):
        stalls.discard_draft(day, by=ground.by, at=ground.at)
    assert service.days(ground.community) == [day]


# ── what the next one is like ─────────────────────────────────────────────────────────────────────────────


def test_the_next_market_is_like_the_last_one_that_was_held(ground: Ground) -> None:
    def newest() -> MarketDay | None:
        return service.last_held(ground.community)

    assert newest() is None
    draft = make_day(ground.community, ground.by, in_days=50)
    assert newest() == draft
    published = make_day(ground.community, ground.by, in_days=20, state=S.PUBLISHED)
    assert newest() == published
    make_day(ground.community, ground.by, in_days=60, state=S.CANCELLED)
    make_day(ground.community, ground.by, in_days=61, state=S.POSTPONED)
    assert newest() == published
    make_day(ground.community, ground.by, in_days=-60, state=S.SETTLED)
    held = make_day(ground.community, ground.by, in_days=-30, state=S.CLOSED)
    assert newest() == held


def test_the_date_proposed_is_free(ground: Ground) -> None:
    held = make_day(ground.community, ground.by, in_days=-30, state=S.SETTLED)
    first = service.same_weekday_later(held, today())
    assert service.free_date(held, today()) == first
    make_day(ground.community, ground.by, in_days=(first - today()).days)
    assert service.free_date(held, today()) == first + timedelta(weeks=4)
