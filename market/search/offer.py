"""Whether a stall has what is asked for: surely, perhaps, or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from market.search.question import How, Wish, said_in
from market.search.sounds import first_letters, read
from market.search.words import around, by_word, of_category, things
from market.typed_text import search_key

LEAST_OF_A_NAME = 2
"""Characters from which on a part of a name is looked for; of letters one more."""

LEAST_SIMILAR = 2
"""Things of a kind at a stall that let hope for another of it: who has leek and cabbage may have beans."""


class Offer(NamedTuple):
    """What anyone may know of a stall."""

    label: str
    name: str
    goods: str
    category: str


@lru_cache(maxsize=16384)
def has(name: str, goods: str, category: str) -> frozenset[str]:
    """The things that a stall has, as its name and its goods say; else what its category says."""
    said = [word for text in (name, goods) for word in _words_of(search_key(text))]
    return frozenset(thing for word in said for thing in by_word()[word]) or of_category(category)


def _words_of(text: str) -> Iterable[str]:
    yield from said_in(text)
    pieces = "".join(c if c.isalnum() else " " for c in text).split()
    yield from (piece for piece in pieces if len(piece) == 1 and piece in by_word())


def is_there(thing: str, offer: Offer) -> bool:
    """Whether a stall has a thing: it, or one that is a kind of it."""
    known = has(offer.name, offer.goods, offer.category)
    return thing in known or any(thing in around(other) for other in known)


def has_kind(kind: str, offer: Offer) -> bool:
    """Whether a stall says that it has a kind of things, or has several of them: one can go and ask there."""
    known = has(offer.name, offer.goods, offer.category)
    similar = sum(things()[other].within == kind for other in known) if things()[kind].alike else 0
    return kind in known or similar >= LEAST_SIMILAR


def is_named(wish: Wish, offer: Offer) -> bool:
    """Whether a wish names the stall itself: its number, part of its name or goods, in pinyin too."""
    if wish.is_stall:
        return wish.text in _key(offer.label).split("+")
    goods = len(wish.text) >= LEAST_OF_A_NAME and wish.text in _key(offer.goods)
    return goods or names(wish.text, offer.name)


def names(text: str, name: str) -> bool:
    """Whether a text is a part of a name, in characters, in pinyin, or by its initials."""
    wanted = _key(text)
    if len(wanted) >= LEAST_OF_A_NAME and wanted in _key(name):
        return True
    return _is_pinyin(wanted) and _sounds_like(wanted, name)


_key = lru_cache(maxsize=16384)(search_key)
"""The same names are compared with every question."""


def _is_pinyin(text: str) -> bool:
    return len(text) > LEAST_OF_A_NAME and text.isascii() and text.isalpha()


def _sounds_like(letters: str, name: str) -> bool:
    heard = _heard(_key(name))
    return letters in heard.initials or any(part.startswith(letters) for part in heard.parts)


class _Heard(NamedTuple):
    parts: tuple[str, ...]
    """The name in pinyin from each of its syllables on."""
    initials: str


@lru_cache(maxsize=16384)
def _heard(name: str) -> _Heard:
    said = read(name)
    return _Heard(tuple("".join(said[at:]) for at in range(len(said))), first_letters(name))


class Found(NamedTuple):
    """What there is of one wish."""

    wish: Wish
    thing: str
    """As what the wish was understood; empty where it is a name, or nothing that is known."""
    sure: tuple[int, ...]
    """Which of the offers have it."""
    perhaps: tuple[int, ...]
    """Which may have it, where none surely has."""
    others: tuple[str, ...]
    """What else may have been meant."""


def find(wish: Wish, offers: Sequence[Offer]) -> Found:
    """Who of these has what is wished for. Where letters leave open what is meant, it is what there is."""
    named = [place for place, offer in enumerate(offers) if is_named(wish, offer)]
    if named and wish.how >= How.BEGUN:
        return Found(wish, "", tuple(named), (), wish.things)
    by_thing = {thing: _who(offers, partial(is_there, thing)) for thing in wish.things}
    there = [thing for thing, who in by_thing.items() if who]
    meant = there or list(wish.things[:1])
    sure = tuple(sorted({*named, *(place for thing in there for place in by_thing[thing])}))
    perhaps = () if sure else _perhaps(wish.things, offers)
    others = tuple(thing for thing in wish.things if thing not in meant)
    return Found(wish, meant[0] if meant else "", sure, perhaps, others)


def _who(offers: Sequence[Offer], holds: Callable[[Offer], bool]) -> tuple[int, ...]:
    return tuple(place for place, offer in enumerate(offers) if holds(offer))


def _perhaps(wanted: Iterable[str], offers: Sequence[Offer]) -> tuple[int, ...]:
    """Who has the nearest kind of it: for 金针菇 who has mushrooms, before who has vegetables."""
    kinds = (kind for thing in wanted for kind in around(thing))
    return next((who for kind in kinds if (who := _who(offers, partial(has_kind, kind)))), ())
