"""Numbers as people type them: telephones, number plates, credit codes."""

from __future__ import annotations

import re

from market.typed_text import phone_digits, plain

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")


def normal_phone(text: str, *, landline: bool = False) -> str | None:
    """The digits of a mainland mobile number as people type it (`+86 138-0000-1234`); None for others.

    `landline` also lets through a number with its area code: for people whom staff enter.
    """
    digits = phone_digits(text)
    if _MOBILE.fullmatch(digits) or (landline and _LANDLINE.fullmatch(digits)):
        return digits
    return None


_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼](?:[A-HJ-Z]|\d{2})"
    r"(?:[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[A-HJ-NP-Z0-9]{6})"
)
"""Cars and vans by their city, tractors by its number."""
_CYCLE_PLATE = re.compile(r"[\u4e00-\u9fff]{2,3}[A-Z0-9]{5,8}")
"""Electric tricycles: the name of the city and its number."""


def normal_plate(text: str) -> str | None:
    """A number plate without dots and blanks (`鲁c·123 45` → `鲁C12345`); None for what is none."""
    plate = re.sub(r"[\s·.\-]", "", plain(text)).upper()
    return plate if _PLATE.fullmatch(plate) or _CYCLE_PLATE.fullmatch(plate) else None


CREDIT_CODE = 18
"""Letters of a unified social credit code."""

_CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_credit_code(text: str) -> bool:
    """Whether the check character of a unified social credit code is right (GB 32100)."""
    code = plain(text).upper()
    if len(code) != CREDIT_CODE or any(letter not in _CODE_LETTERS for letter in code):
        return False
    total = sum(_CODE_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return _CODE_LETTERS[(31 - total % 31) % 31] == code[17]
