"""Finding in a list of names by other words and by pinyin: 剪头发 and `lifa` find 理发.

Strict, for lists in which somebody looks for one of many; what residents ask is read by `market.search`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from market.search.sounds import initials, read
from market.search.words import by_sound, by_word, things
from market.typed_text import matches, search_key


def finds(query: str, texts: Iterable[str]) -> bool:
    """Whether every word of a search stands in the texts, as it is, by another word, or in pinyin."""
    known = list(texts)
    return all(_finds_word(word, known) for word in search_key(query).split())


def _finds_word(word: str, texts: list[str]) -> bool:
    if any(matches(other, texts) for other in other_words(word)):
        return True
    return is_pinyin(word) and any(sounds_like(word, text) for text in texts)


def other_words(word: str) -> list[str]:
    """The word itself, and what else people say for it."""
    same = (other for thing in _meant(word) for other in things()[thing].said)
    return list(dict.fromkeys([word, *same]))


def _meant(word: str) -> tuple[str, ...]:
    """The things that are called so; else those of which a word begins so, or is written so in pinyin."""
    if word in by_word():
        return by_word()[word]
    if is_pinyin(word):
        return by_sound().get(word, ())
    begun = (thing for known, of in by_word().items() if known.startswith(word) for thing in of)
    return tuple(dict.fromkeys(begun)) if len(word) >= 2 else ()


def is_pinyin(word: str) -> bool:
    return len(word) >= 2 and word.isascii() and word.isalpha()


def sounds_like(word: str, text: str) -> bool:
    """Whether some syllables of a text are written so in pinyin, whole (`lifa`) or as initials (`lf`)."""
    return begins_in(word, read(text))


def begins_in(word: str, parts: Sequence[str]) -> bool:
    """The same of a text whose syllables are known."""
    begun = any("".join(parts[at:]).startswith(word) for at in range(len(parts)))
    return begun or word in initials(" ".join(parts))
