"""The one folding of what people type and paste: every field, list and search reads through it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters by their category, and yet nothing to see; the others are of the category Cf."""
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－⁃ー", "-"))
_DOTS = str.maketrans(dict.fromkeys("·•・‧∙⋅●･᛫⸱", "·"))
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def seen(text: str) -> str:
    """The text without what nobody sees: marks of direction, as phones copy them with a number, and zero
    widths."""
    if text.isascii():
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in _UNSEEN)


def one_line(text: str) -> str:
    """A line as it is kept: breaks and tabs are blanks; no control characters (PostgreSQL refuses NUL)."""
    return _printed(_BREAKS.sub(" ", text).replace("\t", " "))


def lines(text: str) -> str:
    """Several lines as they are kept."""
    return _printed(_BREAKS.sub("\n", text).replace("\t", " "))


def cells(text: str) -> str:
    """What was put into a field of numbers: breaks and tabs stay, for they tell one number from several."""
    known = _BREAKS.sub("\n", seen(text))
    return "".join(c for c in known if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def _printed(text: str) -> str:
    known = unicodedata.normalize("NFC", seen(text))
    return "".join(c for c in known if c == "\n" or unicodedata.category(c) != "Cc").strip()


def plain(text: str) -> str:
    """A number or a code to be read: narrow letters, one kind of dash and of dot, nothing around it."""
    narrow = unicodedata.normalize("NFKC", seen(text).translate(_DASHES))
    return narrow.translate(_DASHES).translate(_DOTS).strip()


def search_key(text: str) -> str:
    """What searches compare: as `plain`, whatever its case, its blanks, its dots and its selectors."""
    return " ".join(_SELECTORS.sub("", plain(text)).casefold().replace("·", "").split())


def matches(query: str, texts: Collection[str]) -> bool:
    """Whether every word of a search stands somewhere in the texts."""
    haystack = " ".join(map(search_key, texts))
    return all(word in haystack for word in search_key(query).split())


def phone_digits(text: str) -> str:
    """A telephone number as it is compared: `+86 138-0000-0012` and `138 0000 0012` are one; empty for what
    is none."""
    digits = re.sub(r"[\s\-()·.]", "", plain(text))
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    return digits if digits.isascii() and digits.isdigit() else ""


_PERSONAL = re.compile(
    r"(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}"
    r"|[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?!\d)"
)
"""A mobile number, also in groups as our own lists print it, or an identity number (told from a bank's by the
date of birth inside)."""


def masked_phone(phone: str) -> str:
    """138****1234: enough to recognise, too little to call."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def names_a_person(text: str) -> bool:
    """Whether there is a number of a person in a text: what is published, or kept for thirty years in a book
    that nobody can edit, must not hold one."""
    return _PERSONAL.search(plain(text)) is not None


def without_persons(text: str) -> str:
    """The text with such numbers left out."""
    return _PERSONAL.sub("…", plain(text)) if names_a_person(text) else text


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(
    r"\+?(?P<whole>[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})?"
    r"(?:\.(?P<part>[0-9]{0,9}))?"
)


def scaled(text: str, units: Mapping[str, int]) -> int | None:
    """A number with its unit in whole parts: `1.5千瓦` is 1500 when a 千瓦 has 1000; None for what is none.

    `units` says how many parts each unit has, and "" what a bare number has. Halves are rounded up.
    """
    figure, factor = _without_unit(plain(text).casefold(), units)
    match = _NUMBER.fullmatch(figure)
    if match is None or not (match["whole"] or match["part"]):
        return None
    whole, part = int((match["whole"] or "0").replace(",", "")), match["part"] or ""
    ten: int = 10 ** len(part)
    return whole * factor + (2 * int(part or "0") * factor + ten) // (2 * ten)


def whole_number(text: str, units: Collection[str] = ()) -> int | None:
    """A whole number, `1,200` or `20 件`; None for what is none."""
    figure, _factor = _without_unit(plain(text), dict.fromkeys(("", *units), 1))
    match = _NUMBER.fullmatch(figure)
    if match is None or match["whole"] is None or match["part"] is not None:
        return None
    return int(match["whole"].replace(",", ""))


def _without_unit(text: str, units: Mapping[str, int]) -> tuple[str, int]:
    """What stands before the unit, and how many parts that has; the longest unit is looked for first."""
    for unit in sorted(units, key=len, reverse=True):
        if text.endswith(unit):
            return text.removesuffix(unit).strip(), units[unit]
    return "", 0


# ── dates and hours ───────────────────────────────────────────────────────────────────────────────────────

_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_HOUR = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2})|[点时](?:(?P<said>[0-9]{1,2})分?|(?P<half>半))?)"
    r"|(?P<first>[0-9]{1,2})(?P<last>[0-9]{2})"
)


def plain_date(text: str) -> str:
    """`2026年11月5日`, `2026/11/5`, `２０２６－１１－０５` → `2026-11-05`; anything else as it is."""
    figure = plain(text)
    match = _DATE.fullmatch("".join(figure.split()))
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else figure


def hour_of(text: str) -> tuple[int, int] | None:
    """Hour and minute of `8:00`, `8：30`, `８点半`, `712`, `24:00`; None for what is no hour of a day."""
    match = _HOUR.fullmatch("".join(plain(text).split()))
    if match is None:
        return None
    hour = int(match["hour"] or match["first"])
    minute = 30 if match["half"] else int(match["minute"] or match["said"] or match["last"] or 0)
    return (hour, minute) if (hour < 24 and minute < 60) or (hour, minute) == (24, 0) else None
