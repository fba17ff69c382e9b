"""The six characters a vendor reads out when the camera fails: five of data and one that catches slips.

The characters are Crockford's 32: no I, L, O or U. As numbers they are the elements of a field of 32, and
each place of a code has its own weight in that field; a code is right when its weighted sum is zero. A wrong
character adds `weight * (old - new)`, two swapped ones add `(weight - weight) * (one - other)`: in a field
neither can be zero, so every single slip and every swap of two places is caught.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from market.errors import Refusal
from market.typed_text import plain

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODES = 32**5
"""How many codes there are: `code_of` takes the numbers below it."""

_ALIKE = str.maketrans("OILU", "011V")
_SEPARATORS = str.maketrans("", "", " -_.·•‐‑‒–—−、,\t\r\n")
_LENGTH = 6
_REDUCE = 0b100101
"""x⁵ + x² + 1: makes the 32 polynomials below it a field."""


def code_of(number: int) -> str:
    """The code of a number below `CODES`, without its hyphen, as it is stored: `7K4M9E`.

    Take random numbers, so that a code heard at the gate does not reveal its neighbours.
    """
    if not 0 <= number < CODES:
        raise ValueError(f"no short code for {number}")
    data = [number >> shift & 31 for shift in (20, 15, 10, 5, 0)]
    return "".join(ALPHABET[value] for value in [*data, _weighted_sum(data)])


def format_code(code: str) -> str:
    """`7K4M9E` → `7K4M-9E`, as it is printed."""
    return f"{code[:4]}-{code[4:]}"


def parse_code(text: str) -> str:
    """The stored form of a code that someone typed; refuses (`gate.bad_code`) one that cannot be right."""
    code = plain(text).upper().translate(_SEPARATORS).translate(_ALIKE)
    values = [ALPHABET.find(character) for character in code]
    if len(values) != _LENGTH or -1 in values or _weighted_sum(values[:-1]) != values[-1]:
        raise Refusal("gate.bad_code", _("短码不对。请照着摊位证再念一遍，一共 6 位，比如 7K4M-9E。"), 422)
    return code


def _weighted_sum(values: list[int]) -> int:
    """The check value: Σ xⁱ · value over the field, the last data place weighing x, the first x⁵."""
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _REDUCE if doubled > 31 else doubled
