"""What residents and supervisors asked about a line of the book or a notice, and what was answered."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable, Shown
from market.fund.models import Fund
from market.people.models import User


class FundQuestion(Referable, Shown, Model):
    """A resident's question is public with its answer; a supervisor's, who has a name, at once.

    Of a resident nothing is kept but marks of phone and network, which nobody can read once the week is over.
    """

    __tablename__ = "fund_question"
    __table_args__ = (
        sa.Index("ix_fund_question_about", "fund_id", "about"),
        sa.Index("ix_fund_question_network", "week", "network"),
        sa.CheckConstraint("(asked_by IS NULL) = (phone <> '')", name="asked_by_somebody"),
        sa.CheckConstraint("(answered_by IS NULL) = (answer = '')", name="answered"),
        sa.CheckConstraint("answered_by IS NULL OR put_aside_by IS NULL", name="one_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"))
    about: Mapped[str] = mapped_column(sa.String(40))
    """`entry:<ref>` or `notice:<ref>`."""
    text: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """The supervisor; None for a resident."""
    week: Mapped[date]
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    network: Mapped[str] = mapped_column(sa.String(32), default="")
    answer: Mapped[str] = mapped_column(sa.String(400), default="")
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]
    put_aside_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who said that it is not a question: abuse, or somebody's private matter."""
    put_aside_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
    asker: Mapped[User | None] = relationship(foreign_keys=[asked_by])
    answerer: Mapped[User | None] = relationship(foreign_keys=[answered_by])

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.put_aside_at is None

    def can_be_seen(self) -> bool:
        return self.asked_by is not None or not self.is_open
