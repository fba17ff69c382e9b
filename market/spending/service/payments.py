"""Paying what the committee decided."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.fund.models import Payment, Proposal
from market.fund.rules import ProposalState
from market.ledger import service as ledger
from market.ledger.chart import N_
from market.ledger.rules import Code, EntryKind, credit, debit
from market.people import service as people
from market.people.models import User
from market.spending.rules import Stage
from market.spending.service.cases import EVERYBODY, require_role, require_seen, require_text, story_of


def record_payment(
    proposal: Proposal, paid_on: date, reference: str, *, seen: str | None = None, by: User, at: datetime
) -> Payment:
    """Records that the charity paid an approved proposal; once. The payer is not the proposer."""
    lock_row(proposal)
    require_role(proposal.fund, by, EVERYBODY)
    reference = reference.strip()
    if proposal.payment is not None:
        if (proposal.payment.reference, proposal.payment.paid_on) != (reference, paid_on):
            raise Refusal("fund.paid", _("这项用款已经登记过付款了，凭证号或日期和这次的不一样，请核对。"))
        return proposal.payment
    require_seen(story_of(proposal, at=at), seen)
    _check_payment(proposal, paid_on, reference, by, at)
    race_point("fund.pay")
    booked_on = ledger.booking_date(proposal.fund.book, paid_on, at)
    entry = ledger.post(
        proposal.fund.book,
        f"payment:{proposal.ref}",
        EntryKind.SPENDING,
        [debit(proposal.use_type.value, proposal.amount_fen), credit(Code.AT_CHARITY, proposal.amount_fen)],
        happened_on=booked_on,
        memo=proposal.purpose if booked_on == paid_on else _earlier_memo(proposal, paid_on),
        by=by,
        at=at,
    )
    payment = Payment(
        proposal=proposal,
        entry=entry,
        paid_on=paid_on,
        reference=reference,
        recorded_by=by.id,
        recorded_at=at,
    )
    db.session.add(payment)
    proposal.state = ProposalState.PAID
    db.session.flush()
    audit.record("fund.record_payment", proposal, by=by, at=at, community=proposal.fund.community)
    return payment


def _earlier_memo(proposal: Proposal, paid_on: date) -> str:
    """A payment whose period is closed counts now, and says when it was made."""
    facts = {"purpose": proposal.purpose, "date": paid_on.isoformat()}
    return N_("%(purpose)s（%(date)s 付款，属于前期）") % facts


def _check_payment(proposal: Proposal, paid_on: date, reference: str, by: User, at: datetime) -> None:
    if proposal.state is not ProposalState.APPROVED:
        raise Refusal("fund.not_approved", _("管委会还没有通过这项用款，不能登记付款。"))
    require_text(proposal)
    if story_of(proposal, at=at).stage is not Stage.PAY:
        raise Refusal("spending.not_applied", _("慈善组织还没有批准这项用款，不能登记付款。"))
    if proposal.proposed_by == by.id:
        raise Refusal("fund.second_person", _("付款要由提议人以外的另一位来登记。"), 403)
    if people.made_links(by, [vote.user_id for vote in proposal.votes]):
        sentence = _("有委员是用您做的登录链接进来表决的，付款要由另一位来登记。")
        raise Refusal("fund.holds_their_access", sentence, 403)
    if not reference:
        raise Refusal("fund.no_payment_reference", _("请填付款凭证号。"), 422)
    if paid_on < proposal.fund.signed_on:
        raise Refusal("fund.paid_before", _("付款日期比基金签订还早，请看看年月日是不是选错了。"), 422)
    if paid_on > local(at, proposal.fund.community.zone).date():
        raise Refusal("fund.paid_in_future", _("付款日期还没有到，请看看是不是选错了。"), 422)
