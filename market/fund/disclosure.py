"""What the public reads of the fund: balance, income by market, spending, each entry with its way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import contains_eager

from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.db import db
from market.errors import NotFound
from market.fund.goods_rows import GoodsValuation
from market.fund.models import CharityNotice, Fund, Payment, Proposal, Refund, Remittance
from market.fund.published import (
    JointLine,
    MarketFigures,
    PublicBook,
    newest_settlements,
    public_book,
)
from market.fund.rules import (
    BY_AGREEMENT,
    ENTRY_KINDS,
    GoodsWorth,
    Source,
    effect_fen,
    goods_worth,
    money_of,
)
from market.fund.service import closed_quarters, partners_of, proposals
from market.fund.service.partners import newest_jobs
from market.journal.printed import head_now
from market.ledger import service as ledger
from market.ledger.models import Entry, Period
from market.ledger.rules import CHART, Code, EntryKind, Kind
from market.settlement.models import Settlement


@dataclass(frozen=True)
class Origin:
    """Where an entry comes from: the market of a contribution, the charity's notice, the proposal, goods."""

    day: MarketDay | None = None
    settlement: Settlement | None = None
    proposal: Proposal | None = None
    notice: CharityNotice | None = None
    valuation: GoodsValuation | None = None


@dataclass(frozen=True)
class IncomeLine:
    """What one source gave, and who stands behind it."""

    code: str
    name: str
    fen: int
    partners: int = 0
    services: int = 0
    jobs: int = 0

    @property
    def source(self) -> Source | None:
        """None: the markets, or what an older version booked."""
        return Source(self.code) if self.code in set(Source) else None


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
    sources: list[IncomeLine]
    """The same, with the partners and workshops behind it."""
    fee_fen: int
    """What the charity kept for managing the fund, of what was spent."""
    spending: list[tuple[str, int]]
    markets: list[MarketIncome]
    payments: list[Proposal]
    goods: GoodsWorth
    """What valued goods came to; it is in none of these sums."""
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
    market_count: int = 0
    contributed_fen: int = 0
    """What all markets add up to, with what is published together; `markets` may be a part of them."""
    beside: list[JointLine] = field(default_factory=list)
    """Of what is published together, what concerns a market that is shown."""
    older: str | None = None
    """After which market the list goes on, None when it is at its end."""

    @property
    def came_in_fen(self) -> int:
        """What was contributed: income, and what is on its way to become it."""
        return self.income_fen + self.in_transit_fen

    @property
    def balance_fen(self) -> int:
        """What came in and was not spent: at the charity plus on its way there."""
        return max(0, self.at_charity_fen + self.in_transit_fen)


def disclose_public(fund: Fund, seen: PublicBook | None = None, before: str | None = None) -> Disclosure:
    """Everything the public fund page shows: no sum of it gives a single vendor's figure away.

    Of the markets those before the one with this reference, a page of them.
    """
    seen = seen or public_book(fund.community)
    part = _page_of_markets(fund, before)
    shown = _disclosed(fund, seen.balances(), seen.newest(NEWEST_SHOWN), part.markets)
    for income in shown.markets:
        income.figures = seen.of(income.settlement)
    shown.together, shown.waiting = seen.joint[::-1], seen.waiting
    here = {income.settlement.day_id for income in shown.markets}
    shown.beside = [line for line in shown.together if any(day.id in here for day in line.days)]
    shown.market_count, shown.older = seen.market_count, part.older
    alone_fen = seen.given_fen - seen.withheld_fen
    shown.contributed_fen = alone_fen + sum(line.contribution_fen for line in shown.together)
    return shown


class _Part(NamedTuple):
    """A page of the markets."""

    markets: list[MarketIncome]
    older: str | None


MARKETS_SHOWN = 30


def _page_of_markets(fund: Fund, before: str | None) -> _Part:
    page = _places(fund, before).limit(MARKETS_SHOWN + 1).subquery()
    rows = db.session.execute(_with_arrivals().join(page, page.c.id == Settlement.id)).all()
    if before is not None and not rows:
        raise NotFound("fund.no_older_market", _("没有更早的集市了。"))
    markets = [MarketIncome(closed, int(fen)) for closed, fen in rows[:MARKETS_SHOWN]]
    older = markets[-1].settlement.day.ref if len(rows) > MARKETS_SHOWN else None
    return _Part(markets, older)


def _places(fund: Fund, before: str | None) -> sa.Select[Any]:
    """Which settlements come, the newest market first.

    Markets are read in their order until a page is full; the rest is asked for those that are shown.
    """
    revision = sa.orm.aliased(Settlement)
    newest = sa.select(sa.func.max(revision.id)).where(revision.day_id == MarketDay.id).correlate(MarketDay)
    query = sa.select(Settlement.id).join(Settlement.day).where(MarketDay.community_id == fund.community_id)
    query = query.where(Settlement.id == newest.scalar_subquery())
    query = query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc())
    if before is None:
        return query
    after = find_day_by_ref(before)
    earlier = sa.and_(MarketDay.open_at == after.open_at, MarketDay.id < after.id)
    return query.where(sa.or_(MarketDay.open_at < after.open_at, earlier))


def disclose(fund: Fund) -> Disclosure:
    """What staff see of the fund, from the ledger as it is now."""
    newest = ledger.entries(fund.book, newest_first=True, limit=NEWEST_SHOWN)
    return _disclosed(fund, ledger.balances(fund.book), newest, _markets(fund))


NEWEST_SHOWN = 8


def _disclosed(
    fund: Fund, sums: Mapping[str, int], newest: list[Entry], markets: list[MarketIncome]
) -> Disclosure:
    income = [(CHART[code].name, fen) for code, fen in money_of(sums, Kind.INCOME).items() if fen]
    spending = [(CHART[code].name, fen) for code, fen in money_of(sums, Kind.EXPENSE).items() if fen]
    return Disclosure(
        fund=fund,
        income_fen=sum(fen for _name, fen in income),
        spent_fen=sum(fen for _name, fen in spending),
        at_charity_fen=sums.get(Code.AT_CHARITY, 0),
        owed_fen=-sums.get(Code.REFUNDABLE, 0),
        in_transit_fen=sums.get(Code.TRANSFER_PENDING, 0) + sums.get(Code.CASH_IN_TRANSIT, 0),
        income=income,
        sources=_sources(fund, sums),
        fee_fen=sums.get(Code.MANAGEMENT_FEE, 0),
        spending=spending,
        markets=markets,
        payments=[proposal for proposal in proposals(fund) if proposal.payment is not None],
        goods=goods_worth(sums, sums),
        newest=newest,
        fingerprint=ledger.head_fingerprint(fund.book),
        entries=fund.book.entry_count,
        closed_quarters=closed_quarters(fund),
        head=head_now(fund.community_id).short,
    )


def _sources(fund: Fund, sums: Mapping[str, int]) -> list[IncomeLine]:
    """What each source gave, the largest first."""
    found = [
        IncomeLine(code, CHART[code].name, fen, *_behind(fund, code))
        for code, fen in money_of(sums, Kind.INCOME).items()
        if fen
    ]
    return sorted(found, key=lambda line: -line.fen)


def _behind(fund: Fund, code: str) -> tuple[int, int, int]:
    """How many partners, services and jobs stand behind a source."""
    if code not in BY_AGREEMENT:
        return 0, 0, 0
    here = partners_of(fund, Source(code))
    jobs = newest_jobs(here).values() if code == Source.WORKSHOP else ()
    services = sum(len(partner.services) for partner in here)
    return len(here), services, sum(one.jobs for one in jobs)


def _markets(fund: Fund) -> list[MarketIncome]:
    query = _with_arrivals().where(Settlement.id.in_(newest_settlements(fund.community_id)))
    return [MarketIncome(closed, int(fen)) for closed, fen in db.session.execute(query)]


def _with_arrivals() -> sa.Select[Any]:
    """Settlements, the newest market first, with what the charity has of each: confirmed, less given back.

    Asked by market alone: a community has one fund, and by fund each market would read every arrival.
    """
    arrived = sa.select(sa.func.coalesce(sa.func.sum(Remittance.amount_fen), 0)).where(
        Remittance.day_id == Settlement.day_id
    )
    returned = sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0)).where(
        Refund.day_id == Settlement.day_id, Refund.entry_id.is_not(None)
    )
    has = arrived.correlate(Settlement).scalar_subquery() - returned.correlate(Settlement).scalar_subquery()
    query: sa.Select[Any] = sa.select(Settlement, has).join(Settlement.day)
    query = query.options(contains_eager(Settlement.day))
    return query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc())


def on_their_way(fund: Fund) -> list[MarketIncome]:
    """The markets whose contribution the charity has not confirmed in full."""
    return [income for income in _markets(fund) if income.in_transit_fen]


def origin_of(entry: Entry) -> Origin:
    """The way back of an entry. A reversal leads where the entry it undid leads."""
    subject = entry.reverses if entry.kind is EntryKind.REVERSAL and entry.reverses is not None else entry
    if subject.kind in ENTRY_KINDS.values():
        told = sa.select(CharityNotice).where(CharityNotice.entry_id == subject.id)
        return Origin(notice=db.session.scalar(told))
    if subject.kind is EntryKind.GOODS:
        of_goods = sa.select(GoodsValuation).where(GoodsValuation.ref == subject.source.split(":")[1])
        return Origin(valuation=db.session.scalar(of_goods))
    closed = db.session.scalar(sa.select(Settlement).where(Settlement.entry_id == subject.id))
    if closed is not None:
        return Origin(day=closed.day, settlement=closed)
    arrived = db.session.scalar(sa.select(Remittance).where(Remittance.entry_id == subject.id))
    if arrived is not None:
        return Origin(day=arrived.day)
    refund = db.session.scalar(sa.select(Refund).where(Refund.entry_id == subject.id))
    if refund is not None:
        return Origin(day=refund.day)
    if subject.kind is EntryKind.UNSPENT:
        ref = subject.source.removeprefix("unspent:")
        return Origin(proposal=db.session.scalar(sa.select(Proposal).where(Proposal.ref == ref)))
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
