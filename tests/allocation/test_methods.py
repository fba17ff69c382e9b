"""Every way to give out stalls: no rule broken, and of the optimum, nothing better exists."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings, strategies as st

from market.allocation.lottery import Seed, SeedRule
from market.allocation.market_rules import MarketRules, Quota, in_a_row, side_by_side
from market.allocation.methods import make_plan, turn_order
from market.allocation.optimum import Model
from market.allocation.plan import Plan
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Method, SeedKind, Spot, StallFacts, check_state
from market.stalls.words import reason_sentence
from tests.allocation.small import all_plans, cooks, hard_rules_hold, problems, sockets
from tests.allocation.towns import town

SEED = Seed(SeedRule(SeedKind.PUBLIC_NUMBER, "第 136 期"), "03 11 17")


@given(problems(most_stalls=4, most_people=4))
@settings(max_examples=150, deadline=None)
def test_trying_everything_finds_nothing_better(problem: Problem) -> None:
    held = [problem.objective(plan) for plan in all_plans(problem) if hard_rules_hold(problem, plan)]
    plan = make_plan(problem)
    if not held:
        assert plan.status == "infeasible"
        return
    assert (plan.status, plan.objective, plan.bound) == ("optimal", max(held), max(held))


@given(problems(most_stalls=6, most_people=7))
@settings(max_examples=150, deadline=None)
def test_pricing_the_columns_first_finds_the_same_optimum(problem: Problem) -> None:
    priced = Model(problem)
    priced.milp.large = 0
    one, other = priced.solve(60), Model(problem).solve(60)
    assert (one.objective, one.bound, one.proven) == (other.objective, other.bound, other.proven)


@given(problems(most_stalls=6, most_people=7), st.sampled_from([1e-6, 1e-3, 3e-3, 1e-2]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_search_cut_short_never_claims_too_much(problem: Problem, seconds: float, priced: bool) -> None:
    cut, whole = Model(problem), Model(problem).solve(60)
    cut.milp.large = 0 if priced else 10**6
    found = cut.solve(seconds)
    assert found.bound >= whole.objective >= found.objective
    assert not found.proven or (found.values is None) == (whole.values is None)
    assert not found.proven or found.objective == whole.objective


@given(problems(most_stalls=7, most_people=8), st.sampled_from(list(Method)))
@settings(max_examples=200, deadline=None)
def test_no_method_breaks_a_hard_rule(problem: Problem, method: Method) -> None:
    plan = make_plan(problem, method, seed=SEED)
    if plan.status == "infeasible":
        assert plan.conflict_set
        return
    assert hard_rules_hold(problem, plan.assignment)
    assert check_state(problem.state(plan.assignment)) == []
    assert plan.objective == problem.objective(plan.assignment) <= plan.bound
    assert sorted([*plan.assignment, *plan.waiting]) == sorted(a.id for a in problem.applicants)
    assert set(plan.reasons) == {a.id for a in problem.applicants}
    assert all(reason_sentence(reason).endswith("。") for reason in plan.reasons.values())


@given(problems(), st.sampled_from(["A", "C"]))
@settings(max_examples=60, deadline=None)
def test_one_more_stall_never_worsens_the_plan(problem: Problem, zone: str) -> None:
    plan = make_plan(problem)
    assume(plan.status == "optimal")
    extra = StallFacts(99, "Z99", zone, 9, 9, power_w=2000, circuit="east")
    limit = None if problem.limit is None else problem.limit + 1
    more = make_plan(replace(problem, stalls=[*problem.stalls, extra], limit=limit))
    assert more.objective >= plan.objective


def test_an_earlier_wish_takes_no_stall_that_is_too_narrow() -> None:
    """Both may use the stall set aside, and are alike on the other one; only the later one fits it."""
    stalls = [StallFacts(1, "S0", "A", 0, 0, width_dm=20, reserved=True), StallFacts(2, "S1", "A", 0, 9)]
    wide = Applicant(1, 1, "V1", "produce", 1, width_dm=30, for_reserved=True, wanted_stall_id=1)
    slim = Applicant(2, 2, "V2", "produce", 2, for_reserved=True)
    assert make_plan(Problem(stalls, [wide, slim])).assignment == {1: Spot(2), 2: Spot(1)}


@given(problems(), st.randoms(use_true_random=False), st.sampled_from(list(Method)))
@settings(max_examples=80, deadline=None)
def test_the_order_of_rows_changes_nothing(problem: Problem, shuffler: random.Random, method: Method) -> None:
    mixed = replace(
        problem,
        stalls=shuffler.sample(list(problem.stalls), len(problem.stalls)),
        applicants=shuffler.sample(list(problem.applicants), len(problem.applicants)),
    )
    one, other = make_plan(problem, method, seed=SEED), make_plan(mixed, method, seed=SEED)
    assert replace(one, seconds=0) == replace(other, seconds=0)


def test_a_double_vendor_gets_two_stalls_side_by_side() -> None:
    stalls = sockets(4)
    people = [replace(cooks(1)[0], double=True), *cooks(4)[1:]]
    plan = make_plan(Problem(stalls, people, market_rules=MarketRules(neighbours=side_by_side(stalls))))
    assert abs(plan.assignment[1].stall_ids[0] - plan.assignment[1].stall_ids[1]) == 1
    assert len({stall_id for spot in plan.assignment.values() for stall_id in spot.stall_ids}) == 4


def test_a_reserved_stall_stays_empty_rather_than_go_to_others() -> None:
    stalls = [replace(sockets(1)[0], reserved=True)]
    assert make_plan(Problem(stalls, cooks(2))).assignment == {}
    flagged = [cooks(2)[0], replace(cooks(2)[1], for_reserved=True)]
    assert make_plan(Problem(stalls, flagged)).assignment == {2: Spot(1)}


def test_who_missed_out_before_comes_before_who_stood_every_time() -> None:
    regular, newcomer = replace(cooks(1)[0], appearances=5), replace(cooks(2)[1], misses=2)
    problem = Problem(sockets(1, 0), [regular, newcomer])
    for method in (Method.OPTIMUM, Method.ROTATION):
        assert make_plan(problem, method).assignment == {2: Spot(1)}
    assert make_plan(problem, Method.FIRST_COME).assignment == {1: Spot(1)}


def test_fixed_stalls_are_kept_before_others_choose() -> None:
    holder = replace(cooks(2)[1], last_stall_id=1)
    first = replace(cooks(1)[0], wanted_stall_id=1)
    problem = Problem(sockets(2, 0), [first, holder])
    assert make_plan(problem, Method.FIXED).assignment == {1: Spot(2), 2: Spot(1)}
    assert make_plan(problem, Method.FIRST_COME).assignment == {1: Spot(1), 2: Spot(2)}
    assert [a.id for a in turn_order(problem, Method.FIXED)] == [2, 1]


def test_a_draw_needs_its_seed_and_another_seed_is_another_draw() -> None:
    problem = town(10, 40, 3)
    with pytest.raises(ValueError, match="seed"):
        make_plan(problem, Method.LOTTERY)
    orders = {make_plan(problem, Method.LOTTERY, seed=replace(SEED, text=str(n))).order for n in range(20)}
    assert len(orders) == 20


def test_gifts_have_no_way_in() -> None:
    """The problem, the person and the weights name nothing that was given, pledged or paid."""
    import dataclasses

    names = {
        field.name for kind in (Problem, Applicant, MarketRules, Quota) for field in dataclasses.fields(kind)
    }
    forbidden = ("gift", "pledge", "donat", "fund", "fen", "rate", "takings", "paid")
    assert [name for name in names if any(word in name for word in forbidden)] == []


def same(one: Plan, other: Plan) -> bool:
    return replace(one, seconds=0) == replace(other, seconds=0)


def test_a_real_size_market_is_proven_best_and_the_same_again() -> None:
    problem = town(30, 45, 7)
    plan = make_plan(problem)
    assert (plan.status, plan.gap) == ("optimal", 0)
    assert same(plan, make_plan(problem))
    assert plan.objective >= make_plan(problem, Method.FIRST_COME).objective


def test_without_time_the_plan_is_called_feasible_and_holds() -> None:
    problem = town(30, 45, 7)
    plan = make_plan(problem, time_limit_s=0)
    assert (plan.status, check_state(problem.state(plan.assignment))) == ("feasible", [])
    assert plan.bound > plan.objective


def test_stalls_in_a_row_are_neighbours() -> None:
    assert in_a_row([3, 1, 2]) == ((3, 1), (1, 2))
    assert side_by_side(sockets(3, 2)) == ((1, 2), (2, 3), (10, 11))
