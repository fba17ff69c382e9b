"""When lines make a valid entry, what its texts may say, and what the accounts hold afterwards."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from market.ledger.chart import (
    CHART as CHART,
    IN_KIND as IN_KIND,
    Account as Account,
    Code as Code,
    Kind as Kind,
)
from market.typed_text import names_a_person

MAX_LINE_FEN = 10**12
MAX_TEXT = 200
MAX_SOURCE = 120
MAX_DIMENSION = 60


class EntryKind(StrEnum):
    """What an entry records; the public page and the exports show its word."""

    CONTRIBUTION = "contribution"
    REMITTANCE = "remittance"
    GOODS = "goods"
    SPENDING = "spending"
    REFUND = "refund"
    UNSPENT = "unspent"
    """What was paid out and not needed comes back."""
    SUPPORT = "support"
    """What a partner or a workshop gives under its agreement."""
    GIFT = "gift"
    INTEREST = "interest"
    MATCHING = "matching"
    FEE = "fee"
    """What the charity keeps for managing the fund."""
    RECLASSIFICATION = "reclassification"
    REVERSAL = "reversal"


class Line(NamedTuple):
    """One side of an entry: debit positive, credit negative. The dimension is a category or a project."""

    account: str
    amount_fen: int
    dimension: str | None = None


def debit(account: str, amount_fen: int, dimension: str | None = None) -> Line:
    """The line that takes a positive amount to the left side of an account."""
    return Line(account, amount_fen, dimension)


def credit(account: str, amount_fen: int, dimension: str | None = None) -> Line:
    """The line that takes a positive amount to the right side of an account."""
    return Line(account, -amount_fen, dimension)


def mirror(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that undo these: same accounts, same order, opposite sign."""
    return tuple(Line(line.account, -line.amount_fen, line.dimension) for line in lines)


class LineFault(StrEnum):
    """Why lines are no entry."""

    TOO_FEW = "too_few_lines"
    UNKNOWN_ACCOUNT = "unknown_account"
    ZERO = "zero_line"
    TOO_LARGE = "line_too_large"
    UNBALANCED = "unbalanced"


def check_lines(lines: Sequence[Line]) -> LineFault | None:
    """The first thing wrong with the lines of an entry, None when they balance."""
    if len(lines) < 2:
        return LineFault.TOO_FEW
    for line in lines:
        if (fault := check_line(line)) is not None:
            return fault
    return LineFault.UNBALANCED if sum([line.amount_fen for line in lines]) else None


def check_line(line: Line) -> LineFault | None:
    """What is wrong with one line by itself."""
    if line.account not in CHART:
        return LineFault.UNKNOWN_ACCOUNT
    if line.amount_fen == 0:
        return LineFault.ZERO
    return LineFault.TOO_LARGE if abs(line.amount_fen) > MAX_LINE_FEN else None


class TextFault(StrEnum):
    """Why a text cannot be written into a book that is kept for thirty years."""

    EMPTY = "text_empty"
    TOO_LONG = "text_too_long"
    UNPRINTABLE = "text_unprintable"
    PERSONAL = "personal_data"


def check_text(text: str, limit: int = MAX_TEXT) -> TextFault | None:
    """What is wrong with a memo, a reason or a dimension."""
    if not text.strip():
        return TextFault.EMPTY
    if len(text) > limit:
        return TextFault.TOO_LONG
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        return TextFault.UNPRINTABLE
    return TextFault.PERSONAL if names_a_person(text) else None


class Moved(NamedTuple):
    """What an account of a community's book moved in some months, and what it holds at the end of them."""

    community_id: int
    kind: str
    """What the entries are, or what those are that they undo."""
    account: str
    fen: int
    held_fen: int


Balances = dict[str, int]


def balances(lines: Iterable[Line]) -> Balances:
    """The sum of every account that was touched, debit positive, in the order of the chart."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.account] += line.amount_fen
    return {code: sums[code] for code in sorted(sums)}


def natural(code: str, amount_fen: int) -> int:
    """An amount as people read it: income, liabilities and net assets grow when credited."""
    return amount_fen if CHART[code].kind in {Kind.ASSET, Kind.EXPENSE} else -amount_fen


def overdraws(sums: Mapping[str, int], lines: Iterable[Line]) -> bool:
    """Whether the lines would spend money that the charity does not hold for this fund."""
    change = sum([line.amount_fen for line in lines if line.account == Code.AT_CHARITY])
    return change < 0 and sums.get(Code.AT_CHARITY, 0) + change < 0
