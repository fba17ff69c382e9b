"""Signing keys and passes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, Referable, str_enum
from market.passes.rules import RevokeReason
from market.stalls.models import Assignment


class PassKey(Model):
    """A community's Ed25519 pair; the private half is wrapped with the installation's secret."""

    __tablename__ = "pass_key"
    __table_args__ = (sa.UniqueConstraint("community_id", "key_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    key_id: Mapped[int]
    """1 … 255, what the token carries."""
    public_key: Mapped[bytes]
    wrapped_private_key: Mapped[bytes]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """Since when it signs nothing new; passes already printed stay valid."""
    revoked_at: Mapped[datetime | None]
    """Since when nothing signed with it is believed (a stolen key)."""


NOT_REVOKED = sa.text("revoked_at IS NULL")


class StallPass(Referable, Model):
    """A version of the pass for one assignment. Its id is the serial number in the token."""

    __tablename__ = "stall_pass"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "short_code"),
        sa.UniqueConstraint("assignment_id", "version"),
        sa.Index("ix_stall_pass_short_code", "short_code"),
        sa.Index(
            "uq_stall_pass_live",
            "assignment_id",
            unique=True,
            sqlite_where=NOT_REVOKED,
            postgresql_where=NOT_REVOKED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("pass_key.id"))
    short_code: Mapped[str] = mapped_column(sa.String(8))
    version: Mapped[int]
    """Counts the passes of one vendor on one day, so that two of them in a hand are told apart."""
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[RevokeReason | None] = mapped_column(str_enum(RevokeReason))

    assignment: Mapped[Assignment] = relationship(lazy="joined")
    key: Mapped[PassKey] = relationship(lazy="joined")
    day: Mapped[MarketDay] = relationship()
