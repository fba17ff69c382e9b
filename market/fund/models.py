"""The fund's agreement, confirmations by the charity, proposals, votes and payments."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.fund.rules import Choice, Figures, ProposalState, Rhythm, Source, UseType
from market.fund.schedule import Promise
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
    given_name: Mapped[str] = mapped_column(sa.String(60), default="")
    """What of the name follows the charity's; empty where somebody typed the whole name."""
    licence_no: Mapped[str] = mapped_column(sa.String(40), default="")
    """The charity's credit code or the number of its certificate."""
    fee_clause: Mapped[str] = mapped_column(sa.String(200), default="")
    """What the agreement says of the charity's fee."""

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


class Partner(Referable, Shown, Model):
    """Who supports the fund under an agreement: a partner that runs a space (空间换服务), or a workshop.

    Another agreement is another row, so that an ended one stays as it was.
    """

    __tablename__ = "partner"
    __table_args__ = (
        sa.UniqueConstraint("fund_id", "agreement_no"),
        sa.CheckConstraint("starts_on <= ends_on", name="term"),
        sa.CheckConstraint("support_fen >= 0", name="support"),
        sa.CheckConstraint("0 <= wage_low_fen AND wage_low_fen <= wage_high_fen", name="wages"),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_by IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    source: Mapped[Source] = mapped_column(str_enum(Source))
    """Space or workshop."""
    name: Mapped[str] = mapped_column(sa.String(60))
    place: Mapped[str] = mapped_column(sa.String(120))
    agreement_no: Mapped[str] = mapped_column(sa.String(60))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    promise: Mapped[str] = mapped_column(sa.String(200), default="")
    """What was promised of prices, or of the work."""
    makes: Mapped[str] = mapped_column(sa.String(120), default="")
    """What a workshop makes, …"""
    made_with: Mapped[str] = mapped_column(sa.String(120), default="")
    """… and who brings the material and sells it."""
    wage_low_fen: Mapped[int] = mapped_column(default=0)
    wage_high_fen: Mapped[int] = mapped_column(default=0)
    """A day's wage from … to …, 0 when nobody said."""
    support_fen: Mapped[int]
    rhythm: Mapped[Rhythm] = mapped_column(str_enum(Rhythm))
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    """The last day, when it ended before its term."""
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    end_reason: Mapped[str] = mapped_column(sa.String(200), default="")

    fund: Mapped[Fund] = relationship()
    services: Mapped[list[PartnerService]] = relationship(
        back_populates="partner", order_by="PartnerService.id", lazy="selectin"
    )

    @property
    def last_on(self) -> date:
        return self.ended_on or self.ends_on

    def runs_on(self, day: date) -> bool:
        return self.starts_on <= day <= self.last_on

    @property
    def supports(self) -> Promise:
        """What it promised to give, and when."""
        return Promise(self.starts_on, self.last_on, self.rhythm, self.support_fen)


class PartnerService(Shown, Model):
    """One service that a partner offers in its space."""

    __tablename__ = "partner_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))

    partner: Mapped[Partner] = relationship(back_populates="services")


class JobCount(Shown, Model):
    """How many people a workshop gave work to, as somebody counted on a day; the newest count holds."""

    __tablename__ = "job_count"
    __table_args__ = (sa.CheckConstraint("jobs >= 0", name="jobs"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    counted_on: Mapped[date]
    jobs: Mapped[int]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    noted_at: Mapped[datetime]

    partner: Mapped[Partner] = relationship()


class CharityNotice(Referable, Shown, Model):
    """The charity's word that money came for this fund (or that it kept its fee), beside the markets.

    One person types it from the paper, another compares it and posts it. Who gave stands here and not in
    the book, which nobody can change: so somebody may change their mind about being named.
    """

    __tablename__ = "charity_notice"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="amount"),
        sa.CheckConstraint("(confirmed_by IS NULL) = (entry_id IS NULL)", name="confirmed_is_posted"),
        sa.CheckConstraint("confirmed_by <> noted_by", name="two_persons"),
        sa.CheckConstraint("undone_at IS NULL OR entry_id IS NOT NULL", name="undone_was_posted"),
        sa.Index(
            "uq_charity_notice_reference",
            "fund_id",
            "reference",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    source: Mapped[Source] = mapped_column(str_enum(Source))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    amount_fen: Mapped[int]
    received_on: Mapped[date]
    reference: Mapped[str] = mapped_column(sa.String(60))
    """The charity's number of its paper."""
    donor: Mapped[str] = mapped_column(sa.String(60), default="")
    namesake: Mapped[int] = mapped_column(default=0)
    """Which of those who have this name: 0 is the first who gave. A name alone names nobody."""
    may_name: Mapped[bool] = mapped_column(default=False)
    """Whether the donor agreed to be named in public."""
    purpose: Mapped[str] = mapped_column(sa.String(120), default="")
    """What the donor wants done with it."""
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    noted_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"), unique=True)
    undone_at: Mapped[datetime | None]
    """When its entry was reversed: it was wrong."""

    fund: Mapped[Fund] = relationship()
    partner: Mapped[Partner | None] = relationship()
    entry: Mapped[Entry | None] = relationship()
    noter: Mapped[User] = relationship(foreign_keys=[noted_by])


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


class AccountStatement(Referable, Model):
    """What the charity sent of this fund's account for some days, line by line, as it was read in."""

    __tablename__ = "account_statement"
    __table_args__ = (
        sa.UniqueConstraint("fund_id", "hash"),
        sa.CheckConstraint("first_on <= last_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    reference: Mapped[str] = mapped_column(sa.String(60))
    """The charity's number of the statement."""
    first_on: Mapped[date]
    last_on: Mapped[date]
    opening_fen: Mapped[int]
    closing_fen: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of what was read, so that the same file is one statement."""
    read_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    read_at: Mapped[datetime]

    fund: Mapped[Fund] = relationship()
    reader: Mapped[User] = relationship()
    lines: Mapped[list[StatementLine]] = relationship(
        back_populates="statement", order_by="StatementLine.id", cascade="all, delete-orphan"
    )
    remarks: Mapped[list[StatementRemark]] = relationship(
        back_populates="statement", order_by="StatementRemark.id", cascade="all, delete-orphan"
    )


class StatementLine(Model):
    """One line of it: what came, or with a minus what went, in fen."""

    __tablename__ = "statement_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("account_statement.id"), index=True)
    row_no: Mapped[int]
    """As the spreadsheet numbered it."""
    happened_on: Mapped[date]
    amount_fen: Mapped[int]
    reference: Mapped[str] = mapped_column(sa.String(60), default="")
    memo: Mapped[str] = mapped_column(sa.String(200), default="")
    balance_fen: Mapped[int | None]

    statement: Mapped[AccountStatement] = relationship(back_populates="lines")


class StatementRemark(Model):
    """Why a difference is one, in a sentence; the newest counts."""

    __tablename__ = "statement_remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("account_statement.id"), index=True)
    about: Mapped[str] = mapped_column(sa.String(40))
    """`row:17` for a line of the statement, `entry:<ref>` for one that it does not have."""
    note: Mapped[str] = mapped_column(sa.String(200))
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    written_at: Mapped[datetime]

    statement: Mapped[AccountStatement] = relationship(back_populates="remarks")
    writer: Mapped[User] = relationship()
