"""What a community decides: quotas, stalls kept free, duties, weights; refusals with their sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.allocation.market_rules import Quota
from market.allocation.rules import PUBLISHED_WEIGHTS
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.people.models import User
from market.stalls import service
from market.stalls.models import AllocationWeights
from market.vendors.rules import Category
from tests.cast import Cast, person
from tests.factories.calendar import bring_to, make_day
from tests.factories.stalls import crowd, day_under_review, held_by, planned_day, stall
from tests.trail import select_said

Acts = dict[str, Any]


@pytest.fixture
def community(context: Flask, cast: Cast) -> Community:
    return find_community(cast.ours)


def acting() -> Acts:
    return {"by": person("staff"), "at": clock.now()}


def acts_of(act: str) -> list[dict[str, Any]]:
    """What the audit trail says of an act, the oldest first."""
    query = select_said(AuditRow.detail).where(AuditRow.act == act).order_by(AuditRow.id)
    return list(db.session.scalars(query))


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as info:
        act()
    return info.value.code, str(info.value.sentence)


# ── quotas ────────────────────────────────────────────────────────────────────────────────────────────────


def test_quotas_are_replaced_as_a_whole_and_a_rule_that_says_nothing_is_none(community: Community) -> None:
    with unit_of_work():
        day = day_under_review(community, person("staff"))
        service.set_quotas(day, {"produce": Quota(2, 5, 3), "haircut": Quota(1)}, **acting())
        service.set_quotas(day, {"haircut": Quota(1, 2), "craft": Quota()}, **acting())
        assert service.quotas(day) == {"haircut": Quota(1, 2)}
        assert acts_of("stalls.set_quotas") == [
            {"quotas": {"produce": [2, 5, 3], "haircut": [1, None, 0]}},
            {"quotas": {"haircut": [1, 2, 0]}},
        ]


def test_the_same_quotas_twice_are_written_once(community: Community) -> None:
    with unit_of_work():
        day = day_under_review(community, person("staff"))
        for _time in range(2):
            service.set_quotas(day, {"haircut": Quota(1)}, **acting())
        assert len(acts_of("stalls.set_quotas")) == 1


@pytest.mark.parametrize(
    ("quotas", "answer"),
    [
        (
            {"haircut": Quota(3, 2)},
            ("stalls.most_below_least", "理发的「最多」比「至少」还少。请把「最多」填大一些，或空着不限。"),
        ),
        (
            {"haircut": Quota(4), "produce": Quota(3)},
            (
                "stalls.too_many_least",
                "各类「至少」加起来要 7 家，当天只开 6 个摊位。请把「至少」填小一些。",
            ),
        ),
        ({"haircut": Quota(-1)}, ("stalls.bad_quota", "理发的家数请填 0 到 999 的整数。")),
        ({"haircut": Quota(0, None, 1_000)}, ("stalls.bad_quota", "理发的家数请填 0 到 999 的整数。")),
        ({"fireworks": Quota(1)}, ("stalls.no_category", "没有「fireworks」这个品类。请从列出的品类里填。")),
    ],
)
def test_quotas_that_cannot_be_are_refused_and_nothing_changes(
    community: Community, quotas: dict[str, Quota], answer: tuple[str, str]
) -> None:
    with unit_of_work():
        day = day_under_review(community, person("staff"), limit=6)
        service.set_quotas(day, {"craft": Quota(1)}, **acting())
        assert refused(lambda: service.set_quotas(day, quotas, **acting())) == answer
        assert service.quotas(day) == {"craft": Quota(1)}


@pytest.mark.parametrize("state", [s for s in DayState if s not in service.QUOTA_STATES])
def test_what_was_published_keeps_its_quotas(community: Community, state: DayState) -> None:
    with unit_of_work():
        day = make_day(community, person("staff"), state=state)
        code, _sentence = refused(lambda: service.set_quotas(day, {"craft": Quota(1)}, **acting()))
        assert (code, service.quotas(day)) == ("stalls.wrong_state", {})


def test_a_plan_keeps_the_quotas(community: Community) -> None:
    with unit_of_work():
        by = person("staff")
        day = day_under_review(community, by, limit=2)
        crowd(day, by)
        service.set_quotas(day, {"bakery_drinks": Quota(1), "produce": Quota(0, 0)}, **acting())
        service.compute_plan(day, **acting())
        placed = {held.vendor.category for held in service.assignments(day)}
        assert Category.BAKERY_DRINKS in placed
        assert Category.PRODUCE not in placed


# ── stalls kept free ──────────────────────────────────────────────────────────────────────────────────────


def test_a_stall_kept_free_takes_nobody_until_it_is_used_again(community: Community) -> None:
    with unit_of_work():
        day = planned_day(community, person("staff"))
        held = held_by(day, "周记鲜蔬")
        before = held.stall
        service.move(held, stall(day, "A08"), **acting())
        service.keep_free(day, before, **acting())
        service.keep_free(day, before, **acting())
        service.compute_plan(day, **acting())
        assert held_by(day, "周记鲜蔬").stall.label != before.label
        service.use_again(day, before, **acting())
        service.use_again(day, before, **acting())
        assert service.kept_free(day) == frozenset()
        assert acts_of("stalls.keep_free") == acts_of("stalls.use_again") == [{"stall": before.label}]


def test_a_held_stall_is_not_kept_free_and_the_holder_is_named(community: Community) -> None:
    with unit_of_work():
        day = planned_day(community, person("staff"))
        taken = held_by(day, "周记鲜蔬").stall
        assert refused(lambda: service.keep_free(day, taken, **acting())) == (
            "stalls.taken",
            f"{taken.label} 号已经排给周记鲜蔬。请先给他换一个摊位，再留空。",
        )
        assert service.kept_free(day) == frozenset()


def test_a_stall_may_be_kept_free_on_the_morning_itself_but_not_afterwards(community: Community) -> None:
    with unit_of_work():
        by = person("staff")
        day = make_day(community, by, state=DayState.OPEN)
        service.keep_free(day, stall(day, "A01"), **acting())
        bring_to(day, DayState.CLOSED, by)
        code, _sentence = refused(lambda: service.use_again(day, stall(day, "A01"), **acting()))
        assert (code, len(service.kept_free(day))) == ("stalls.wrong_state", 1)


# ── duties ────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_zone_has_one_person_and_an_empty_name_takes_the_duty_away(community: Community) -> None:
    with unit_of_work():
        day = make_day(community, person("staff"))
        service.set_duties(day, {"B": " 陈网格 ", "A": "刘网格"}, **acting())
        service.set_duties(day, {"B": "陈网格", "A": "  "}, **acting())
        assert service.duties(day) == {"B": "陈网格"}
        assert acts_of("stalls.set_duties")[-1] == {"duties": {"B": "陈网格"}}


def test_a_name_has_an_end(community: Community) -> None:
    with unit_of_work():
        day = make_day(community, person("staff"))
        assert (
            refused(lambda: service.set_duties(day, {"A": "长" * 41}, **acting()))[0] == "stalls.bad_person"
        )


def test_a_day_after_another_takes_its_quotas_and_duties_but_not_its_free_stalls(
    community: Community,
) -> None:
    with unit_of_work():
        by = person("staff")
        first, second = make_day(community, by, in_days=10), make_day(community, by, in_days=38)
        service.set_quotas(first, {"haircut": Quota(1, 2, 2)}, **acting())
        service.set_duties(first, {"A": "刘网格"}, **acting())
        service.keep_free(first, stall(first, "A01"), **acting())
        service.copy_rules(first, second, **acting())
        assert service.quotas(second) == {"haircut": Quota(1, 2, 2)}
        assert service.duties(second) == {"A": "刘网格"}
        assert service.kept_free(second) == frozenset()


# ── weights ───────────────────────────────────────────────────────────────────────────────────────────────

WEIGHTS = dict(PUBLISHED_WEIGHTS)
OTHERS = sum(abs(weight) for name, weight in WEIGHTS.items() if name != "placed")


def weights_row() -> tuple[dict[str, int], int, datetime] | None:
    row = db.session.scalar(sa.select(AllocationWeights))
    return (row.weights, row.changed_by, row.changed_at) if row else None


def test_weights_are_changed_with_a_reason_and_reset(community: Community) -> None:
    with unit_of_work():
        by: User = person("staff")
        at = clock.now()
        service.set_weights(community, {**WEIGHTS, "last_stall": 90}, "老主顾多", by=by, at=at)
        assert service.weights_of(community) == {**WEIGHTS, "last_stall": 90}
        assert weights_row() == ({**WEIGHTS, "last_stall": 90}, by.id, at)
        service.set_weights(community, PUBLISHED_WEIGHTS, "试过了", by=by, at=at)
        assert service.weights_of(community) == WEIGHTS
        assert acts_of("stalls.set_weights") == [
            {"reason": "老主顾多", "changed": {"last_stall": [WEIGHTS["last_stall"], 90]}},
            {"reason": "试过了", "changed": {"last_stall": [90, WEIGHTS["last_stall"]]}},
        ]


def test_weights_that_are_the_same_need_no_reason_and_leave_no_trace(community: Community) -> None:
    with unit_of_work():
        service.set_weights(community, WEIGHTS, "", **acting())
        assert (weights_row(), acts_of("stalls.set_weights")) == (None, [])


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"zone": -1}, ("stalls.bad_weight", "「摊位所在分区与品类相符」请填 0 到 9,999,999 的整数。")),
        (
            {"same_neighbour": 1},
            ("stalls.bad_weight", "「与同品类紧挨着，每处」请填 0 到 9,999,999 的整数。"),
        ),
        ({"placed": 10**7}, ("stalls.bad_weight", "「有摊位可以出摊」请填 0 到 9,999,999 的整数。")),
        ({"gifts": 5}, ("stalls.no_weight", "没有「gifts」这一项，或少填了它。请把列出的每一项都填上。")),
        (
            {"placed": OTHERS},
            (
                "stalls.placed_too_light",
                f"「有摊位可以出摊」要比其他各项加起来（{OTHERS:,} 分）还大，"
                "这样才先让更多摊主有摊位，再讲究别的。",
            ),
        ),
    ],
)
def test_weights_that_cannot_be_are_refused(
    community: Community, change: dict[str, int], answer: tuple[str, str]
) -> None:
    with unit_of_work():
        assert (
            refused(lambda: service.set_weights(community, {**WEIGHTS, **change}, "试试", **acting()))
            == answer
        )
        assert weights_row() is None


def test_a_weight_left_out_is_asked_for(community: Community) -> None:
    with unit_of_work():
        fewer = {name: weight for name, weight in WEIGHTS.items() if name != "shade"}
        assert (
            refused(lambda: service.set_weights(community, fewer, "试试", **acting()))[0]
            == "stalls.no_weight"
        )


def test_a_change_of_weights_is_explained(community: Community) -> None:
    with unit_of_work():
        changed = {**WEIGHTS, "zone": 91}
        assert refused(lambda: service.set_weights(community, changed, " ", **acting())) == (
            "stalls.reason_missing",
            "请写清楚为什么改，最多 200 个字。公开页上看得到。",
        )


def test_a_plan_remembers_the_weights_of_its_community(community: Community) -> None:
    with unit_of_work():
        service.set_weights(community, {**WEIGHTS, "zone": 91}, "试试", **acting())
        day: MarketDay = planned_day(community, person("staff"))
        run = service.latest_run(day)
        assert run is not None
        assert run.weights == {**WEIGHTS, "zone": 91}
