"""The words that the templates of vendors' pages use."""

from __future__ import annotations

from typing import Any

from market.communities.service import profile_of
from market.people.access import community_or_none
from market.vendors import words


def vocabulary() -> dict[str, Any]:
    """`words` of the room, and the categories as the forms offer them."""
    community = community_or_none()
    return {
        "words": words,
        "category_groups": [
            (group, [(category.value, words.category_word(category)) for category in categories])
            for group, categories in words.GROUPS
        ],
        "category_hints": {category.value: hint for category, hint in words.CATEGORY_HINTS.items()},
        "not_sold": words.not_sold(profile_of(community).goods) if community is not None else "",
    }
