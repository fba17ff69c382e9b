"""What is wrong with the journal, or with a fact that it tells of: sentences that name object and place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from market import clock
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import local_date
from market.communities.models import Community
from market.db import db
from market.fund.models import Fund
from market.insight.fact_words import CHAIN_WRONGS, KINDS, WRONGS
from market.journal.rules import PLATFORM, genesis
from market.journal.verification import Checked, FactFault, Told, Wrong
from market.journal.writing import kinds
from market.ledger.models import Book, Entry
from market.people.models import User
from market.settlement.models import Settlement
from market.stored import stream_stored


def journal_faults(checked: Checked, chain: int) -> Iterator[str]:
    """Everything wrong with one chain and with the facts that it tells of."""
    where = _place(chain)
    for one, fault in checked.chain_faults:
        if one == chain:
            said = CHAIN_WRONGS[fault.code]
            yield _("%(where)s：日志第 %(number)s 行%(said)s", where=where, number=fault.number, said=said)
    if chain in checked.old_changed:
        yield _("%(where)s：开日志以前的操作记录和当时存的校验值不符", where=where)
    for found in checked.fact_faults:
        if found.chain == chain:
            yield _fact_sentence(where, found)


def _place(chain: int) -> str:
    community = db.session.get(Community, chain) if chain != PLATFORM else None
    return community.name if community is not None else _("平台")


def _fact_sentence(where: str, fault: FactFault) -> str:
    kind, _colon, ref = fault.key.partition(":")
    what = _("%(kind)s %(ref)s", kind=KINDS.get(kind, kind), ref=ref)
    market = _market(kind, ref) if fault.wrong is not Wrong.UNREADABLE else ""
    sentence = f"{where}{market}{_('：')}{what}{WRONGS[fault.wrong]}"
    return sentence + (_("（%(text)s）", text=_last(fault.told)) if fault.told is not None else "")


def _market(kind: str, ref: str) -> str:
    """The market that a fact is about, when it still says so."""
    table = next(one.table for one in kinds().kinds if one.name == kind)
    if "day_id" not in table.c:
        return ""
    key = table.c.ref == ref if "ref" in table.c else table.c.id == int(ref)
    day = db.session.get(MarketDay, db.session.scalar(sa.select(table.c.day_id).where(key)) or 0)
    return f" {local_date(day)} {day.theme}" if day is not None else ""


def _last(told: Told) -> str:
    user = db.session.get(User, told.user_id) if told.user_id is not None else None
    return _(
        "最后记在第 %(number)s 行，%(when)s，%(who)s",
        number=told.number,
        when=clock.local(told.at, "Asia/Shanghai").strftime("%Y-%m-%d %H:%M"),
        who=user.display_name if user is not None else _("系统"),
    )


def both_ways(community: Community) -> Iterator[str]:
    """What must stand beside what: settled day and settlement, fund and book, entry and journal."""
    yield from _unsettled(community)
    books = list(db.session.scalars(sa.select(Book).where(Book.community_id == community.id)))
    funds = list(db.session.scalars(sa.select(Fund).where(Fund.community_id == community.id)))
    for fund in funds:
        if fund.book_id not in {book.id for book in books}:
            yield _("%(where)s：基金“%(fund)s”的账簿不见了", where=community.name, fund=fund.name)
    for book in books:
        if not funds and book.entry_count:
            yield _("%(where)s：账簿“%(book)s”还在，基金登记不见了", where=community.name, book=book.title)
        yield from _wrong_heads(community, book)
    if not books and _posted(community):
        yield _("%(where)s：有捐了钱的结算，账簿却不见了", where=community.name)


def _unsettled(community: Community) -> Iterator[str]:
    settled = sa.select(Settlement.day_id)
    query = sa.select(MarketDay).where(
        MarketDay.community_id == community.id,
        MarketDay.state.in_((DayState.SETTLED, DayState.ARCHIVED)),
        MarketDay.id.not_in(settled),
    )
    for day in db.session.scalars(query):
        yield _(
            "%(where)s %(date)s %(theme)s：已经结算，却没有结算表",
            where=community.name,
            date=local_date(day),
            theme=day.theme,
        )


def _posted(community: Community) -> bool:
    query = sa.select(Settlement.id).where(
        Settlement.community_id == community.id, Settlement.contribution_fen > 0
    )
    return db.session.scalar(query.limit(1)) is not None


def _wrong_heads(community: Community, book: Book) -> Iterator[str]:
    """Entries carry a head of the journal: not one that it never had, nor one older than the entry before."""
    heads, last = _Heads(community.id), 0
    query: Any = sa.select(Entry.fiscal_year, Entry.number, Entry.journal).where(Entry.book_id == book.id)
    for year, number, head in stream_stored(query.order_by(Entry.sequence)):
        place = heads.place(head) if head is not None else last
        if place < last:
            yield _(
                "%(where)s：凭证 %(voucher)s 上的日志校验值和日志对不上，日志被删过或换过",
                where=community.name,
                voucher=f"{year}-{number:04d}",
            )
        last = max(place, last)


class _Heads:
    """The heads that a chain had. Entries come in the order of the journal, so both are read side by side."""

    def __init__(self, chain: int) -> None:
        self.chain = chain
        self.now = genesis(chain), 0
        self.later: Iterator[tuple[str, int]] = stream_stored(self._lines())

    def place(self, head: str) -> int:
        """After which line the journal stood there; -1: never."""
        if self.now[0] != head:
            self.now = next((one for one in self.later if one[0] == head), self.now)
        return self.now[1] if self.now[0] == head else self._of_all.get(head, -1)

    @cached_property
    def _of_all(self) -> dict[str, int]:
        """For a book that names one that is not there, or not where it should be."""
        return {genesis(self.chain): 0, **dict(stream_stored(self._lines()))}

    def _lines(self) -> Any:
        query = sa.select(AuditRow.hash, AuditRow.number)
        return query.where(AuditRow.chain == self.chain, AuditRow.number.is_not(None)).order_by(
            AuditRow.number
        )
