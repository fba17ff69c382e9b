"""`market stalls solve` and `market stalls check`: files in, files and sentences out."""

from __future__ import annotations

import json
import time
from typing import Any, BinaryIO, TextIO

import click

from market.stalls.problem_file import check_plan, solve_problem


def solve(problem: BinaryIO, output: TextIO) -> None:
    """Writes the plan; exit 2 for a file that is no problem."""
    began = time.perf_counter()
    data = _read(problem)
    try:
        plan = solve_problem(data)
    except (ValueError, TypeError, TimeoutError) as wrong:
        raise click.UsageError(f"{problem.name}: {wrong}") from wrong
    json.dump(plan, output, ensure_ascii=False)
    output.write("\n")
    spent = time.perf_counter() - began
    click.echo(
        f"{plan['status']}: objective {plan['objective']}, bound {plan['bound']}, {spent:.2f} s", err=True
    )
    if "sentence" in plan:
        click.echo(plan["sentence"], err=True)


def check(plan: BinaryIO, problem: BinaryIO | None) -> None:
    """Says what is wrong; exit 1 where something is."""
    try:
        faults = check_plan(_read(plan), None if problem is None else _read(problem))
    except (ValueError, TypeError) as wrong:
        raise click.ClickException(f"{plan.name}: {wrong}") from wrong
    for fault in faults:
        click.echo(f"✕ {fault}")
    if faults:
        raise SystemExit(1)
    click.echo("✓ " + f"{plan.name}")


def _read(file: BinaryIO) -> Any:
    try:
        return json.load(file)
    except ValueError as wrong:
        raise click.UsageError(f"{file.name}: not JSON: {wrong}") from wrong
