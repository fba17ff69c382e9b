"""How the committee decides, and what money may be used for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum

from market.communities.profile import CommitteeRule
from market.ledger.rules import CHART, Kind


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


def effect_fen(lines: Iterable[tuple[str, int]]) -> int:
    """What an entry does to the money of the fund: in or out with its sign; a mere move is its amount."""
    found = list(lines)
    held = sum(fen for account, fen in found if CHART[account].kind is Kind.ASSET)
    return held or sum(fen for _account, fen in found if fen > 0)
