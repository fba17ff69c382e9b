"""Whom staff look for in the register, and what the database may leave out for a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from market.search.sounds import initials
from market.typed_text import phone_digits, search_key
from market.vendors.found_by import Key
from market.vendors.rules import Category
from market.vendors.search import begins_in, is_pinyin, other_words, sounds_like
from market.vendors.words import category_word

LONGEST = 60
"""Characters of a search that are read: no name is longer."""

LEAST_DIGITS = 4
"""The end of a number from which on it is looked for."""


class Word(NamedTuple):
    """One word of a search."""

    text: str
    same: tuple[str, ...]
    """It, and what else people say for it."""
    categories: frozenset[Category]
    """Those that are called so."""

    def is_sold(self, key: Key, category: Category) -> bool:
        """Whether a vendor's goods or its category are called so, or sound so."""
        if category in self.categories or any(other in key.goods for other in self.same):
            return True
        return is_pinyin(self.text) and begins_in(self.text, key.goods_heard.split())


@dataclass(frozen=True)
class Sought:
    """What staff look for in the register: part of a name or of what is sold, also by another word, pinyin or
    its initials, or the end of a telephone number."""

    text: str

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Each of its words."""
        return tuple(_word(word) for word in search_key(self.text).split())

    @property
    def number(self) -> str:
        """The end of a telephone number; empty where none is meant."""
        digits = phone_digits(self.text)
        return digits if len(digits) >= LEAST_DIGITS else ""

    @property
    def letters(self) -> str:
        """Pinyin or initials of a name; empty where a number or a word is meant."""
        return self.text.replace(" ", "") if self.text.isascii() and not self.number else ""

    def finds(self, key: Key, category: Category, phone: str) -> bool:
        """Whether a vendor is meant."""
        if all(word.text in key.names or word.text in key.goods for word in self.words):
            return True
        if all(word.is_sold(key, category) for word in self.words):
            return True
        if self.number:
            return phone.endswith(self.number)
        return bool(self.letters) and _is_named_so(self.letters, key)


def sought(typed: str) -> Sought:
    """What is looked for, as it is compared."""
    return Sought(search_key(typed[:LONGEST]))


def _word(word: str) -> Word:
    said = tuple(search_key(other) for other in other_words(word))
    return Word(word, said, frozenset(one for one in Category if _is_called(word, said, one)))


def _is_called(word: str, same: Iterable[str], category: Category) -> bool:
    name = str(category_word(category))
    if any(other in search_key(name) for other in same):
        return True
    return is_pinyin(word) and sounds_like(word, name)


def _is_named_so(letters: str, key: Key) -> bool:
    heard = (key.name_heard, key.holder_heard)
    return any(initials(one).startswith(letters) or letters in one.replace(" ", "") for one in heard)
