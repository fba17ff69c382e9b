"""Where many proposals stand, asked with one statement; what happened to each is in its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from market.clock import local
from market.db import db
from market.fund.models import Proposal
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
from market.spending.rules import Facts, Stage, Step, Verdict, stage


@dataclass(frozen=True)
class Standing:
    """A proposal and its stage."""

    proposal: Proposal
    stage: Stage
    is_public: bool


def standings(found: Sequence[Proposal], *, at: datetime) -> list[Standing]:
    """Where each of them stands, in their order."""
    if not found:
        return []
    today = local(at, found[0].fund.community.zone).date()
    query = _facts().where(Proposal.id.in_([one.id for one in found]))
    known = {row.id: row for row in db.session.execute(query)}
    return [
        Standing(
            one,
            stage(_facts_of(one, known[one.id]), today),
            known[one.id].ends_on is not None or one.state is ProposalState.PAID,
        )
        for one in found
    ]


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
        )
        .outerjoin(SpendingCase, SpendingCase.proposal_id == Proposal.id)
        .outerjoin(Consultation, Consultation.proposal_id == Proposal.id)
        .outerjoin(FinalAccount, FinalAccount.proposal_id == Proposal.id)
    )


def _facts_of(proposal: Proposal, row: Any) -> Facts:
    return Facts(
        state=proposal.state,
        needs=frozenset(Step(code) for code in (row.needs or "").split(",") if code),
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
