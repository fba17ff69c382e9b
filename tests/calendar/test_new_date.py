"""A market that moves: its window of applications, its state, its filings; tables first, then the act."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from market import clock
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.new_date import MOVABLE, Window, moved_window, state_after
from market.calendar.rules import DayPermitKind, DayState, Step, waiver_holds
from market.calendar.service import DayDraft
from tests.calendar.test_service import Ground, acts
from tests.conftest import both_engines
from tests.factories.calendar import ZONE, make_day, make_venue
from tests.factories.desk import refused

S = DayState
DAY = timedelta(days=1)


def on(day: int, hour: int = 0) -> datetime:
    """A moment of December, in days that may be below 1 or above 31."""
    return datetime(2026, 12, 1, hour, tzinfo=UTC) + (day - 1) * DAY


MARKET, NOW = 20, on(10, 12)
"""A market on the 20th, looked at on the 10th."""


@pytest.mark.parametrize(
    ("state", "window", "to", "expected"),
    [
        # nobody has seen the window: it moves along, also when it was over
        (S.DRAFT, (1, 15), 27, (8, 22)),
        (S.PREPARED, (-9, 5), 27, (-2, 12)),
        (S.PREPARED, (11, 15), 14, (5, 9)),
        # vendors apply now: what has begun does not begin anew
        (S.OPEN_FOR_APPLICATION, (1, 15), 21, (1, 16)),
        (S.OPEN_FOR_APPLICATION, (1, 15), 27, (1, 22)),
        # not begun: begins later
        (S.OPEN_FOR_APPLICATION, (12, 15), 27, (19, 22)),
        # earlier: they may apply as long as they were told, if the market is not earlier still
        (S.OPEN_FOR_APPLICATION, (1, 15), 18, (1, 13)),
        (S.OPEN_FOR_APPLICATION, (1, 15), 14, (1, 14)),
        # over is over
        (S.REVIEWING, (1, 9), 27, (1, 9)),
        (S.PUBLISHED, (1, 9), 21, (1, 9)),
        (S.PUBLISHED, (1, 9), 11, (1, 9)),
        # closed before its time: the rest of it follows the date, for whoever opens it again
        (S.REVIEWING, (1, 15), 27, (1, 22)),
    ],
)
def test_the_window_follows_the_date_and_takes_back_no_promise(
    state: DayState, window: tuple[int, int], to: int, expected: tuple[int, int]
) -> None:
    old = Window(on(window[0]), on(window[1]))
    shift = (to - MARKET) * DAY
    shifted = Window(old.start + shift, old.end + shift)
    new = moved_window(old, shifted, state, open_at=on(to), at=NOW)
    assert (new.start, new.end) == (on(expected[0]), on(expected[1]))


@given(
    state=st.sampled_from(MOVABLE),
    start=st.integers(-40, 40),
    length=st.integers(1, 60),
    shift=st.integers(-60, 60),
    opens=st.integers(1, 200),
)
def test_no_move_makes_a_window_that_cannot_be(
    state: DayState, start: int, length: int, shift: int, opens: int
) -> None:
    old = Window(on(start), on(start + length))
    shifted = Window(old.start + shift * DAY, old.end + shift * DAY)
    new = moved_window(old, shifted, state, open_at=on(10, 13) + opens * DAY, at=NOW)
    assert new.start < new.end <= on(10, 13) + opens * DAY


@pytest.mark.parametrize(
    ("state", "hours_ahead", "after"),
    [
        (S.SETTING_UP, 1, S.SETTING_UP),
        (S.SETTING_UP, 2, S.SETTING_UP),
        (S.SETTING_UP, 24, S.PUBLISHED),
        (S.PUBLISHED, 24, S.PUBLISHED),
        (S.DRAFT, 1, S.DRAFT),
    ],
)
def test_vendors_who_drove_in_too_early_are_sent_home(
    state: DayState, hours_ahead: int, after: DayState
) -> None:
    assert state_after(state, open_at=NOW + timedelta(hours=hours_ahead), at=NOW) is after


@pytest.mark.parametrize(
    ("subject", "same_date", "holds"),
    [
        ("M04", True, True),
        ("M04", False, False),
        ("M05", False, False),
        ("M01", False, True),
        ("", False, True),
    ],
)
def test_an_override_of_a_filing_follows_the_date_as_the_filing_would(
    subject: str, same_date: bool, holds: bool
) -> None:
    first = on(5).date()
    assert waiver_holds(subject, first, first if same_date else first + DAY) is holds


# ── the act ───────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
@pytest.mark.parametrize("state", MOVABLE)
def test_a_planned_market_moves_in_every_state_and_keeps_it(ground: Ground, state: DayState) -> None:
    day = make_day(ground.community, ground.by, in_days=30, state=state)
    new = service.local_date(day) + 8 * DAY
    draft = moved(ground, day, new)
    service.move_day(day, draft, public_note="改到下周日。", by=ground.by, at=ground.at)
    assert service.local_date(day) == new
    assert day.state is (S.PUBLISHED if state is S.SETTING_UP else state)
    assert day.public_note == "改到下周日。"
    assert day.apply_from < day.apply_until <= day.open_at
    assert (day.steps[-1].step, day.steps[-1].to_state) == (Step.RESCHEDULE, day.state)
    assert acts(day)[-1] == "calendar.move_day"


def moved(ground: Ground, day: MarketDay, to: date, **changes: Any) -> DayDraft:
    written = service.draft_of(day)
    return replace(
        service.moved_draft(
            day, to, written.opens, written.closes, written.arrive_by, written.venue, at=ground.at
        ),
        **changes,
    )


@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED, S.SETTLED, S.ARCHIVED, S.POSTPONED, S.CANCELLED])
def test_what_runs_is_over_or_was_called_off_does_not_move(ground: Ground, state: DayState) -> None:
    day = make_day(ground.community, ground.by, state=state)
    with refused("calendar.not_movable"):
        service.move_day(day, service.draft_of(day), public_note="改了。", by=ground.by, at=ground.at)


def test_what_residents_saw_does_not_move_without_a_word(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, in_days=30, state=S.PUBLISHED)
    draft = moved(ground, day, service.local_date(day) + DAY)
    with refused("calendar.reason_missing"):
        service.move_day(day, draft, public_note="  ", by=ground.by, at=ground.at)
    unseen = make_day(ground.community, ground.by, in_days=40)
    draft = moved(ground, unseen, service.local_date(unseen) + DAY)
    service.move_day(unseen, draft, public_note="", by=ground.by, at=ground.at)


def test_a_move_meets_the_same_walls_as_a_new_day(ground: Ground) -> None:
    make_day(ground.community, ground.by, in_days=31)
    day = make_day(ground.community, ground.by, in_days=30, state=S.PUBLISHED)
    today = clock.today(ZONE)
    for draft, code in (
        (moved(ground, day, today + 31 * DAY), "calendar.clash"),
        (moved(ground, day, today - DAY), "calendar.date_past"),
        (moved(ground, day, today + 2000 * DAY), "calendar.date_too_far"),
        (moved(ground, day, today + 33 * DAY, closes=time(7, 0)), "calendar.closes_before_opens"),
    ):
        with refused(code):
            service.move_day(day, draft, public_note="改了。", by=ground.by, at=ground.at)
    assert service.local_date(day) == today + 30 * DAY


def test_applications_that_run_go_on_after_the_move(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, in_days=15, state=S.OPEN_FOR_APPLICATION)
    assert service.open_for_application(ground.community, ground.at) == [day]
    draft = moved(ground, day, service.local_date(day) + 7 * DAY)
    service.move_day(day, draft, public_note="改了。", by=ground.by, at=ground.at)
    assert service.open_for_application(ground.community, ground.at) == [day]


# ── filings ───────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_filings_follow_the_date_they_were_filed_for(ground: Ground) -> None:
    """A report for the 5th does not count for the market of the 13th, and counts again on the 5th."""
    day = make_day(ground.community, ground.by, in_days=30, state=S.PUBLISHED)
    old, today = service.local_date(day), clock.today(ZONE)
    file_report(ground, day)
    assert service.report_readiness(day, today, 3) == []

    move_to(ground, day, old + 8 * DAY)
    assert [finding.code for finding in service.report_readiness(day, today, 3)] == ["regulator_report"]
    assert [paper.filed_for for paper in service.permits_left_behind(day)] == [old]

    file_report(ground, day, "2 号")
    assert service.report_readiness(day, today, 3) == []
    assert [paper.number for paper in service.permits_in_force(day)] == ["2 号"]

    move_to(ground, day, old)
    assert [paper.number for paper in service.permits_in_force(day)] == ["1 号"]


def test_a_filing_for_a_date_that_was_called_off_does_not_count_for_the_new_one(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, in_days=30, state=S.PUBLISHED)
    file_report(ground, day)
    service.take_step(day, Step.POSTPONE, by=ground.by, at=ground.at, public_note="大雪。")
    draft = service.shifted_draft(day, service.local_date(day) + 8 * DAY)
    service.reschedule(day, draft, public_note="改到下周日。", by=ground.by, at=ground.at)
    found = service.report_readiness(day, clock.today(ZONE), 3)
    assert [finding.code for finding in found] == ["regulator_report"]


def test_filings_follow_the_place_too(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, in_days=30, state=S.PUBLISHED)
    file_report(ground, day)
    other = make_venue(ground.community, ground.by, name="西广场")
    draft = moved(ground, day, service.local_date(day), venue=other)
    service.move_day(day, draft, public_note="换到西广场。", by=ground.by, at=ground.at)
    assert service.permits_in_force(day) == []


def test_who_did_without_a_filing_did_so_for_that_date(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, in_days=2, state=S.PUBLISHED)
    service.waive(day, "regulator_report", "M04", "当面报过", by=ground.by, at=ground.at)
    move_to(ground, day, service.local_date(day) + 30 * DAY)
    assert service.waivers_in_force(day) == {}
    again = service.waive(day, "regulator_report", "M04", "又当面报过", by=ground.by, at=ground.at)
    assert again.reason == "又当面报过"
    assert list(service.waivers_in_force(day)) == [("regulator_report", "M04")]


def file_report(ground: Ground, day: MarketDay, number: str = "1 号") -> None:
    filed_on = clock.today(ZONE)
    service.add_day_permit(
        day, DayPermitKind.REGULATOR_REPORT, number, "监管所", filed_on, by=ground.by, at=ground.at
    )


def move_to(ground: Ground, day: MarketDay, to: date) -> None:
    service.move_day(day, moved(ground, day, to), public_note="改了。", by=ground.by, at=ground.at)
