"""What the notice of a quarter says, as data: worked out once from the book, kept as it was published."""

from __future__ import annotations

import hashlib
from datetime import date

from pydantic import BaseModel, ConfigDict

from market.ledger.spans import Span


class Kept(BaseModel):
    """A part of the notice."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Sum(Kept):
    """One source or use: in the quarter, in the year up to its end, and since the fund began."""

    code: str
    quarter_fen: int
    year_fen: int
    ever_fen: int


class Move(Kept):
    """What moved the charity's account and is neither income nor spending."""

    code: str
    fen: int


class Market(Kept):
    """One market of the quarter."""

    ref: str
    theme: str
    held_on: date
    stalls: int
    fen: int | None
    """None: only a sum with others says it."""


class Donation(Kept):
    """What somebody gave; who, stands with the charity's notice."""

    notice: str
    code: str
    received_on: date
    fen: int


class Project(Kept):
    """What money was spent on."""

    entry: str
    code: str
    what: str
    paid_on: date
    fen: int


class Decision(Kept):
    """What the committee decided, and who stayed out of it."""

    what: str
    fen: int
    state: str
    yes: int
    no: int
    recused: tuple[str, ...] = ()


class Member(Kept):
    """Who sat in the committee at the end of the quarter, or looked on."""

    name: str
    seat: str
    """`chair`, `member` or `supervisor`."""
    first_on: date | None = None
    last_on: date | None = None


class Correction(Kept):
    """A 更正说明: which voucher was wrong, why, and what the right one says."""

    number: str
    """Within the year: `2026-3`."""
    voucher: str
    entry: str | None
    """None: too few vendors are concerned to show it by itself."""
    what: str
    reason: str
    made_on: date
    before_fen: int | None
    after_fen: int | None
    """None where nothing stands in its place."""
    earlier: str = ""
    """The quarter that the wrong one belongs to, where that is another."""
    undoes: bool = True
    """False: nothing was undone; something was booked late."""


class Worth(Kept):
    """What goods with a paper were worth by it, in fen; it is in no sum of money."""

    opening_fen: int
    received_fen: int
    """Less what went back."""
    given_fen: int
    lost_fen: int
    held_fen: int


class Goods(Kept):
    """Goods in items: they are no money."""

    received: int
    given: int
    spoiled: int
    left: int
    returned: int = 0
    at_markets: int | None = None
    """Given at markets and never taken into store; None in notices that were made before this was told."""
    worth: Worth | None = None
    """None: no paper says what any of them is worth."""


class QuarterFacts(Kept):
    """Everything the notice says, but who prepared and published it, and the names of donors."""

    community: str
    host: str
    phone: str
    fund: str
    charity: str
    licence_no: str
    agreement_no: str
    purpose: str
    fee_clause: str
    first_on: date
    last_on: date
    entries: int
    """How many vouchers the book had when the quarter was closed, …"""
    head: str
    """… and the hash of the last one."""
    statement_no: str
    """The charity's statement that the quarter was compared with, …"""
    explanation: str
    """… and what was explained of it."""
    opening_fen: int
    told_later_fen: int
    """What belongs to earlier quarters and could be told only now, together with others."""
    income: tuple[Sum, ...]
    uses: tuple[Sum, ...]
    moves: tuple[Move, ...]
    closing_fen: int
    on_its_way_fen: int
    owed_fen: int
    waiting: int
    """Vouchers that are in no public sum yet."""
    markets: tuple[Market, ...]
    donations: tuple[Donation, ...]
    projects: tuple[Project, ...]
    decisions: tuple[Decision, ...]
    members: tuple[Member, ...]
    corrections: tuple[Correction, ...]
    goods: Goods
    objection_days: int
    due_on: date

    @property
    def span(self) -> Span:
        return Span(self.first_on, self.last_on)

    @property
    def income_fen(self) -> int:
        return sum(one.quarter_fen for one in self.income)

    @property
    def spent_fen(self) -> int:
        return sum(one.quarter_fen for one in self.uses)

    @property
    def adds_up(self) -> bool:
        """Whether it closes with what it opened with and what moved."""
        moved = self.income_fen - self.spent_fen + sum(move.fen for move in self.moves)
        return self.opening_fen + self.told_later_fen + moved == self.closing_fen

    def written(self) -> str:
        """As it is kept: the same facts are the same text."""
        return self.model_dump_json()


def read_facts(text: str) -> QuarterFacts:
    """The facts of a notice that was kept."""
    return QuarterFacts.model_validate_json(text)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
