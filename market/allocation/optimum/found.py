"""What a search for the optimum comes back with."""

from __future__ import annotations

from dataclasses import dataclass

from market.allocation.rules import Assignment


@dataclass(frozen=True, slots=True)
class Found:
    """A plan, None where there is none or none was found in time, and what is known of all plans."""

    assignment: Assignment | None
    bound: int  # no plan can be worth more
    proven: bool  # nothing better exists, or no plan at all
    stopped_by_clock: bool = False
