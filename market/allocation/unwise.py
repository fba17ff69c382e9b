"""What is better avoided, but may be done with a written reason: neighbours that disturb each other."""

from collections.abc import Mapping

from market.allocation.pairs import Place, objections
from market.allocation.rules import Conflict, Layout


def unwise(strict: Layout, places: Mapping[int, Place]) -> list[Conflict]:
    """What speaks against these people standing there; what was so before is not asked again.

    `strict`: the layout as a whole plan is judged.
    """
    return [conflict for conflict in objections(strict, places) if conflict.code == "apart"]
