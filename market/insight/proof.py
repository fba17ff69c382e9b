"""Checks everything: every book, every settlement computed again, and that each agrees with the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask_babel import force_locale, gettext as _

from market.calendar.service import local_date
from market.clock import local
from market.communities.models import Community
from market.communities.service import communities
from market.db import db
from market.fund.proof import fund_faults
from market.fund.service import fund_of
from market.insight import service as insight
from market.insight.beside import begin_beside
from market.insight.journal_proof import both_ways, journal_faults
from market.insight.witness import heads_seen, keep_heads, still_there
from market.journal import triggers
from market.journal.printed import grown_since, head_now
from market.journal.rules import PLATFORM
from market.journal.verification import Checked, check_journal
from market.ledger import service as ledger
from market.ledger.models import Book, Entry
from market.ledger.rules import Code, EntryKind
from market.money import yuan
from market.settlement import service as settlement
from market.settlement.agreement import text_hash
from market.settlement.fee import wrong_fees
from market.settlement.models import AgreedTerms, Settlement
from market.spending.proof import spending_faults
from market.stored import much_in_memory
from market.vendors.models import Vendor


@dataclass
class Report:
    """What was found: lines to read, and whether anything is wrong."""

    lines: list[str] = field(default_factory=list)
    faults: int = 0

    def wrong(self, sentence: str) -> None:
        self.lines.append(f"✕ {sentence}")
        self.faults += 1

    def well(self, sentence: str) -> None:
        self.lines.append(f"✓ {sentence}")

    def take(self, other: Report) -> None:
        """Adds what another report says."""
        self.lines += other.lines
        self.faults += other.faults


def verify_everything(
    printed: Sequence[str] = (), witness: Path | None = None, *, on_two_cores: bool = False
) -> Report:
    """Verifies the journal, every community's book and settlements. Faults are collected, not raised.

    `printed` are heads that somebody wrote down; `witness` is the folder in which the last heads are kept.
    `on_two_cores` reads the journal in a process beside: for a command, of one thread and with nothing open.
    """
    report = Report()
    with force_locale("zh_Hans_CN"), much_in_memory():
        journal = begin_beside(check_journal) if on_two_cores else check_journal
        found = [(community.id, _verify_community(community)) for community in communities()]
        checked = journal()
        for name in triggers.faults(db.session.connection()):
            report.wrong(_("日志：数据库里少了只增不改的触发器 %(name)s", name=name))
        _verify_journal(report, PLATFORM, checked)
        for chain, of_community in found:
            _verify_journal(report, chain, checked)
            report.take(of_community)
        for head in printed:
            _verify_printed(report, head)
        if witness is not None:
            _verify_witness(report, witness)
    return report


def _verify_community(community: Community) -> Report:
    """Everything of one community but its journal."""
    report, book = Report(), _book(community)
    for sentence in both_ways(community):
        report.wrong(sentence)
    if book is not None:
        _verify_book(report, book)
    _verify_settlements(report, community, book)
    _verify_fund(report, community)
    _say_counters(report, community)
    _say_head(report, community)
    return report


def _say_head(report: Report, community: Community) -> None:
    head = head_now(community.id)
    report.well(
        _(
            "%(name)s：日志 %(lines)s 行，校验码 %(head)s",
            name=community.name,
            lines=head.size,
            head=head.short,
        )
    )


def _verify_printed(report: Report, printed: str) -> None:
    """One head that was printed: of whichever community it is, and of its book where it says no number."""
    for community in communities():
        grown = grown_since(community.id, community.slug, printed)
        if grown is not None:
            report.well(
                _(
                    "%(name)s：印过的校验码对得上，那时 %(then)s 行，现在 %(now)s 行，只增加没有改动",
                    name=community.name,
                    then=grown.at_line,
                    now=grown.lines_now,
                )
            )
            return
        book = _book(community)
        if book is not None and ledger.has_stood_at(book, printed):
            report.well(_("%(book)s：印过的账本指纹对得上", book=book.title))
            return
    report.wrong(_("印过的校验码 %(head)s 对不上：账被换过，或者抄错了", head=printed.strip().split("\n")[0]))


def _verify_witness(report: Report, folder: Path) -> None:
    """What the last check saw must still be there; then what is seen now is kept."""
    seen = heads_seen(folder)
    for community in communities():
        head = seen.get(community.slug)
        if head is not None and not still_there(community.id, community.slug, head):
            report.wrong(
                _(
                    "%(name)s：上次核对时日志是 %(head)s，现在对不上，可能换回了旧的备份",
                    name=community.name,
                    head=head.short,
                )
            )
    if not report.faults:
        keep_heads(folder, {community.slug: head_now(community.id) for community in communities()})


def _book(community: Community) -> Book | None:
    return db.session.scalar(sa.select(Book).where(Book.community_id == community.id))


def _verify_journal(report: Report, chain: int, checked: Checked) -> None:
    for sentence in journal_faults(checked, chain):
        report.wrong(sentence)


def _verify_book(report: Report, book: Book) -> None:
    found = ledger.verify(book)
    for fault in found.faults:
        report.wrong(f"{book.title}: {ledger.fault_sentence(fault)}")
    for name in found.trigger_faults:
        report.wrong(_("%(book)s：数据库里少了只增不改的触发器 %(name)s", book=book.title, name=name))
    if not found.faults and not found.trigger_faults:
        report.well(
            _(
                "%(book)s：%(entries)s 笔凭证，账本指纹 %(print)s",
                book=book.title,
                entries=found.entries,
                print=found.fingerprint,
            )
        )


def _verify_settlements(report: Report, community: Community, book: Book | None) -> None:
    faults = [
        *_wrong_settlements(community),
        *_stray_entries(community, book),
        *_changed_agreements(community),
    ]
    for sentence in faults:
        report.wrong(sentence)


def _verify_fund(report: Report, community: Community) -> None:
    found = fund_of(community)
    if found is None:
        return
    faults = [*fund_faults(found), *spending_faults(found)]
    for sentence in faults:
        report.wrong(sentence)
    if not faults:
        report.well(_("%(fund)s：到账、表决和付款都和账本对得上", fund=found.name))


def _wrong_settlements(community: Community) -> Iterator[str]:
    query = sa.select(Settlement).where(Settlement.community_id == community.id).order_by(Settlement.id)
    for closed in db.session.scalars(query):
        where = f"{community.name} {local_date(closed.day)} {closed.day.theme}"
        for fault in settlement.recompute(closed):
            yield _("%(where)s：结算复算不符（%(fault)s）", where=where, fault=fault)
        if _posted(closed.entry) != closed.contribution_fen:
            yield _(
                "%(where)s：结算 %(closed)s 元，账上 %(posted)s 元",
                where=where,
                closed=yuan(closed.contribution_fen),
                posted=yuan(_posted(closed.entry)),
            )
        fee = closed.stall_fee.fee if closed.stall_fee is not None else None
        for fen in wrong_fees([line.fee_fen for line in closed.lines], fee):
            yield _("%(where)s：有一家的摊位费 %(fen)s 元，不是定的数", where=where, fen=yuan(fen))
        yield from _wrong_reversal(closed, where)


def _wrong_reversal(closed: Settlement, where: str) -> Iterator[str]:
    """The entry of the settlement that counts stands; those of earlier revisions were undone."""
    if closed.entry is None:
        return
    counts = settlement.settlement_of(closed.day) is closed
    undone = closed.entry.reversed_by is not None
    if counts and undone:
        yield _("%(where)s：现行结算的凭证 %(no)s 被冲销了", where=where, no=closed.entry.voucher)
    if not counts and not undone:
        yield _("%(where)s：更正前的凭证 %(no)s 没有冲销", where=where, no=closed.entry.voucher)


def _posted(entry: Entry | None) -> int:
    """What an entry sends on its way to the charity."""
    lines = entry.lines if entry is not None else ()
    return sum(line.amount_fen for line in lines if line.account == Code.TRANSFER_PENDING)


def _changed_agreements(community: Community) -> Iterator[str]:
    """Agreements whose text is not the one that was signed."""
    query = sa.select(AgreedTerms).join(AgreedTerms.vendor).where(Vendor.community_id == community.id)
    for agreed in db.session.scalars(query.where(AgreedTerms.text_hash != "")):
        forgotten = agreed.vendor.forgotten and not agreed.text
        if not forgotten and text_hash(agreed.text) != agreed.text_hash:
            yield _(
                "%(vendor)s：%(date)s 签的捐赠协议，全文被改过",
                vendor=agreed.vendor.trading_name,
                date=local(agreed.agreed_at, community.zone).date(),
            )


def _stray_entries(community: Community, book: Book | None) -> Iterator[str]:
    """Contributions in the book that no settlement stands behind."""
    if book is None:
        return
    known = sa.select(Settlement.entry_id).where(Settlement.community_id == community.id)
    for entry in ledger.entries_without(book, EntryKind.CONTRIBUTION, known):
        yield _("%(book)s：凭证 %(voucher)s 没有对应的结算", book=book.title, voucher=entry.voucher)


def _say_counters(report: Report, community: Community) -> None:
    sums = insight.counters(community)
    report.well(
        _(
            "%(name)s：%(days)s 场，%(vendors)s 家，%(appearances)s 家次，%(visits)s 人次，"
            "营业额 %(takings)s 元，反哺 %(contribution)s 元，物资 %(items)s 件",
            name=community.name,
            days=sums.days,
            vendors=sums.vendors,
            appearances=f"{sums.appearances:,}",
            visits=f"{sums.visits:,}" if sums.counted_days or not sums.days else "—",
            takings=yuan(sums.takings_fen),
            contribution=yuan(sums.contribution_fen),
            items=sums.items,
        )
    )
