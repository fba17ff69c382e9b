"""Problems and plans as files: what goes in, what comes out, and what the check finds."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from scipy.optimize import linear_sum_assignment

from market.allocation.methods import make_plan
from market.allocation.optimum.assignment import best_assignment, is_assignment
from market.allocation.problem_file import write_problem
from market.allocation.rules import Method, Spot
from market.cli import main
from market.stalls.problem_file import check_plan, problem_hash, read_problem, solve_problem

SMALL = {"scores": [[3, None, 1], [1, 2, 9]]}
MARKET: dict[str, Any] = {
    "stalls": [
        {"label": "C01", "zone": "C", "row": 0, "column": 0, "power_w": 2500, "circuit": "east"},
        {"label": "C02", "zone": "C", "row": 0, "column": 1, "power_w": 2500, "circuit": "east"},
        {"label": "A01", "zone": "A", "row": 1, "column": 0},
        {"label": "A02", "zone": "A", "row": 1, "column": 1},
    ],
    "applicants": [
        {"name": "张记卤味", "category": "cooked_food", "power_w": 2000, "pinned_stall": "C01"},
        {"name": "老王饼店", "category": "bakery_drinks", "power_w": 1500, "wanted_stall": "C02"},
        {"name": "周记鲜蔬", "category": "produce", "double": True},
        {"name": "李家果园", "category": "produce", "last_stall": "A01"},
    ],
    "circuits": {"east": 3500},
    "quotas": {"produce": {"minimum": 1, "maximum": 2, "target": 1}},
    "apart": [["cooked_food", "produce", "downwind"], ["cooked_food", "kids_play"]],
}


def test_the_smallest_problem_has_the_answer_every_answer_has() -> None:
    plan = solve_problem(SMALL)
    answer = {key: plan[key] for key in ("status", "objective", "bound", "assignment")}
    assert answer == {"status": "optimal", "objective": 12, "bound": 12, "assignment": [0, 2]}
    assert check_plan(plan, SMALL) == []


@pytest.mark.parametrize("scores", [[], [[]], [[], []], [[None]], [[-5]], [[0]]])
def test_tables_of_nothing_are_solved_too(scores: list[list[int | None]]) -> None:
    plan = solve_problem({"scores": scores})
    assert (plan["status"], plan["objective"], plan["bound"]) == ("optimal", 0, 0)
    assert check_plan(plan) == []


def test_a_whole_market_is_solved_from_its_file() -> None:
    plan = solve_problem(MARKET)
    assert (plan["status"], plan["assignment"][0], plan["assignment"][1]) == ("optimal", 0, 1)
    assert sorted([plan["assignment"][2], plan["doubles"][2]]) == [2, 3]
    assert plan["waiting"] == [3]
    assert check_plan(plan, MARKET) == []


@pytest.mark.parametrize("method", ["rotation", "fixed", "first_come", "draw"])
def test_other_methods_are_asked_for_in_the_file(method: str) -> None:
    plan = solve_problem({**MARKET, "method": method, "seed": "03 11 17"})
    assert (plan["method"], plan["assignment"][0], check_plan(plan)) == (method, 0, [])
    assert plan["status"] == "feasible"


def test_scores_and_quotas_together_keep_both() -> None:
    problem = {
        "scores": [[5, 4], [9, 8], [7, 6]],
        "applicants": [{"category": "produce"}, {"category": "craft"}, {"category": "craft"}],
        "quotas": {"craft": {"maximum": 1}},
    }
    plan = solve_problem(problem)
    assert (plan["objective"], plan["assignment"]) == (13, plan["assignment"])
    assert plan["assignment"][2] is None
    assert check_plan(plan) == []


def test_a_problem_without_a_plan_names_why_in_the_file() -> None:
    plan = solve_problem({**MARKET, "circuits": {"east": 1000}})
    assert (plan["status"], plan["objective"], plan["assignment"]) == ("infeasible", None, [None] * 4)
    assert [rule["code"] for rule in plan["conflict"]] == ["clash_pin", "clash_circuit"]
    assert plan["sentence"].startswith("这几条不能同时做到")
    assert check_plan(plan) == []
    lie = {**plan, "problem": MARKET, "problem_sha256": problem_hash(MARKET)}
    assert check_plan(lie) == ["写着做不到\uff0c其实有一种安排守得住每条规则。"]


def changed(plan: dict[str, Any], **fields: object) -> list[str]:
    return check_plan({**copy.deepcopy(plan), **fields})


def test_the_check_names_what_is_wrong() -> None:
    plan = solve_problem(MARKET)
    assert changed(plan, objective=1) != []
    assert changed(plan, bound=plan["objective"] - 1) != []
    assert changed(plan, status="best") != []
    assert changed(plan, assignment=[0, 0, 2, None])[0].startswith("C01 号已经排给")
    assert "张记卤味要固定在 C01 号\uff0c却没有排上。" in changed(plan, assignment=[None, 1, 2, None])
    assert changed(plan, assignment=[9, 1, 2, None]) == ["安排读不出来\uff1athere is no stall 9。"]
    assert changed(plan, assignment=[0]) != []
    assert changed(plan, problem={**MARKET, "limit": 4})[0].startswith("题目被改过")
    assert changed(plan, doubles=[None] * 4) != []
    assert check_plan(plan, SMALL) == ["这份安排答的不是这道题\uff1a题目的哈希不同。"]
    assert check_plan([]) != []


def test_the_same_problem_gives_the_same_file() -> None:
    assert json.dumps(solve_problem(MARKET)) == json.dumps(solve_problem(copy.deepcopy(MARKET)))


@given(st.permutations(MARKET["applicants"]), st.permutations(MARKET["stalls"]))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_in_a_file_never_changes_the_objective(
    people: list[Any], stalls: list[Any]
) -> None:
    mixed = solve_problem({**MARKET, "applicants": people, "stalls": stalls})
    assert mixed["objective"] == mixed["bound"] == solve_problem(MARKET)["objective"]


@pytest.mark.parametrize(
    "problem, sentence",
    [
        ([], "problem: an object is expected"),
        ({"score": []}, "problem: unknown fields ['score']"),
        ({"scores": [[1], [1, 2]]}, "scores: row 1 has 2 entries, row 0 has 1"),
        ({"scores": [[1.5]]}, "scores: row 0: whole numbers or null are expected"),
        ({"scores": [[True]]}, "scores: row 0: whole numbers or null are expected"),
        ({"stalls": [{"power": 3}]}, "stalls[0]: unknown fields ['power']"),
        ({"stalls": [{"power_w": "3"}]}, "stalls[0].power_w: int is expected, not '3'"),
        ({"stalls": [{"label": "A"}, {"label": "A"}]}, "stalls: a label is given twice"),
        ({"applicants": [{"wanted_stall": "Z"}]}, "applicants[0]: there is no stall 'Z'"),
        ({"scores": [[1]], "stalls": []}, "row 0 of the scores has 1 entries for 0 stalls"),
        ({"weights": {"gift": 1}}, "weights: unknown fields ['gift']"),
        ({"method": "purse"}, "'purse' is not a valid Method"),
        ({"method": "draw"}, "a draw needs its seed"),
        ({"neighbours": [["A", "B"]]}, "neighbours: two labels of stalls are expected, not ['A', 'B']"),
        (
            {"apart": [["a"]]},
            "apart: [category, category] or [..., \"downwind\"] is expected, not ['a']",
        ),
    ],
)
def test_a_wrong_field_is_named(problem: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the sentence is compared below
        solve_problem(problem)
    assert str(caught.value) == sentence


def test_nothing_that_was_given_or_pledged_can_be_written_into_a_file() -> None:
    for field in ("pledge", "gift_fen", "donated", "takings"):
        with pytest.raises(ValueError, match="unknown fields"):
            read_problem({"applicants": [{field: 5}]})


@given(st.integers(0, 7), st.integers(1, 7), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_table_alone_agrees_with_another_solver(rows: int, columns: int, chance: random.Random) -> None:
    scores = [
        [None if chance.random() < 0.2 else chance.randint(-3, 9) for _ in range(columns)]
        for _ in range(rows)
    ]
    matched = best_assignment(scores)
    padded = [[-10_000 if s is None else s for s in row] + [0] * rows for row in scores]
    best = 0
    if rows:
        here, there = linear_sum_assignment(padded, maximize=True)
        best = sum(padded[i][j] for i, j in zip(here, there, strict=True))
    assert matched.objective == matched.bound == best
    placed = [place for place in matched.places if place is not None]
    assert len(set(placed)) == len(placed)


def test_the_assignment_and_the_model_agree() -> None:
    chance = random.Random(5)
    scores = [[chance.randint(0, 50) for _ in range(12)] for _ in range(15)]
    table = solve_problem({"scores": scores})
    model = solve_problem({"scores": scores, "quotas": {"unheard_of": {"maximum": 3}}})
    assert table["objective"] == model["objective"] == model["bound"]


def test_nobody_stands_where_it_does_harm_unless_a_rule_asks_for_it() -> None:
    """Staying away is worth 0; a score below that is taken for a pin or a minimum only."""
    harmful: dict[str, Any] = {"scores": [[-2, -1]], "applicants": [{"category": "craft"}]}
    for problem in (harmful, {**harmful, "quotas": {"craft": {"maximum": 1}}}, {**harmful, "limit": 0}):
        plan = solve_problem(problem)
        assert (plan["status"], plan["objective"], plan["assignment"]) == ("optimal", 0, [None])
    plan = solve_problem({**harmful, "quotas": {"craft": {"minimum": 1}}})
    assert (plan["status"], plan["objective"], plan["assignment"]) == ("optimal", -1, [1])


@pytest.mark.parametrize(
    "rule, plain",
    [
        ({}, True),
        ({"limit": 2}, True),
        ({"limit": 1}, False),
        ({"quotas": {"craft": {"target": 1}}}, False),
        ({"apart": [["craft", "produce"]]}, False),
        ({"neighbours": [["1", "2"]]}, False),
        ({"neighbours": [["1", "2"]], "weights": {"same_neighbour": 0}}, True),
        ({"applicants": [{"pinned_stall": "1"}, {}]}, False),
        ({"applicants": [{"double": True}, {}]}, False),
        ({"applicants": [{"needs_water": True}, {}]}, True),
    ],
)
def test_the_shape_of_a_problem_says_whether_it_is_an_assignment(rule: dict[str, Any], plain: bool) -> None:
    table = {"scores": [[3, 1], [2, 4]], "stalls": [{"label": "1"}, {"label": "2"}], **rule}
    assert is_assignment(read_problem(table).problem) is plain
    del table["scores"]
    assert not is_assignment(read_problem({"applicants": [{}, {}], **table}).problem)


def test_what_somebody_says_of_a_stall_stands_in_for_the_weights_for_them_alone() -> None:
    """Worths of one's own are a fact of a person like any other: people without them are weighed as ever."""
    read = read_problem({"stalls": [{}, {}], "applicants": [{}, {"misses": 1}]}).problem
    first, second = read.applicants
    mixed = replace(read, own_worths={first.id: {2: 5}})
    assert [mixed.worth(first, stall) for stall in mixed.stalls] == [0, 5]
    assert mixed.worth(second, mixed.stalls[0]) == read.worth(second, read.stalls[0]) == 1_030_000
    assert mixed.obstacles(first, Spot(1)) == ["not_possible"]
    plan = make_plan(mixed)
    assert (plan.status, plan.assignment) == ("optimal", {1: Spot(2), 2: Spot(1)})
    assert write_problem(mixed, Method.OPTIMUM)["scores"] == [[None, 5], [1_030_000, 1_030_000]]


def test_the_commands_need_no_database(tmp_path: Path) -> None:
    (tmp_path / "problem.json").write_text(json.dumps(SMALL), encoding="utf-8")
    where = ["--output", str(tmp_path / "plan.json")]
    runner = CliRunner()
    solved = runner.invoke(main, ["stalls", "solve", str(tmp_path / "problem.json"), *where])
    assert (solved.exit_code, "optimal: objective 12, bound 12" in solved.output) == (0, True)
    files = [str(tmp_path / "plan.json"), str(tmp_path / "problem.json")]
    assert runner.invoke(main, ["stalls", "check", *files]).exit_code == 0
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps({**plan, "objective": 13}), encoding="utf-8")
    wrong = runner.invoke(main, ["stalls", "check", files[0]])
    assert (wrong.exit_code, "写的是 13\uff0c重算是 12" in wrong.output) == (1, True)


def test_a_file_that_is_no_problem_ends_with_a_sentence(tmp_path: Path) -> None:
    for text in ("{", '{"scores": [[1.5]]}'):
        (tmp_path / "problem.json").write_text(text, encoding="utf-8")
        outcome = CliRunner().invoke(main, ["stalls", "solve", str(tmp_path / "problem.json")])
        assert outcome.exit_code == 2
        assert "problem.json" in outcome.output


def test_solving_a_file_never_loads_the_application() -> None:
    script = (
        "import sys; from market.cli import main\n"
        "try: main(['stalls', 'schema'])\n"
        "except SystemExit: pass\n"
        "sys.exit('market.app' in sys.modules)"
    )
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)
    assert (outcome.returncode, "PROBLEM" in outcome.stdout) == (0, True)
