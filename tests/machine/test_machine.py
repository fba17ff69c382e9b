"""One market, and everything that can happen to it at once; after each step all of it must be true."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.truth import Market

SOAK = int(os.environ.get("SOAK", "1"))
"""So many times as many markets as in a usual run (`make soak`)."""
PROFILE = settings(
    max_examples=int(os.environ.get("N", "12")) * SOAK,
    stateful_step_count=16 if SOAK == 1 else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    report_multiple_bugs=False,
)


def machine(ref: str) -> type[Market]:
    """The machine on this market."""
    return type("Here", (Market,), {"ref": ref})


def test_whatever_happens_to_a_market_what_is_told_shown_and_let_in_is_true(day_ref: str) -> None:
    run_state_machine_as_test(machine(day_ref), settings=PROFILE)
