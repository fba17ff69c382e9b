"""A book with a short history, and the two people who keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from market.communities.models import Community
from market.communities.service import find_community
from market.db import unit_of_work
from market.ledger import service
from market.ledger.models import Book, Entry
from market.ledger.rules import Code, EntryKind, Line, credit, debit
from market.people.models import User
from tests.cast import Cast, person

AT = datetime(2024, 1, 27, 10, 0, tzinfo=UTC)
DAY = date(2024, 1, 27)


def given(fen: int, category: str | None = None) -> list[Line]:
    """The lines of a market's contribution that reached the charity."""
    return [debit(Code.AT_CHARITY, fen), credit(Code.FROM_MARKETS, fen, category)]


def spent(fen: int) -> list[Line]:
    """The lines of a visit to somebody who needs it."""
    return [debit(Code.VISITS, fen), credit(Code.AT_CHARITY, fen)]


@dataclass
class Desk:
    """Where the book of our community is kept."""

    book: Book
    clerk: User
    second: User
    community: Community

    def theirs(self, cast: Cast) -> Book:
        """The book of the other community."""
        title, by = "松鹤社区发展基金", person("staff-b")
        return service.open_book(find_community(cast.theirs), title, by=by, at=AT)

    def post(
        self,
        source: str,
        lines: list[Line],
        *,
        day: date = DAY,
        memo: str = "集市反哺",
        kind: EntryKind = EntryKind.CONTRIBUTION,
        at: datetime = AT,
        reason: str | None = None,
    ) -> Entry:
        return service.post(
            self.book, source, kind, lines, happened_on=day, memo=memo, by=self.clerk, at=at, reason=reason
        )

    def reverse(self, entry: Entry, reason: str = "报错了金额", at: datetime = AT) -> Entry:
        return service.reverse(entry, reason=reason, by=self.second, at=at)


@pytest.fixture
def desk(context: Flask, cast: Cast) -> Desk:
    """An empty book, `staff` who posts and `second` who checks."""
    with unit_of_work():
        community, clerk = find_community(cast.ours), person("staff")
        book = service.open_book(community, "槐荫社区发展基金", by=clerk, at=AT)
    return Desk(book, clerk, person("second"), community)


@pytest.fixture
def year(desk: Desk) -> Desk:
    """Six entries: three contributions, the second reversed, a spending, one of the next year."""
    with unit_of_work():
        contributions = [
            desk.post(
                f"settlement:{n}:1", given(n * 100_00), day=DAY + timedelta(days=28 * n), memo=f"第 {n} 场"
            )
            for n in (1, 2, 3)
        ]
        desk.reverse(contributions[1], at=AT + timedelta(days=90))
        desk.post("payment:1", spent(150_00), day=date(2024, 5, 1), kind=EntryKind.SPENDING, memo="慰问走访")
        desk.post("settlement:4:1", given(400_00), day=date(2025, 1, 5), memo="第 4 场")
    return desk
