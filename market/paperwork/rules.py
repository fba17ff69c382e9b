"""How many people a plaza holds."""

from __future__ import annotations

from collections.abc import Iterable

GROUND_FOR_ONE_M2 = 2
"""Square metres for each person who walks and looks. No law says so for a plaza: a careful number, printed
with the plan, and the community may write another limit."""


def free_ground_m2(width_dm: int, depth_dm: int, taken: Iterable[tuple[int, int]]) -> int:
    """What is left of a plaza when stalls and lanes (width and depth in decimetres) are taken off."""
    return max(0, width_dm * depth_dm - sum(width * depth for width, depth in taken)) // 100


def crowd_limit(ground_m2: int) -> int:
    """How many may be on free ground at once, in whole tens: nobody counts more exactly at a gate."""
    return ground_m2 // GROUND_FOR_ONE_M2 // 10 * 10
