"""Proposals: put forward, voted on, withdrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from market import audit
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.fund.models import Fund, Payment, Proposal, Vote
from market.fund.rules import Choice, ProposalState, UseType, decide, same_name
from market.fund.service.funds import MAX_DETAIL, committee, committee_lacks, spendable
from market.ledger.rules import MAX_TEXT, check_text
from market.money import yuan
from market.people import service as people
from market.people.models import User
from market.people.rules import Role


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
    limits = ((purpose, MAX_TEXT), (payee, MAX_TEXT), (detail.replace("\n", " ") or "-", MAX_DETAIL))
    for text, limit in limits:
        if check_text(text, limit) is not None:
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


def vote(proposal: Proposal, choice: Choice, *, by: User, at: datetime, remark: str = "") -> Vote:
    """A member's word, once. Voting the same again is harmless; another word is refused (`fund.voted`).

    Whoever is related to the matter can only recuse themselves (`fund.related`).
    """
    lock_row(proposal)
    members = committee(proposal.fund)
    if by.id not in {member.id for member in members}:
        raise Refusal("fund.not_a_member", _("只有管委会委员才能表决。"), 403)
    if by.id in {one.id for one in people.members(proposal.fund.community, Role.SUPERVISOR)}:
        raise Refusal("fund.supervisor", _("监督员只列席，不表决。请在“人员”里把两个身份分给两个人。"), 403)
    lacks = committee_lacks(proposal.fund)
    if lacks is not None:
        raise Refusal(f"fund.committee_{lacks[0]}", lacks[1])
    earlier = next((vote for vote in proposal.votes if vote.user_id == by.id), None)
    if earlier is not None:
        if earlier.choice is not choice:
            raise Refusal("fund.voted", _("您已经表决过了，不能再改。"))
        return earlier
    if proposal.state is not ProposalState.PROPOSED:
        raise Refusal("fund.decided", _("这项提议已经有结果了。"))
    if not text_holds(proposal):
        raise _text_changed()
    if choice is not Choice.RECUSE and is_related(proposal, by):
        sentence = _("提议是您提的，或者钱付给您，请选“回避”。")
        raise Refusal("fund.related", sentence, 403)
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


def is_related(proposal: Proposal, member: User) -> bool:
    """Whether a member put the proposal forward or is paid by it, and so takes no part (慈善法 14)."""
    return member.id == proposal.proposed_by or same_name(member.display_name, proposal.payee)


def _settle_votes(proposal: Proposal, members: set[int], at: datetime) -> None:
    """Counts the votes of present members only: the vote of somebody who left no longer counts."""
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
    """Proposals on which this member has not voted yet; none for a supervisor, who has no vote."""
    if user.id not in {member.id for member in committee(fund)}:
        return []
    return [
        proposal
        for proposal in proposals(fund)
        if proposal.state is ProposalState.PROPOSED
        and all(vote.user_id != user.id for vote in proposal.votes)
    ]
