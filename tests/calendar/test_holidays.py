"""What dates are to people: announced days off, worked weekends, festivals, and what nobody knows yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from market.calendar.holidays import ARRANGED, FESTIVALS, Festival, MarkKind, is_announced, marks
from market.calendar.words import FESTIVAL_WORDS

F, K = Festival, MarkKind


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        # announced: the days off, and the weekends that pay for them
        ("2026-02-15", [(K.DAY_OFF, F.SPRING)]),
        ("2026-02-16", [(K.DAY_OFF, F.SPRING), (K.FESTIVAL, F.SPRING_EVE)]),
        ("2026-02-24", []),
        ("2026-02-14", [(K.WORKDAY, None)]),
        ("2026-09-20", [(K.WORKDAY, None)]),
        ("2026-10-10", [(K.WORKDAY, None)]),
        ("2024-09-14", [(K.WORKDAY, None)]),
        ("2024-10-12", [(K.WORKDAY, None)]),
        ("2025-10-06", [(K.DAY_OFF, F.NATIONAL), (K.FESTIVAL, F.MID_AUTUMN)]),
        # the moon
        ("2026-03-03", [(K.FESTIVAL, F.LANTERN)]),
        ("2026-08-19", [(K.FESTIVAL, F.QIXI)]),
        ("2026-10-18", [(K.FESTIVAL, F.DOUBLE_NINTH)]),
        ("2027-01-15", [(K.FESTIVAL, F.LABA)]),
        # not announced yet: what the law fixes holds, and no more
        ("2027-02-05", [(K.DAY_OFF, F.SPRING_EVE)]),
        ("2027-02-06", [(K.DAY_OFF, F.SPRING)]),
        ("2027-02-08", [(K.DAY_OFF, F.SPRING)]),
        ("2027-02-09", []),
        ("2027-05-02", [(K.DAY_OFF, F.LABOUR)]),
        ("2027-05-03", []),
        ("2028-10-03", [(K.DAY_OFF, F.NATIONAL), (K.FESTIVAL, F.MID_AUTUMN)]),
        # beyond the table of the moon: only what the sun fixes
        ("2041-02-01", []),
        ("2041-10-01", [(K.DAY_OFF, F.NATIONAL)]),
        ("2026-12-05", []),
    ],
)
def test_what_a_date_is(on: str, expected: list[tuple[MarkKind, Festival | None]]) -> None:
    assert [(mark.kind, mark.festival) for mark in marks(date.fromisoformat(on))] == expected


def test_how_far_the_announcements_reach() -> None:
    assert [year for year in range(2024, 2030) if is_announced(year)] == [2024, 2025, 2026]


def test_a_worked_weekend_is_one_and_no_day_off() -> None:
    for year, arranged in ARRANGED.items():
        for text in arranged.work.split():
            on = date.fromisoformat(f"{year}-{text}")
            assert on.weekday() >= 5
            assert marks(on)[0].kind is K.WORKDAY


def test_every_year_of_the_moon_is_whole_and_in_order() -> None:
    assert sorted(FESTIVALS) == list(range(2024, 2041))
    for year, text in FESTIVALS.items():
        days = [date.fromisoformat(f"{year}-{one}") for one in text.split()]
        laba, spring, lantern, qingming, dragon, qixi, autumn, ninth = days
        assert days == sorted(days)
        assert lantern - spring == timedelta(14)
        assert timedelta(20) <= spring - laba <= timedelta(23)
        assert date(year, 1, 20) < spring < date(year, 2, 22)
        assert (qingming.month, qingming.day in (4, 5)) == (4, True)
        assert dragon < qixi < autumn < ninth


def test_every_festival_has_a_word() -> None:
    assert set(FESTIVAL_WORDS) == set(Festival)
