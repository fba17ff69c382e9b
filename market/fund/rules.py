"""How the committee decides, and what money may be used for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.communities.profile import CommitteeRule
from market.ledger.rules import CHART, Code, Kind


class UseType(StrEnum):
    """What fund money is used for; the value is the ledger account."""

    ACTIVITIES = "5101"
    REPAIRS = "5102"
    VISITS = "5103"
    SERVICES = "5104"


class Choice(StrEnum):
    YES = "yes"
    NO = "no"
    RECUSE = "recuse"
    """The member is related to the matter and takes no part (慈善法 14)."""


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


def same_name(one: str, other: str) -> bool:
    """Whether two names are written for the same person, whatever the spaces and the width of the letters."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def committee_fault(members: int, supervisors: int, rule: CommitteeRule) -> str | None:
    """Why a committee like this may not decide here, None when it may."""
    if members < rule.least:
        return "too_small"
    if rule.odd and members % 2 == 0:
        return "even"
    return "unsupervised" if rule.supervisor and supervisors == 0 else None


def decide(members: int, choices: Sequence[Choice]) -> ProposalState:
    """The state after these votes.

    Those who recuse themselves leave the base; more than half of the rest must agree. It is decided once
    the votes still missing cannot change it.
    """
    base = members - sum(choice is Choice.RECUSE for choice in choices)
    if sum(choice is Choice.YES for choice in choices) * 2 > base:
        return ProposalState.APPROVED
    if base == 0 or sum(choice is Choice.NO for choice in choices) * 2 >= base:
        return ProposalState.REJECTED
    return ProposalState.PROPOSED


@dataclass(frozen=True)
class Figures:
    """What moved in a period, and what the charity holds at its end, in fen."""

    income_fen: int
    spent_fen: int
    balance_fen: int


def figures(moved: Mapping[str, int], at_end: Mapping[str, int]) -> Figures:
    """The figures of a period, from what its accounts moved and what they hold at its end."""
    return Figures(
        income_fen=-sum(fen for code, fen in moved.items() if CHART[code].kind is Kind.INCOME),
        spent_fen=sum(fen for code, fen in moved.items() if CHART[code].kind is Kind.EXPENSE),
        balance_fen=at_end.get(Code.AT_CHARITY, 0),
    )


class Unclear(StrEnum):
    """What has to be explained before a quarter is closed."""

    INCOME = "income"
    SPENT = "spent"
    BALANCE = "balance"
    IN_TRANSIT = "in_transit"
    OWED = "owed"


def unclear(ours: Figures, theirs: Figures, at_end: Mapping[str, int]) -> list[tuple[Unclear, int]]:
    """What does not agree with the charity's statement, and what is under way at the end, with how much."""
    on_its_way = at_end.get(Code.TRANSFER_PENDING, 0) + at_end.get(Code.CASH_IN_TRANSIT, 0)
    found = (
        (Unclear.INCOME, ours.income_fen - theirs.income_fen),
        (Unclear.SPENT, ours.spent_fen - theirs.spent_fen),
        (Unclear.BALANCE, ours.balance_fen - theirs.balance_fen),
        (Unclear.IN_TRANSIT, on_its_way),
        (Unclear.OWED, -at_end.get(Code.REFUNDABLE, 0)),
    )
    return [(what, fen) for what, fen in found if fen]


def effect_fen(lines: Iterable[tuple[str, int]]) -> int:
    """What an entry does to the money of the fund: in or out with its sign; a mere move is its amount.

    An arrival moves money and names its income in one entry: the same money is not counted twice.
    """
    found = list(lines)
    held = [fen for account, fen in found if CHART[account].kind is Kind.ASSET and fen]
    return sum(held) or sum(fen for fen in held or [fen for _account, fen in found] if fen > 0)
