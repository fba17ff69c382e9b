"""Where many proposals stand, asked with one statement; what happened to each is in its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from market.clock import local
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db
from market.fund.models import Payment, Proposal
from market.fund.rules import ProposalState
from market.spending.models import (
    AgendaItem,
    Appraisal,
    CharityApplication,
    CommitteeMeeting,
    Consultation,
    FinalAccount,
    SpendingCase,
)
from market.spending.rules import AccountDue, Facts, Stage, Step, Verdict, account_due, stage


@dataclass(frozen=True)
class Standing:
    """A proposal and its stage."""

    proposal: Proposal
    stage: Stage
    is_public: bool
    account_due: AccountDue | None = None


def standings(found: Sequence[Proposal], *, at: datetime) -> list[Standing]:
    """Where each of them stands, in their order."""
    if not found:
        return []
    host = found[0].fund.community
    today, days = local(at, host.zone).date(), profile_of(host).spending.account_days
    query = _facts().where(Proposal.id.in_([one.id for one in found]))
    known = {row.id: row for row in db.session.execute(query)}
    return [
        Standing(
            one,
            stage(_facts_of(one, known[one.id]), today),
            known[one.id].ends_on is not None or one.state is ProposalState.PAID,
            account_due(_needs(known[one.id]), known[one.id].paid_on, _day(known[one.id], host), days, today),
        )
        for one in found
    ]


def _needs(row: Any) -> frozenset[Step]:
    return frozenset(Step(code) for code in (row.needs or "").split(",") if code)


def _day(row: Any, host: Community) -> date | None:
    """On which day the account was written."""
    return local(row.made_at, host.zone).date() if row.made_at is not None else None


def _facts() -> sa.Select[Any]:
    successor = sa.orm.aliased(SpendingCase)
    open_meeting = (
        sa.select(sa.func.max(sa.case((CommitteeMeeting.opened_at.is_not(None), 2), else_=1)))
        .join(AgendaItem, AgendaItem.meeting_id == CommitteeMeeting.id)
        .where(AgendaItem.proposal_id == Proposal.id, CommitteeMeeting.closed_at.is_(None))
    )
    verdict = (
        sa.select(CharityApplication.verdict)
        .where(CharityApplication.proposal_id == Proposal.id)
        .order_by(CharityApplication.id.desc())
        .limit(1)
    )
    appraised = sa.select(Appraisal.id).where(Appraisal.proposal_id == Proposal.id).exists()
    amended = sa.select(successor.id).where(successor.amends_id == Proposal.id).exists()
    return (
        sa.select(
            Proposal.id,
            SpendingCase.needs,
            amended.label("amended"),
            appraised.label("appraised"),
            Consultation.ends_on,
            Consultation.closed_at.label("answered_at"),
            open_meeting.scalar_subquery().label("meeting"),
            verdict.scalar_subquery().label("verdict"),
            FinalAccount.id.label("account_id"),
            FinalAccount.checked_at,
            FinalAccount.made_at,
            Payment.paid_on,
        )
        .outerjoin(SpendingCase, SpendingCase.proposal_id == Proposal.id)
        .outerjoin(Consultation, Consultation.proposal_id == Proposal.id)
        .outerjoin(FinalAccount, FinalAccount.proposal_id == Proposal.id)
        .outerjoin(Payment, Payment.proposal_id == Proposal.id)
    )


def _facts_of(proposal: Proposal, row: Any) -> Facts:
    return Facts(
        state=proposal.state,
        needs=_needs(row),
        amended=bool(row.amended),
        appraised=bool(row.appraised),
        consulted_until=row.ends_on,
        answered=row.answered_at is not None,
        called=row.meeting is not None,
        in_session=row.meeting == 2,
        verdict=Verdict(row.verdict) if row.verdict is not None else None,
        accounted=row.account_id is not None,
        checked=row.checked_at is not None,
    )
