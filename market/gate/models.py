"""Signing keys, passes, scans and footfall counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, Referable, str_enum
from market.gate.rules import CountMethod, RevokeReason, ScanMethod, Verdict
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


ADMITTED = sa.text("verdict = 'admitted'")


class Scan(Model):
    """One look at a code and the answer given. A refused scan is a row too; one admitted per assignment."""

    __tablename__ = "scan"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "client_id"),
        sa.Index(
            "uq_scan_admitted", "assignment_id", unique=True, sqlite_where=ADMITTED, postgresql_where=ADMITTED
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(40))
    """Made by the phone before sending, so that sending twice is scanning once."""
    pass_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stall_pass.id"))
    assignment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"))
    verdict: Mapped[Verdict] = mapped_column(str_enum(Verdict))
    method: Mapped[ScanMethod] = mapped_column(str_enum(ScanMethod))
    entrance: Mapped[str] = mapped_column(sa.String(30), default="")
    scanned_at: Mapped[datetime]
    """When the code was seen: the arrival here, less what the scan waited in the phone for a network."""
    received_at: Mapped[datetime]
    scanned_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    assignment: Mapped[Assignment | None] = relationship(lazy="joined")
    stall_pass: Mapped[StallPass | None] = relationship()


class FootfallCount(Model):
    """Visits counted at one entrance in one slot of the opening hours."""

    __tablename__ = "footfall_count"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "entrance", "slot"),
        sa.CheckConstraint("visits >= 0", name="visits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    entrance: Mapped[str] = mapped_column(sa.String(30))
    slot: Mapped[int]
    """1 … n, equal parts of the opening hours."""
    visits: Mapped[int]
    method: Mapped[CountMethod] = mapped_column(str_enum(CountMethod))
    counted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    counted_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship()
