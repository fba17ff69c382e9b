"""Every way to give out stalls: no rule broken, and of the optimum, nothing better exists."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings, strategies as st

from market.stalls.clash import can_hold, elements_of, find_clash, smallest_conflict
from market.stalls.draw import SeedKind, SeedRule
from market.stalls.house import Apart, House, Quota, in_a_row, side_by_side
from market.stalls.methods import Method, Seed, make_plan, turn_order
from market.stalls.plan import Plan
from market.stalls.programme import Programme
from market.stalls.rules import Applicant, Circuit, StallFacts, check_layout
from market.stalls.task import Task
from market.stalls.words import clash_sentence, reason_sentence
from tests.stalls.towns import town

SEED = Seed(SeedRule(SeedKind.PUBLIC_NUMBER, "第 136 期"), "03 11 17")
CATEGORIES = ["produce", "cooked_food", "repair_service"]
APART = (Apart("cooked_food", "produce", downwind=True), Apart("repair_service", "cooked_food"))
WEIGHTS = {"placed": 50, "zone": 100, "wanted_stall": 40, "last_stall": 20, "shade": 10, "target": 60,
           "missed": 30, "appeared": -10, "same_neighbour": -15, "points": 1}  # fmt: skip


@st.composite
def tasks(draw: st.DrawFn, most_stalls: int = 5, most_people: int = 5) -> Task:
    flag = st.sampled_from([False, False, False, True])
    stalls = [
        StallFacts(
            n + 1, f"S{n}", draw(st.sampled_from("AC")), 0, n, power_w=draw(st.sampled_from([0, 2000])),
            circuit="east", water=draw(st.booleans()), reserved=draw(flag), kept_free=draw(flag),
            width_dm=draw(st.sampled_from([0, 20, 30])),
        )
        for n in range(draw(st.integers(1, most_stalls)))
    ]  # fmt: skip
    ids = st.none() | st.integers(1, len(stalls))
    people = [
        Applicant(
            n + 1, n, f"V{n}", draw(st.sampled_from(CATEGORIES)), n,
            power_w=draw(st.sampled_from([0, 0, 800, 1500])), needs_water=draw(flag),
            last_stall_id=draw(ids), wanted_stall_id=draw(ids), width_dm=draw(st.sampled_from([0, 0, 30])),
            for_reserved=draw(flag), double=draw(flag),
            pinned_stall_id=draw(ids) if draw(st.integers(0, 7)) == 0 else None,
            appearances=draw(st.integers(0, 3)), misses=draw(st.integers(0, 2)),
        )
        for n in range(draw(st.integers(0, most_people)))
    ]  # fmt: skip
    quotas = {
        category: Quota(draw(st.sampled_from([0, 0, 0, 1])), draw(st.sampled_from([None, 1, 2])),
                        draw(st.integers(0, 2)))
        for category in CATEGORIES
    }  # fmt: skip
    neighbours = side_by_side(stalls)
    house = House(quotas, draw(st.sampled_from([(), APART])), neighbours, neighbours)
    circuits = [Circuit("east", draw(st.sampled_from([1500, 3000, 9000])))]
    return Task(stalls, people, circuits, draw(st.none() | st.integers(0, 6)), house, WEIGHTS)


def hard_rules_hold(task: Task, assignment: dict[int, int], doubles: dict[int, int]) -> bool:
    """Written anew from the rules' words, without their code."""
    people = {a.id: a for a in task.applicants}
    stalls = {s.id: s for s in task.stalls}
    held = [*assignment.values(), *doubles.values()]
    if len(set(held)) < len(held) or len(held) > (len(stalls) if task.limit is None else task.limit):
        return False
    for key, place in assignment.items():
        held_by = [stalls[place]] + ([stalls[doubles[key]]] if key in doubles else [])
        if not place_holds(task, people[key], held_by):
            return False
    load = sum(people[key].power_w for key in assignment)
    if load > task.circuits[0].capacity_w or not quotas_hold(task, assignment):
        return False
    if any(a.pinned_stall_id is not None and a.id not in assignment for a in task.applicants):
        return False
    return not smells(task, assignment, doubles)


def place_holds(task: Task, person: Applicant, held: list[StallFacts]) -> bool:
    stall, beside = held[0], held[1:]
    if bool(beside) != person.double or person.pinned_stall_id not in (None, stall.id):
        return False
    if any((stall.id, b.id) not in pairs(task) and (b.id, stall.id) not in pairs(task) for b in beside):
        return False
    if any(s.kept_free or s.closed or (s.reserved and not person.for_reserved) for s in held):
        return False
    if person.power_w > stall.power_w or (person.needs_water and not stall.water):
        return False
    widths = [each.width_dm for each in held]
    return not all(widths) or person.width_dm <= sum(widths)


def pairs(task: Task) -> set[tuple[int, int]]:
    return set(task.house.neighbours)


def quotas_hold(task: Task, assignment: dict[int, int]) -> bool:
    placed = [a.category for a in task.applicants if a.id in assignment]
    return all(
        q.minimum <= placed.count(c) <= (99 if q.maximum is None else q.maximum)
        for c, q in task.house.quotas.items()
    )


def smells(task: Task, assignment: dict[int, int], doubles: dict[int, int]) -> bool:
    category = {a.id: a.category for a in task.applicants}
    on = {place: key for held in (assignment, doubles) for key, place in held.items()}
    for left, right in task.house.neighbours if task.house.apart else ():
        one, other = on.get(left), on.get(right)
        if one is not None and other is not None and one != other:
            both = category[one], category[other]
            if both == ("cooked_food", "produce") or set(both) == {"repair_service", "cooked_food"}:
                return True
    return False


def all_plans(task: Task) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
    stalls = [stall.id for stall in task.stalls]
    choices: list[list[tuple[int, ...]]] = []
    for person in task.applicants:
        both = [*pairs(task), *((b, a) for a, b in pairs(task))]
        choices.append([(), *(both if person.double else ((s,) for s in stalls))])
    for chosen in itertools.product(*choices):
        taken = {a.id: place for a, place in zip(task.applicants, chosen, strict=True) if place}
        flat = [stall for place in taken.values() for stall in place]
        if len(set(flat)) == len(flat):
            yield {k: p[0] for k, p in taken.items()}, {k: p[1] for k, p in taken.items() if len(p) > 1}


@given(tasks(most_stalls=4, most_people=4))
@settings(max_examples=150, deadline=None)
def test_trying_everything_finds_nothing_better(task: Task) -> None:
    held = [task.objective(*plan) for plan in all_plans(task) if hard_rules_hold(task, *plan)]
    plan = make_plan(task)
    if not held:
        assert plan.status == "infeasible"
        return
    assert (plan.status, plan.objective, plan.bound) == ("optimal", max(held), max(held))


@given(tasks(most_stalls=6, most_people=7))
@settings(max_examples=150, deadline=None)
def test_pricing_the_columns_first_finds_the_same_optimum(task: Task) -> None:
    priced = Programme(task)
    priced.milp.large = 0
    one, other = priced.solve(60), Programme(task).solve(60)
    assert (one.objective, one.bound, one.proven) == (other.objective, other.bound, other.proven)


@given(tasks(most_stalls=7, most_people=8), st.sampled_from(list(Method)))
@settings(max_examples=200, deadline=None)
def test_no_method_breaks_a_hard_rule(task: Task, method: Method) -> None:
    plan = make_plan(task, method, seed=SEED)
    if plan.status == "infeasible":
        assert plan.clash
        return
    assert hard_rules_hold(task, plan.assignment, plan.doubles)
    assert check_layout(task.layout(plan.assignment, plan.doubles)) == []
    assert plan.objective == task.objective(plan.assignment, plan.doubles) <= plan.bound
    assert sorted([*plan.assignment, *plan.waiting]) == sorted(a.id for a in task.applicants)
    assert set(plan.reasons) == {a.id for a in task.applicants}
    assert all(reason_sentence(reason).endswith("。") for reason in plan.reasons.values())


@given(tasks(), st.sampled_from(["A", "C"]))
@settings(max_examples=60, deadline=None)
def test_one_more_stall_never_worsens_the_plan(task: Task, zone: str) -> None:
    plan = make_plan(task)
    assume(plan.status == "optimal")
    extra = StallFacts(99, "Z99", zone, 9, 9, power_w=2000, circuit="east")
    limit = None if task.limit is None else task.limit + 1
    more = make_plan(replace(task, stalls=[*task.stalls, extra], limit=limit))
    assert more.objective >= plan.objective


@given(tasks(), st.randoms(use_true_random=False), st.sampled_from(list(Method)))
@settings(max_examples=80, deadline=None)
def test_the_order_of_rows_changes_nothing(task: Task, shuffler: random.Random, method: Method) -> None:
    mixed = replace(
        task,
        stalls=shuffler.sample(list(task.stalls), len(task.stalls)),
        applicants=shuffler.sample(list(task.applicants), len(task.applicants)),
    )
    one, other = make_plan(task, method, seed=SEED), make_plan(mixed, method, seed=SEED)
    assert replace(one, seconds=0) == replace(other, seconds=0)


@given(tasks(most_stalls=4, most_people=5))
@settings(max_examples=60, deadline=None)
def test_of_the_rules_named_in_a_conflict_none_can_be_left_out(task: Task) -> None:
    clash = find_clash(task)
    feasible = any(hard_rules_hold(task, *plan) for plan in all_plans(task))
    assert bool(clash) is not feasible
    if clash:
        assert "%(" not in clash_sentence(clash)
        kept = smallest_conflict(task)
        others = [element for element in elements_of(task) if element not in kept]
        assert not can_hold(task, others)
        assert all(can_hold(task, [*others, element]) for element in kept)


def sockets(count: int, dry: int = 2) -> list[StallFacts]:
    powered = [StallFacts(n, f"C0{n}", "C", 0, n, power_w=2000) for n in range(1, count + 1)]
    return powered + [StallFacts(10 + n, f"D0{n}", "D", 1, n) for n in range(dry)]


def cooks(count: int) -> list[Applicant]:
    return [Applicant(n, n, f"熟食{n}", "cooked_food", n, power_w=1500) for n in range(1, count + 1)]


def clash_of(task: Task) -> str:
    return clash_sentence(make_plan(task).clash)


def test_three_cooks_and_two_sockets_are_named_in_words() -> None:
    task = Task(sockets(2), cooks(4), house=House({"cooked_food": Quota(3, 6)}))
    assert clash_of(task) == "3 家熟食小吃需要用电\uff0c电位只有 2 个。请放宽其中一条\uff0c再排一次。"


def test_two_pins_on_one_stall_are_named_in_words() -> None:
    people = [replace(cook, pinned_stall_id=1) for cook in cooks(2)]
    assert clash_of(Task(sockets(2), people)) == (
        "这几条不能同时做到\uff1a熟食1固定在 C01 号\uff1b熟食2固定在 C01 号。请放宽其中一条\uff0c再排一次。"
    )


def test_a_pin_on_a_stall_without_a_socket_is_named_in_words() -> None:
    people = [replace(cooks(1)[0], pinned_stall_id=10)]
    assert [blame.code for blame in make_plan(Task(sockets(2), people)).clash] == [
        "clash_pin", "clash_no_power",
    ]  # fmt: skip


def test_a_circuit_too_weak_for_a_minimum_is_named_in_words() -> None:
    stalls = [replace(stall, circuit="1 号线") for stall in sockets(3)]
    task = Task(stalls, cooks(3), [Circuit("1 号线", 3000)], house=House({"cooked_food": Quota(3)}))
    assert [blame.code for blame in make_plan(task).clash] == ["clash_min", "clash_circuit"]


def test_too_few_applicants_for_a_minimum_are_named_in_words() -> None:
    task = Task(sockets(3), cooks(1), house=House({"cooked_food": Quota(2)}))
    assert clash_of(task) == (
        "熟食小吃至少要 2 家\uff08报名 1 家\uff09\uff0c做不到。请放宽其中一条\uff0c再排一次。"
    )


def test_a_double_vendor_gets_two_stalls_side_by_side() -> None:
    stalls = sockets(4)
    people = [replace(cooks(1)[0], double=True), *cooks(4)[1:]]
    plan = make_plan(Task(stalls, people, house=House(neighbours=side_by_side(stalls))))
    assert abs(plan.assignment[1] - plan.doubles[1]) == 1
    assert len({*plan.assignment.values(), *plan.doubles.values()}) == 4


def test_a_reserved_stall_stays_empty_rather_than_go_to_others() -> None:
    stalls = [replace(sockets(1)[0], reserved=True)]
    assert make_plan(Task(stalls, cooks(2))).assignment == {}
    flagged = [cooks(2)[0], replace(cooks(2)[1], for_reserved=True)]
    assert make_plan(Task(stalls, flagged)).assignment == {2: 1}


def test_who_missed_out_before_comes_before_who_stood_every_time() -> None:
    regular, newcomer = replace(cooks(1)[0], appearances=5), replace(cooks(2)[1], misses=2)
    task = Task(sockets(1, 0), [regular, newcomer])
    for method in (Method.OPTIMUM, Method.ROTATION):
        assert make_plan(task, method).assignment == {2: 1}
    assert make_plan(task, Method.FIRST_COME).assignment == {1: 1}


def test_fixed_stalls_are_kept_before_others_choose() -> None:
    holder = replace(cooks(2)[1], last_stall_id=1)
    first = replace(cooks(1)[0], wanted_stall_id=1)
    task = Task(sockets(2, 0), [first, holder])
    assert make_plan(task, Method.FIXED).assignment == {1: 2, 2: 1}
    assert make_plan(task, Method.FIRST_COME).assignment == {1: 1, 2: 2}
    assert [a.id for a in turn_order(task, Method.FIXED)] == [2, 1]


def test_a_draw_needs_its_seed_and_another_seed_is_another_draw() -> None:
    task = town(10, 40, 3)
    with pytest.raises(ValueError, match="seed"):
        make_plan(task, Method.DRAW)
    orders = {make_plan(task, Method.DRAW, seed=replace(SEED, text=str(n))).order for n in range(20)}
    assert len(orders) == 20


def test_gifts_have_no_way_in() -> None:
    """The task, the person and the weights name nothing that was given, pledged or paid."""
    import dataclasses

    names = {field.name for kind in (Task, Applicant, House, Quota) for field in dataclasses.fields(kind)}
    forbidden = ("gift", "pledge", "donat", "fund", "fen", "rate", "takings", "paid")
    assert [name for name in names if any(word in name for word in forbidden)] == []


def same(one: Plan, other: Plan) -> bool:
    return replace(one, seconds=0) == replace(other, seconds=0)


def test_a_real_size_market_is_proven_best_and_the_same_again() -> None:
    task = town(30, 45, 7)
    plan = make_plan(task)
    assert (plan.status, plan.gap) == ("optimal", 0)
    assert same(plan, make_plan(task))
    assert plan.objective >= make_plan(task, Method.FIRST_COME).objective


def test_without_time_the_plan_is_called_feasible_and_holds() -> None:
    task = town(30, 45, 7)
    plan = make_plan(task, time_limit_s=0)
    assert (plan.status, check_layout(task.layout(plan.assignment, plan.doubles))) == ("feasible", [])
    assert plan.bound > plan.objective


def test_stalls_in_a_row_are_neighbours() -> None:
    assert in_a_row([3, 1, 2]) == ((3, 1), (1, 2))
    assert side_by_side(sockets(3, 2)) == ((1, 2), (2, 3), (10, 11))
