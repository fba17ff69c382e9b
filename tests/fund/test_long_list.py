"""Markets of long ago: the fund's page shows a page of them, worked out once for a state of the book."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund import disclosure, published
from market.fund.disclosure import disclose_public
from market.fund.models import Fund
from market.fund.published import PublicBook, public_book
from market.journal.writing import write
from market.ledger import queries
from market.ledger.models import Book
from market.revisions import state_seen
from market.settlement import service as settlement
from tests.bench.bench_ledger import fill
from tests.bench.markets import past_markets, pattern
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.settlement import settled_market

FUND = "/c/huaiyin/fund"
MARKETS = 75


@pytest.fixture
def long_book(context: Flask, cast: Cast) -> Fund:
    """Seventy-six markets, each tenth with two givers only."""
    with unit_of_work():
        one = pattern(find_community(cast.ours), person("staff"))
        fund = db.session.scalars(sa.select(Fund)).one()
        past = past_markets(one, MARKETS)
        write()
        fill(fund, 200, past)
    return fund


def shown(text: str) -> list[str]:
    return re.findall(rf'href="{FUND}/markets/(\w+)"', text)


@pytest.mark.own_app
def test_every_market_is_on_one_page_and_the_sums_are_the_same_on_each(long_book: Fund, app: Flask) -> None:
    every = [closed.day.ref for closed in settlement.settlements(long_book.community)][::-1]
    total = disclose_public(long_book).contributed_fen
    client, address, found = app.test_client(), FUND, list[str]()
    pages = 0
    while address:
        text = client.get(address).text
        assert f"{MARKETS + 1} 场" in text
        assert f"{total / 100:,.2f}" in text
        found += shown(text)
        pages += 1
        older = re.search(rf'href="({FUND}\?before=\w+)#by-market"', text)
        address = older[1] if older else ""
    assert found == every
    assert pages == 3
    last = every[-1]
    assert client.get(f"{FUND}?before={last}").status_code == 404


@pytest.mark.own_app
def test_the_sum_of_the_list_is_that_of_the_book(long_book: Fund) -> None:
    seen = public_book(long_book.community)
    told = disclose_public(long_book, seen)
    closed = settlement.settlements(long_book.community)
    alone = sum(seen.of(one).contribution_fen or 0 for one in closed)
    together = sum(line.contribution_fen for line in seen.joint)
    assert seen.joint
    assert told.contributed_fen == alone + together == seen.contributed()
    assert seen.aside
    assert seen.balances() == seen.balances(date(2100, 1, 1), date(2000, 1, 1))


@both_engines
@pytest.mark.own_app
def test_many_markets_are_looked_up_as_one_is(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        community = find_community(cast.ours)
        days = [settled_market(community, person("staff"), in_days=10 + 10 * n).day for n in range(3)]
    book = public_book(community).book
    assert book is not None
    one_by_one = [entry for day in days for entry in settlement.entries_of_market(book, day)]
    one_by_one.sort(key=lambda entry: entry.sequence)
    assert len(one_by_one) == 3
    assert settlement.entries_of_markets(book, days) == one_by_one
    monkeypatch.setattr(queries, "SUBJECTS_AT_ONCE", 2)
    assert settlement.entries_of_markets(book, days) == one_by_one


@pytest.mark.own_app
def test_it_is_worked_out_once_until_something_is_written(
    long_book: Fund, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[str] = []
    worked_out = published._worked_out

    def counted(community: Community, book: Book | None) -> PublicBook:
        times.append(community.slug)
        return worked_out(community, book)

    monkeypatch.setattr(published, "_worked_out", counted)
    client = app.test_client()
    texts = [client.get(f"{FUND}?n={n}").text for n in range(3)]
    assert len(times) == 1
    assert [shown(text) for text in texts] == [shown(texts[0])] * 3
    with unit_of_work():
        settled_market(long_book.community, person("staff"), (90_000, 80_000, 70_000), in_days=90)
    text = client.get(f"{FUND}?n=3").text
    assert len(times) == 2
    assert shown(text) != shown(texts[0])
    assert f"{MARKETS + 2} 场" in text


@pytest.mark.own_app
def test_whoever_is_signed_in_has_it_worked_out(long_book: Fund, app: Flask) -> None:
    """Nobody looked for them how things stand: what another request found may be old."""
    assert state_seen() is None
    assert public_book(long_book.community).joint == public_book(long_book.community).joint
    assert app.extensions.get(published.KNOWN, {}) == {}


def test_a_page_is_short(app: Flask) -> None:
    assert disclosure.MARKETS_SHOWN == 30
