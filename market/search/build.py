"""Makes the tables of `readings.py`: run by a maintainer when pypinyin knows more, never where people use it.

    python -m market.search.build

pypinyin comes with the `test` extra; its licence stands beside the tables (`tables/pypinyin-LICENSE.txt`).
The result is the same each time: `tests/search/test_readings.py` makes it and compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from market.search.readings import CHARACTERS, OTHERWISE, WORDS


def characters() -> str:
    """A line for each syllable: it, and every character that is usually read so."""
    by_sound: dict[str, list[str]] = {}
    for number in sorted(PINYIN_DICT):
        by_sound.setdefault(_said(chr(number)), []).append(chr(number))
    return _lines(f"{said} {''.join(read_so)}" for said, read_so in sorted(by_sound.items()))


def words() -> str:
    """A line for each first character: how words go on after it."""
    by_first = groupby(sorted(PHRASES_DICT), lambda word: word[0])
    return _lines(f"{first} {' '.join(word[1:] for word in group)}" for first, group in by_first)


def otherwise() -> str:
    """A line for each word that is not read as its characters are: it, and its syllables."""
    read = ((word, _said(word)) for word in sorted(PHRASES_DICT))
    return _lines(f"{word} {said}" for word, said in read if said != " ".join(map(_said, word)))


def _said(text: str) -> str:
    return " ".join(lazy_pinyin(text))


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


TABLES = {CHARACTERS: characters, WORDS: words, OTHERWISE: otherwise}

if __name__ == "__main__":
    for file, made in TABLES.items():
        file.write_text(made(), encoding="utf-8")
