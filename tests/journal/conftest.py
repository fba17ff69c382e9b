"""A year with a market, its correction, an arrival and a payment; what was printed of it, and an old copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.db import Model, db, unit_of_work
from market.fund import service as fund
from market.fund.rules import Choice, UseType
from market.gate import service as gate
from market.gate.rules import CountMethod
from market.journal.checkpoint import Head
from market.journal.printed import checkpoint_of, head_now
from market.people import service as people
from market.settlement import service as settlement
from market.settlement.fee import Fee
from market.spending import service as spending
from tests.cast import person
from tests.factories.settlement import evening
from tests.ledger.conftest import DAY
from tests.settlement.conftest import Desk, desk as desk

FEE = Fee(1_000, "示例物业公司", "居民会议 2024 年第 1 次")
LONG_BEFORE = datetime(2024, 1, 1, tzinfo=UTC)

Copy = dict[str, list[dict[str, Any]]]


@dataclass
class Year:
    """Our community, what was printed at the end, and copies of everything made before."""

    desk: Desk
    day: MarketDay
    middle: Head
    """The head when only the first market was settled."""
    end: Head
    note: str
    """The signed head at the end."""
    copy: Copy
    """Every row of every table at the middle."""

    @property
    def chain(self) -> int:
        return self.desk.community.id


def copy_all() -> Copy:
    """Every row of every table."""
    return {
        table.name: [dict(row._mapping) for row in db.session.execute(sa.select(table))]
        for table in Model.metadata.sorted_tables
    }


@pytest.fixture
def year(desk: Desk) -> Year:
    """Two markets with a fee, one corrected and confirmed; a payment that one member was against."""
    with unit_of_work():
        settlement.set_stall_fee(desk.community, FEE, by=desk.clerk, at=LONG_BEFORE)
    settled = desk.settled((100_000, 82_010, 30_000))
    chain = desk.community.id
    middle, copy = head_now(chain), copy_all()
    other = desk.ended((40_000, 50_000), in_days=20)
    with unit_of_work():
        gate.count_visits(
            other, "东门", 1, 120, method=CountMethod.CLICKER, by=person("gate"), at=other.close_at
        )
        vendor = desk.held(other).vendor
        settlement.give_in_kind(other, vendor, "白菜", 12, by=desk.clerk, at=other.close_at)
    desk.close(other)
    desk.correct(desk.held(settled.day), 200_000)
    after = evening(settled.day) + timedelta(days=1)
    with unit_of_work():
        people.make_sign_in_link(person("member3"), by=person("member2"), at=after)
        fund.confirm_remittance(settled.day, "GZ-1", by=person("member1"), at=after)
        proposal = spending.propose(
            fund.require_fund(desk.community), UseType.VISITS, "慰问走访",
            payee="居委会", amount_fen=5_000, by=desk.clerk, at=after,
        )  # fmt: skip
        spending.vote(proposal, Choice.NO, by=person("member1"), at=after)
        for login in ("member2", "member3"):
            spending.vote(proposal, Choice.YES, by=person(login), at=after)
        spending.record_payment(proposal, DAY, "FK-1", by=desk.second, at=after)
    note = checkpoint_of(chain, desk.community.slug)
    return Year(desk, settled.day, middle, head_now(chain), note, copy)
