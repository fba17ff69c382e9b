"""A short code is forgiving about how it is typed and strict about what it says."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest
from hypothesis import given, strategies as st

from market.errors import Refusal
from market.stalls.short_code import ALPHABET, CODES, code_of, format_code, parse_code

NUMBERS = [0, 1, CODES - 1, *random.Random(7).sample(range(CODES), 20)]
CODES_AT_HAND = [code_of(number) for number in NUMBERS]


def is_refused(text: str) -> bool:
    """Whether `parse_code` says no."""
    try:
        parse_code(text)
    except Refusal:
        return True
    return False


@given(st.integers(0, CODES - 1))
def test_every_code_reads_back_as_printed(number: int) -> None:
    code = code_of(number)
    assert (len(code), parse_code(format_code(code))) == (6, code)


def test_different_numbers_have_different_codes() -> None:
    assert len({code_of(number) for number in range(0, CODES, 997)}) == len(range(0, CODES, 997))


@pytest.mark.parametrize("number", [-1, CODES])
def test_a_number_out_of_range_has_no_code(number: int) -> None:
    with pytest.raises(ValueError, match="no short code"):
        code_of(number)


def test_a_code_is_printed_four_and_two() -> None:
    assert format_code("7K4M9E") == "7K4M-9E"


@pytest.mark.parametrize("code", CODES_AT_HAND)
def test_every_single_wrong_character_is_refused(code: str) -> None:
    wrong = [
        code[:place] + character + code[place + 1 :]
        for place, character in product(range(6), ALPHABET)
        if character != code[place]
    ]
    assert len(wrong) == 6 * 31
    assert [text for text in wrong if not is_refused(text)] == []


def test_every_swap_of_any_two_places_is_refused() -> None:
    """Over every pair of places and every pair of characters in them."""
    slips = []
    for (first, second), a, b in product(combinations(range(6), 2), range(32), range(32)):
        if a != b:
            code = code_with({first: a, second: b})
            letters = list(code)
            letters[first], letters[second] = letters[second], letters[first]
            slips.append("".join(letters))
    assert len(slips) == 15 * 32 * 31
    assert [text for text in slips if not is_refused(text)] == []


def code_with(wanted: dict[int, int]) -> str:
    """A right code with these values at these places; place 5 is the check, met by trying a free place."""
    free = next(place for place in range(5) if place not in wanted)
    values = [wanted.get(place, 9) for place in range(5)]
    for trial in range(32):
        values[free] = trial
        number = sum(value << 5 * (4 - place) for place, value in enumerate(values))
        code = code_of(number)
        if wanted.get(5, ALPHABET.index(code[5])) == ALPHABET.index(code[5]):
            return code
    raise AssertionError(f"no code with {wanted}")


@pytest.mark.parametrize(
    "typed",
    ["{0}", "{0}-{1}", " {0} {1} ", "{0}—{1}", "{0}·{1}", "{0}-{1}\n", "{0} - {1}", "{0}、{1}"],
)
@pytest.mark.parametrize("code", CODES_AT_HAND)
def test_spaces_and_dashes_do_not_matter(code: str, typed: str) -> None:
    whole = typed.format(code[:4], code[4:]) if "{1}" in typed else typed.format(code)
    assert parse_code(whole) == code


@pytest.mark.parametrize("code", CODES_AT_HAND)
def test_lower_case_and_full_width_do_not_matter(code: str) -> None:
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in format_code(code))
    assert (parse_code(code.lower()), parse_code(full_width), parse_code(full_width.lower())) == (code,) * 3


def test_letters_mistaken_for_digits_are_read_as_digits() -> None:
    code = next(code for code in map(code_of, range(CODES)) if "0" in code and code.count("1") > 1)
    mistaken = code.replace("0", "O", 1).replace("1", "I", 1).replace("1", "l", 1)
    assert (mistaken != code, parse_code(mistaken)) == (True, code)


@pytest.mark.parametrize("text", ["", "7", "7K4M-9", "7K4M-9EE", "七K4M-9E", "7K4M/9E", "\U00020bb7" * 6])
def test_what_is_not_six_known_characters_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_code(text)
    assert (caught.value.code, caught.value.status) == ("gate.bad_code", 422)
