"""What people were told of market days, when, and what they know since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.db import Model, Referable, str_enum
from market.notices.rules import Channel
from market.people.models import User
from market.vendors.models import Application


class Telling(Referable, Model):
    """One person was told something of one market day. The newest that counts says what they know.

    Name and number are those of the vendor, kept nowhere else: whoever is forgotten there is forgotten here.
    """

    __tablename__ = "telling"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "number"),
        sa.Index("ix_telling_told_at", "told_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int]
    """Counts what was told of one application: of two who tell it at once the second fails on the key."""
    channel: Mapped[Channel] = mapped_column(str_enum(Channel))
    kinds: Mapped[list[str]] = mapped_column(sa.JSON)
    """Which sentences, by their names in `words.NOTICES`."""
    params: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """What fills them, so that it can be read later, in any language."""
    snapshot: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """What held then, and is known since (`rules.Known`)."""
    batch: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")
    """Ticked together with others as one list, or nothing."""
    told_at: Mapped[datetime]
    told_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    taken_back_at: Mapped[datetime | None]
    """It was somebody else, or nobody answered: not told after all."""
    taken_back_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    application: Mapped[Application] = relationship(lazy="joined")
    teller: Mapped[User | None] = relationship(foreign_keys=[told_by])

    @property
    def can_read(self) -> bool:
        """Whether it was said to somebody who had it on the phone too; of old rows the channel says it."""
        return bool(self.params.get("can_read", self.channel is not Channel.CALL))
