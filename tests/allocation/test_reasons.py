"""Why I stand here, why I wait, and what would change it: right for the optimum and every other method."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from market.allocation.market_rules import MarketRules, Quota, side_by_side
from market.allocation.methods import make_plan
from market.allocation.plan import Plan
from market.allocation.problem import Problem
from market.allocation.rules import PUBLISHED_WEIGHTS, Applicant, Method, StallFacts
from market.stalls.advice import change_sentence
from market.stalls.words import reason_sentence

ROW = [StallFacts(n, f"C0{n}", "C", 0, n) for n in (1, 2, 3)]


def cook(number: int, **more: Any) -> Applicant:
    return Applicant(**{"vendor_id": number, "name": f"熟食{number}", "category": "cooked_food", "id": number,
                        "order": number, **more})  # fmt: skip


def said(plan: Plan, number: int) -> str:
    return reason_sentence(plan.reasons[number])


FULL = "当天 1 个摊位已排满，您是候补第 1 位。"


@pytest.mark.parametrize(
    "placed, waits, because",
    [
        ({"misses": 2}, {}, "近几场报了名没排上的先排。"),
        ({}, {"appearances": 3}, "近几场出摊少的先排。"),
        ({"points": 8}, {"points": 2}, "出勤、保洁、按时报数积分高的先排。"),
        ({}, {}, "先报名的先排。"),
        ({"appearances": 1, "misses": 2}, {"points": 5}, "近几场报了名没排上的先排。"),
        ({"category": "produce"}, {}, "居民点名想要的品类先排。"),
    ],
)
def test_who_waits_reads_what_the_other_had_ahead(
    placed: dict[str, Any], waits: dict[str, Any], because: str
) -> None:
    market_rules = MarketRules({"produce": Quota(target=1)})
    plan = make_plan(Problem(ROW[:1], [cook(1, **placed), cook(2, **waits)], market_rules=market_rules))
    assert (set(plan.assignment), said(plan, 2)) == ({1}, FULL + because)


def test_who_missed_out_reads_that_it_counted_and_who_waits_that_it_will() -> None:
    plan = make_plan(Problem(ROW[:1], [cook(1), cook(2, misses=2)]))
    assert "您近几场有 2 场没排上，这次先排。" in said(plan, 2)
    assert change_sentence(plan.reasons[1]) == (
        "有人退出，就按次序补上。这一场没排上会记下来，下一场您就靠前。"
    )
    unpublished = {**PUBLISHED_WEIGHTS, "missed": 0}
    same_again = make_plan(Problem(ROW[:1], [cook(1), cook(2, misses=2)], weights=unpublished))
    assert change_sentence(same_again.reasons[2]) == "有人退出，就按次序补上。"


def test_nobody_is_told_of_turns_where_everybody_has_a_stall() -> None:
    plan = make_plan(Problem(ROW, [cook(1, misses=2), cook(2)]))
    assert [said(plan, number) for number in (1, 2)] == [
        "C01 号摊位在 C 区，与您的品类相符。", "C02 号摊位在 C 区，与您的品类相符。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "stall, sentence",
    [
        ({"reserved": True}, "空着的 C02 号是爱心或公益摊位，专门留出。"),
        ({"kept_free": True}, "空着的 C02 号当天由工作人员留空。"),
        ({"kept_free": True, "reserved": True}, "空着的 C02 号是爱心或公益摊位，专门留出。"),
        ({"kept_free": True, "closed": True}, ""),
    ],
)
def test_a_stall_that_stays_empty_is_explained_to_those_who_wait(
    stall: dict[str, Any], sentence: str
) -> None:
    plan = make_plan(Problem([ROW[0], replace(ROW[1], **stall)], [cook(1), cook(2)]))
    assert said(plan, 2) == FULL + "先报名的先排。" + sentence


def test_a_category_that_is_full_is_named_with_what_the_others_had_ahead() -> None:
    market_rules = MarketRules({"cooked_food": Quota(maximum=1)})
    plan = make_plan(Problem(ROW, [cook(1, appearances=4), cook(2)], market_rules=market_rules))
    assert said(plan, 1) == "熟食小吃当天最多 1 家，已经排满，您是候补第 1 位。近几场出摊少的先排。"
    assert change_sentence(plan.reasons[1]).startswith("同一品类有人退出，就能补上。")


@pytest.mark.parametrize(
    "method, sentence",
    [
        (Method.OPTIMUM, "满足您需要的 1 个摊位已排满，您是候补第 1 位。先报名的先排。"),
        (Method.ROTATION, "满足您需要的 1 个摊位已排满，您是候补第 1 位。近几场出摊少的先排。"),
        (Method.FIXED, "满足您需要的 1 个摊位已排满，您是候补第 1 位。固定摊主先排，其余按报名先后。"),
        (Method.FIRST_COME, "满足您需要的 1 个摊位已排给先报名的摊主，您是候补第 1 位。"),
    ],
)
def test_too_few_stalls_with_a_socket_are_explained_by_the_method(method: Method, sentence: str) -> None:
    socket = replace(ROW[0], power_w=2000)
    plan = make_plan(Problem([socket, *ROW[1:]], [cook(1, power_w=800), cook(2, power_w=800)]), method)
    assert said(plan, 2) == sentence


def test_a_pinned_neighbour_is_no_comparison() -> None:
    """Staff decided there, not the weights."""
    problem = Problem(ROW[:2], [cook(1, pinned_stall_id=1, appearances=4), cook(2, misses=1), cook(3)])
    assert make_plan(problem).reasons[3].params["first"] == "missed"


def test_a_reserved_stall_and_one_that_fits_anybody_say_so() -> None:
    stalls = [replace(ROW[0], reserved=True), ROW[2]]
    plan = make_plan(Problem(stalls, [cook(1, for_reserved=True), cook(2, category="unheard_of")]))
    told = {plan.assignment[number].stall_id: said(plan, number) for number in (1, 2)}
    assert told == {
        1: "C01 号是爱心或公益摊位，您在名单里。",
        3: "全场只有 C03 号摊位满足您的用电、用水等需要。",
    }
    plain = make_plan(Problem(ROW, [cook(1, category="unheard_of")]))
    assert said(plain, 1) == "C01 号摊位满足您的需要。"


def test_a_double_vendor_without_two_free_stalls_reads_so() -> None:
    market_rules = MarketRules(neighbours=side_by_side(ROW[:2]))
    people = [cook(1, pinned_stall_id=1), cook(2, double=True)]
    plan = make_plan(Problem(ROW[:2], people, market_rules=market_rules))
    assert plan.reasons[2].code == "waiting_pair"
    assert change_sentence(plan.reasons[2]).startswith("相邻的两个摊位都空出来，或您改要一个，就能补上。")
