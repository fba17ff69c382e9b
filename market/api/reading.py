"""Puts answers together from what the rooms say in public."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import url_for

from market.api.shapes import (
    AccountTold,
    Amount,
    CommunityTold,
    CountersTold,
    EntryTold,
    FundTold,
    MarketTold,
    StallTold,
    SumTold,
)
from market.calendar.models import MarketDay
from market.calendar.rules import public_status
from market.communities.models import Community
from market.config import settings
from market.fund.disclosure import Disclosure
from market.fund.published import JointLine, MarketFigures
from market.fund.words import joint_memo
from market.insight.rules import Counters
from market.ledger.models import Entry
from market.ledger.rules import CHART, Line
from market.settlement.models import Settlement
from market.stalls.service.sellers import Seller


def community_told(community: Community) -> CommunityTold:
    return CommunityTold(
        slug=community.slug,
        name=community.name,
        host=community.host_org,
        phone=community.phone,
        zone=community.zone,
        division=community.region.code,
        page=_page("pages.community", slug=community.slug),
    )


def market_told(day: MarketDay, slug: str, at: datetime) -> MarketTold:
    status = public_status(
        day.state, open_at=day.open_at, close_at=day.close_at, closed_early=day.closed_early, at=at
    )
    return MarketTold(
        ref=day.ref,
        theme=day.theme,
        status=status.value,
        opens_at=day.open_at,
        ends_at=day.ends_at,
        place=day.venue.name,
        address=day.venue.address,
        page=_page("pages.market", slug=slug, ref=day.ref),
    )


def _page(endpoint: str, **values: Any) -> str:
    return settings().public_url + url_for(endpoint, **values)


def stall_told(seller: Seller) -> StallTold:
    return StallTold(
        label=seller.label, vendor=seller.name, category=seller.category.value, goods=seller.goods
    )


def account_told(closed: Settlement, figures: MarketFigures) -> AccountTold:
    return AccountTold(
        market=closed.day.ref,
        vendors=closed.vendors,
        visits=closed.counted,
        takings_fen=figures.takings_fen,
        contribution_fen=figures.contribution_fen,
    )


def fund_told(it: Disclosure, balances: dict[str, int]) -> FundTold:
    return FundTold(
        name=it.fund.name,
        charity=it.fund.charity,
        purpose=it.fund.purpose,
        accounts=[_amount(code, fen) for code, fen in balances.items()],
        income_fen=it.income_fen,
        spent_fen=it.spent_fen,
        at_charity_fen=it.at_charity_fen,
        in_transit_fen=it.in_transit_fen,
        entries=it.entries,
        head=it.head,
    )


def entry_told(entry: Entry) -> EntryTold:
    return EntryTold(
        ref=entry.ref,
        voucher=entry.voucher,
        sequence=entry.sequence,
        kind=entry.kind.value,
        happened_on=entry.happened_on,
        memo=entry.memo,
        lines=_amounts(entry.lines),
        undoes=entry.reverses.ref if entry.reverses is not None else None,
        hash=entry.hash,
    )


def sum_told(joint: JointLine) -> SumTold:
    return SumTold(
        happened_on=joint.happened_on,
        kind=joint.kind.value,
        memo=joint_memo(joint),
        lines=_amounts(joint.lines),
        markets=[day.ref for day in joint.days],
        entries=joint.entries,
    )


def _amounts(lines: Iterable[Line]) -> list[Amount]:
    return [_amount(line.account, line.amount_fen) for line in lines]


def _amount(code: str, fen: int) -> Amount:
    return Amount(account=code, name=str(CHART[code].name), fen=fen)


def counters_told(sums: Counters, contribution_fen: int, year: int | None) -> CountersTold:
    return CountersTold(
        year=year,
        markets=sums.days,
        vendors=sums.vendors,
        appearances=sums.appearances,
        visits=sums.visits,
        counted_markets=sums.counted_days,
        contribution_fen=contribution_fen,
        items=sums.items,
    )
