"""Whether the steps of the fund's spending and its book tell the same story, both ways."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import gettext as _

from market.db import db
from market.fund.models import Fund, Proposal
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind
from market.money import yuan
from market.spending.models import FinalAccount, SpendingVoucher


def spending_faults(fund: Fund) -> Iterator[str]:
    """A sentence for everything that does not agree; none when all is well."""
    query = sa.select(FinalAccount).join(Proposal).where(Proposal.fund_id == fund.id)
    for account in db.session.scalars(query.order_by(FinalAccount.id)):
        yield from _wrong_account(account)
    for entry in ledger.entries_without(fund.book, EntryKind.UNSPENT, sa.select(FinalAccount.entry_id)):
        yield _("%(fund)s：凭证 %(no)s 没有对应的决算", fund=fund.name, no=entry.voucher)


def _wrong_account(account: FinalAccount) -> Iterator[str]:
    proposal = account.proposal
    if account.spent_fen + account.returned_fen != proposal.amount_fen:
        yield _("用款“%(purpose)s”：花的加上退的，不等于拨付的", purpose=proposal.purpose)
    if account.spent_fen != _by_vouchers(proposal):
        yield _(
            "用款“%(purpose)s”：决算花了 %(spent)s 元，票据加起来不是这个数",
            purpose=proposal.purpose,
            spent=yuan(account.spent_fen),
        )
    if account.checked_at is not None and _posted(account) != account.returned_fen:
        yield _("用款“%(purpose)s”：退回的钱和账上对不上", purpose=proposal.purpose)


def _by_vouchers(proposal: Proposal) -> int:
    total = sa.select(sa.func.sum(SpendingVoucher.amount_fen)).where(
        SpendingVoucher.proposal_id == proposal.id, SpendingVoucher.voided_at.is_(None)
    )
    return int(db.session.scalar(total) or 0)


def _posted(account: FinalAccount) -> int:
    if account.entry is None:
        return 0
    return sum(line.amount_fen for line in account.entry.lines if line.account == Code.AT_CHARITY)
