"""Assignments of stalls to vendors, and the record of each computed plan."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, Referable, str_enum
from market.places.models import Stall
from market.vendors.models import Application, Vendor

LIVE = sa.text("released_at IS NULL")


class ReleaseReason(StrEnum):
    """Why a stall became free again."""

    WITHDRAWN = "withdrawn"
    NO_SHOW = "no_show"
    MOVED = "moved"
    REPLANNED = "replanned"
    DAY_CALLED_OFF = "day_called_off"


class Assignment(Referable, Model):
    """A stall held by a vendor on one market day; released, never deleted.

    The two partial unique keys are the last guard against double booking: one live vendor per stall and one
    live stall per vendor.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        sa.Index(
            "uq_assignment_live_stall",
            "day_id",
            "stall_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        sa.Index(
            "uq_assignment_live_vendor",
            "day_id",
            "vendor_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    stall_id: Mapped[int] = mapped_column(sa.ForeignKey("stall.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    reason_code: Mapped[str] = mapped_column(sa.String(40))
    """Why here: a code of `stalls.rules`, turned into a sentence by `stalls.words`."""
    reason_params: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    assigned_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    assigned_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    release_reason: Mapped[ReleaseReason | None] = mapped_column(str_enum(ReleaseReason))

    day: Mapped[MarketDay] = relationship()
    stall: Mapped[Stall] = relationship(lazy="joined")
    vendor: Mapped[Vendor] = relationship(lazy="joined")
    application: Mapped[Application] = relationship(lazy="joined")


class PlanRun(Model):
    """One computation of a plan: how good it is and whether it is proven best."""

    __tablename__ = "plan_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    placed: Mapped[int]
    waiting: Mapped[int]
    objective: Mapped[int]
    bound: Mapped[int]
    proven: Mapped[bool]
    seconds: Mapped[float]
    given_up: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """Applications that waited so that more could be placed; the waiting list says so."""
    run_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    run_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship()
