"""Numbers as people type them: telephones, number plates, credit codes."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from market.vendors.numbers import is_credit_code, normal_phone, normal_plate


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "13812345678"),
        (" 138 1234 5678 ", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("12812345678", None),
        ("1381234567", None),
        ("138123456789", None),
        ("0533-1234567", None),
        ("一三八", None),
        ("", None),
    ],
)
def test_a_mobile_number_as_people_type_it(typed: str, number: str | None) -> None:
    assert normal_phone(typed) == number


def test_a_telephone_at_home_is_enough_for_whom_staff_enter() -> None:
    assert normal_phone("0533-1234567", landline=True) == "05331234567"
    assert normal_phone("1234567", landline=True) is None


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("91350100M000100Y43", True),
        (" 91350100m000100y43 ", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100I000100Y43", False),
    ],
)
def test_the_check_character_of_a_credit_code(code: str, right: bool) -> None:
    assert is_credit_code(code) is right


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("鲁C12345", "鲁C12345"),
        ("鲁c·123 45", "鲁C12345"),
        (" 鲁Ｃ１２３４５ ", "鲁C12345"),
        ("鲁CD12345", "鲁CD12345"),  # electric
        ("京A1234警", "京A1234警"),
        ("粤Z1234港", "粤Z1234港"),
        ("鲁03-A1234", "鲁03A1234"),  # tractor
        ("淄博 A12345", "淄博A12345"),  # tricycle
        ("鲁C1234", None),
        ("鲁C123456789", None),
        ("鲁CIO345", None),
        ("C12345", None),
        ("没有牌照", None),
        ("三轮车", None),
        ("", None),
    ],
)
def test_a_plate_is_read_as_people_write_it(typed: str, plate: str | None) -> None:
    assert normal_plate(typed) == plate


@given(st.text(max_size=20))
def test_a_plate_that_was_read_is_read_the_same_again_and_fits(typed: str) -> None:
    plate = normal_plate(typed)
    assert plate is None or (normal_plate(plate), len(plate) <= 12) == (plate, True)


@given(st.from_regex(r"[鲁京粤][A-HJ-Z][0-9]{5}", fullmatch=True), st.sampled_from(["", " ", "·", "-", "．"]))
def test_dots_and_blanks_in_a_plate_do_not_matter(plate: str, between: str) -> None:
    assert normal_plate(f" {plate[:2]}{between}{plate[2:].lower()} ") == plate
