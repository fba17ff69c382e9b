"""How texts sound, and what is one slip away."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from market.search.sounds import Slips, first_letters, is_one_slip, near, spoken


def test_a_text_is_read_in_pinyin_and_by_its_initials() -> None:
    assert (spoken("理发"), first_letters("理发")) == ("lifa", "lf")
    assert spoken("𠮷祥") == "𠮷xiang"


@pytest.mark.parametrize(
    ("one", "other"),
    [("nifa", "lifa"), ("lizi", "lizhi"), ("shan", "san"), ("bang", "ban"), ("lv", "lu"), ("ren", "len")],
)
def test_sounds_that_are_confused_are_one(one: str, other: str) -> None:
    assert near(one) == near(other)


def test_sounds_that_are_told_apart_stay_two() -> None:
    assert near("modao") != near("doufu")


@pytest.mark.parametrize(
    ("typed", "meant", "is_slip"),
    [
        ("lofa", "lifa", True),  # wrong
        ("lia", "lifa", True),  # missing
        ("lifaa", "lifa", True),  # too many
        ("lfia", "lifa", True),  # swapped
        ("lifa", "lifa", False),
        ("ifla", "lifa", False),
        ("modao", "lifa", False),
    ],
)
def test_one_slip_is_one_letter(typed: str, meant: str, is_slip: bool) -> None:
    assert is_one_slip(typed, meant) is is_slip
    assert is_one_slip(meant, typed) is is_slip


@given(st.text("abc", min_size=4, max_size=7), st.text("abc", min_size=4, max_size=7))
def test_slips_are_found_without_comparing_each(one: str, other: str) -> None:
    assert (Slips([other]).near(one) == [other]) is is_one_slip(one, other)


def test_three_letters_are_too_few_for_a_slip() -> None:
    assert Slips(["lifa", "dan"]).near("dai") == []
