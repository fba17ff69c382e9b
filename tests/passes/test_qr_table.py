"""Codes from the table are the library's own, square by square."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings, strategies as st
from qrcode import util

from market.passes.address import pass_address
from market.passes.token import ALPHABET
from market.print import qr_table
from market.print.qr import qr_squares
from market.print.qr_table import ALPHANUMERIC, bits_needed, is_alphanumeric, squares_of, table, table_for

TEXTS = st.text(st.sampled_from(ALPHANUMERIC), min_size=1, max_size=300)


@pytest.fixture
def _no_tables() -> None:
    table.cache_clear()


@pytest.mark.parametrize("host", ["demo.cn", "market.example.org", "market.zibo-fund.gov.cn", "h" * 24])
def test_two_hundred_passes_are_bit_identical_to_the_library(host: str) -> None:
    chance = random.Random(host)
    addresses = [
        pass_address(f"https://{host}", "".join(chance.choices(ALPHABET, k=120))) for _time in range(50)
    ]
    found = [table_for(address) for address in addresses]
    assert None not in found
    assert [squares_of(address) for address in addresses] == [qr_squares(address) for address in addresses]


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_text_is_bit_identical_to_the_library(text: str) -> None:
    assert squares_of(text) == qr_squares(text)


@pytest.mark.parametrize("version", range(1, 10))
def test_a_symbol_filled_to_its_last_bit_is_bit_identical(version: int) -> None:
    made = table(version)
    assert made is not None
    full = next("A" * n for n in range(400, 0, -1) if bits_needed("A" * n) <= made.capacity)
    fitting = [full, full[:-1], full[:-2], full[:-3]]
    assert [made.squares(text) for text in fitting] == [qr_squares(text) for text in fitting]


@pytest.mark.parametrize("text", ["", "12345", "https://example.org", "周记", "A" * 500, "ab" * 40])
def test_what_the_table_does_not_do_is_left_to_the_library(text: str) -> None:
    assert table_for(text) is None
    assert squares_of(text) == qr_squares(text)


def test_digits_alone_have_a_mode_of_their_own() -> None:
    assert (is_alphanumeric("123"), is_alphanumeric("123A")) == (False, True)


@pytest.mark.usefixtures("_no_tables")
@pytest.mark.parametrize("lost", ["create_bytes", "BitBuffer"])
def test_a_library_that_answers_otherwise_is_asked_for_every_code(
    lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = getattr(util, lost)
    expected = qr_squares("HTTPS://EXAMPLE.ORG")
    monkeypatch.setattr(util, lost, None)
    found = table_for("HTTPS://EXAMPLE.ORG")
    monkeypatch.setattr(util, lost, kept)
    assert (found, squares_of("HTTPS://EXAMPLE.ORG")) == (None, expected)
    table.cache_clear()


@pytest.mark.usefixtures("_no_tables")
def test_a_table_that_is_wrong_in_one_square_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    original = qr_table._turned
    monkeypatch.setattr(qr_table, "_turned", lambda answer, places: original(answer, places) ^ 1 << 300)
    assert table(6) is None
    table.cache_clear()
