"""Signing keys, passes taken back, and a pass as it is worked out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from market.calendar.models import MarketDay
from market.db import Model, str_enum
from market.passes.rules import RevokeReason
from market.stalls.models import Assignment, PassVersion


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


class PassRevocation(Model):
    """Somebody took a pass back by hand, or replaced it; once for each version, which the key keeps."""

    __tablename__ = "pass_revocation"
    __table_args__ = (sa.Index("uq_pass_revocation_pass", "pass_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pass_id: Mapped[int] = mapped_column(sa.ForeignKey("pass_version.id"))
    reason: Mapped[RevokeReason] = mapped_column(str_enum(RevokeReason))
    revoked_at: Mapped[datetime]
    revoked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """None: revoked before this was kept."""


@dataclass(frozen=True)
class StallPass:
    """What somebody shows at the gate: a version of an assignment. Never stored, so never out of date;
    whether it counts is asked of the assignment (`validity.py`)."""

    shown: PassVersion

    @property
    def assignment(self) -> Assignment:
        return self.shown.assignment

    @property
    def day(self) -> MarketDay:
        return self.shown.day

    @property
    def ref(self) -> str:
        return self.assignment.ref

    @property
    def version(self) -> int:
        return self.shown.version

    @property
    def short_code(self) -> str:
        return self.shown.short_code

    @property
    def hours(self) -> tuple[datetime, datetime]:
        """Opening and closing as they are printed on it; the market's own may have changed since."""
        return self.shown.open_at, self.shown.close_at
