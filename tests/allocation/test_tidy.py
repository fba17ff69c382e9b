"""Tidying moves people to the front and off sockets they do not use, and costs nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from market.allocation.market_rules import MarketRules, in_a_row
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Spot, StallFacts, check_state
from market.allocation.tidy import tidied
from tests.allocation.towns import town

ROW = tuple(StallFacts(n, f"A{n:02}", "A", 0, n) for n in range(1, 6))
FARMER = Applicant(11, 1, "周记鲜蔬", "produce", 0)


def after(problem: Problem, **standing: int) -> dict[int, int]:
    found = tidied(problem, {int(key[1:]): Spot(stall) for key, stall in standing.items()})
    assert all(spot.second_id is None for spot in found.values())
    return {key: spot.stall_id for key, spot in found.items()}


def test_the_front_is_filled_first() -> None:
    assert after(Problem(ROW, [FARMER]), v11=4) == {11: 1}


def test_a_socket_is_left_to_whoever_may_need_it() -> None:
    stalls = [replace(ROW[0], power_w=2_500), *ROW[1:]]
    assert after(Problem(stalls, [FARMER]), v11=1) == {11: 2}


def test_nobody_moves_away_from_the_stall_they_asked_for_or_are_fixed_to() -> None:
    assert after(Problem(ROW, [replace(FARMER, wanted_stall_id=4)]), v11=4) == {11: 4}
    assert after(Problem(ROW, [replace(FARMER, pinned_stall_id=4)]), v11=4) == {11: 4}


def test_two_of_a_category_stay_apart() -> None:
    problem = Problem(
        ROW,
        [FARMER, replace(FARMER, id=12, order=1)],
        market_rules=MarketRules(neighbours=in_a_row([1, 2, 3, 4, 5])),
    )
    assert after(problem, v11=2, v12=5) == {11: 1, 12: 3}


def test_a_pair_moves_as_a_pair() -> None:
    problem = Problem(
        ROW, [replace(FARMER, double=True)], market_rules=MarketRules(neighbours=in_a_row([1, 2, 3, 4, 5]))
    )
    assert tidied(problem, {11: Spot(3, 4)}) == {11: Spot(1, 2)}


@pytest.mark.parametrize("seed", range(12))
def test_tidying_any_market_breaks_no_rule_and_loses_no_worth(seed: int) -> None:
    """From a plan made in turn, which leaves much to tidy."""
    from market.allocation.methods import make_plan
    from market.allocation.rules import Method

    problem = town(40, 30, seed)
    plan = make_plan(problem, Method.FIRST_COME)
    found = tidied(problem, plan.assignment)
    assert sorted(found) == sorted(plan.assignment)
    assert check_state(problem.state(found)) == []
    assert problem.objective(found) >= plan.objective
