"""The table of words: large enough, and nothing in it leads nowhere."""

from __future__ import annotations

import pytest

from market.search.words import around, by_initials, by_sound, by_word, of_category, things
from market.vendors.rules import Category


def test_there_are_several_hundred_things_and_many_more_words() -> None:
    assert len(things()) >= 350
    assert len(by_word()) >= 1_500


def test_every_kind_and_every_mender_is_a_thing_itself() -> None:
    named = {name for thing in things().values() for name in (thing.within, thing.mended) if name}
    assert named - set(things()) == set()


def test_no_thing_is_a_kind_of_itself() -> None:
    assert [thing for thing in things() if thing in around(thing)] == []
    assert around("香菇") == ["蘑菇", "蔬菜"]


def test_categories_are_those_of_vendors() -> None:
    named = {thing.category for thing in things().values()} - {""}
    assert named <= {category.value for category in Category}
    assert of_category("haircut") == {"理发"}


@pytest.mark.parametrize(
    ("word", "thing"),
    [
        ("剪头", "理发"), ("洋柿子", "西红柿"), ("地蛋", "土豆"), ("长果", "花生"), ("戗菜刀", "磨刀"),
        ("剪頭髮", "理发"), ("haircut", "理发"),
    ],
)  # fmt: skip
def test_a_nickname_is_the_thing(word: str, thing: str) -> None:
    assert by_word()[word] == (thing,)


def test_things_are_found_by_how_they_sound() -> None:
    assert by_sound()["jiantou"] == ("理发",)
    assert "理发" in by_initials()["lf"]
