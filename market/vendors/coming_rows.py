"""What vendors said beforehand: that they mean to come, that they surely do."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, str_enum
from market.people.models import User
from market.vendors.coming import ComingKind
from market.vendors.models import Vendor


class ComingWord(Model):
    """A word of a vendor about one market; taking it back deletes it."""

    __tablename__ = "coming_word"
    __table_args__ = (sa.UniqueConstraint("day_id", "vendor_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    kind: Mapped[ComingKind] = mapped_column(str_enum(ComingKind))
    said_for: Mapped[date]
    """The date it was said for: when the market is moved, it counts no longer."""
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    said_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship()
    vendor: Mapped[Vendor] = relationship()
    person: Mapped[User] = relationship()
