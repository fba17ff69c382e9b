"""Division codes and what they lie in; names in addresses."""

from __future__ import annotations

import pytest

from market.communities.rules import is_division_code, is_slug, parent_codes


@pytest.mark.parametrize(
    "code, parents",
    [
        ("370303001000", ["370303000000", "370300000000"]),
        ("370303000000", ["370300000000"]),
        ("370300000000", []),
    ],
)
def test_a_code_says_what_it_lies_in(code: str, parents: list[str]) -> None:
    assert parent_codes(code) == parents


@pytest.mark.parametrize(
    "text, good", [("370303001000", True), ("37030300100", False), ("37030300100x", False)]
)
def test_division_codes(text: str, good: bool) -> None:
    assert is_division_code(text) is good


@pytest.mark.parametrize(
    "text, good",
    [("huaiyin", True), ("a", True), ("huai-yin-2", True), ("-a", False), ("a-", False), ("Huaiyin", False),
     ("槐荫", False), ("platform", False), ("a" * 41, False)],
)  # fmt: skip
def test_names_in_addresses(text: str, good: bool) -> None:
    assert is_slug(text) is good
