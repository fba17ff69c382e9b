"""The words by which neighbours ask: `words.csv`, one thing a line, with what else it is called."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from market.search.sounds import Slips, first_letters, near, spoken
from market.typed_text import search_key

FILE = Path(__file__).with_name("words.csv")


class Thing(NamedTuple):
    """Something that is sold or done at a stall."""

    word: str
    """What it is called in an answer."""
    within: str
    """The thing that it is a kind of; empty for none."""
    category: str
    """The category of vendors of whom nothing else is known but that they have this."""
    mended: str
    """What is done to it when it is broken: a knife is sharpened; empty for nothing."""
    alike: bool
    """Whether who has several of this kind may well have another of it: vegetables, but not snacks."""
    said: tuple[str, ...]
    """Every word for it, its own first."""


@cache
def things() -> dict[str, Thing]:
    """All of them, by their word, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["word"]: _thing(row) for row in csv.DictReader(file)}


def _thing(row: dict[str, str]) -> Thing:
    said = (row["word"], *row["said"].split())
    alike = row["alike"] == "yes"
    return Thing(
        row["word"], row["within"], row["category"], row["mended"], alike, tuple(map(search_key, said))
    )


@cache
def by_word() -> dict[str, tuple[str, ...]]:
    """Which things are called so."""
    return _index({word: word for thing in things().values() for word in thing.said})


def _index(keys: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The things of each key, given the words and by what key each of them is found."""
    found: dict[str, list[str]] = {}
    for thing in things().values():
        for word in thing.said:
            of_key = found.setdefault(keys[word], []) if word in keys else []
            if thing.word not in of_key:
                of_key.append(thing.word)
    return {key: tuple(of_key) for key, of_key in found.items()}


def _chinese() -> list[str]:
    return [word for word in (w for thing in things().values() for w in thing.said) if not word.isascii()]


@cache
def by_sound() -> dict[str, tuple[str, ...]]:
    """Which things sound so: `lifa` and `jiantou`."""
    return _index({word: spoken(word) for word in _chinese()})


@cache
def by_near_sound() -> dict[str, tuple[str, ...]]:
    """The same where sounds are confused."""
    return _index({word: near(spoken(word)) for word in _chinese()})


@cache
def by_initials() -> dict[str, tuple[str, ...]]:
    """Which things have these initials. Only a thing's own word: with all that people say, two letters would
    be anything."""
    own = [thing.said[0] for thing in things().values()]
    return _index({word: first_letters(word) for word in own})


@cache
def slips_of_sounds() -> Slips:
    """What is one slip away from the pinyin of some word, or from an English one."""
    return Slips({*by_sound(), *(word for word in by_word() if word.isascii())})


@cache
def slips_of_words() -> Slips:
    """What is one slip away from some word of four characters or more."""
    return Slips(by_word())


@cache
def longest() -> int:
    """How many characters the longest word has."""
    return max(map(len, by_word()))


def around(thing: str) -> list[str]:
    """What a thing is a kind of, the nearest first: 香菇 is a 蘑菇, which is a 蔬菜."""
    found = []
    while thing := things()[thing].within:
        found.append(thing)
    return found


def of_category(category: str) -> frozenset[str]:
    """What a vendor has of whom only the category is known."""
    return frozenset(thing.word for thing in things().values() if category and thing.category == category)
