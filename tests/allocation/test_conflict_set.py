"""No plan can exist: the rules that contradict one another, none too many, in words that help."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings

from market.allocation.conflict_set import can_hold, elements_of, find_conflict_set, smallest_conflict_set
from market.allocation.market_rules import Apart, MarketRules, Quota, side_by_side
from market.allocation.methods import make_plan
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Circuit, StallFacts
from market.stalls.conflict_words import no_plan_sentence
from tests.allocation.small import all_plans, cooks, hard_rules_hold, problems, sockets
from tests.allocation.towns import town


@given(problems(most_stalls=4, most_people=5))
@settings(max_examples=60, deadline=None)
def test_of_the_rules_named_in_a_conflict_none_can_be_left_out(problem: Problem) -> None:
    conflict_set = find_conflict_set(problem)
    feasible = any(hard_rules_hold(problem, plan) for plan in all_plans(problem))
    assert bool(conflict_set) is not feasible
    if conflict_set:
        assert "%(" not in no_plan_sentence(conflict_set)
        kept = smallest_conflict_set(problem)
        others = [element for element in elements_of(problem) if element not in kept]
        assert not can_hold(problem, others)
        assert all(can_hold(problem, [*others, element]) for element in kept)


def why_no_plan(problem: Problem) -> str:
    return no_plan_sentence(make_plan(problem).conflict_set)


def pinned(*stalls: int) -> list[Applicant]:
    return [replace(cook, pinned_stall_id=stall) for cook, stall in zip(cooks(9), stalls, strict=False)]


def asked(people: list[Applicant], stalls: list[StallFacts], least: int, most: int | None = None) -> Problem:
    return Problem(stalls, people, market_rules=MarketRules({"cooked_food": Quota(least, most)}))


def on_lines(stalls: list[StallFacts], *circuits: Circuit) -> Problem:
    """Stalls in pairs on one line each, and three cooks who must stand."""
    wired = [replace(s, circuit=circuits[n // 2].name) for n, s in enumerate(stalls)]
    return Problem(wired, cooks(3), circuits, market_rules=MarketRules({"cooked_food": Quota(3)}))


ROW = sockets(4, 0)
BESIDE = MarketRules(apart=(Apart("cooked_food", "produce"),), neighbours=side_by_side(ROW))
GREENS = [replace(cook, category="produce") for cook in pinned(1, 2)]
PRODUCE = [Applicant(20 + n, n, f"菜{n}", "produce", n) for n in range(2)]
CONTRADICTIONS = {
    "3 家熟食小吃需要用电，电位只有 2 个。": asked(cooks(4), sockets(2), 3, 6),
    "熟食小吃至少要 2 家，只有 1 家报名。": asked(cooks(1), sockets(3), 2),
    "熟食小吃至少要 2 家，场地只有 1 个摊位。": asked(cooks(3), sockets(1, 0), 2),
    "熟食小吃至少要 3 家，又最多 2 家。": asked(cooks(3), sockets(4), 3, 2),
    "各类「至少」加起来要 3 家，当天只开 2 个摊位。": replace(asked(cooks(4), sockets(4), 3), limit=2),
    "各类「至少」加起来要 5 家，场地只有 4 个摊位。": Problem(
        ROW, [*cooks(3), *PRODUCE], market_rules=MarketRules({"cooked_food": Quota(3), "produce": Quota(2)})
    ),
    "5 家蔬菜水果、熟食小吃需要用电，电位只有 4 个。": Problem(
        sockets(4, 3), [*cooks(3), *(replace(each, power_w=500) for each in PRODUCE)],
        market_rules=MarketRules({"cooked_food": Quota(3), "produce": Quota(2)}),
    ),
    "3 家熟食小吃至少要用 4500 瓦，1 号线、2 号线 一共只有 3000 瓦。": on_lines(
        ROW, Circuit("1 号线", 1500), Circuit("2 号线", 1500)
    ),
    "这几条不能同时做到：熟食小吃至少要 3 家（报名 3 家）；1 号线、2 号线 这几条线路一共 4800 瓦。": on_lines(
        ROW, Circuit("1 号线", 2400), Circuit("2 号线", 2400)
    ),
    "熟食1和熟食2都固定在 C01 号，一个摊位只能给一家。": Problem(sockets(2), pinned(1, 1)),
    "熟食1固定在 D00 号，要用 1500 瓦，那里没有电。": Problem(sockets(2, 3), pinned(10)),
    "熟食1固定在 C01 号，熟食2固定在 C02 号，挨在一起，两个品类不宜相邻。": Problem(
        ROW, [pinned(1)[0], GREENS[1]], market_rules=BESIDE
    ),
    "这几条不能同时做到：熟食小吃至少要 3 家（报名 8 家）；熟食1固定在 C01 号；"
    "熟食小吃和蔬菜水果不宜相邻。": Problem(
        ROW, [GREENS[0], *cooks(9)[1:]], market_rules=replace(BESIDE, quotas={"cooked_food": Quota(3)})
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CONTRADICTIONS)
def test_a_contradiction_is_named_so_that_somebody_can_mend_it(sentence: str) -> None:
    said = why_no_plan(CONTRADICTIONS[sentence])
    assert (
        said.removesuffix("再排一次。").removesuffix("请放宽其中一条，").removesuffix("请改一改，")
        == sentence
    )


def test_a_contradiction_of_hundreds_is_named_at_once() -> None:
    problem = town(300, 450, 2026)
    wet = sum(stall.water for stall in problem.stalls)
    quotas = {**problem.market_rules.quotas, "cooked_food": Quota(wet + 1)}
    began = time.perf_counter()
    assert why_no_plan(
        replace(problem, market_rules=replace(problem.market_rules, quotas=quotas))
    ).startswith(f"{wet + 1} 家熟食小吃需要用水，有水的摊位只有 {wet} 个。")
    assert time.perf_counter() - began < 10  # about one second; the rest is for a busy machine


def test_of_two_contradictions_the_one_that_counting_shows_is_named() -> None:
    quotas = {"cooked_food": Quota(3), "produce": Quota(2), "craft": Quota(2)}
    crafts = [Applicant(30 + n, n, f"艺{n}", "craft", n) for n in range(2)]
    problem = Problem(sockets(2, 3), [*cooks(4), *PRODUCE, *crafts], market_rules=MarketRules(quotas))
    assert why_no_plan(problem).startswith("3 家熟食小吃需要用电，电位只有 2 个。")


def test_what_was_not_found_out_is_not_called_impossible() -> None:
    problem = asked(cooks(3), sockets(4), 3)
    assert (can_hold(problem, seconds=0), can_hold(problem)) == (None, True)
