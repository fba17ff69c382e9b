"""Statutory holidays, make-up workdays (调休上班日) and festivals of the old calendar.

Days off and make-up workdays of a year are announced by the State Council in the autumn before. `ARRANGED`
holds what was announced (国办发明电〔2023〕7 号、〔2024〕12 号、〔2025〕7 号), and nothing of later years.
What the law itself fixes (全国年节及纪念日放假办法) holds without them, and the moon needs no announcement:
`FESTIVALS` reaches to 2040, reckoned with two programs that agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Festival(StrEnum):
    """Days that people have a name for."""

    NEW_YEAR = "new_year"
    LABA = "laba"
    SPRING_EVE = "spring_eve"
    SPRING = "spring"
    LANTERN = "lantern"
    QINGMING = "qingming"
    LABOUR = "labour"
    DRAGON_BOAT = "dragon_boat"
    QIXI = "qixi"
    MID_AUTUMN = "mid_autumn"
    DOUBLE_NINTH = "double_ninth"
    NATIONAL = "national"


F = Festival


class MarkKind(StrEnum):
    """What about a date somebody who plans a market should know."""

    DAY_OFF = "day_off"
    """People are free, and many are away."""
    WORKDAY = "workday"
    """A weekend on which people work."""
    FESTIVAL = "festival"


@dataclass(frozen=True)
class Mark:
    """One thing to know about a date."""

    kind: MarkKind
    festival: Festival | None = None


@dataclass(frozen=True)
class Year:
    """What was announced for a year: first and last day off of each festival, and the weekends worked."""

    off: tuple[tuple[Festival, str, str], ...]
    work: str


ARRANGED: dict[int, Year] = {
    2024: Year(
        (
            (F.NEW_YEAR, "01-01", "01-01"), (F.SPRING, "02-10", "02-17"), (F.QINGMING, "04-04", "04-06"),
            (F.LABOUR, "05-01", "05-05"), (F.DRAGON_BOAT, "06-10", "06-10"), (F.MID_AUTUMN, "09-15", "09-17"),
            (F.NATIONAL, "10-01", "10-07"),
        ),
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: Year(
        (
            (F.NEW_YEAR, "01-01", "01-01"), (F.SPRING, "01-28", "02-04"), (F.QINGMING, "04-04", "04-06"),
            (F.LABOUR, "05-01", "05-05"), (F.DRAGON_BOAT, "05-31", "06-02"), (F.NATIONAL, "10-01", "10-08"),
        ),
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: Year(
        (
            (F.NEW_YEAR, "01-01", "01-03"), (F.SPRING, "02-15", "02-23"), (F.QINGMING, "04-04", "04-06"),
            (F.LABOUR, "05-01", "05-05"), (F.DRAGON_BOAT, "06-19", "06-21"), (F.MID_AUTUMN, "09-25", "09-27"),
            (F.NATIONAL, "10-01", "10-07"),
        ),
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}  # fmt: skip

MOVING = (F.LABA, F.SPRING, F.LANTERN, F.QINGMING, F.DRAGON_BOAT, F.QIXI, F.MID_AUTUMN, F.DOUBLE_NINTH)
FESTIVALS: dict[int, str] = {
    2024: "01-18 02-10 02-24 04-04 06-10 08-10 09-17 10-11",
    2025: "01-07 01-29 02-12 04-04 05-31 08-29 10-06 10-29",
    2026: "01-26 02-17 03-03 04-05 06-19 08-19 09-25 10-18",
    2027: "01-15 02-06 02-20 04-05 06-09 08-08 09-15 10-08",
    2028: "01-04 01-26 02-09 04-04 05-28 08-26 10-03 10-26",
    2029: "01-22 02-13 02-27 04-04 06-16 08-16 09-22 10-16",
    2030: "01-11 02-03 02-17 04-05 06-05 08-05 09-12 10-05",
    2031: "01-01 01-23 02-06 04-05 06-24 08-24 10-01 10-24",
    2032: "01-20 02-11 02-25 04-04 06-12 08-12 09-19 10-12",
    2033: "01-08 01-31 02-14 04-04 06-01 08-01 09-08 10-01",
    2034: "01-27 02-19 03-05 04-05 06-20 08-20 09-27 10-20",
    2035: "01-16 02-08 02-22 04-05 06-10 08-10 09-16 10-09",
    2036: "01-05 01-28 02-11 04-04 05-30 08-28 10-04 10-27",
    2037: "01-23 02-15 03-01 04-04 06-18 08-17 09-24 10-17",
    2038: "01-12 02-04 02-18 04-05 06-07 08-07 09-13 10-07",
    2039: "01-02 01-24 02-07 04-05 05-27 08-26 10-02 10-26",
    2040: "01-21 02-12 02-26 04-04 06-14 08-14 09-20 10-14",
}
"""Month and day of each of `MOVING`, in that order."""

FIXED = ((F.NEW_YEAR, 1, 1), (F.LABOUR, 5, 1), (F.NATIONAL, 10, 1))
BY_LAW = {
    F.NEW_YEAR: 1, F.SPRING_EVE: 1, F.SPRING: 3, F.QINGMING: 1, F.LABOUR: 2, F.DRAGON_BOAT: 1,
    F.MID_AUTUMN: 1, F.NATIONAL: 3,
}  # fmt: skip
"""How many days from its first on are free whatever is announced."""


def is_announced(year: int) -> bool:
    """Whether days off and make-up workdays of a year are known."""
    return year in ARRANGED


def marks(on: date) -> list[Mark]:
    """What is to know about a date, the heaviest first; nothing for an ordinary day."""
    named = _festivals(on.year).get(on)
    off = _day_off(on)
    found = [Mark(MarkKind.DAY_OFF, off)] if off is not None else []
    if is_announced(on.year) and f"{on:%m-%d}" in ARRANGED[on.year].work.split():
        found.append(Mark(MarkKind.WORKDAY))
    if named is not None and named is not off:
        found.append(Mark(MarkKind.FESTIVAL, named))
    return found


def _day_off(on: date) -> Festival | None:
    if is_announced(on.year):
        periods = ((f, _in(on.year, first), _in(on.year, last)) for f, first, last in ARRANGED[on.year].off)
    else:
        starts = _festivals(on.year).items()
        periods = ((f, day, day + timedelta(BY_LAW[f] - 1)) for day, f in starts if f in BY_LAW)
    return next((festival for festival, first, last in periods if first <= on <= last), None)


def _festivals(year: int) -> dict[date, Festival]:
    """The named days of a year; those of the moon as far as the table reaches."""
    found = {date(year, month, day): festival for festival, month, day in FIXED}
    for festival, text in zip(MOVING, FESTIVALS.get(year, "").split(), strict=False):
        found[_in(year, text)] = festival
        if festival is F.SPRING:
            found[_in(year, text) - timedelta(1)] = F.SPRING_EVE
    return found


def _in(year: int, month_and_day: str) -> date:
    return date.fromisoformat(f"{year}-{month_and_day}")
