"""The fund's agreement, confirmations by the charity, proposals, votes and payments."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.fund.rules import Choice, Figures, ProposalState, UseType
from market.ledger.models import Book, Entry, Period
from market.people.models import User


class Fund(Shown, Model):
    """The agreement with the charity that holds the money; our ledger is the shadow book of this fund."""

    __tablename__ = "fund"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), unique=True)
    book_id: Mapped[int] = mapped_column(sa.ForeignKey("book.id"), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    charity: Mapped[str] = mapped_column(sa.String(120))
    agreement_no: Mapped[str] = mapped_column(sa.String(60))
    signed_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(sa.String(300))

    community: Mapped[Community] = relationship(lazy="joined")
    book: Mapped[Book] = relationship(lazy="joined")


class Remittance(Referable, Shown, Model):
    """The charity's word that the contribution of one market day has arrived."""

    __tablename__ = "remittance"
    __table_args__ = (sa.UniqueConstraint("fund_id", "reference"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    amount_fen: Mapped[int]
    reference: Mapped[str] = mapped_column(sa.String(60))
    """The charity's number of the bank line or receipt."""
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"), unique=True)
    confirmed_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship()
    entry: Mapped[Entry] = relationship()


class Refund(Referable, Shown, Model):
    """What the charity received too much of a market and gives back: asked by staff, agreed by a member."""

    __tablename__ = "refund"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="amount"),
        sa.CheckConstraint("(agreed_by IS NULL) = (entry_id IS NULL)", name="agreed_is_posted"),
        sa.CheckConstraint("agreed_by <> asked_by", name="two_persons"),
        sa.Index(
            "uq_refund_open",
            "day_id",
            unique=True,
            sqlite_where=sa.text("entry_id IS NULL"),
            postgresql_where=sa.text("entry_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    amount_fen: Mapped[int]
    reference: Mapped[str] = mapped_column(sa.String(60))
    """The charity's number of the payment."""
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    agreed_at: Mapped[datetime | None]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"), unique=True)

    day: Mapped[MarketDay] = relationship()
    entry: Mapped[Entry | None] = relationship()
    asker: Mapped[User] = relationship(foreign_keys=[asked_by])
    approver: Mapped[User | None] = relationship(foreign_keys=[agreed_by])


class Proposal(Referable, Shown, Model):
    """A use of money put before the committee. Votes bind to `text_hash`: another text, another proposal."""

    __tablename__ = "proposal"
    __table_args__ = (sa.CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    use_type: Mapped[UseType] = mapped_column(str_enum(UseType))
    purpose: Mapped[str] = mapped_column(sa.String(120))
    detail: Mapped[str] = mapped_column(sa.String(500), default="")
    payee: Mapped[str] = mapped_column(sa.String(120))
    amount_fen: Mapped[int]
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[ProposalState] = mapped_column(str_enum(ProposalState), default=ProposalState.PROPOSED)
    proposed_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
    proposer: Mapped[User] = relationship()
    votes: Mapped[list[Vote]] = relationship(back_populates="proposal", order_by="Vote.id")
    payment: Mapped[Payment | None] = relationship(back_populates="proposal")


class Vote(Shown, Model):
    """One member's word on one proposal."""

    __tablename__ = "vote"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    choice: Mapped[Choice] = mapped_column(str_enum(Choice))
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    remark: Mapped[str] = mapped_column(sa.String(200), default="")
    voted_at: Mapped[datetime]

    proposal: Mapped[Proposal] = relationship(back_populates="votes")
    user: Mapped[User] = relationship(lazy="joined")


class Payment(Shown, Model):
    """The charity paid an approved proposal."""

    __tablename__ = "payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"), unique=True)
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(sa.String(60))
    recorded_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime]

    proposal: Mapped[Proposal] = relationship(back_populates="payment")
    entry: Mapped[Entry] = relationship()


class CharityStatement(Model):
    """What the charity's own books say of a quarter, as somebody read it from their statement."""

    __tablename__ = "charity_statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("period.id"), unique=True)
    reference: Mapped[str] = mapped_column(sa.String(60))
    """The charity's number of the statement."""
    figures: Mapped[Figures] = composite(
        mapped_column("income_fen"), mapped_column("spent_fen"), mapped_column("balance_fen")
    )
    explanation: Mapped[str] = mapped_column(sa.String(500))
    """Where the difference comes from, when there is one."""

    period: Mapped[Period] = relationship()
