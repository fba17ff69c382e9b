"""Notices, and whether the person has seen them or was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Model, Referable


class Notice(Referable, Model):
    """One message to one person. `source` is unique: the same event never tells anybody twice."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("source"),
        sa.Index("ix_notice_user", "user_id", "made_at"),
        sa.Index("ix_notice_community", "community_id", "made_at"),
        sa.Index("ix_notice_day", "day_ref", "phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who reads it in the app; None: somebody without an account, whom staff call."""
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(40))
    """`room.event`; that room's words turn it and `params` into a sentence."""
    params: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    day_ref: Mapped[str] = mapped_column(sa.String(10), default="")
    """The market day it is about, or nothing."""
    source: Mapped[str] = mapped_column(sa.String(120))
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When staff called the person."""
    told_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
