"""What is looked at where, and when a link still opens: tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market.communities.profile_files import profiles
from market.inspection.rules import (
    MOST_USES,
    LinkState,
    Result,
    heaviest,
    is_overdue,
    link_state,
    plaza_items,
    sheet_numbers,
    stall_items,
)
from market.vendors.rules import Category

ZIBO = profiles()["shandong_zibo"]
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "category, power_w, items",
    [
        (Category.REPAIR_SERVICE, 0, [1, 3, 12, 13, 14]),
        (Category.PRODUCE, 0, [1, 3, 7, 8, 12, 13, 14]),
        (Category.GRAIN_SEASONING, 0, [1, 2, 3, 12, 13, 14]),
        (Category.COOKED_FOOD, 2000, [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]),
        (Category.DAILY_GOODS, 300, [1, 3, 9, 11, 12, 13, 14]),
    ],
)
def test_a_stall_is_asked_only_what_concerns_it(category: Category, power_w: int, items: list[int]) -> None:
    numbers = sheet_numbers(ZIBO)
    assert [numbers[item.code] for item in stall_items(ZIBO, category, power_w)] == items


def test_a_flame_is_looked_at_wherever_one_burns() -> None:
    plain, burning = (stall_items(ZIBO, Category.CRAFT, 0, flame=flame) for flame in (False, True))
    assert {item.code for item in burning} - {item.code for item in plain} == {"flame", "extinguisher"}


def test_the_plaza_has_points_of_its_own() -> None:
    assert [item.code for item in plaza_items(ZIBO)][:3] == ["fire_lane", "distribution_board", "check_scale"]
    assert not {item.code for item in plaza_items(ZIBO)} & {
        item.code for category in Category for item in stall_items(ZIBO, category, 2000, flame=True)
    }


@pytest.mark.parametrize(
    "results, worst",
    [
        ([], Result.FINE),
        ([Result.MENDED], Result.MENDED),
        ([Result.STOPPED, Result.MENDED], Result.STOPPED),
        ([Result.MENDED, Result.TO_MEND], Result.TO_MEND),
    ],
)
def test_a_stall_is_as_its_worst_point(results: list[Result], worst: Result) -> None:
    assert heaviest(results) is worst


@pytest.mark.parametrize("mend_by, late", [(None, False), (NOON, False), (NOON - HOUR, True)])
def test_what_was_to_be_mended_by_an_hour_is_late_after_it(mend_by: datetime | None, late: bool) -> None:
    assert is_overdue(mend_by, NOON) is late


@pytest.mark.parametrize(
    "revoked, expires_at, uses, state",
    [
        (False, NOON + HOUR, 0, LinkState.OPEN),
        (False, NOON + HOUR, MOST_USES - 1, LinkState.OPEN),
        (False, NOON + HOUR, MOST_USES, LinkState.SPENT),
        (False, NOON, 0, LinkState.OVER),
        (True, NOON, MOST_USES, LinkState.REVOKED),
    ],
)
def test_whether_a_link_opens(revoked: bool, expires_at: datetime, uses: int, state: LinkState) -> None:
    assert link_state(revoked=revoked, expires_at=expires_at, uses=uses, at=NOON) is state
