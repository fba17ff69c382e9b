"""Whom the database may leave out of a search: conditions that hold for everybody who is meant."""

from __future__ import annotations

import sqlalchemy as sa

from market.search.offer import LEAST_OF_A_NAME
from market.search.question import Wish
from market.typed_text import search_key
from market.vendors.models import Vendor
from market.vendors.rules import Category
from market.vendors.sought import Sought, Word

Condition = sa.ColumnElement[bool]

WORDS_NARROWED = 6
"""Words of a search by which the database narrows; the rules read all of them."""


def may_mean(asked: Sought) -> Condition:
    """True for everybody whom `Sought.finds` finds, and for few others."""
    ways = [sa.and_(sa.true(), *map(_may_say, asked.words[:WORDS_NARROWED]))]
    if asked.number:
        ways.append(Vendor.phone.endswith(asked.number))
    if asked.letters:
        ways.append(_holds(asked.letters))
    return sa.or_(*ways)


def _may_say(word: Word) -> Condition:
    return sa.or_(*map(_holds, word.same), Vendor.category.in_(word.categories))


def may_have(wish: Wish) -> Condition:
    """True for everybody of whom `search.offer.find` says that it surely has what is wished for; for all
    where a stall is named."""
    if wish.is_stall:
        return sa.true()
    named = {text for text in (wish.text, search_key(wish.text)) if len(text) >= LEAST_OF_A_NAME}
    return sa.or_(sa.false(), *(_holds(f" {thing} ") for thing in wish.things), *map(_holds, sorted(named)))


def is_of(category: Category) -> Condition:
    """True for everybody of a category."""
    return Vendor.category == category


def _holds(part: str) -> Condition:
    """Whether these letters stand anywhere in the key of a vendor."""
    return Vendor.found_by.contains(part, autoescape=True)
