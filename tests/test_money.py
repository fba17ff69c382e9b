"""Money: what people type, what they read, and that no fen is lost in between."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from market.errors import Refusal
from market.money import MAX_FEN, parse_yuan, percent_of, short_yuan, split, yuan

TYPED = {
    "0": 0,
    "900": 90_000,
    "900.5": 90_050,
    "900.50": 90_050,
    "0.01": 1,
    "007": 700,
    "1,160.5": 116_050,
    "1，160": 116_000,
    "１２３．４５": 12_345,
    "８８元": 8_800,
    "30 块": 3_000,
    "30块": 3_000,
    "30块钱": 3_000,
    "¥20": 2_000,
    "￥ 20.00": 2_000,
    "  15\t": 1_500,
    "1,000,000,000": MAX_FEN,
}

REFUSED = {
    "": "money.unreadable",
    "九百": "money.unreadable",
    "9,5": "money.unreadable",
    "9 5": "money.unreadable",
    "10 482.50": "money.unreadable",
    "880 540 770": "money.unreadable",
    "880\t540\t770": "money.unreadable",
    "880\r\n540\r\n770": "money.unreadable",
    "1,23,456": "money.unreadable",
    "1.234": "money.unreadable",
    ".5": "money.unreadable",
    "5.": "money.unreadable",
    "1e5": "money.unreadable",
    "0x10": "money.unreadable",
    "1_000": "money.unreadable",
    "NaN": "money.unreadable",
    "900。50": "money.unreadable",
    "100元50": "money.unreadable",
    "1\n2": "money.unreadable",
    "٣": "money.unreadable",
    "9" * 13: "money.unreadable",
    "-5": "money.negative",
    "−5": "money.negative",
    "－５": "money.negative",
    "¥-5": "money.negative",
    "1,000,000,000.01": "money.too_large",
    "999999999999": "money.too_large",
}


@pytest.mark.parametrize(("typed", "fen"), TYPED.items())
def test_what_people_type_is_read(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(("typed", "code"), REFUSED.items())
def test_what_could_be_read_in_two_ways_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_yuan(typed)
    assert refused.value.code == code
    assert refused.value.status == 422


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("880 540", "这里好像有几个数。一格只填一个数，比如 900 或 900.50。"),
        ("-5", "金额不能是负数。没卖就填 0。"),
        ("九百", "看不懂这个金额。请只填数字，比如 900 或 900.50。"),
        ("999999999999", "金额太大了，请看看是不是多打了几个 0。"),
    ],
)
def test_the_sentence_says_what_to_do(typed: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_yuan(typed)
    assert str(refused.value.sentence) == sentence


@given(st.integers(0, MAX_FEN))
def test_what_we_print_is_read_back_exactly(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen
    assert parse_yuan(f"¥{yuan(fen).replace(',', '')}元") == fen


@given(st.text(max_size=30))
def test_no_text_is_read_as_anything_but_an_amount_or_a_refusal(text: str) -> None:
    with suppress(Refusal):
        assert 0 <= parse_yuan(text) <= MAX_FEN


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "−0.05"), (1_048_250, "10,482.50"), (-123_456_789, "−1,234,567.89")],
)
def test_amounts_are_printed_with_two_decimals(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(("fen", "text"), [(50_000, "500"), (1_550, "15.50"), (0, "0"), (123_400, "1,234")])
def test_an_amount_as_one_says_it(fen: int, text: str) -> None:
    assert short_yuan(fen) == text


@pytest.mark.parametrize(
    ("fen", "basis_points", "share"),
    [
        (82_010, 500, 4_101),
        (10, 500, 1),
        (9, 500, 0),
        (4_999, 1, 0),
        (1, 5_000, 1),
        (90_000, 500, 4_500),
        (1, 10_000, 1),
    ],
)
def test_half_a_fen_goes_up(fen: int, basis_points: int, share: int) -> None:
    assert percent_of(fen, basis_points) == share


@given(st.integers(0, MAX_FEN), st.integers(0, 10_000))
def test_a_share_is_less_than_a_fen_from_the_exact_one(fen: int, basis_points: int) -> None:
    assert abs(percent_of(fen, basis_points) * 10_000 - fen * basis_points) <= 5_000


@given(st.integers(0, MAX_FEN), st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any))
def test_dividing_loses_nothing_and_nobody_is_a_fen_off(total: int, weights: list[int]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    assert all(abs(s * sum(weights) - total * w) < sum(weights) for s, w in zip(shares, weights, strict=True))
    assert all(s == 0 for s, w in zip(shares, weights, strict=True) if w == 0)


def test_earlier_shares_get_the_odd_fen() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(10, [3, 2, 2]) == [4, 3, 3]
    with pytest.raises(ValueError, match=r"^weights sum to zero$"):
        split(100, [0, 0])
