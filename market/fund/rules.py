"""How the committee decides, and what money may be used for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.communities.profile import CommitteeRule
from market.ledger.rules import CHART, IN_KIND, Code, EntryKind, Kind, Line, credit, debit


class UseType(StrEnum):
    """What fund money is used for; the value is the ledger account."""

    ACTIVITIES = "5101"
    REPAIRS = "5102"
    VISITS = "5103"
    SERVICES = "5104"


class Source(StrEnum):
    """What a notice of the charity is about, beside the markets; the value is the ledger account."""

    SPACE = "4102"
    WORKSHOP = "4103"
    PERSON = "4104"
    FIRM = "4105"
    INTEREST = "4108"
    MATCHING = "4109"
    FEE = "5201"
    """The charity's management fee: the one notice of money that leaves."""

    @property
    def kind(self) -> EntryKind:
        """What its entry is."""
        return ENTRY_KINDS[self]

    @property
    def is_agreed(self) -> bool:
        """Whether there is an agreement behind it: of a partner or of a workshop."""
        return self in BY_AGREEMENT

    @property
    def has_donor(self) -> bool:
        return self in (Source.PERSON, Source.FIRM, Source.MATCHING)


BY_AGREEMENT = (Source.SPACE, Source.WORKSHOP)

ENTRY_KINDS = {
    Source.SPACE: EntryKind.SUPPORT,
    Source.WORKSHOP: EntryKind.SUPPORT,
    Source.PERSON: EntryKind.GIFT,
    Source.FIRM: EntryKind.GIFT,
    Source.INTEREST: EntryKind.INTEREST,
    Source.MATCHING: EntryKind.MATCHING,
    Source.FEE: EntryKind.FEE,
}


def notice_lines(source: Source, amount_fen: int) -> list[Line]:
    """What a notice of the charity does to the book: money came to it, or it kept some as its fee."""
    if source is Source.FEE:
        return [debit(Code.MANAGEMENT_FEE, amount_fen), credit(Code.AT_CHARITY, amount_fen)]
    return [debit(Code.AT_CHARITY, amount_fen), credit(source.value, amount_fen)]


class Rhythm(StrEnum):
    """How often a support was promised; the value says how many months lie between two."""

    MONTH = "1"
    QUARTER = "3"
    YEAR = "12"

    @property
    def months(self) -> int:
        return int(self.value)


class Seat(StrEnum):
    """What somebody is in the committee."""

    CHAIR = "chair"
    MEMBER = "member"


def fund_name(charity: str, given: str) -> str:
    """The full name of a fund: it begins with the charity's, under whose name it may collect."""
    charity, given = charity.strip(), given.strip()
    return given if not charity or given.startswith(charity) else f"{charity}·{given}"


class GoodsWay(StrEnum):
    """How goods leave the store."""

    GIVEN = "given"
    SPOILED = "spoiled"
    RETURNED = "returned"
    """Back to who gave them."""


class Basis(StrEnum):
    """What says how much goods are worth; goods without such a paper are counted only (山东慈善条例 31)."""

    INVOICE = "invoice"
    AGREEMENT = "agreement"
    PRICES = "prices"
    """A price list or three prices: what they cost on that day."""


GOODS_SIDES = {
    GoodsWay.GIVEN: Code.GOODS_GIVEN,
    GoodsWay.SPOILED: Code.GOODS_LOST,
    GoodsWay.RETURNED: Code.FROM_GOODS,
}
"""Which account takes what leaves the store; what goes back was no gift."""


def goods_came(worth_fen: int) -> list[Line]:
    """What valued goods do to the book when they come (domain §6.2): no account of money moves."""
    return [debit(Code.GOODS, worth_fen), credit(Code.FROM_GOODS, worth_fen)]


def goods_went(way: GoodsWay, worth_fen: int) -> list[Line]:
    """The same when they leave the store."""
    return [debit(GOODS_SIDES[way], worth_fen), credit(Code.GOODS, worth_fen)]


def worth_of_part(items: int, left: int, count: int, worth_fen: int, left_fen: int) -> int:
    """What some of the goods are worth, in fen: their share rounded down; the last of them take the rest.

    `left` are those in store with what leaves now, of `count` in all; `left_fen` is what the book has left.
    """
    return left_fen if items == left else worth_fen * items // count


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


NOBODYS_NAMES = frozenset({"爱心人士", "爱心单位", "匿名", "无名氏"})
"""What is written for who wants no name: many share it, and none of them is another."""


def is_nobodys_name(name: str) -> bool:
    return plain_name(name) in NOBODYS_NAMES


def same_name(one: str, other: str) -> bool:
    """Whether two names are written for the same person, whatever the spaces and the width of the letters."""
    return plain_name(one) == plain_name(other)


def plain_name(name: str) -> str:
    """A name as it is compared."""
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
    """The figures of a period, from what its accounts moved and hold at its end; goods do not count."""
    return Figures(
        income_fen=sum(money_of(moved, Kind.INCOME).values()),
        spent_fen=sum(money_of(moved, Kind.EXPENSE).values()),
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


@dataclass(frozen=True)
class GoodsWorth:
    """What valued goods moved, in fen, and what of them is in store at the end. It is in no sum of money."""

    received_fen: int
    """Less what went back."""
    given_fen: int
    lost_fen: int
    held_fen: int

    def __bool__(self) -> bool:
        return bool(self.received_fen or self.given_fen or self.lost_fen or self.held_fen)


def goods_worth(moved: Mapping[str, int], at_end: Mapping[str, int]) -> GoodsWorth:
    """The worth of goods in a period, from what its accounts moved and what they hold at its end."""
    return GoodsWorth(
        received_fen=-moved.get(Code.FROM_GOODS, 0),
        given_fen=moved.get(Code.GOODS_GIVEN, 0),
        lost_fen=moved.get(Code.GOODS_LOST, 0),
        held_fen=at_end.get(Code.GOODS, 0),
    )


UNDER_WAY = frozenset({Code.CASH_IN_TRANSIT, Code.TRANSFER_PENDING, Code.UNCONFIRMED})
"""What a contribution does before the charity has it; of one that arrived nothing is left here."""


def money_of(sums: Mapping[str, int], kind: Kind) -> dict[str, int]:
    """Income or spending in money by account, as people read it: positive."""
    sign = -1 if kind is Kind.INCOME else 1
    return {
        code: sign * fen for code, fen in sums.items() if CHART[code].kind is kind and code not in IN_KIND
    }


def moves_beside(moved: Mapping[str, int]) -> dict[str, int]:
    """What the charity's account did in a period that is neither income nor spending: what it received too
    much and owes back, what was advanced and is not accounted for."""
    sheet = (Kind.ASSET, Kind.LIABILITY)
    beside: dict[str, int] = {}
    for code, fen in moved.items():
        if CHART[code].kind in sheet and code not in IN_KIND and code != Code.AT_CHARITY:
            name = Code.UNCONFIRMED.value if code in UNDER_WAY else code
            beside[name] = beside.get(name, 0) - fen
    return {code: fen for code, fen in beside.items() if fen}


def effect_fen(lines: Iterable[tuple[str, int]]) -> int:
    """What an entry does to the money of the fund: in or out with its sign; a mere move is its amount.

    An arrival moves money and names its income in one entry: the same money is not counted twice.
    """
    found = list(lines)
    held = [fen for account, fen in found if CHART[account].kind is Kind.ASSET and fen]
    return sum(held) or sum(fen for fen in held or [fen for _account, fen in found] if fen > 0)
