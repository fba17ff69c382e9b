"""A compulsory fee for a stall: another object with another payee than the gift, in no book of a fund. Pure.

Where a community charges one (管理费、摊位费), all pay the same, whatever they sell and give (慈善法 32).
The application neither collects nor books it; it says what it is, and to whom it is paid.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from market.vendors.rules import Category

MOST_FEN = 100_000
"""A fee above this for one market is a slip of the finger."""
ABOUT_GIVING = ("捐", "反哺", "善款", "基金", "donat", "gift", "charit")
"""No words for a fee: it would be a condition of giving, or a gift in disguise."""


@dataclass(frozen=True)
class Fee:
    """What is charged for a stall at one market, and who receives it."""

    amount_fen: int
    payee: str
    basis: str
    """Who decided so and when, or by which rule."""
    exempt: frozenset[Category] = frozenset()

    def of(self, category: Category) -> int:
        """What a vendor of a category pays. Nothing else is asked: neither takings nor gift."""
        return 0 if category in self.exempt else self.amount_fen


def fee_fault(fee: Fee, receivers_of_gifts: Collection[str]) -> str | None:
    """Code of what is wrong with a fee, None when nothing is. One of nothing says that none is charged."""
    if not 0 <= fee.amount_fen <= MOST_FEN:
        return "fee_range"
    if not fee.amount_fen:
        return None
    if not fee.payee or not fee.basis:
        return "fee_incomplete"
    if any(name and (name in fee.payee or fee.payee in name) for name in receivers_of_gifts):
        return "fee_to_charity"
    words = f"{fee.payee} {fee.basis}".lower()
    return "fee_for_giving" if any(word in words for word in ABOUT_GIVING) else None


def wrong_fees(charged: Sequence[int], fee: Fee | None) -> list[int]:
    """Which stored fees of a settlement are neither nothing nor what was charged."""
    right = {0, fee.amount_fen} if fee is not None else {0}
    return [fen for fen in charged if fen not in right]
