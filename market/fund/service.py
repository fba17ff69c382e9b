"""Opening a fund, the charity's confirmations, proposals, votes and payments."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from market import audit
from market.calendar.models import MarketDay
from market.clock import local
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.fund.models import Fund, Payment, Proposal, Remittance, Vote
from market.fund.rules import Choice, ProposalState, UseType, committee_fault, decide
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind, check_text, credit, debit
from market.money import yuan
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.settlement import service as settlement

MAX_DETAIL = 500

COMMITTEE_SENTENCES = {
    "too_small": _("管委会不足 3 人，还不能表决。请先在“人员”里补齐委员。"),
    "even": _("管委会人数要是单数，现在是双数，还不能表决。请增减一位委员。"),
}

# ── the fund and its book ─────────────────────────────────────────────────────────────────────────────────


def open_fund(
    community: Community,
    name: str,
    *,
    charity: str,
    agreement_no: str,
    signed_on: date,
    purpose: str,
    by: User,
    at: datetime,
) -> Fund:
    """Records the agreement with the charity and opens the shadow book; once a community."""
    lock_row(community)
    fund = fund_of(community)
    if fund is not None:
        raise Refusal("fund.exists", _("这个社区已经有基金了：%(name)s。", name=fund.name))
    book = ledger.open_book(community, name, by=by, at=at)
    fund = Fund(
        community=community,
        book=book,
        name=name.strip(),
        charity=charity.strip(),
        agreement_no=agreement_no.strip(),
        signed_on=signed_on,
        purpose=purpose.strip(),
    )
    db.session.add(fund)
    db.session.flush()
    audit.record("fund.open_fund", fund, by=by, at=at, agreement_no=fund.agreement_no)
    return fund


def fund_of(community: Community) -> Fund | None:
    """The community's fund, None before it is opened."""
    return db.session.scalar(sa.select(Fund).where(Fund.community_id == community.id))


def require_fund(community: Community) -> Fund:
    """The community's fund, or a refusal that says how to get one."""
    fund = fund_of(community)
    if fund is None:
        raise NotFound("fund.none", _("这个社区还没有开设基金。签好协议后，由工作人员在“社区基金”里登记。"))
    return fund


# ── money arriving at the charity ─────────────────────────────────────────────────────────────────────────


def in_transit(day: MarketDay) -> int:
    """What the market contributed and the charity has not confirmed, in fen; negative when it holds more."""
    closed = settlement.settlement_of(day)
    contributed = closed.contribution_fen if closed is not None else 0
    return contributed - sum(remittance.amount_fen for remittance in remittances(day))


def remittances(day: MarketDay) -> list[Remittance]:
    """The charity's confirmations for one market day, oldest first."""
    query = sa.select(Remittance).where(Remittance.day_id == day.id).order_by(Remittance.id)
    return list(db.session.scalars(query))


def confirm_remittance(day: MarketDay, reference: str, *, by: User, at: datetime) -> Remittance:
    """Records the charity's word that everything in transit from a market has arrived.

    The same reference again is the same confirmation. Refuses `fund.nothing_in_transit`.
    """
    fund = require_fund(day.community)
    lock_row(day)
    reference = reference.strip()
    if not reference:
        raise Refusal("fund.no_reference", _("请填慈善组织的到账凭证号。"), 422)
    earlier = _remittance_by_reference(fund, reference)
    if earlier is not None:
        return _same_day(earlier, day)
    amount = in_transit(day)
    if amount <= 0:
        raise Refusal("fund.nothing_in_transit", _("这一场没有在途的钱，不用再登记到账。"))
    race_point("fund.remit")
    entry = ledger.post(
        fund.book,
        f"remittance:{day.ref}:{len(remittances(day)) + 1}",
        EntryKind.REMITTANCE,
        [debit(Code.AT_CHARITY, amount), credit(Code.TRANSFER_PENDING, amount)],
        happened_on=local(at, day.community.zone).date(),
        memo=f"{day.theme}反哺到账",
        by=by,
        at=at,
    )
    remittance = Remittance(
        fund_id=fund.id,
        day=day,
        amount_fen=amount,
        reference=reference,
        entry=entry,
        confirmed_by=by.id,
        confirmed_at=at,
    )
    db.session.add(remittance)
    db.session.flush()
    audit.record("fund.confirm_remittance", remittance, by=by, at=at, community=day.community, fen=amount)
    return remittance


def _remittance_by_reference(fund: Fund, reference: str) -> Remittance | None:
    query = sa.select(Remittance).where(Remittance.fund_id == fund.id, Remittance.reference == reference)
    return db.session.scalar(query)


def _same_day(remittance: Remittance, day: MarketDay) -> Remittance:
    if remittance.day_id != day.id:
        raise Refusal("fund.reference_taken", _("这个凭证号已经登记在别的场次上了，请核对。"))
    return remittance


# ── deciding ──────────────────────────────────────────────────────────────────────────────────────────────


def committee(fund: Fund) -> list[User]:
    """Who decides on spending now."""
    return people.members(fund.community, Role.COMMITTEE)


def propose(
    fund: Fund,
    use_type: UseType,
    purpose: str,
    *,
    payee: str,
    amount_fen: int,
    detail: str = "",
    by: User,
    at: datetime,
) -> Proposal:
    """Puts a use of money before the committee. Its text is sealed: votes are for exactly this text."""
    if amount_fen <= 0:
        raise Refusal("fund.no_amount", _("请填要用多少钱。"), 422)
    _check_public_texts(purpose, payee, detail)
    lock_row(fund)
    free = spendable(fund)
    if amount_fen > free:
        sentence = _(
            "能用的钱不够：还能提议 %(amount)s 元。请减少金额，或等在途的钱到账。", amount=yuan(free)
        )
        raise Refusal("fund.not_enough", sentence)
    race_point("fund.propose")
    proposal = Proposal(
        fund=fund,
        use_type=use_type,
        purpose=purpose.strip(),
        detail=detail.strip(),
        payee=payee.strip(),
        amount_fen=amount_fen,
        text_hash="",
        proposed_by=by.id,
        proposed_at=at,
    )
    proposal.text_hash = _text_hash(proposal)
    db.session.add(proposal)
    db.session.flush()
    audit.record("fund.propose", proposal, by=by, at=at, community=fund.community, fen=amount_fen)
    return proposal


def _check_public_texts(purpose: str, payee: str, detail: str) -> None:
    """The purpose becomes the memo of an entry, and all of it is public."""
    for text in (purpose, payee, detail.replace("\n", " ") or "-"):
        if check_text(text, MAX_DETAIL) is not None:
            raise Refusal(
                "fund.unfit_text", _("请写清做什么、付给谁；会公开，请不要写手机号或身份证号。"), 422
            )


def _text_hash(proposal: Proposal) -> str:
    parts = (
        proposal.use_type.value,
        proposal.purpose,
        proposal.detail,
        proposal.payee,
        str(proposal.amount_fen),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def text_holds(proposal: Proposal) -> bool:
    """Whether the text is still the one that was put before the committee."""
    return _text_hash(proposal) == proposal.text_hash


def spendable(fund: Fund) -> int:
    """What lies at the charity and is asked for by no other proposal, in fen: whatever the committee
    approves can be paid."""
    promised = sa.select(sa.func.sum(Proposal.amount_fen)).where(
        Proposal.fund_id == fund.id, Proposal.state.in_((ProposalState.PROPOSED, ProposalState.APPROVED))
    )
    return ledger.balance(fund.book, Code.AT_CHARITY) - int(db.session.scalar(promised) or 0)


def vote(proposal: Proposal, choice: Choice, *, by: User, at: datetime, remark: str = "") -> Vote:
    """A member's word, once. Voting the same again is harmless; another word is refused (`fund.voted`)."""
    lock_row(proposal)
    members = committee(proposal.fund)
    if by.id not in {member.id for member in members}:
        raise Refusal("fund.not_a_member", _("只有管委会委员才能表决。"), 403)
    fault = committee_fault(len(members))
    if fault is not None:
        raise Refusal(f"fund.committee_{fault}", COMMITTEE_SENTENCES[fault])
    earlier = next((vote for vote in proposal.votes if vote.user_id == by.id), None)
    if earlier is not None:
        if earlier.choice is not choice:
            raise Refusal("fund.voted", _("您已经表决过了，不能再改。"))
        return earlier
    if proposal.state is not ProposalState.PROPOSED:
        raise Refusal("fund.decided", _("这项提议已经有结果了。"))
    if not text_holds(proposal):
        raise _text_changed()
    race_point("fund.vote")
    word = Vote(
        proposal=proposal,
        user=by,
        choice=choice,
        text_hash=proposal.text_hash,
        remark=remark.strip(),
        voted_at=at,
    )
    db.session.add(word)
    db.session.flush()
    audit.record("fund.vote", proposal, by=by, at=at, community=proposal.fund.community, choice=choice.value)
    _settle_votes(proposal, {member.id for member in members}, at)
    return word


def _settle_votes(proposal: Proposal, members: set[int], at: datetime) -> None:
    """Only who is a member now counts: somebody's word leaves the committee with them."""
    db.session.refresh(proposal, ["votes"])
    state = decide(len(members), [vote.choice for vote in proposal.votes if vote.user_id in members])
    if state is not ProposalState.PROPOSED:
        proposal.state = state
        proposal.decided_at = at


def withdraw_proposal(proposal: Proposal, *, by: User, at: datetime) -> None:
    """Takes a proposal back before it is paid, so that its money is free again; twice is once."""
    lock_row(proposal)
    if proposal.state is ProposalState.WITHDRAWN:
        return
    if proposal.state not in (ProposalState.PROPOSED, ProposalState.APPROVED):
        raise Refusal("fund.decided", _("这项提议已经有结果了。"))
    proposal.state = ProposalState.WITHDRAWN
    audit.record("fund.withdraw_proposal", proposal, by=by, at=at, community=proposal.fund.community)


def record_payment(proposal: Proposal, paid_on: date, reference: str, *, by: User, at: datetime) -> Payment:
    """Records that the charity paid an approved proposal; once. The payer is not the proposer."""
    lock_row(proposal)
    reference = reference.strip()
    if proposal.payment is not None:
        if proposal.payment.reference != reference:
            raise Refusal("fund.paid", _("这项用款已经登记过付款了，凭证号和这次的不一样，请核对。"))
        return proposal.payment
    _check_payment(proposal, paid_on, reference, by, at)
    race_point("fund.pay")
    entry = ledger.post(
        proposal.fund.book,
        f"payment:{proposal.ref}",
        EntryKind.SPENDING,
        [debit(proposal.use_type.value, proposal.amount_fen), credit(Code.AT_CHARITY, proposal.amount_fen)],
        happened_on=paid_on,
        memo=proposal.purpose,
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


def _check_payment(proposal: Proposal, paid_on: date, reference: str, by: User, at: datetime) -> None:
    if proposal.state is not ProposalState.APPROVED:
        raise Refusal("fund.not_approved", _("管委会还没有通过这项用款，不能登记付款。"))
    if not text_holds(proposal):
        raise _text_changed()
    if proposal.proposed_by == by.id:
        raise Refusal("fund.second_person", _("付款要由提议人以外的另一位来登记。"), 403)
    if not reference:
        raise Refusal("fund.no_payment_reference", _("请填付款凭证号。"), 422)
    if paid_on > local(at, proposal.fund.community.zone).date():
        raise Refusal("fund.paid_in_future", _("付款日期还没有到，请看看是不是选错了。"), 422)


def _text_changed() -> Refusal:
    return Refusal("fund.text_changed", _("提议的内容和交给管委会时的不一样了，表决作废。请撤回，重新提议。"))


def proposals(fund: Fund) -> list[Proposal]:
    """Every proposal, newest first."""
    query = (
        sa.select(Proposal)
        .where(Proposal.fund_id == fund.id)
        .options(selectinload(Proposal.votes), selectinload(Proposal.payment).selectinload(Payment.entry))
        .order_by(Proposal.id.desc())
    )
    return list(db.session.scalars(query))


def find_proposal(fund: Fund, ref: str) -> Proposal:
    """A proposal of this fund."""
    proposal = db.session.scalar(sa.select(Proposal).where(Proposal.fund_id == fund.id, Proposal.ref == ref))
    if proposal is None:
        raise NotFound("fund.no_proposal", _("没有这项提议。"))
    return proposal


def awaiting(fund: Fund, user: User) -> Sequence[Proposal]:
    """Proposals on which this member has not voted yet."""
    return [
        proposal
        for proposal in proposals(fund)
        if proposal.state is ProposalState.PROPOSED
        and all(vote.user_id != user.id for vote in proposal.votes)
    ]
