"""Which weights a community may set, so that the best plan stays one that places as many as it can."""

from collections.abc import Mapping

from market.allocation.rules import PUBLISHED_WEIGHTS

MOST = 9_999_999
DEDUCTIONS = frozenset({"appeared", "earlier", "same_neighbour"})
"""Weights that take away; all the others add."""


def weights_fault(weights: Mapping[str, int]) -> tuple[str, str] | None:
    """The first thing that cannot be, as (code, name of the weight)."""
    for name in [*PUBLISHED_WEIGHTS, *weights]:
        if name not in PUBLISHED_WEIGHTS or name not in weights:
            return "no_weight", name
        lowest, highest = (-MOST, 0) if name in DEDUCTIONS else (0, MOST)
        if not lowest <= weights[name] <= highest:
            return "bad_weight", name
    return ("placed_too_light", "placed") if weights["placed"] <= others(weights) else None


def others(weights: Mapping[str, int]) -> int:
    """All the weights but `placed` together: a stall for one more must be worth more than these."""
    return sum(abs(weight) for name, weight in weights.items() if name != "placed")
