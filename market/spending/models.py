"""What happened to a proposal on its way: each step a row that says who did it and when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable, Shown, str_enum
from market.demand.models import Wish
from market.fund.charity_numbers import has_number_in
from market.fund.models import Fund, Proposal
from market.ledger.models import Entry
from market.people.models import User
from market.spending.rules import PhotoKind, Step, Verdict, Way

LONGEST_ORIGIN = 120


class SpendingCase(Shown, Model):
    """What is asked of a proposal, and which need it comes from. A proposal without one is older than these
    steps: none of them is asked of it."""

    __tablename__ = "spending_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    needs: Mapped[str] = mapped_column(sa.String(100))
    """The steps, as the city profile asked for them on that day, with commas between."""
    wish_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wish.id"), index=True)
    origin: Mapped[str] = mapped_column(sa.String(LONGEST_ORIGIN), default="")
    """Where the need comes from, in words of one's own."""
    amends_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    """The proposal in whose place it came: another text is another proposal, and no vote goes over."""

    proposal: Mapped[Proposal] = relationship(foreign_keys=[proposal_id], lazy="joined")
    amends: Mapped[Proposal | None] = relationship(foreign_keys=[amends_id])
    wish: Mapped[Wish | None] = relationship()

    @property
    def steps(self) -> frozenset[Step]:
        return frozenset(Step(code) for code in self.needs.split(",") if code)


class Appraisal(Referable, Shown, Model):
    """What somebody wrote of a proposal before anybody else was asked; the last one counts."""

    __tablename__ = "appraisal"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="period"),
        sa.CheckConstraint("people >= 0", name="people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    suitability: Mapped[str] = mapped_column(sa.String(300))
    beneficiaries: Mapped[str] = mapped_column(sa.String(120))
    people: Mapped[int]
    """How many benefit."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    executor: Mapped[str] = mapped_column(sa.String(120))
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime]

    proposal: Mapped[Proposal] = relationship()
    maker: Mapped[User] = relationship()
    lines: Mapped[list[BudgetLine]] = relationship(
        back_populates="appraisal", order_by="BudgetLine.id", lazy="joined"
    )


class BudgetLine(Shown, Model):
    """What one part costs; together they are the amount."""

    __tablename__ = "budget_line"
    __table_args__ = (sa.CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(sa.ForeignKey("appraisal.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(60))
    amount_fen: Mapped[int]

    appraisal: Mapped[Appraisal] = relationship(back_populates="lines")


class Consultation(Referable, Shown, Model):
    """Residents are asked: from when, until when, and what came of it."""

    __tablename__ = "consultation"
    __table_args__ = (sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    ends_on: Mapped[date]
    """The last day on which somebody may speak."""
    place: Mapped[str] = mapped_column(sa.String(120))
    """Where it hangs on paper."""
    opened_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    opened_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(sa.String(300), default="")
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None]

    proposal: Mapped[Proposal] = relationship()
    remarks: Mapped[list[ResidentRemark]] = relationship(
        back_populates="consultation", order_by="ResidentRemark.id", lazy="joined"
    )


class ResidentRemark(Referable, Shown, Model):
    """What a resident said of it, without a name; everybody reads it with its answer."""

    __tablename__ = "resident_remark"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered"),
        sa.Index("ix_resident_remark_network", "consultation_id", "network"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(sa.ForeignKey("consultation.id"))
    words: Mapped[str] = mapped_column(sa.String(200))
    way: Mapped[Way] = mapped_column(str_enum(Way))
    network: Mapped[str] = mapped_column(sa.String(32), default="")
    """Its mark of that week, as with wishes: nobody can tell it once the week is over."""
    said_at: Mapped[datetime]
    noted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who typed it from paper."""
    answer: Mapped[str] = mapped_column(sa.String(300), default="")
    hidden: Mapped[bool] = mapped_column(default=False)
    """Abuse, or about a person: answered for the record, and not shown."""
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]

    consultation: Mapped[Consultation] = relationship(back_populates="remarks")

    def can_be_seen(self) -> bool:
        return self.answered_at is not None


class CommitteeMeeting(Referable, Shown, Model):
    """The committee comes together: called, begun when enough are there, closed with its minutes."""

    __tablename__ = "committee_meeting"
    __table_args__ = (
        sa.CheckConstraint("(opened_at IS NULL) = (opened_by IS NULL)", name="opened"),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    held_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(60))
    chair_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    called_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    called_at: Mapped[datetime]
    expected: Mapped[int] = mapped_column(default=0)
    """How many members there were when it began, or when the last of them was noted."""
    opened_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    opened_at: Mapped[datetime | None]
    discussion: Mapped[str] = mapped_column(sa.String(500), default="")
    supervision: Mapped[str] = mapped_column(sa.String(300), default="")
    """What the supervisor said."""
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
    chair: Mapped[User] = relationship(foreign_keys=[chair_id], lazy="joined")
    items: Mapped[list[AgendaItem]] = relationship(back_populates="meeting", order_by="AgendaItem.id")
    present: Mapped[list[Attendance]] = relationship(
        back_populates="meeting", order_by="Attendance.id", lazy="joined"
    )

    @property
    def in_session(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


class AgendaItem(Shown, Model):
    """A proposal about which a meeting decides."""

    __tablename__ = "agenda_item"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "proposal_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("committee_meeting.id"))
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)

    meeting: Mapped[CommitteeMeeting] = relationship(back_populates="items", lazy="joined")
    proposal: Mapped[Proposal] = relationship()


class Attendance(Shown, Model):
    """A member was there."""

    __tablename__ = "attendance"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("committee_meeting.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    meeting: Mapped[CommitteeMeeting] = relationship(back_populates="present")
    user: Mapped[User] = relationship(lazy="joined")


class DeclaredInterest(Shown, Model):
    """A member says beforehand that a proposal concerns them: they can only recuse themselves then."""

    __tablename__ = "declared_interest"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    what: Mapped[str] = mapped_column(sa.String(120))
    declared_at: Mapped[datetime]

    proposal: Mapped[Proposal] = relationship()
    user: Mapped[User] = relationship()


class CharityApplication(Referable, Shown, Model):
    """The charity is asked for the money, and what it answered: one that is not returned at a time."""

    __tablename__ = "charity_application"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) = (verdict = 'waiting')", name="answered"),
        sa.Index(
            "uq_charity_application_open",
            "proposal_id",
            unique=True,
            sqlite_where=sa.text("verdict <> 'returned'"),
            postgresql_where=sa.text("verdict <> 'returned'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    applied_on: Mapped[date]
    enclosed: Mapped[str] = mapped_column(sa.String(120), default="")
    """What lies beside it."""
    applied_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    applied_at: Mapped[datetime]
    verdict: Mapped[Verdict] = mapped_column(str_enum(Verdict), default=Verdict.WAITING)
    number: Mapped[str] = mapped_column(sa.String(60), default="")
    """The charity's number of its answer."""
    answered_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]

    proposal: Mapped[Proposal] = relationship()


class SpendingVoucher(Referable, Shown, Model):
    """One paper that says what the money was spent on."""

    __tablename__ = "spending_voucher"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="amount"),
        sa.CheckConstraint("(voided_at IS NULL) = (voided_by IS NULL)", name="voided"),
        sa.Index(
            "uq_spending_voucher_number",
            "proposal_id",
            "number",
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    number: Mapped[str] = mapped_column(sa.String(60))
    what: Mapped[str] = mapped_column(sa.String(60))
    amount_fen: Mapped[int]
    spent_on: Mapped[date]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    noted_at: Mapped[datetime]
    voided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    voided_at: Mapped[datetime | None]

    proposal: Mapped[Proposal] = relationship()
    photos: Mapped[list[SpendingPhoto]] = relationship(
        back_populates="voucher", order_by="SpendingPhoto.id", lazy="joined"
    )


class SpendingPhoto(Referable, Shown, Model):
    """A picture of a voucher (for those who check it), or of what was done (for everybody)."""

    __tablename__ = "spending_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(sa.ForeignKey("spending_voucher.id"), index=True)
    kind: Mapped[PhotoKind] = mapped_column(str_enum(PhotoKind))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    width: Mapped[int]
    height: Mapped[int]
    added_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    added_at: Mapped[datetime]

    voucher: Mapped[SpendingVoucher] = relationship(back_populates="photos")


@has_number_in("return_reference")
class FinalAccount(Referable, Shown, Model):
    """What became of a payment: so much by vouchers, so much given back. One writes it, another checks it."""

    __tablename__ = "final_account"
    __table_args__ = (
        sa.CheckConstraint("spent_fen >= 0 AND returned_fen >= 0", name="sums"),
        sa.CheckConstraint("(checked_at IS NULL) = (checked_by IS NULL)", name="checked"),
        sa.CheckConstraint("checked_by <> made_by", name="two_persons"),
        sa.CheckConstraint("entry_id IS NULL OR returned_fen > 0", name="posted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    spent_fen: Mapped[int]
    returned_fen: Mapped[int]
    returned_on: Mapped[date | None]
    return_reference: Mapped[str] = mapped_column(sa.String(60), default="")
    """The charity's number of what came back to it."""
    served: Mapped[int]
    """How many people signed that they got it."""
    outcome: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    checked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    checked_at: Mapped[datetime | None]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"), unique=True)

    proposal: Mapped[Proposal] = relationship()
    entry: Mapped[Entry | None] = relationship()
