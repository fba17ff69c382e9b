"""What a community downloads is the problem its plan was made from."""

from __future__ import annotations

import json

import pytest

from market.allocation.methods import make_plan
from market.allocation.problem import Problem
from market.allocation.problem_file import write_problem
from market.allocation.rules import Assignment, Method
from market.stalls.problem_file import check_plan, read_problem, solve_problem
from tests.allocation.towns import town, with_worths


def _by_label(problem: Problem, assignment: Assignment) -> dict[str, list[str]]:
    return {
        problem.person_by_id[key].name: [stall.label for stall in problem.stalls_of(spot)]
        for key, spot in assignment.items()
    }


@pytest.mark.parametrize("method", [Method.OPTIMUM, Method.ROTATION, Method.FIXED, Method.FIRST_COME])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_written_task_read_again_gives_the_same_plan(method: Method, seed: int) -> None:
    problem = town(20, 28, seed)
    read = read_problem(json.loads(json.dumps(write_problem(problem, method))))
    ours, theirs = make_plan(problem, method), make_plan(read.problem, read.method)
    assert _by_label(read.problem, theirs.assignment) == _by_label(problem, ours.assignment)
    assert (theirs.objective, theirs.bound) == (ours.objective, ours.bound)


def test_the_plan_of_a_written_task_passes_the_check() -> None:
    problem = town(12, 18, 4)
    plan = solve_problem(write_problem(problem, Method.OPTIMUM))
    assert (plan["status"], check_plan(plan)) == ("optimal", [])


def test_scores_are_written_where_they_decide() -> None:
    problem = town(3, 3, 1)
    rows: list[list[int | None]] = [[5, None, 1], [2, 2, 2], [None, None, 4]]
    assert write_problem(with_worths(problem, rows), Method.OPTIMUM)["scores"] == rows
    assert "scores" not in write_problem(problem, Method.OPTIMUM)
