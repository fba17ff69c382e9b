"""How a proposal stands: its steps, gathered; everything that a page shows of it is read from here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.clock import local
from market.communities.profile import SpendingRule
from market.communities.service import profile_of
from market.db import db, lock_row
from market.errors import Refusal
from market.fund import service as funds
from market.fund.models import Fund, Proposal
from market.fund.rules import ProposalState
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.spending.models import (
    AgendaItem,
    Appraisal,
    CharityApplication,
    CommitteeMeeting,
    Consultation,
    DeclaredInterest,
    FinalAccount,
    SpendingCase,
    SpendingVoucher,
)
from market.spending.rules import AccountDue, Facts, Stage, Step, account_due, stage

S = TypeVar(
    "S",
    Appraisal,
    Consultation,
    AgendaItem,
    DeclaredInterest,
    CharityApplication,
    SpendingVoucher,
    FinalAccount,
)
"""A step of a proposal."""

WORKERS, EVERYBODY = (Role.STAFF,), (Role.STAFF, Role.COMMITTEE)


@dataclass
class Story:
    """A proposal with every step that was taken."""

    proposal: Proposal
    today: date
    case: SpendingCase | None = None
    amended_by: Proposal | None = None
    appraisals: list[Appraisal] = field(default_factory=list)
    consultation: Consultation | None = None
    meetings: list[CommitteeMeeting] = field(default_factory=list)
    interests: list[DeclaredInterest] = field(default_factory=list)
    applications: list[CharityApplication] = field(default_factory=list)
    vouchers: list[SpendingVoucher] = field(default_factory=list)
    account: FinalAccount | None = None

    @property
    def needs(self) -> frozenset[Step]:
        return self.case.steps if self.case is not None else frozenset()

    @property
    def appraisal(self) -> Appraisal | None:
        """The one that counts."""
        return self.appraisals[-1] if self.appraisals else None

    @property
    def meeting(self) -> CommitteeMeeting | None:
        """The one that is called or in session."""
        return next((one for one in self.meetings if one.closed_at is None), None)

    @property
    def application(self) -> CharityApplication | None:
        return self.applications[-1] if self.applications else None

    @property
    def spent_fen(self) -> int:
        return sum(one.amount_fen for one in self.vouchers)

    @cached_property
    def stage(self) -> Stage:
        consultation, meeting, application = self.consultation, self.meeting, self.application
        facts = Facts(
            state=self.proposal.state,
            needs=self.needs,
            amended=self.amended_by is not None,
            appraised=self.appraisal is not None,
            consulted_until=consultation.ends_on if consultation is not None else None,
            answered=consultation is not None and consultation.closed_at is not None,
            called=meeting is not None,
            in_session=meeting is not None and meeting.in_session,
            verdict=application.verdict if application is not None else None,
            accounted=self.account is not None,
            checked=self.account is not None and self.account.checked_at is not None,
        )
        return stage(facts, self.today)

    def date_of(self, moment: datetime) -> date:
        """On the community's wall."""
        return local(moment, self.proposal.fund.community.zone).date()

    @property
    def account_due(self) -> AccountDue | None:
        """When vouchers are expected, and whether they came in time."""
        fund, payment = self.proposal.fund, self.proposal.payment
        if payment is None:
            return None
        made_at = self.account.made_at if self.account is not None else None
        written_on = local(made_at, fund.community.zone).date() if made_at is not None else None
        return account_due(self.needs, payment.paid_on, written_on, rule_of(fund).account_days, self.today)

    @property
    def is_public(self) -> bool:
        """From the moment when residents are asked, or when money has left."""
        return self.consultation is not None or self.proposal.payment is not None

    @property
    def mark(self) -> str:
        """Of what a page showed: other when a step was taken since.

        Votes and remarks of others are no step.
        """
        meeting, application, account = self.meeting, self.application, self.account
        parts: Sequence[object] = (
            self.proposal.text_hash,
            self.stage,
            self.appraisal.id if self.appraisal is not None else 0,
            meeting.id if meeting is not None else 0,
            application.id if application is not None else 0,
            sorted(one.id for one in self.vouchers),
            account.id if account is not None else 0,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def story_of(proposal: Proposal, *, at: datetime) -> Story:
    """A proposal with its steps."""
    return stories([proposal], at=at)[0]


def stories(found: Sequence[Proposal], *, at: datetime) -> list[Story]:
    """The same of several, with one question for each kind of step."""
    if not found:
        return []
    today = local(at, found[0].fund.community.zone).date()
    told = {one.id: Story(one, today) for one in found}
    for case in db.session.scalars(
        sa.select(SpendingCase).where(
            sa.or_(SpendingCase.proposal_id.in_(told), SpendingCase.amends_id.in_(told))
        )
    ):
        if case.proposal_id in told:
            told[case.proposal_id].case = case
        if case.amends_id in told:
            told[case.amends_id].amended_by = case.proposal
    _add_steps(told)
    return list(told.values())


def _add_steps(told: dict[int, Story]) -> None:
    """Only steps that may have been taken are asked for."""
    for appraisal in _of(Appraisal, told):
        told[appraisal.proposal_id].appraisals.append(appraisal)
    for consultation in _of(Consultation, told):
        told[consultation.proposal_id].consultation = consultation
    for item in _of(AgendaItem, told):
        told[item.proposal_id].meetings.append(item.meeting)
    for interest in _of(DeclaredInterest, told):
        told[interest.proposal_id].interests.append(interest)
    decided = {one for one, story in told.items() if story.proposal.state is not ProposalState.PROPOSED}
    paid = {one for one in decided if told[one].proposal.state is ProposalState.PAID}
    if decided:
        for application in _of(CharityApplication, decided):
            told[application.proposal_id].applications.append(application)
    if paid:
        _add_accounts(told, paid)


def _add_accounts(told: dict[int, Story], paid: set[int]) -> None:
    for voucher in _of(SpendingVoucher, paid):
        if voucher.voided_at is None:
            told[voucher.proposal_id].vouchers.append(voucher)
    for account in _of(FinalAccount, paid):
        told[account.proposal_id].account = account


def _of(model: type[S], told: Collection[int]) -> list[S]:
    """Read anew, also what the page read before it waited for a lock: it may be untrue by now."""
    query = sa.select(model).where(model.proposal_id.in_(told)).order_by(model.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)).unique())


# ── asked before every act ────────────────────────────────────────────────────────────────────────────────


def rule_of(fund: Fund) -> SpendingRule:
    """What the region demands."""
    return profile_of(fund.community).spending


def locked(proposal: Proposal, *, at: datetime) -> Story:
    """The story as it is once nobody else acts on it."""
    lock_row(proposal)
    return story_of(proposal, at=at)


def _roles(fund: Fund, user: User) -> set[Role]:
    """What somebody is in this community."""
    return {
        one.role for one in user.memberships if one.until is None and one.community_id == fund.community_id
    }


def sits_in_committee(fund: Fund, user: User) -> bool:
    """Whether somebody is asked to votes here; a supervisor is not."""
    return Role.COMMITTEE in _roles(fund, user)


def require_role(fund: Fund, by: User, roles: Sequence[Role]) -> None:
    """Refuses whoever has no such part in this community: `spending.not_yours`."""
    if by.disabled_at is not None or not _roles(fund, by) & {*roles}:
        raise Refusal("spending.not_yours", _("这一步不归您办，请让工作人员或委员来办。"), 403)


def require_stage(story: Story, *stages: Stage) -> None:
    """Refuses an act before its turn, or after it: `spending.out_of_order`."""
    if story.stage not in stages:
        raise Refusal("spending.out_of_order", _("还没有轮到这一步，或者已经过去了。请看看现在办到哪一步。"))


def require_seen(story: Story, seen: str | None) -> None:
    """Refuses what was decided looking at a page that is no longer true: `spending.stale`."""
    if seen is not None and seen != story.mark:
        raise stale()


def stale() -> Refusal:
    """What holds now is not what the page showed."""
    return Refusal("spending.stale", _("您打开页面以后，内容有变动。请看看现在的，再定。"))


def require_same(known: object, **said: object) -> None:
    """Refuses another word about what is done, rather than to drop it: `spending.done_otherwise`."""
    if any(getattr(known, name) != word for name, word in said.items()):
        sentence = _("这一步已经办过了，记下的和您这次写的不一样。请看看现在记的，再定。")
        raise Refusal("spending.done_otherwise", sentence)


def require_text(proposal: Proposal) -> None:
    """Refuses what was changed past us: `fund.text_changed`."""
    if not funds.text_holds(proposal):
        sentence = _("提议的内容和交给管委会时的不一样了，表决作废。请撤回，重新提议。")
        raise Refusal("fund.text_changed", sentence)


def members_here(fund: Fund) -> dict[int, User]:
    """The committee, by number."""
    return {member.id: member for member in people.members(fund.community, Role.COMMITTEE)}
