"""What a bench is: a named measurement beside a raw limit or a control measured in the same run."""

from __future__ import annotations

import operator
import re
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

OPERATORS = {">=": operator.ge, "<=": operator.le}
CLAUSE = re.compile(r"(\w+) (>=|<=) ([0-9.]+)")


@dataclass(frozen=True)
class Measurement:
    """A figure of ours, the figure it is held against, and how they compare (value / against)."""

    value: float
    against: float
    ratio: float
    against_name: str
    more: Mapping[str, float] = field(default_factory=dict)
    """Other figures of the same run that the goal names."""

    @classmethod
    def of(cls, value: float, against: float, against_name: str, **more: float) -> Measurement:
        """The usual case: the ratio is the quotient."""
        return cls(value, against, value / against, against_name, more)


@dataclass(frozen=True)
class Bench:
    """A registered bench; `goal` reads like "ratio >= 0.3" or "value <= 30 and p99_ms <= 100"."""

    name: str
    unit: str
    goal: str
    measure: Callable[[], Measurement]
    long: bool = False
    """Whether it takes minutes: measured when it is asked for by name, and by `make soak`."""

    def meets_goal(self, measurement: Measurement) -> bool:
        """Whether every clause of the goal holds."""
        figures = {"value": measurement.value, "ratio": measurement.ratio, **measurement.more}
        return all(
            OPERATORS[sign](figures[figure], float(bound)) for figure, sign, bound in clauses(self.goal)
        )


def clauses(goal: str) -> list[tuple[str, str, str]]:
    """The parts of a goal; a goal that cannot be read is refused."""
    matches = [CLAUSE.fullmatch(part) for part in goal.split(" and ")]
    if None in matches:
        raise ValueError(f'a goal reads like "ratio >= 0.3" or "value <= 30 and ratio <= 2", not {goal!r}')
    return [(match[1], match[2], match[3]) for match in matches if match]


benches: dict[str, Bench] = {}


def bench(
    name: str, *, unit: str, goal: str, long: bool = False
) -> Callable[[Callable[[], Measurement]], Callable[[], Measurement]]:
    """Registers a function as the bench of this name."""
    clauses(goal)

    def register(measure: Callable[[], Measurement]) -> Callable[[], Measurement]:
        if name in benches:
            raise ValueError(f"two benches are called {name}")
        benches[name] = Bench(name, unit, goal, measure, long)
        return measure

    return register


def alternate(
    ours: Callable[[], float], control: Callable[[], float], rounds: int = 5
) -> tuple[float, float]:
    """The medians of both, measured in turns, so that a slow moment of the machine touches both alike."""
    pairs = [(ours(), control()) for _round in range(rounds)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)
