"""How a text sounds: its pinyin, its initials, what sounds nearly so, and what is one slip away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from market.search import readings

LETTERS_OF_A_SLIP = 4
"""From how many letters on a slip is forgiven: with one wrong letter of three anything is anything."""

_NEAR = (
    (re.compile("([zcs])h"), r"\1"),
    (re.compile("ng"), "n"),
    (re.compile("v"), "u"),
    (re.compile("[nr](?=[aeiou])"), "l"),
)
"""What many people say and type alike: zh/z, ang/an, lü/lu, n/l, and in Zibo r/l (人 is `len`)."""


def syllables(text: str) -> list[str]:
    """The syllables of a text; a character nobody can read stands for itself (𠮷)."""
    return [part.strip().lower() for part in readings.syllables(text) if part.strip()]


@lru_cache(maxsize=8192)
def read(text: str) -> tuple[str, ...]:
    """The same, one by one for what stands there in other letters, and kept."""
    return tuple(part for said in syllables(text) for part in said.split())


def spoken(text: str) -> str:
    """A text in pinyin, in one piece: 理发 is `lifa`."""
    return "".join(read(text))


def initials(key: str) -> str:
    """`lao zhang dou jiang fang` → `lzdjf`."""
    return "".join(part[0] for part in key.split())


def first_letters(text: str) -> str:
    """The initials of a text: 理发 is `lf`."""
    return initials(" ".join(read(text)))


def near(letters: str) -> str:
    """Pinyin as it is compared where sounds are confused: `nifa` and `lifa` are one."""
    for pattern, instead in _NEAR:
        letters = pattern.sub(instead, letters)
    return letters


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too many, or swapped with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = _shared(one, other)
    end = min(_shared(one[::-1], other[::-1]), min(len(one), len(other)) - start)
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == len(right) == 2 and left == right[::-1])


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    same = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        same += 1
    return same


def without_one(text: str) -> Iterator[str]:
    """The text, and it without each of its letters: two texts one slip apart have one of these in common."""
    yield text
    yield from (text[:at] + text[at + 1 :] for at in range(len(text)))


class Slips:
    """Finds what is one slip away among many texts without comparing each."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_part: dict[str, set[str]] = {}
        for text in texts:
            if len(text) >= LETTERS_OF_A_SLIP:
                for part in without_one(text):
                    self._by_part.setdefault(part, set()).add(text)

    def near(self, asked: str) -> list[str]:
        """The texts that are one slip away from what was typed."""
        if len(asked) < LETTERS_OF_A_SLIP:
            return []
        known = {text for part in without_one(asked) for text in self._by_part.get(part, ())}
        return sorted(text for text in known if is_one_slip(asked, text))
