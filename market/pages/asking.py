"""What an address asks, and the kinds that can be asked for without typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from flask import request, url_for

from market.pages.answer import Asked, asked_by_category, asked_in_words
from market.search.question import LONGEST_QUESTION
from market.stalls.service.sellers import Seller
from market.vendors.rules import Category
from market.vendors.words import GROUPS, category_word


class Chip(NamedTuple):
    """A kind of stall that can be asked for without typing."""

    label: str
    n: int
    """How many there are; 0: not known."""
    href: str
    current: bool = False
    category: str = ""
    """Whose picture stands before the word."""


def asked_here() -> Asked:
    """What the address asks."""
    kind = request.args.get("kind", "")
    if kind in Category.__members__.values():
        return asked_by_category(Category(kind))
    return asked_in_words(request.args.get("q", "").strip()[:LONGEST_QUESTION])


def chips_on(sellers: Iterable[Seller], on: str = "", current: Category | None = None) -> list[Chip]:
    """The kinds that a market has, in the order of people's lists; all where it is not known who comes."""
    counted = Counter(seller.category for seller in sellers)
    named: dict[str, Any] = {"on": on} if on else {}
    return [
        Chip(
            str(category_word(category)),
            counted[category],
            url_for("pages.find", kind=category.value, **named),
            category is current,
            category.value,
        )
        for _group, categories in GROUPS
        for category in categories
        if counted[category] or not counted
    ]
