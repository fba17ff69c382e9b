"""What is better avoided, but may be done with a written reason: neighbours that disturb each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from market.stalls.house import USUAL_APART, House, side_by_side
from market.stalls.rules import Conflict, Layout, check_layout


def unwise(layout: Layout, assignment: Mapping[int, int], movers: Collection[int]) -> list[Conflict]:
    """What speaks against these vendors standing there; what was so before is not asked again."""
    apart = tuple(rule for rule in USUAL_APART if not rule.downwind)
    house = House(apart=apart, neighbours=side_by_side(layout.stalls))
    after = replace(layout, assignment=dict(assignment), house=house)
    return [c for c in check_layout(after) if c.code == "apart" and c.applicant_id in movers]
