"""By what a vendor is found: names, goods, their pinyin and what of the table of words it has, folded once.

The text stands in the vendor's row (`Vendor.found_by`) and is written whenever what it is made of is. The
database narrows with it, `Sought` and `market.search` decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from market.search import readings, words
from market.search.offer import has
from market.search.sounds import initials, read
from market.typed_text import search_key
from market.vendors.pinyin import sort_key, syllables

FORM = b"1"
"""Another one when a key is made otherwise."""


class Key(NamedTuple):
    """What a vendor is found by, line by line as the row keeps it."""

    made_with: str
    """The table of words and those of readings that it was made with: `edition`."""
    names: str
    """Of the stall and of its holder."""
    goods: str
    goods_heard: str
    """The goods in pinyin, syllable by syllable; the names below likewise."""
    name_heard: str
    holder_heard: str
    heard: str
    """All of it in one piece each, and the initials: what a part of is looked for by the database."""
    things: str
    """What it has of the table, and what that is a kind of; a blank on both sides of each."""

    @property
    def text(self) -> str:
        """As it stands in the row."""
        return "\n".join(self)

    @classmethod
    def of_text(cls, text: str) -> Key:
        """As it was read from the row."""
        return cls(*text.split("\n"))


@cache
def edition() -> str:
    """Changes with the table of words and with those of readings: then every key is made anew."""
    made_of = hashlib.sha256(FORM)
    for file in (words.FILE, *readings.FILES):
        made_of.update(file.read_bytes())
    return made_of.hexdigest()[:12]


def key_of(name: str, holder: str, goods: str, category: str) -> Key:
    """The key of a vendor, from what its row says."""
    heard = (
        _spaced(read(goods)),
        _spaced([sort_key(name, holder)]),
        _spaced(syllables(holder, holder[:1])),
    )
    plain = _spaced(read(search_key(name)))  # residents read a surname as the word that it is
    pieces = (piece for text in (*heard, plain) for piece in (text.replace(" ", ""), initials(text)))
    known = {thing for own in has(name, goods, category) for thing in (own, *words.around(own))}
    return Key(
        edition(),
        f"{search_key(name)} {search_key(holder)}",
        search_key(goods),
        *heard,
        " ".join(pieces),
        f" {' '.join(sorted(known))} ",
    )


def _spaced(parts: Iterable[str]) -> str:
    return " ".join(" ".join(parts).split())
