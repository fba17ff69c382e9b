"""The solver: whose turn it is, what stops before it is a plan, and that a busy machine changes nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from market.allocation.methods import make_plan
from market.allocation.optimum import milp
from market.allocation.plan import Plan
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Circuit, Spot, StallFacts, check_state
from market.config import ROOT
from tests.allocation.towns import knotty

EAST = Circuit("east", 3000)
SOCKETS = [StallFacts(n, f"C0{n}", "C", 0, n, power_w=2500, circuit="east") for n in (1, 2, 3)]


def cook(order: int, watts: int, wanted: int | None = None, **more: Any) -> Applicant:
    name = f"熟食{order}"
    return Applicant(order, order, name, "cooked_food", order, watts, wanted_stall_id=wanted, **more)


def planned(people: Sequence[Applicant], stalls: Sequence[StallFacts] = SOCKETS, limit: int = 3) -> Plan:
    return make_plan(Problem(stalls, people, [EAST], limit))


def same(one: Plan, other: Plan) -> bool:
    return replace(one, seconds=0) == replace(other, seconds=0)


def test_when_the_watts_are_gone_the_next_in_line_comes_and_the_reason_tells() -> None:
    plan = planned([cook(0, 2000), cook(1, 1500), cook(2, 800)])
    assert (set(plan.assignment), plan.waiting) == ({0, 2}, (1,))
    assert plan.reasons[1].code == "waiting_circuit"
    told = {"position": 1, "fitting": 3, "need_w": 1500, "left_w": 200, "counts_next": 1}
    assert plan.reasons[1].params == told


def test_two_who_can_share_a_line_come_before_one_who_needs_it_alone() -> None:
    plan = planned([cook(0, 2500), cook(1, 1500), cook(2, 1500)])
    assert (set(plan.assignment), plan.reasons[0].code) == ({1, 2}, "waiting_circuit")


def test_too_few_sockets_are_named_as_such() -> None:
    dry = StallFacts(9, "A01", "A", 0, 9)
    plan = planned([cook(0, 800), cook(1, 800)], [SOCKETS[0], dry])
    assert plan.waiting == (1,)
    assert plan.reasons[1].code == "waiting_stalls_taken"
    assert (plan.reasons[1].params["need"], plan.reasons[1].params["first"]) == ("power", "earlier")


def test_of_two_who_want_the_same_stall_the_earlier_has_it() -> None:
    for seed in range(6):
        stalls = random.Random(seed).sample(SOCKETS, 3)
        plan = planned([cook(n, 0, wanted=2, misses=n) for n in range(3)], stalls)
        assert plan.assignment[0] == Spot(2)
        assert plan.reasons[1].params["wanted_because"] == "taken"


def test_of_those_worth_the_same_the_earlier_are_placed_and_the_later_wait_in_order() -> None:
    plan = planned([cook(n, 800) for n in (3, 0, 4, 1, 2)])
    assert (plan.assignment, plan.waiting) == ({0: Spot(1), 1: Spot(2), 2: Spot(3)}, (3, 4))


def test_asking_for_two_stalls_is_no_way_to_the_front_of_the_waiting_list() -> None:
    people = [cook(0, 2500), cook(1, 2500), cook(2, 2500, double=True), cook(3, 2500, misses=1)]
    assert planned(people).waiting == (0, 1, 2)


def test_nobody_and_nothing_make_an_empty_proven_plan() -> None:
    nowhere: list[StallFacts] = []
    for stalls, people in ((nowhere, []), (SOCKETS, []), (nowhere, [cook(0, 0)])):
        plan = planned(people, stalls)
        assert (plan.assignment, plan.objective, plan.bound, plan.proven) == ({}, 0, 0, True)


def test_nobody_stands_on_a_socket_in_vain() -> None:
    plain = StallFacts(9, "C09", "C", 0, 9)
    assert planned([cook(0, 0)], [*SOCKETS, plain]).assignment == {0: Spot(9)}


@pytest.mark.parametrize(
    "stalls, applicants, circuits, sentence",
    [
        ([SOCKETS[0], SOCKETS[0]], [], [EAST], "stall id given twice"),
        ([SOCKETS[0], replace(SOCKETS[0], id=7)], [], [EAST], "stall label given twice"),
        (SOCKETS, [cook(0, 0), cook(0, 0)], [EAST], "applicant id given twice"),
        (SOCKETS, [], [EAST, EAST], "circuit name given twice"),
        (SOCKETS, [], [], "stalls on unknown circuits: ['east']"),
        (SOCKETS, [cook(0, -1)], [EAST], "watts below zero"),
        (SOCKETS, [cook(0, 0, pinned_stall_id=8)], [EAST], "unknown stalls: ['8']"),
    ],
)
def test_nonsense_stops_before_it_becomes_a_plan(
    stalls: list[StallFacts], applicants: list[Applicant], circuits: list[Circuit], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the sentence is compared below
        Problem(stalls, applicants, circuits)
    assert str(caught.value) == sentence


# --- Out of work ----------------------------------------------------------------------------------------


def test_without_time_the_plan_still_holds_but_is_not_called_proven() -> None:
    problem = Problem(SOCKETS, [cook(n, 800) for n in range(5)], [EAST], 3)
    plan = make_plan(problem, time_limit_s=0)
    assert (plan.assignment, plan.waiting, plan.status) == (
        {0: Spot(1), 1: Spot(2), 2: Spot(3)},
        (3, 4),
        "feasible",
    )
    assert plan.bound > plan.objective == problem.objective(plan.assignment)


@contextmanager
def busy_machine() -> Iterator[None]:
    """Every core has other things to do."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def test_a_search_cut_short_ends_at_the_same_plan_on_a_busy_machine() -> None:
    problem = knotty()
    plan = make_plan(problem, time_limit_s=0.3)
    assert (plan.status, plan.stopped_by_clock) == ("feasible", False)
    assert same(plan, make_plan(problem, time_limit_s=0.3))
    with busy_machine():
        assert same(plan, make_plan(problem, time_limit_s=0.3))


def test_another_process_finds_the_same_plan() -> None:
    script = (
        "from tests.allocation.towns import knotty, town\n"
        "from market.allocation.methods import make_plan\n"
        "for problem in (town(30, 45, 7), knotty(20, 30, 3)):\n"
        "    plan = make_plan(problem, time_limit_s=0.1)\n"
        "    print(plan.assignment, plan.waiting, plan.bound, plan.reasons)"
    )
    told = {
        subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, env={"PYTHONHASHSEED": number})
        for number in ("1", "2")
    }
    assert len(told) == 1


def test_more_time_is_more_work_and_never_a_worse_plan() -> None:
    plans = [make_plan(knotty(20, 30, 3), time_limit_s=seconds) for seconds in (0, 0.05, 0.5)]
    assert [plan.objective for plan in plans] == sorted(plan.objective for plan in plans)
    assert plans[0].objective < plans[-1].objective


def test_a_machine_far_too_slow_is_stopped_by_the_clock_and_the_plan_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(milp, "BRAKE", 0.0)
    monkeypatch.setattr(milp, "BRAKE_S", 0.0)
    problem = knotty(20, 30, 3)
    plan = make_plan(problem, time_limit_s=5)
    assert (plan.status, plan.stopped_by_clock) == ("feasible", True)
    assert check_state(problem.state(plan.assignment)) == []


# Each market of the demo year: stalls offered, then the vendors in the order of application (those rejected
# left out). The letter is the category, see KINDS.
YEAR: dict[int, tuple[int, str]] = {
    1: (
        36,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 N03 R03 E02 F01 D05 B03 B04 G03 G02 M02 B01 "
        "S02 R06 D04 P09 C02 C04 F02 E01 P04 M04 F03 F04 P05 B02 N02 P11 E03",
    ),
    2: (
        30,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 C02 C04 C05 C06 C07 B01 B02 B03 B04 Y02 Y01 "
        "P11 T01 N02 P12 D02 F01 R03 P09",
    ),
    3: (
        24,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 R03 R04 R05 R06 H02 H03 Y01 Y02 S02 S03 E03",
    ),
    4: (
        25,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 E01 E02 E03 F01 F02 F03 F04 G04 M03 P06 G05 P10",
    ),
    5: (
        28,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 N01 P08 P05 D03 E01 P06 G04 G03 C07 B03 P11 "
        "D04 F03 F04 M02 S03",
    ),
    6: (
        29,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 C07 P08 B02 N03 R05 P09 B01 C05 B04 G02 D04 "
        "P06 H02 Y02 G03 N02",
    ),
    7: (
        28,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 C02 C04 C05 C06 C07 B01 B02 B03 B04 H03 N01 "
        "D02 R05 P11 E02 R04 E03",
    ),
    8: (
        23,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 E02 B03 P10 G03 M02 R05 N01 G02 T01 P06",
    ),
    9: (
        31,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 N01 P06 B02 P10 H03 R06 F03 E03 Y02 T01 G03 "
        "R04 P05 P09 D03 C05 P04 P12 F01 D02",
    ),
    10: (
        25,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 Y01 Y02 H02 H03 R03 R04 R05 R06 G05 N02 P06 E02",
    ),
    11: (
        29,
        "P01 P02 P03 G01 C01 C03 R01 R02 H01 S01 D01 M01 P07 P04 P05 P06 P08 P09 P10 P11 P12 N01 N02 N03 "
        "M02 G04 M04 B02 R04",
    ),
}

KINDS = {
    "P": ("produce", 0), "N": ("farm_direct", 0), "M": ("meat_egg_aquatic", 800), "G": ("grain_seasoning", 0),
    "D": ("daily_goods", 0), "B": ("bakery_drinks", 1500), "C": ("cooked_food", 2000),
    "R": ("repair_service", 0), "H": ("haircut", 0), "T": ("care_education", 0), "Y": ("health_outreach", 0),
    "S": ("public_service", 0), "F": ("craft", 0), "E": ("secondhand", 0),
}  # fmt: skip

DEMO_CIRCUITS = [Circuit("1 号线", 12_000), Circuit("2 号线", 12_000)]
ON_FIRST = {"A11", "B05", "B06", "C01", "C02", "C03", "C04"}
ON_SECOND = {"A12", "B07", "B08", "C05", "C06", "C07", "C08"}


def demo_plan() -> list[StallFacts]:
    sizes = {"A": 12, "B": 8, "C": 8, "D": 5, "E": 3}
    places = [(z, row, n) for row, (z, size) in enumerate(sizes.items(), 1) for n in range(1, size + 1)]
    stalls = []
    for number, (zone, row, column) in enumerate(places, 1):
        label = f"{zone}{column:02}"
        circuit = "1 号线" if label in ON_FIRST else "2 号线" if label in ON_SECOND else None
        watts = 2500 if circuit else 0
        stalls.append(
            StallFacts(number, label, zone, row, column, watts, circuit, water=zone == "C", shade=zone == "D")
        )
    return stalls


def applicants_of(market: int) -> list[Applicant]:
    codes = YEAR[market][1].split()
    people = []
    for order, code in enumerate(codes):
        category, watts = KINDS[code[0]]
        thirsty = category == "cooked_food"
        people.append(Applicant(order, order, code, category, order, power_w=watts, needs_water=thirsty))
    return people


@pytest.mark.parametrize("market", YEAR)
def test_every_market_of_the_demo_year_is_full_and_proven_at_once(market: int) -> None:
    limit, people = YEAR[market][0], applicants_of(market)
    problem = Problem(demo_plan(), people, DEMO_CIRCUITS, limit)
    plans = [make_plan(problem) for _ in range(3)]
    assert len(plans[0].assignment) == min(limit, len(people))
    assert (plans[0].proven, plans[0].gap) == (True, 0)
    assert [same(other, plans[0]) for other in plans] == [True] * 3
    assert min(other.seconds for other in plans) <= 0.2
