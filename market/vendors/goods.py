"""Goods recognised in what a vendor writes: which are banned, which ask for more, which belong elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from market.communities.profile import Goods, Profile

_BETWEEN = re.compile(r"[\s、，,。;；·/|+＋和及与()（）]+")


def recognised(texts: Iterable[str], profile: Profile) -> list[Goods]:
    """The goods of the list that are meant in these texts, in the order of the list."""
    places = set[int]().union(*(_recognised(text, _AsItself(profile)) for text in texts))
    return [profile.goods[place] for place in sorted(places)]


class _AsItself(NamedTuple):
    """A profile, told apart by which one it is: comparing all it holds takes longer than using it."""

    profile: Profile

    def __hash__(self) -> int:
        return id(self.profile)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AsItself) and other.profile is self.profile


@lru_cache(maxsize=4096)
def _recognised(text: str, of: _AsItself) -> frozenset[int]:
    """Their places in the list; asked again for the same words at every scan."""
    folded = _folded(text)
    return frozenset(place for place, goods in enumerate(of.profile.goods) if _is_meant(goods, folded))


def _folded(text: str) -> str:
    """Width and case apart; separators stay, because some words count only when they stand alone."""
    return unicodedata.normalize("NFKC", text).casefold()


def _is_meant(goods: Goods, text: str) -> bool:
    parts = {part for part in _BETWEEN.split(text) if part}
    if parts & {*goods.alone}:
        return True
    for harmless in goods.but:
        text = text.replace(harmless, " ")
    joined = "".join(text.split())
    return any(word in joined for word in goods.words)


def banned(texts: Iterable[str], profile: Profile) -> list[Goods]:
    """What nobody may sell here."""
    return [goods for goods in recognised(texts, profile) if goods.banned is not None]


def elsewhere(goods: Goods, categories: Collection[str]) -> bool:
    """Whether goods belong to none of these categories."""
    return bool(goods.belongs) and not set(goods.belongs) & set(categories)


def asked_by(goods: Iterable[Goods], categories: Collection[str]) -> frozenset[str]:
    """The duties that goods ask of a vendor; spared is only who is in no other category than those spared."""
    return frozenset(code for one in goods if not set(categories) <= set(one.spared) for code in one.asks)
