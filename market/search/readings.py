"""How Chinese characters are read, in pinyin without tones.

Three tables, made by `build.py` from the dictionaries of pypinyin: how a character is usually read
(`characters.txt`), which words there are (`words.txt`), and those in which one is read otherwise
(`otherwise.txt`: 重庆 is chong qing). The library itself would keep 55 MB in every process.
`tests/search/test_readings.py` compares every word with it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("tables")
CHARACTERS, WORDS, OTHERWISE = FILES = (
    FOLDER / "characters.txt", FOLDER / "words.txt", FOLDER / "otherwise.txt",
)  # fmt: skip

LONGEST = 10
"""Characters of the longest word."""

_CHINESE = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue815-\ue864\uf900-\ufaff\U00020000-\U000323af]"
_ROWS = re.compile(f"({_CHINESE}+)")


def syllables(text: str) -> list[str]:
    """One for each Chinese character, itself where nobody can read it; all else in one piece."""
    said: list[str] = []
    for place, row in enumerate(_ROWS.split(text)):
        said += _of_row(row) if place % 2 else [row] * bool(row)
    return said


def _of_row(row: str) -> Iterator[str]:
    """Word by word, always the longest that there is."""
    while row:
        word = _first_word(row)
        yield from _of_word(word)
        row = row[len(word) :]


def _first_word(row: str) -> str:
    after = _words().get(row[0], "")
    longest = min(LONGEST, len(row))
    lengths = (length for length in range(longest, 1, -1) if f" {row[1:length]} " in after)
    return row[: next(lengths, 1)]


def _of_word(word: str) -> list[str]:
    otherwise = _otherwise().get(word)
    return otherwise.split() if otherwise else [_of_character(character) for character in word]


def _of_character(character: str) -> str:
    numbers, said = _characters()
    at = ord(character)
    return said[numbers[at]] or character if at < len(numbers) else character


@cache
def _characters() -> tuple[array[int], list[str]]:
    """The number of a syllable at the place of each character, which takes a tenth of a dict; the syllables,
    of which the first says nothing."""
    lines = [line.split() for line in CHARACTERS.read_text(encoding="utf-8").splitlines()]
    numbers = array("H", bytes(2 + 2 * max(ord(max(characters)) for _said, characters in lines)))
    for number, (_said, characters) in enumerate(lines, start=1):
        for character in characters:
            numbers[ord(character)] = number
    return numbers, ["", *(said for said, _characters in lines)]


@cache
def _words() -> dict[str, str]:
    """How words go on after their first character, with blanks around each."""
    return {line[0]: f"{line[1:]} " for line in WORDS.read_text(encoding="utf-8").splitlines()}


@cache
def _otherwise() -> dict[str, str]:
    lines = OTHERWISE.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)
