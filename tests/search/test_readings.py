"""Tables of readings: they are what pypinyin says, for every character and every word that it knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from market.search import readings
from market.search.build import TABLES

ALONE = "㐀"
"""In no word. The library reads the last characters one by one when a longer word could begin with them
(没日没 of 没日没夜); before this one it does not."""

ALL = frozenset(map(chr, range(0x3_23B0)))
"""Every character before the end of the Chinese ones."""

READ = frozenset(map(chr, PINYIN_DICT))
"""Those that the library can read."""


def as_the_library_says(text: str) -> list[str]:
    return lazy_pinyin(text + ALONE)[:-1]


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.name)
def test_the_tables_are_those_that_are_made(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == TABLES[file](), "python -m market.search.build"


@pytest.mark.parametrize("texts", [READ, PHRASES_DICT], ids=["character", "word"])
def test_everything_is_read_as_the_library_reads_it(texts: Iterable[str]) -> None:
    text = ", ".join(sorted(texts))
    assert readings.syllables(text) == lazy_pinyin(text)


def test_what_nobody_can_read_is_itself() -> None:
    unread = sorted(ALL - READ)
    assert [c for c in unread if readings.syllables(c) != [c]] == []


def test_the_longest_word_is_looked_for() -> None:
    assert max(map(len, PHRASES_DICT)) == readings.LONGEST


PARTS = st.sampled_from(sorted(PHRASES_DICT)) | st.sampled_from(sorted(READ))


@given(st.lists(PARTS, max_size=5).map("".join))
def test_words_that_touch_are_told_apart_as_the_library_does(text: str) -> None:
    assert readings.syllables(text) == as_the_library_says(text)


def test_a_word_is_read_otherwise_than_its_characters() -> None:
    assert readings.syllables("重庆A1的重") == ["chong", "qing", "A1", "de", "zhong"]
    assert readings.syllables("") == []
