"""One row of a list as it was understood, and what is odd about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from market.vendors.rules import Category


class Odd(StrEnum):
    """What somebody must look at before a row counts."""

    HIDDEN = "hidden"
    """The row is hidden in the spreadsheet."""
    CALLED_OFF = "called_off"
    """It says that they do not come."""
    FORMULA = "formula"
    """A cell is a formula without a result."""
    DATE = "date"
    """The spreadsheet made a date of what was typed."""
    ROUNDED = "rounded"
    """The spreadsheet shortened the telephone number."""
    TWO_PHONES = "two_phones"
    BAD_PHONE = "bad_phone"
    CONTINUED = "continued"
    """Name and number are merged with the row above: more of the same vendor."""
    POWER_UNSAID = "power_unsaid"
    """Wants power and does not say how much."""


class Passed(StrEnum):
    """Why a line is nobody's."""

    HEADING = "heading"
    EXAMPLE = "example"
    EMPTY_NUMBER = "empty_number"
    CHAT = "chat"
    TOTAL = "total"


@dataclass(frozen=True)
class Entry:
    """A row; empty is what it does not say."""

    number: int
    text: str
    trading_name: str = ""
    holder: str = ""
    phone: str = ""
    """Its digits where they are a number, else what stands there."""
    tail: str = ""
    """The last four digits, where no more is told."""
    category: Category | None = None
    says_category: bool = False
    """Whether it names the category, which else is guessed from what is sold."""
    goods: str = ""
    power_w: int | None = None
    needs_water: bool = False
    open_flame: bool = False
    own_tent: bool = False
    plate: str = ""
    price_range: str = ""
    note: str = ""
    odd: tuple[Odd, ...] = ()
    counted: str = ""
    """Its number in the chain; what it is called by, where there is one."""

    @property
    def label(self) -> str:
        """The number by which people find the row."""
        return self.counted or str(self.number)


@dataclass(frozen=True)
class PassedLine:
    """A line that is nobody's, kept so that every line of a list is accounted for."""

    number: int
    text: str
    why: Passed


@dataclass
class Listed:
    """A whole list."""

    entries: list[Entry] = field(default_factory=list)
    passed: list[PassedLine] = field(default_factory=list)
