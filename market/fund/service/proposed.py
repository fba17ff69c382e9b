"""Proposals as they were put before the committee; the acts on them are in the room `spending`."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from market.db import db
from market.errors import NotFound
from market.fund.models import Fund, Payment, Proposal


def text_hash(proposal: Proposal) -> str:
    """What the committee reads and votes on, as one number."""
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
    return text_hash(proposal) == proposal.text_hash


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
