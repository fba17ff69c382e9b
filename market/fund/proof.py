"""Whether the fund's records and its book tell the same story, both ways."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import gettext as _

from market.db import db
from market.fund.goods_proof import goods_faults
from market.fund.models import CharityNotice, Fund, Payment, Proposal, Remittance
from market.fund.rules import ENTRY_KINDS, Choice, ProposalState, notice_lines
from market.fund.service import proposals, text_holds
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.ledger.rules import Code, EntryKind
from market.money import yuan


def fund_faults(fund: Fund) -> Iterator[str]:
    """A sentence for everything that does not agree; none when all is well."""
    yield from _wrong_remittances(fund)
    yield from _wrong_notices(fund)
    for proposal in proposals(fund):
        yield from _wrong_payment(proposal)
    yield from goods_faults(fund)
    yield from _stray(fund, EntryKind.REMITTANCE, sa.select(Remittance.entry_id))
    yield from _stray(fund, EntryKind.SPENDING, sa.select(Payment.entry_id))
    for kind in dict.fromkeys(ENTRY_KINDS.values()):
        yield from _stray(fund, kind, sa.select(CharityNotice.entry_id))


def _at_charity(entry: Entry) -> int:
    return sum(line.amount_fen for line in entry.lines if line.account == Code.AT_CHARITY)


def _wrong_remittances(fund: Fund) -> Iterator[str]:
    for arrived in db.session.scalars(sa.select(Remittance).where(Remittance.fund_id == fund.id)):
        if _at_charity(arrived.entry) != arrived.amount_fen:
            yield _(
                "%(fund)s：到账登记 %(no)s 是 %(amount)s 元，账上 %(posted)s 元",
                fund=fund.name,
                no=arrived.reference,
                amount=yuan(arrived.amount_fen),
                posted=yuan(_at_charity(arrived.entry)),
            )


def _wrong_notices(fund: Fund) -> Iterator[str]:
    """A notice that is posted as something else, or that says wrongly whether its entry still counts."""
    posted = sa.select(CharityNotice).where(
        CharityNotice.fund_id == fund.id, CharityNotice.entry_id.is_not(None)
    )
    for notice in db.session.scalars(posted):
        entry = notice.entry
        if entry is None or entry.lines != tuple(notice_lines(notice.source, notice.amount_fen)):
            yield _(
                "%(fund)s：到账通知 %(no)s 是 %(amount)s 元，账上记的不是这样",
                fund=fund.name,
                no=notice.reference,
                amount=yuan(notice.amount_fen),
            )
        elif (entry.reversed_by is not None) is not (notice.undone_at is not None):
            yield _("%(fund)s：到账通知 %(no)s 冲销没有，和账上对不上", fund=fund.name, no=notice.reference)


def _wrong_payment(proposal: Proposal) -> Iterator[str]:
    payment, purpose = proposal.payment, proposal.purpose
    if (payment is not None) is not (proposal.state is ProposalState.PAID):
        yield _("用款“%(purpose)s”：登记付过款没有，和它的状态对不上", purpose=purpose)
    if payment is None:
        return
    if -_at_charity(payment.entry) != proposal.amount_fen:
        yield _(
            "用款“%(purpose)s”：提议 %(amount)s 元，账上付了 %(posted)s 元",
            purpose=purpose,
            amount=yuan(proposal.amount_fen),
            posted=yuan(-_at_charity(payment.entry)),
        )
    if not text_holds(proposal) or any(vote.text_hash != proposal.text_hash for vote in proposal.votes):
        yield _("用款“%(purpose)s”：内容在表决后改过", purpose=purpose)
    said = [vote.choice for vote in proposal.votes]
    if said.count(Choice.YES) <= said.count(Choice.NO):
        yield _("用款“%(purpose)s”：付了款，同意的票却不够", purpose=purpose)


def _stray(fund: Fund, kind: EntryKind, known: sa.Select[tuple[int]]) -> Iterator[str]:
    """Entries of the book that no record stands behind."""
    for entry in ledger.entries_without(fund.book, kind, known):
        if kind in (EntryKind.REMITTANCE, *ENTRY_KINDS.values()):
            yield _("%(fund)s：凭证 %(no)s 没有对应的到账登记", fund=fund.name, no=entry.voucher)
        else:
            yield _("%(fund)s：凭证 %(no)s 没有对应的付款登记", fund=fund.name, no=entry.voucher)
