"""The files of the demo year agree with themselves before anything is played."""

from __future__ import annotations

import pytest

from market.demo import records
from market.demo.records import MarketRow
from market.settlement.rules import share

YEAR = records.markets()
TERMS = {row.code: row.terms for row in records.vendors()}


@pytest.mark.parametrize("market", YEAR, ids=lambda market: market.theme)
def test_the_rows_of_a_market_add_up_to_its_totals(market: MarketRow) -> None:
    came = [row for row in market.applications if row.attendance == "attended"]
    assert (
        len(came),
        sum(row.takings_fen or 0 for row in came),
        sum(row.contribution_fen for row in came),
        sum(count.visits for count in market.counts),
        sum(goods.items for goods in market.goods),
    ) == (market.vendors, market.takings_fen, market.contribution_fen, market.visits, market.items)


@pytest.mark.parametrize("market", YEAR, ids=lambda market: market.theme)
def test_every_contribution_is_the_share_of_its_takings(market: MarketRow) -> None:
    given = {row.vendor: row.contribution_fen for row in market.applications if row.takings_fen is not None}
    assert given == {
        row.vendor: share(row.takings_fen, TERMS[row.vendor])
        for row in market.applications
        if row.takings_fen is not None
    }


def test_the_year_is_the_one_of_the_report() -> None:
    spent = sum(row.amount_fen for row in records.spending())
    given = sum(market.contribution_fen for market in YEAR)
    assert (len(YEAR), len(TERMS), sum(market.vendors for market in YEAR)) == (11, 62, 306)
    assert (given, spent, given - spent) == (1_048_250, 576_000, 472_250)
