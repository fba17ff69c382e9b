"""Quotas, neighbours, reserved and double stalls: what a move by hand breaks, what those who wait read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from market.allocation.market_rules import USUAL_APART, Apart, MarketRules, Quota, side_by_side
from market.allocation.methods import make_plan
from market.allocation.problem import Problem
from market.allocation.rules import (
    PUBLISHED_WEIGHTS,
    Applicant,
    Method,
    Spot,
    StallFacts,
    State,
    check_move,
    check_state,
    person_score,
)
from market.stalls import words

ROW = [StallFacts(n, f"C0{n}", "C", 0, n, width_dm=30, depth_dm=30) for n in (1, 2, 3, 4)]
COOK = Applicant(11, 1, "张记卤味", "cooked_food", 0)
FARMER = Applicant(12, 2, "周记鲜蔬", "produce", 1)
OTHER = Applicant(13, 3, "李家果园", "produce", 2)
MARKET_RULES = MarketRules(
    {"produce": Quota(maximum=1)}, (Apart("cooked_food", "produce", downwind=True),), side_by_side(ROW),
    side_by_side(ROW),
)  # fmt: skip


def state(
    assignment: dict[int, int],
    stalls: Sequence[StallFacts] = ROW,
    people: Sequence[Applicant] = (COOK, FARMER, OTHER),
    doubles: Mapping[int, int] | None = None,
) -> State:
    spots = {key: Spot(stall, (doubles or {}).get(key)) for key, stall in assignment.items()}
    return State(tuple(stalls), tuple(people), (), None, MARKET_RULES, spots)


def said(found: State, applicant: int, stall: int) -> list[str]:
    return [words.conflict_sentence(conflict) for conflict in check_move(found, applicant, Spot(stall))]


def test_produce_in_the_smoke_of_the_kitchen_is_named_with_both_stalls() -> None:
    assert said(state({11: 1}), 12, 2) == [
        "周记鲜蔬在 C02 号\uff0c紧挨 C01 号的张记卤味\uff0c两个品类不宜相邻。请把其中一家换开。"
    ]


def test_produce_on_the_side_the_wind_comes_from_is_fine() -> None:
    assert said(state({11: 2}), 12, 1) == []
    assert said(state({11: 1}), 12, 3) == []


def test_one_more_than_the_most_of_a_category_is_named() -> None:
    assert said(state({12: 1}), 13, 4) == ["蔬菜水果当天最多 1 家\uff0c这样会有 2 家。请先移走一家。"]


@pytest.mark.parametrize(
    "stall, person, code",
    [
        ({"kept_free": True}, {}, "kept_free"),
        ({"reserved": True}, {}, "reserved"),
        ({"reserved": True}, {"for_reserved": True}, None),
        ({}, {"width_dm": 31}, "too_narrow"),
        ({"width_dm": 0}, {"width_dm": 31}, None),
        ({}, {"depth_dm": 40}, "too_shallow"),
        ({}, {"pinned_stall_id": 2}, "pinned"),
        ({}, {"double": True}, "not_double"),
    ],
)
def test_a_rule_of_the_market_is_checked_at_once(
    stall: dict[str, Any], person: dict[str, Any], code: str | None
) -> None:
    stalls = [replace(ROW[0], **stall), *ROW[1:]]
    people = (replace(COOK, **person), FARMER, OTHER)
    found = check_move(state({}, stalls=stalls, people=people), 11, Spot(1))
    assert [conflict.code for conflict in found] == ([code] if code else [])
    assert all(words.conflict_sentence(conflict).endswith("。") for conflict in found)


def test_the_second_stall_of_a_double_vendor_is_taken_too() -> None:
    people = (replace(COOK, double=True, width_dm=60), FARMER, OTHER)
    held = state({11: 3}, people=people, doubles={11: 4})
    assert check_state(held) == []
    assert [(c.code, c.params["by"]) for c in check_move(held, 12, Spot(4))] == [
        ("taken", "张记卤味"), ("apart", "张记卤味"),
    ]  # fmt: skip


def test_those_who_wait_for_a_rule_of_the_market_read_which() -> None:
    farm = replace(OTHER, category="farm_direct")
    people = [FARMER, OTHER, replace(farm, id=14, order=9)]
    plan = make_plan(
        Problem(ROW[:1], people, market_rules=MarketRules(MARKET_RULES.quotas)), Method.FIRST_COME
    )
    assert plan.reasons[13].code == "waiting_quota"
    assert plan.reasons[14].code == "waiting_full"
    both = Problem(ROW[:2], [replace(COOK, pinned_stall_id=1), FARMER], market_rules=replace(
        MARKET_RULES, neighbours=side_by_side(ROW[:2]), downwind=side_by_side(ROW[:2]))
    )  # fmt: skip
    assert words.reason_sentence(make_plan(both).reasons[12]) == (
        "空着的 C02 号紧挨张记卤味\uff0c两个品类不宜相邻\uff0c您是候补第 1 位。"
    )
    alone = replace(MARKET_RULES, neighbours=(), downwind=())
    pair = make_plan(Problem(ROW[:1], [replace(COOK, double=True)], market_rules=alone))
    assert pair.reasons[11].code == "waiting_pair"


@pytest.mark.parametrize(
    "method, code",
    [
        (Method.OPTIMUM, "waiting_full_optimum"),
        (Method.ROTATION, "waiting_full_rotation"),
        (Method.FIXED, "waiting_full_fixed"),
        (Method.FIRST_COME, "waiting_full"),
    ],
)
def test_a_full_day_is_explained_by_its_method(method: Method, code: str) -> None:
    plan = make_plan(Problem(ROW[:1], [COOK, replace(COOK, id=20, order=5)]), method)
    assert plan.reasons[20].code == code


def test_residents_wishes_weigh_for_a_category() -> None:
    """The hook: votes become `Quota.target`."""
    problem = Problem(ROW[:1], [COOK, FARMER], market_rules=MarketRules({"produce": Quota(target=1)}))
    assert make_plan(replace(problem, weights={**PUBLISHED_WEIGHTS, "zone": 0})).assignment == {12: Spot(1)}


def test_a_person_is_worth_what_is_published() -> None:
    person = replace(COOK, misses=2, appearances=3, points=4)
    assert person_score(replace(person, order=7)) == person_score(person) - 7 * 100
    assert person_score(person) == 1_000_000 + 2 * 30_000 - 3 * 10_000 + 4 * 2_000
    assert person_score(replace(person, double=True)) == 2_000_000 + 2 * 30_000 - 3 * 10_000 + 4 * 2_000


def test_every_weight_has_its_words() -> None:
    published = words.published_weights()
    assert len({word for word, _ in published}) == len(published) == len(PUBLISHED_WEIGHTS)


def test_the_usual_neighbours_are_data() -> None:
    assert Apart("cooked_food", "produce", downwind=True) in USUAL_APART


def test_words_do_not_load_the_solver() -> None:
    script = "import sys, market.stalls.words; sys.exit('highspy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
