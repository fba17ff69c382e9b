"""Who comes up from the waiting list: in the published order, whatever way the stalls were given out."""

from __future__ import annotations

import pytest

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.stalls import service
from market.stalls.service import SeedAnswer
from market.vendors.models import Application
from market.vendors.rules import ApplicationState, Category
from tests.cast import Cast, person
from tests.factories.stalls import approved, day_under_review, held_by, stall
from tests.factories.vendors import make_application

pytestmark = pytest.mark.usefixtures("context")


def day_with_a_past(cast: Cast, method: str) -> MarketDay:
    """Two stalls for six: two of them stood last time, three waited in vain, one is new."""
    staff, at = person("staff"), clock.now()
    before = day_under_review(find_community(cast.ours), staff, limit=2, in_days=3)
    regulars = [approved(before, staff, name) for name in ("甲", "乙", "丙", "丁", "戊")]
    service.compute_plan(before, by=staff, at=at)
    before.state = DayState.CLOSED
    day = day_under_review(before.community, staff, limit=2, venue=before.venue)
    for earlier in regulars:
        make_application(day, earlier.vendor, staff, state=ApplicationState.APPROVED)
    approved(day, staff, "新来的")
    service.choose_method(day, method, by=staff, at=at)
    if method == "draw":
        service.freeze_list(day, "public_number", "福彩双色球第 2026136 期", by=staff, at=at)
        service.hold_lottery(day, SeedAnswer("03 11 17 22 29 31 08"), by=staff, at=at)
    else:
        service.compute_plan(day, by=staff, at=at)
    return day


def names(applications: list[Application]) -> list[str]:
    return [application.vendor.trading_name for application in applications]


@pytest.mark.parametrize(
    ("method", "published"),
    [
        ("optimum", ["戊", "新来的", "甲", "乙"]),
        ("rotation", ["戊", "新来的", "甲", "乙"]),
        ("fixed", ["丙", "丁", "戊", "新来的"]),
        ("first_come", ["丙", "丁", "戊", "新来的"]),
        ("draw", None),
    ],
)
def test_promotions_follow_the_published_waiting_list(
    cast: Cast, method: str, published: list[str] | None
) -> None:
    staff, at = person("staff"), clock.now()
    with unit_of_work():
        day = day_with_a_past(cast, method)
        run = service.latest_run(day)
        assert run is not None
        waiting = names(service.waiting_list(day))
        assert (run.method, published or waiting) == (method, waiting)
        came = []
        for _turn in range(4):
            service.withdraw(service.assignments(day)[0].application, by=staff, at=at)
            promoted = service.promote_next(day, by=staff, at=at)
            assert promoted is not None
            came.append(promoted.vendor.trading_name)
            assert promoted.reason_params["passed_over"] == 0
    assert came == waiting


def test_the_stall_is_the_best_by_the_weights_of_the_community(cast: Cast) -> None:
    staff, at = person("staff"), clock.now()
    with unit_of_work():
        day = day_under_review(find_community(cast.ours), staff)
        one = approved(day, staff, "甲", Category.PRODUCE, wanted=stall(day, "B04"))
        current = service.plan_state(day)
        usual = service.next_in_line(day, current)
        assert usual is not None
        assert (usual.application.id, usual.label) == (one.id, "A01")
        weights = {**service.weights_of(day.community), "zone": 0}
        service.set_weights(day.community, weights, "分区不看了", by=staff, at=at)
        theirs = service.next_in_line(day, service.plan_state(day))
        assert theirs is not None
        assert theirs.label == "B04"


def test_neighbours_that_disturb_each_other_are_kept_apart_in_promotions_too(cast: Cast) -> None:
    staff, at = person("staff"), clock.now()
    with unit_of_work():
        day = day_under_review(find_community(cast.ours), staff)
        service.place(
            approved(day, staff, "社区义诊", Category.HEALTH_OUTREACH), stall(day, "E01"), by=staff, at=at
        )
        approved(day, staff, "亲子套圈", Category.KIDS_PLAY)
        for one in day.venue.stalls:
            if one.label not in ("E01", "E02", "E03"):
                service.keep_free(day, one, by=staff, at=at)
        service.promote_next(day, by=staff, at=at)
    assert held_by(day, "亲子套圈").label == "E03"
