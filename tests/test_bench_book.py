"""The long book of the benches is written all at once, and is what the services would have left."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund.disclosure import disclose_public
from market.fund.models import Fund
from market.fund.published import public_book
from market.insight.proof import verify_everything
from market.journal.writing import write
from market.ledger import service as ledger
from market.ledger.kept import kept_sums, plain_sums
from market.ledger.models import Entry, KeptSum, Posting
from market.ledger.rules import EntryKind, Line
from market.settlement import service as settlement
from tests.bench.bench_ledger import AT, contribution, fill, remittance
from tests.bench.markets import past_markets, pattern
from tests.cast import Cast, person
from tests.factories.settlement import make_fund

pytestmark = pytest.mark.own_app

LENGTH = 60


def long_book(cast: Cast, markets: int) -> Fund:
    with unit_of_work():
        community = person("staff").memberships[0].community
        assert community is not None
        one = pattern(community, person("staff"))
        fund = db.session.scalars(sa.select(Fund)).one()
        past = past_markets(one, markets)
        write()
        fill(fund, LENGTH, past)
    return fund


def test_it_holds_for_everything_that_verifies_a_book(context: Flask, cast: Cast) -> None:
    fund = long_book(cast, 12)
    found = ledger.verify(fund.book)
    assert (found.faults, found.trigger_faults, found.entries) == ([], [], LENGTH)
    assert kept_sums(fund.book) == plain_sums(fund.book)


def test_whoever_verifies_everything_finds_nothing_wrong_with_it(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        fund = make_fund(find_community(cast.ours), person("staff"), AT)
        write()
        fill(fund, LENGTH)
    report = verify_everything()
    assert (report.faults, fund.book.entry_count) == (0, LENGTH)


def test_its_markets_are_like_the_one_that_was_settled(context: Flask, cast: Cast) -> None:
    fund = long_book(cast, 12)
    every = settlement.settlements(fund.community)
    assert [settlement.recompute(closed) for closed in every[-1:]] == [[]]
    assert {closed.takings_fen for closed in every} == {every[-1].takings_fen}
    one = next(closed for closed in every if closed.entry and closed.entry.ref.startswith("e"))
    assert one.entry is not None
    assert one.entry.lines == contribution(one.contribution_fen)
    assert [entry.lines for entry in settlement.entries_of_market(fund.book, one.day)] == [
        contribution(one.contribution_fen),
        remittance(one.contribution_fen),
    ]
    shown = disclose_public(fund, public_book(fund.community))
    assert shown.market_count == len(every) == 13
    assert shown.contributed_fen == public_book(fund.community).contributed()


def test_an_entry_is_written_as_posting_writes_it(context: Flask, cast: Cast) -> None:
    """The service's row and ours differ in what names them, and in nothing else."""
    with unit_of_work():
        community = person("staff").memberships[0].community
        assert community is not None
        fund = make_fund(community, person("staff"), AT)
        fill(fund, 1)
        ours = db.session.scalars(sa.select(Entry)).one()
        lines = [Line(line.account, line.amount_fen) for line in ours.lines]
        theirs = ledger.post(
            fund.book, "bench:2", EntryKind.REFUND, lines, happened_on=ours.happened_on, memo=ours.memo,
            by=person("staff"), at=ours.posted_at,
        )  # fmt: skip
        db.session.flush()
    same = {column.name for column in Entry.__table__.columns} - {
        "id", "ref", "sequence", "number", "source", "posted_at", "prev_hash", "hash", "journal", "salt",
    }  # fmt: skip
    assert {name: getattr(ours, name) for name in same} == {name: getattr(theirs, name) for name in same}
    assert [line.position for line in ours.postings] == [line.position for line in theirs.postings]
    assert (
        db.session.scalar(sa.select(sa.func.sum(KeptSum.amount_fen)).where(KeptSum.account == "1001")) == 200
    )
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Posting)) == 4
    assert ledger.verify(fund.book).ok
