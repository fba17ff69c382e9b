"""What is better avoided, but may be done with a written reason: neighbours that disturb each other."""

from market.allocation.pairs import objections
from market.allocation.rules import Assignment, Conflict, State


def discouraged(strict: State, spots: Assignment) -> list[Conflict]:
    """What speaks against these people standing there; what was so before is not asked again.

    `strict`: the state as a whole plan is judged.
    """
    return [conflict for conflict in objections(strict, spots) if conflict.code == "apart"]
