"""What was once said of a fund and said anew since, and for how long its members were elected."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable, Shown, str_enum
from market.fund.models import Fund
from market.fund.rules import Seat
from market.people.models import User


class ProfileChange(Shown, Model):
    """One field of the fund that somebody changed: what stood there before, and what stands there since."""

    __tablename__ = "fund_profile_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    field: Mapped[str] = mapped_column(sa.String(20))
    before: Mapped[str] = mapped_column(sa.String(300))
    after: Mapped[str] = mapped_column(sa.String(300))
    changed_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]

    fund: Mapped[Fund] = relationship()
    changer: Mapped[User] = relationship()


class CommitteeTerm(Referable, Shown, Model):
    """From when until when somebody sits in the committee, and as what. The last row of somebody counts."""

    __tablename__ = "committee_term"
    __table_args__ = (sa.CheckConstraint("first_on <= last_on", name="term"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("fund.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    seat: Mapped[Seat] = mapped_column(str_enum(Seat))
    first_on: Mapped[date]
    last_on: Mapped[date]
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]

    fund: Mapped[Fund] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    def holds_on(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on
