"""Proposals: put forward, amended, voted on, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, lock_row, race_point
from market.demand.models import Wish
from market.errors import Refusal
from market.fund import service as funds
from market.fund.models import Fund, Proposal, Vote
from market.fund.rules import Choice, ProposalState, UseType, decide, same_name
from market.fund.service import MAX_DETAIL, committee, committee_lacks, spendable, text_hash
from market.ledger.rules import MAX_TEXT, check_text
from market.money import yuan
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.spending.models import LONGEST_ORIGIN, DeclaredInterest, SpendingCase
from market.spending.rules import FULL, Stage, Step, Use, Verdict, needs_of, pieces
from market.spending.service.cases import (
    EVERYBODY,
    Story,
    locked,
    require_role,
    require_same,
    require_seen,
    require_text,
    rule_of,
    stories,
    story_of,
)
from market.spending.service.overview import standings

COUNTING = (ProposalState.PROPOSED, ProposalState.APPROVED, ProposalState.PAID)
"""Uses that count when somebody looks for pieces of a larger one."""


@dataclass(frozen=True)
class Need:
    """Where a proposal comes from."""

    wish: Wish | None = None
    origin: str = ""


def propose(
    fund: Fund,
    use_type: UseType,
    purpose: str,
    *,
    payee: str,
    amount_fen: int,
    detail: str = "",
    need: Need | None = None,
    long_way: bool = False,
    by: User,
    at: datetime,
) -> Proposal:
    """Puts a use of money forward. Its text is sealed: whatever is said and voted is about exactly this text.

    What is asked of it on its way is what the city profile says today of a use of this size. A small one that
    makes a large one together with others is refused (`spending.split`), unless it goes the long way.
    """
    lock_row(fund)
    require_role(fund, by, EVERYBODY)
    proposal = _new_proposal(fund, use_type, purpose, payee, amount_fen, detail, by, at)
    steps = _steps(proposal, long_way, at)
    _add_case(proposal, steps, need or Need(), None)
    audit.record("fund.propose", proposal, by=by, at=at, community=fund.community, fen=amount_fen)
    return proposal


def _new_proposal(
    fund: Fund,
    use_type: UseType,
    purpose: str,
    payee: str,
    amount_fen: int,
    detail: str,
    by: User,
    at: datetime,
) -> Proposal:
    if amount_fen <= 0:
        raise Refusal("fund.no_amount", _("请填要用多少钱。"), 422)
    _check_public_texts(purpose, payee, detail)
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
    proposal.text_hash = text_hash(proposal)
    db.session.add(proposal)
    db.session.flush()
    return proposal


def _check_public_texts(purpose: str, payee: str, detail: str) -> None:
    """The purpose becomes the memo of an entry, and all of it is public."""
    limits = ((purpose, MAX_TEXT), (payee, MAX_TEXT), (detail.replace("\n", " ") or "-", MAX_DETAIL))
    for text, limit in limits:
        if check_text(text, limit) is not None:
            raise Refusal(
                "fund.unfit_text", _("请写清做什么、付给谁；会公开，请不要写手机号或身份证号。"), 422
            )


def _steps(proposal: Proposal, long_way: bool, at: datetime) -> Sequence[Step]:
    fund, rule = proposal.fund, rule_of(proposal.fund)
    if long_way:
        return FULL
    earlier = db.session.scalars(
        sa.select(Proposal).where(
            Proposal.fund_id == fund.id,
            Proposal.id != proposal.id,
            Proposal.state.in_(COUNTING),
            Proposal.proposed_at >= at - timedelta(days=rule.split_days),
        )
    )
    alike = pieces(_use(proposal), map(_use, earlier), rule)
    if alike:
        named = _("、").join(f"{one.purpose} {yuan(one.amount_fen)}" for one in alike[:5])
        sentence = _(
            "和这些合在一起，超过了简易程序的 %(limit)s 元：%(uses)s。请合成一项提议，或者勾上“走完整程序”。",
            limit=yuan(rule.simple_fen),
            uses=named,
        )
        raise Refusal("spending.split", sentence)
    return needs_of(proposal.amount_fen, rule, long_way=False)


def _use(proposal: Proposal) -> Use:
    return Use(proposal.ref, proposal.purpose, proposal.payee, proposal.amount_fen)


def _add_case(proposal: Proposal, steps: Sequence[Step], need: Need, amends: Proposal | None) -> None:
    origin = need.origin.strip()
    if origin and check_text(origin, LONGEST_ORIGIN) is not None:
        raise Refusal("fund.unfit_text", _("需求从哪来会公开，请不要写手机号或身份证号。"), 422)
    if need.wish is not None and need.wish.community_id != proposal.fund.community_id:
        raise Refusal("spending.no_wish", _("居民需求清单里没有这一条，请重新选。"), 422)
    case = SpendingCase(
        proposal=proposal, needs=",".join(steps), wish=need.wish, origin=origin, amends=amends
    )
    db.session.add(case)
    db.session.flush()


@dataclass(frozen=True)
class Wording:
    """What a proposal says."""

    use_type: UseType
    purpose: str
    payee: str
    amount_fen: int
    detail: str = ""


def amend(proposal: Proposal, new: Wording, *, seen: str | None = None, by: User, at: datetime) -> Proposal:
    """Another text in place of this one: another proposal, for which nobody has voted.

    Every step is asked of it again. The same text once more changes nothing.
    """
    lock_row(proposal.fund)
    story = locked(proposal, at=at)
    require_role(proposal.fund, by, EVERYBODY)
    if story.amended_by is not None and _wording(story.amended_by) == new:
        return story.amended_by
    require_seen(story, seen)
    _refuse_amending(story)
    if _wording(proposal) == new:
        raise Refusal("spending.same_text", _("内容和原来一样，没有要改的。"), 422)
    proposal.state = ProposalState.WITHDRAWN
    db.session.flush()
    made = _new_proposal(
        proposal.fund, new.use_type, new.purpose, new.payee, new.amount_fen, new.detail, by, at
    )
    case = story.case
    need = Need(case.wish, case.origin) if case is not None else Need()
    long_way = Step.CONSULTATION in story.needs
    _add_case(made, _steps(made, long_way, at), need, proposal)
    audit.record("spending.amend", proposal, by=by, at=at, community=proposal.fund.community, into=made.ref)
    return made


def _refuse_amending(story: Story) -> None:
    application = story.application
    if story.proposal.state not in (ProposalState.PROPOSED, ProposalState.APPROVED) or story.amended_by:
        raise Refusal("fund.decided", _("这项提议已经有结果了。"))
    if application is not None and application.verdict is Verdict.WAITING:
        raise Refusal("spending.at_the_charity", _("申请还在慈善组织那里，等它答复了再改。"))


def _wording(proposal: Proposal) -> Wording:
    return Wording(proposal.use_type, proposal.purpose, proposal.payee, proposal.amount_fen, proposal.detail)


# ── voting ────────────────────────────────────────────────────────────────────────────────────────────────


def vote(
    proposal: Proposal,
    choice: Choice,
    *,
    by: User,
    at: datetime,
    remark: str = "",
    seen: str | None = None,
) -> Vote:
    """A member's word, once. Voting the same again is harmless; another word is refused (`fund.voted`).

    Whoever is related to the matter can only recuse themselves (`fund.related`). Where a meeting is asked
    for, it must be in session, and the member there.
    """
    lock_row(proposal)
    members = committee(proposal.fund)
    _refuse_voter(proposal, by, members)
    earlier = next((vote for vote in proposal.votes if vote.user_id == by.id), None)
    if earlier is not None:
        if earlier.choice is not choice:
            raise Refusal("fund.voted", _("您已经表决过了，不能再改。"))
        return earlier
    _refuse_vote(proposal, choice, seen, by, at)
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


def _refuse_voter(proposal: Proposal, by: User, members: Sequence[User]) -> None:
    if by.id not in {member.id for member in members}:
        raise Refusal("fund.not_a_member", _("只有管委会委员才能表决。"), 403)
    if by.id in {one.id for one in people.members(proposal.fund.community, Role.SUPERVISOR)}:
        raise Refusal("fund.supervisor", _("监督员只列席，不表决。请在“人员”里把两个身份分给两个人。"), 403)
    lacks = committee_lacks(proposal.fund)
    if lacks is not None:
        raise Refusal(f"fund.committee_{lacks[0]}", lacks[1])


def _refuse_vote(proposal: Proposal, choice: Choice, seen: str | None, by: User, at: datetime) -> None:
    if proposal.state is not ProposalState.PROPOSED:
        raise Refusal("fund.decided", _("这项提议已经有结果了。"))
    require_text(proposal)
    story = story_of(proposal, at=at)
    if seen is not None and seen != proposal.text_hash:
        raise Refusal("spending.stale", _("您打开页面以后，内容有变动。请看看现在的，再定。"))
    if story.stage is not Stage.VOTE:
        raise Refusal("spending.no_meeting", _("还没有开会表决这一项。开会点过名以后，再来表决。"))
    if Step.MEETING in story.needs and not _is_there(story, by):
        sentence = _("点名时您不在场，这次不能表决。来了请让工作人员补点名。")
        raise Refusal("spending.absent", sentence, 403)
    if choice is not Choice.RECUSE and is_related(proposal, by):
        sentence = _("提议是您提的，或者钱付给您，请选“回避”。")
        raise Refusal("fund.related", sentence, 403)


def _is_there(story: Story, member: User) -> bool:
    return story.meeting is not None and member.id in {one.user_id for one in story.meeting.present}


def is_related(proposal: Proposal, member: User) -> bool:
    """Whether a member put the proposal forward, is paid by it, or said that it concerns them.

    Whoever is related takes no part (慈善法 14).
    """
    if member.id == proposal.proposed_by or same_name(member.display_name, proposal.payee):
        return True
    declared = sa.select(DeclaredInterest.id).where(
        DeclaredInterest.proposal_id == proposal.id, DeclaredInterest.user_id == member.id
    )
    return db.session.scalar(declared) is not None


def declare_interest(proposal: Proposal, what: str, *, by: User, at: datetime) -> DeclaredInterest:
    """A member says that a proposal concerns them, before anybody has to ask; once, and for good."""
    lock_row(proposal)
    _refuse_voter(proposal, by, committee(proposal.fund))
    known = db.session.scalar(
        sa.select(DeclaredInterest).where(
            DeclaredInterest.proposal_id == proposal.id, DeclaredInterest.user_id == by.id
        )
    )
    if known is not None:
        require_same(known, what=what.strip())
        return known
    if proposal.state is not ProposalState.PROPOSED or any(vote.user_id == by.id for vote in proposal.votes):
        raise Refusal("fund.decided", _("这项提议已经有结果了，或者您已经表决过了。"))
    if check_text(what, MAX_TEXT) is not None:
        raise Refusal("fund.unfit_text", _("请写一句和您有什么关系；会公开，请不要写手机号或身份证号。"), 422)
    row = DeclaredInterest(proposal=proposal, user=by, what=what.strip(), declared_at=at)
    db.session.add(row)
    db.session.flush()
    audit.record("spending.declare_interest", proposal, by=by, at=at, community=proposal.fund.community)
    return row


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
    require_role(proposal.fund, by, EVERYBODY)
    if proposal.state is ProposalState.WITHDRAWN:
        return
    if proposal.state not in (ProposalState.PROPOSED, ProposalState.APPROVED):
        raise Refusal("fund.decided", _("这项提议已经有结果了。"))
    application = story_of(proposal, at=at).application
    if application is not None and application.verdict is Verdict.WAITING:
        raise Refusal("spending.at_the_charity", _("申请还在慈善组织那里，等它答复了再撤。"))
    proposal.state = ProposalState.WITHDRAWN
    audit.record("fund.withdraw_proposal", proposal, by=by, at=at, community=proposal.fund.community)


def awaiting(fund: Fund, user: User, *, at: datetime) -> Sequence[Proposal]:
    """Proposals on which this member may vote now and has not; none for a supervisor, who has no vote."""
    if user.id not in {member.id for member in committee(fund)}:
        return []
    asked = [
        proposal
        for proposal in funds.proposals(fund)
        if proposal.state is ProposalState.PROPOSED
        and all(vote.user_id != user.id for vote in proposal.votes)
    ]
    voting = [one.proposal for one in standings(asked, at=at) if one.stage is Stage.VOTE]
    return [
        story.proposal
        for story in stories(voting, at=at)
        if Step.MEETING not in story.needs or _is_there(story, user)
    ]
