"""Whom staff have to telephone, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market.notices.rules import must_call

MARKET = datetime(2026, 11, 28, 0, tzinfo=UTC)


def before(**long: float) -> datetime:
    return MARKET - timedelta(**long)


@pytest.mark.parametrize(
    "made_at, at, expected",
    [
        (before(days=9), before(days=4), False),  # not read for days, but there is time
        (before(days=9), before(days=3), True),
        (before(hours=66), before(hours=61), False),  # told five hours ago: patience
        (before(hours=66), before(hours=60), True),
        (before(hours=20), before(minutes=19 * 60 + 1), False),
        (before(hours=20), before(hours=19), True),
        (before(hours=5), before(hours=5), True),  # on the morning nobody waits
        (before(days=9), MARKET, False),  # it is too late to know
        (MARKET, MARKET + timedelta(hours=1), True),  # it happened since
    ],
)
def test_who_has_an_account_is_called_when_time_is_short(
    made_at: datetime, at: datetime, *, expected: bool
) -> None:
    assert must_call(can_read=True, made_at=made_at, needed_by=MARKET, at=at) is expected


@pytest.mark.parametrize(
    "at, expected",
    [(before(days=9), True), (before(hours=1), True), (MARKET, False)],
)
def test_who_has_none_is_called_until_it_is_too_late(at: datetime, *, expected: bool) -> None:
    assert must_call(can_read=False, made_at=before(days=9), needed_by=MARKET, at=at) is expected
