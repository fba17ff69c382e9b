"""Measures which lines and branches the tests reach, and compares with the goals below; `make cover` runs it.

Not part of the suite: measured, the suite takes twice as long. All arguments are pytest's; with some of the
tests only, the files that they do not reach fall below their goal, and the list says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import click

ROOT = Path(__file__).resolve().parent.parent

GOALS = {
    "market/ledger/*": 100.0,
    "market/settlement/*": 100.0,
    "market/gate/*": 100.0,
    "market/passes/*": 100.0,
    "market/people/access.py": 100.0,
    "market/money.py": 100.0,
}
"""What files have to reach, in percent of lines and branches: all, where money and admission are decided."""

GOAL_OF_THE_REST = 95.0


class Measured(NamedTuple):
    """One file: how much of it was reached, what its goal is, and where nobody was."""

    name: str
    percent: float
    goal: float
    missing: str

    @property
    def falls_short(self) -> bool:
        return self.percent < self.goal


def goal_of(name: str) -> float:
    return next((goal for pattern, goal in GOALS.items() if fnmatch(name, pattern)), GOAL_OF_THE_REST)


def measured(report: dict[str, Any]) -> list[Measured]:
    """The files of a report of coverage.py, the lowest first."""
    rows = [
        Measured(
            name,
            found["summary"]["percent_covered"],
            goal_of(name),
            ", ".join(
                [
                    *(str(line) for line in found["missing_lines"]),
                    *(f"{start}→{end}" for start, end in found.get("missing_branches", [])),
                ]
            ),
        )
        for name, found in report["files"].items()
    ]
    return sorted(rows, key=lambda row: (row.percent, row.name))


def report_of(arguments: list[str]) -> dict[str, Any]:
    """Runs the tests under coverage.py, subprocesses among them."""
    coverage = [sys.executable, "-m", "coverage"]
    with tempfile.TemporaryDirectory() as folder:
        data, target = f"--data-file={folder}/data", Path(folder) / "report.json"
        subprocess.run([*coverage, "run", data, "-m", "pytest", *arguments], cwd=ROOT, check=False)
        subprocess.run([*coverage, "combine", "--quiet", data, folder], cwd=ROOT, check=True)
        subprocess.run([*coverage, "json", "--quiet", data, "-o", str(target)], cwd=ROOT, check=True)
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


def main(arguments: list[str]) -> int:
    report = report_of(arguments)
    short = [row for row in measured(report) if row.falls_short]
    for row in short:
        click.echo(f"{row.percent:6.1f} % of {row.goal:.0f} %  {row.name}: {row.missing}")
    click.echo(f"{report['totals']['percent_covered']:6.1f} % of everything; below their goal: {len(short)}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
