"""How a pass stands, for anybody who asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market.passes.rules import Standing, standing, validity

OPEN = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
CLOSE = OPEN + timedelta(hours=3, minutes=30)
FROM, TO = validity(OPEN, CLOSE)


@pytest.mark.parametrize(
    "revoked, replaced, moment, expected",
    [
        (False, False, OPEN, Standing.GENUINE),
        (False, False, FROM - timedelta(days=2), Standing.FOR_LATER),
        (False, False, TO + timedelta(seconds=1), Standing.OVER),
        (True, True, OPEN, Standing.REPLACED),
        (True, False, OPEN, Standing.WITHDRAWN),
        (True, False, FROM - timedelta(days=2), Standing.WITHDRAWN),
    ],
)
def test_what_anybody_learns_of_a_pass(
    revoked: bool, replaced: bool, moment: datetime, expected: Standing
) -> None:
    found = standing(revoked=revoked, replaced=replaced, valid_from=FROM, valid_to=TO, at=moment)
    assert found is expected
