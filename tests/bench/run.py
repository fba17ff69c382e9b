"""Runs the benches and writes instance/bench.json: python -m tests.bench.run [NAME or PREFIX]."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.bench.harness import Bench, Measurement, benches

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "instance" / "bench.json"


def main(arguments: list[str]) -> int:
    """Measures what was asked for: 1 when a bench broke, 2 when none has that name, else 0."""
    discover()
    only = arguments[0] if arguments else ""
    chosen = choose(only)
    if not chosen:
        print(f"no bench is called {only!r}; there are: {', '.join(sorted(benches)) or 'none'}")
        return 2
    outcomes = [measure(bench) for bench in chosen]
    return 0 if all(outcomes) else 1


def discover(folder: Path = Path(__file__).parent) -> None:
    """Imports every bench_*.py, whose functions then register themselves."""
    for path in sorted(folder.glob("bench_*.py")):
        importlib.import_module(f"tests.bench.{path.stem}")


def choose(only: str) -> list[Bench]:
    """All benches, the one of that name, or those under that prefix (`start`: start.cold and start.warm)."""
    if only in benches:
        return [benches[only]]
    return [
        found
        for name, found in sorted(benches.items())
        if (not only and not found.long) or (only and name.startswith(f"{only}."))
    ]


def measure(bench: Bench) -> bool:
    """Runs one bench, writes its result at once (a later one may break) and prints its line."""
    try:
        measurement = bench.measure()
    except Exception:
        traceback.print_exc()
        print(f"{bench.name:<24} BROKE")
        return False
    merge({bench.name: row(bench, measurement)})
    print(line(bench, measurement), flush=True)
    return True


def row(bench: Bench, measurement: Measurement) -> dict[str, Any]:
    """What instance/bench.json keeps of it."""
    return {
        "value": round(measurement.value, 4),
        "unit": bench.unit,
        "against": round(measurement.against, 4),
        "against_name": measurement.against_name,
        "ratio": round(measurement.ratio, 4),
        **{name: round(figure, 4) for name, figure in measurement.more.items()},
        "goal": bench.goal,
        "met": bench.meets_goal(measurement),
        "command": f"make bench ONLY={bench.name}",
    }


def line(bench: Bench, measurement: Measurement) -> str:
    """One line of the table on the screen."""
    verdict = "met" if bench.meets_goal(measurement) else "MISSED"
    more = "".join(f"  {name} {figure:.3g}" for name, figure in measurement.more.items())
    return (
        f"{bench.name:<24} {measurement.value:>12,.2f} {bench.unit:<6}"
        f" against {measurement.against:>12,.2f} ({measurement.against_name})"
        f"  ratio {measurement.ratio:.3f}{more}  goal {bench.goal}: {verdict}"
    )


def merge(rows: dict[str, dict[str, Any]], target: Path = RESULTS) -> None:
    """Puts rows into the file and leaves the others in it as they are."""
    known = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps({**known, **rows}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(target)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
