"""The notice of a quarter as it was published: its facts are kept, because a published paper stays."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable, Shown
from market.fund.models import Fund
from market.ledger.models import Period
from market.people.models import User


class QuarterNotice(Referable, Shown, Model):
    """One person prepares it of a closed quarter, another reads and publishes it; then nobody changes it."""

    __tablename__ = "quarter_notice"
    __table_args__ = (
        sa.Index("uq_quarter_notice_period", "period_id", unique=True),
        sa.CheckConstraint("(reviewed_by IS NULL) = (reviewed_at IS NULL)", name="reviewed"),
        sa.CheckConstraint("reviewed_by <> prepared_by", name="two_persons"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("period.id"))
    facts: Mapped[str] = mapped_column(sa.Text)
    """What it says, as `QuarterFacts` writes it. It names no donor: those may still change their mind."""
    hash: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the facts."""
    prepared_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    prepared_at: Mapped[datetime]
    reviewed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reviewed_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
    period: Mapped[Period] = relationship()
    preparer: Mapped[User] = relationship(foreign_keys=[prepared_by])
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewed_by])

    @property
    def is_published(self) -> bool:
        return self.reviewed_at is not None

    def can_be_seen(self) -> bool:
        return self.is_published
