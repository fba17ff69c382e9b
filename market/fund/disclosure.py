"""What the public reads of the fund: balance, income by market, spending, each entry with its way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.db import db
from market.fund.models import Fund, Payment, Proposal, Refund, Remittance
from market.fund.published import JointLine, MarketFigures, PublicBook, public_book
from market.fund.rules import effect_fen
from market.fund.service import closed_quarters, proposals
from market.journal.printed import head_now
from market.ledger import service as ledger
from market.ledger.models import Entry, Period
from market.ledger.rules import CHART, Code, EntryKind, Kind
from market.settlement.models import Settlement


@dataclass(frozen=True)
class Origin:
    """Where an entry comes from: the market it was contributed at, or the proposal it was spent on."""

    day: MarketDay | None = None
    settlement: Settlement | None = None
    proposal: Proposal | None = None


@dataclass
class MarketIncome:
    """One market's contribution as it stands after corrections, and how much of it the charity confirmed."""

    settlement: Settlement
    confirmed_fen: int
    """What the charity has of it: confirmed, less what it gave back."""
    figures: MarketFigures | None = None
    """What may be said of it in public."""

    @property
    def in_transit_fen(self) -> int:
        return max(0, self.settlement.contribution_fen - self.confirmed_fen)

    @property
    def owed_fen(self) -> int:
        """What the charity received beyond the contribution and has not given back."""
        return max(0, self.confirmed_fen - self.settlement.contribution_fen)


@dataclass(frozen=True)
class Correction:
    """One correction of a market: what was given before, what counts now, and the vouchers that say so."""

    before: Settlement
    after: Settlement
    vouchers: list[Entry]
    """The entry that was wrong, the one that undid it, the right one; fewer where nothing was given."""

    @property
    def difference_fen(self) -> int:
        return self.after.contribution_fen - self.before.contribution_fen


@dataclass
class Disclosure:
    """The figures of the public fund page, all in fen and all sums of ledger lines."""

    fund: Fund
    income_fen: int
    spent_fen: int
    at_charity_fen: int
    in_transit_fen: int
    owed_fen: int
    """Received beyond what markets contributed after corrections; the charity gives it back."""
    income: list[tuple[str, int]]
    """Name of the source and its sum, as the chart calls it."""
    spending: list[tuple[str, int]]
    markets: list[MarketIncome]
    payments: list[Proposal]
    newest: list[Entry]
    fingerprint: str
    entries: int
    head: str
    """Where the journal stands, short: what is printed and can be asked about later."""
    closed_quarters: list[Period]
    """The quarters that were compared with the charity's books and never change, newest first."""
    together: list[JointLine] = field(default_factory=list)
    """What is published as a sum of several markets only."""
    waiting: int = 0
    """How many vouchers wait for a sum with more vendors."""

    @property
    def contributed_fen(self) -> int:
        """What the list of markets adds up to, with what is published together."""
        alone = (income.figures.contribution_fen or 0 for income in self.markets if income.figures)
        return sum(alone) + sum(line.contribution_fen for line in self.together)

    @property
    def came_in_fen(self) -> int:
        """What was contributed: income, and what is on its way to become it."""
        return self.income_fen + self.in_transit_fen

    @property
    def balance_fen(self) -> int:
        """What came in and was not spent: at the charity plus on its way there."""
        return max(0, self.at_charity_fen + self.in_transit_fen)


def disclose_public(fund: Fund, seen: PublicBook | None = None) -> Disclosure:
    """Everything the public fund page shows: no sum of it gives a single vendor's figure away."""
    seen = seen or public_book(fund.community)
    shown = _disclosed(fund, seen.balances(), seen.newest(NEWEST_SHOWN))
    for income in shown.markets:
        income.figures = seen.of(income.settlement)
    shown.together, shown.waiting = seen.joint[::-1], seen.waiting
    return shown


def disclose(fund: Fund) -> Disclosure:
    """What staff see of the fund, from the ledger as it is now."""
    newest = ledger.entries(fund.book, newest_first=True, limit=NEWEST_SHOWN)
    return _disclosed(fund, ledger.balances(fund.book), newest)


NEWEST_SHOWN = 8


def _disclosed(fund: Fund, sums: Mapping[str, int], newest: list[Entry]) -> Disclosure:
    income = [(CHART[c].name, -fen) for c, fen in sums.items() if CHART[c].kind is Kind.INCOME and fen]
    spending = [(CHART[c].name, fen) for c, fen in sums.items() if CHART[c].kind is Kind.EXPENSE and fen]
    return Disclosure(
        fund=fund,
        income_fen=sum(fen for _name, fen in income),
        spent_fen=sum(fen for _name, fen in spending),
        at_charity_fen=sums.get(Code.AT_CHARITY, 0),
        owed_fen=-sums.get(Code.REFUNDABLE, 0),
        in_transit_fen=sums.get(Code.TRANSFER_PENDING, 0) + sums.get(Code.CASH_IN_TRANSIT, 0),
        income=income,
        spending=spending,
        markets=_markets(fund),
        payments=[proposal for proposal in proposals(fund) if proposal.payment is not None],
        newest=newest,
        fingerprint=ledger.head_fingerprint(fund.book),
        entries=fund.book.entry_count,
        closed_quarters=closed_quarters(fund),
        head=head_now(fund.community_id).short,
    )


def _markets(fund: Fund) -> list[MarketIncome]:
    latest = (
        sa.select(sa.func.max(Settlement.id))
        .where(Settlement.community_id == fund.community_id)
        .group_by(Settlement.day_id)
    )
    confirmed = _at_charity_by_day(fund).subquery()
    query = (
        sa.select(Settlement, confirmed.c.fen)
        .join(Settlement.day)
        .options(contains_eager(Settlement.day))
        .outerjoin(confirmed, confirmed.c.day_id == Settlement.day_id)
        .where(Settlement.id.in_(latest))
        .order_by(MarketDay.open_at.desc())
    )
    return [MarketIncome(closed, int(fen or 0)) for closed, fen in db.session.execute(query)]


def on_their_way(fund: Fund) -> list[MarketIncome]:
    """The markets whose contribution the charity has not confirmed in full."""
    return [income for income in _markets(fund) if income.in_transit_fen]


def _at_charity_by_day(fund: Fund) -> sa.Select[tuple[int, int]]:
    """What the charity has of each market: confirmed, less what it gave back."""
    arrived = sa.select(Remittance.day_id, Remittance.amount_fen).where(Remittance.fund_id == fund.id)
    returned = sa.select(Refund.day_id, -Refund.amount_fen).where(
        Refund.fund_id == fund.id, Refund.entry_id.is_not(None)
    )
    both = sa.union_all(arrived, returned).subquery()
    return sa.select(both.c.day_id, sa.func.sum(both.c.amount_fen).label("fen")).group_by(both.c.day_id)


def origin_of(entry: Entry) -> Origin:
    """The way back of an entry. A reversal leads where the entry it undid leads."""
    subject = entry.reverses if entry.kind is EntryKind.REVERSAL and entry.reverses is not None else entry
    closed = db.session.scalar(sa.select(Settlement).where(Settlement.entry_id == subject.id))
    if closed is not None:
        return Origin(day=closed.day, settlement=closed)
    arrived = db.session.scalar(sa.select(Remittance).where(Remittance.entry_id == subject.id))
    if arrived is not None:
        return Origin(day=arrived.day)
    refund = db.session.scalar(sa.select(Refund).where(Refund.entry_id == subject.id))
    if refund is not None:
        return Origin(day=refund.day)
    if subject.kind is EntryKind.RECLASSIFICATION:
        return Origin(day=find_day_by_ref(subject.source.split(":")[1]))
    payment = db.session.scalar(sa.select(Payment).where(Payment.entry_id == subject.id))
    return Origin(proposal=payment.proposal) if payment is not None else Origin()


def corrections(revisions: Sequence[Settlement], entries: Sequence[Entry]) -> list[Correction]:
    """What was corrected, in order; `revisions` from the first on, `entries` those of the day."""
    by_id = {entry.id: entry for entry in entries}
    undone = {entry.reverses_id: entry for entry in entries if entry.reverses_id is not None}
    found = []
    for before, after in pairwise(revisions):
        wrong, right = by_id.get(before.entry_id or 0), by_id.get(after.entry_id or 0)
        vouchers = (wrong, undone.get(before.entry_id or 0), right)
        found.append(Correction(before, after, [entry for entry in vouchers if entry is not None]))
    return found


def effect_of(entry: Entry) -> int:
    """What an entry does to the money of the fund, with its sign."""
    return effect_fen((line.account, line.amount_fen) for line in entry.lines)
