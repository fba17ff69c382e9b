"""The blueprint that all routes of this room hang on, and the words its templates use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from market.vendors import words
from market.vendors.rules import FOOD_CATEGORIES

bp = Blueprint("vendors", __name__)


@bp.context_processor
def vocabulary() -> dict[str, Any]:
    """`words` of the room, and the categories as the forms offer them."""
    return {
        "words": words,
        "category_groups": [
            (group, [(category.value, words.category_word(category)) for category in categories])
            for group, categories in words.GROUPS
        ],
        "category_hints": {category.value: hint for category, hint in words.CATEGORY_HINTS.items()},
        "food_categories": {category.value for category in FOOD_CATEGORIES},
    }
