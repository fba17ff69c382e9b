"""What a community downloads is the task its plan was made from."""

from __future__ import annotations

import json

import pytest

from market.allocation.methods import make_plan
from market.allocation.problem_file import problem_of
from market.allocation.rules import Assignment, Method
from market.allocation.task import Task
from market.stalls.problem import check_plan, read_problem, solve_problem
from tests.allocation.towns import town, with_worths


def _by_label(task: Task, assignment: Assignment) -> dict[str, list[str]]:
    return {
        task.person_by_id[key].name: [stall.label for stall in task.stalls_of(spot)]
        for key, spot in assignment.items()
    }


@pytest.mark.parametrize("method", [Method.OPTIMUM, Method.ROTATION, Method.FIXED, Method.FIRST_COME])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_written_task_read_again_gives_the_same_plan(method: Method, seed: int) -> None:
    task = town(20, 28, seed)
    read = read_problem(json.loads(json.dumps(problem_of(task, method))))
    ours, theirs = make_plan(task, method), make_plan(read.task, read.method)
    assert _by_label(read.task, theirs.assignment) == _by_label(task, ours.assignment)
    assert (theirs.objective, theirs.bound) == (ours.objective, ours.bound)


def test_the_plan_of_a_written_task_passes_the_check() -> None:
    task = town(12, 18, 4)
    plan = solve_problem(problem_of(task, Method.OPTIMUM))
    assert (plan["status"], check_plan(plan)) == ("optimal", [])


def test_scores_are_written_where_they_decide() -> None:
    task = town(3, 3, 1)
    rows: list[list[int | None]] = [[5, None, 1], [2, 2, 2], [None, None, 4]]
    assert problem_of(with_worths(task, rows), Method.OPTIMUM)["scores"] == rows
    assert "scores" not in problem_of(task, Method.OPTIMUM)
