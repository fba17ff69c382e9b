"""Who holds which stall, how stalls are given out, lotteries, offers, and the record of each plan."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.allocation.rules import Spot
from market.calendar.models import MarketDay
from market.db import Model, Referable, Shown, str_enum
from market.places.models import Stall
from market.stalls.rules import OfferAnswer, ReleaseReason, answer_until
from market.vendors.models import Application, Vendor
from market.vendors.rules import Category

LIVE = sa.text("released_at IS NULL")
OPEN = sa.text("answer = 'open'")


class Assignment(Referable, Shown, Model):
    """A stall held by a vendor on one market day; released, never deleted.

    The last guards against double booking: the partial unique key (one live place per vendor) and the unique
    key of `StallHold` (one live vendor per stall).
    """

    __tablename__ = "assignment"
    __table_args__ = (
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
    second_stall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stall.id"))
    """The stall beside, where two were given as one."""
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    reason_code: Mapped[str] = mapped_column(sa.String(40))
    """Why here: a code of `stalls.rules`, turned into a sentence by `stalls.words`."""
    reason_params: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    assigned_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    assigned_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    release_reason: Mapped[ReleaseReason | None] = mapped_column(str_enum(ReleaseReason))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Only a pass of this version counts: one more than the last that the vendor could hold for this day."""

    day: Mapped[MarketDay] = relationship()
    stall: Mapped[Stall] = relationship(lazy="joined", foreign_keys=[stall_id])
    second_stall: Mapped[Stall | None] = relationship(lazy="joined", foreign_keys=[second_stall_id])
    vendor: Mapped[Vendor] = relationship(lazy="joined")
    application: Mapped[Application] = relationship(lazy="joined")

    @property
    def spot(self) -> Spot:
        """Where this is, as the allocation says it."""
        return Spot(self.stall_id, self.second_stall_id)

    @property
    def stall_ids(self) -> tuple[int, ...]:
        """Both, where two are given as one."""
        return self.spot.stall_ids

    @property
    def label(self) -> str:
        """The number to look for: `A03`, or `A03+A04` for two stalls given as one."""
        return self.stall.label + (f"+{self.second_stall.label}" if self.second_stall else "")


class PassVersion(Model):
    """A version of an assignment from when a pass could show it: its short code, and the hours it says.

    Never changed and never deleted, so that a code names one pass for ever. Its id is the serial number in
    the pass's token. Whether such a pass counts stands nowhere: that is asked of the assignment.
    """

    __tablename__ = "pass_version"
    __table_args__ = (
        sa.Index("uq_pass_version_code", "day_id", "short_code", unique=True),
        sa.Index("uq_pass_version_version", "assignment_id", "version", unique=True),
        sa.Index("ix_pass_version_short_code", "short_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"))
    version: Mapped[int]
    short_code: Mapped[str] = mapped_column(sa.String(8))
    open_at: Mapped[datetime]
    close_at: Mapped[datetime]
    """The hours of the market as they were: what is printed says them."""
    given_at: Mapped[datetime]

    assignment: Mapped[Assignment] = relationship(lazy="joined")
    day: Mapped[MarketDay] = relationship()


class StallHold(Model):
    """A stall that is held now, as the first or the second of an assignment: the last guard against double
    booking, because one unique key covers both. Deleted when the assignment is released."""

    __tablename__ = "stall_hold"
    __table_args__ = (sa.Index("uq_stall_hold_stall", "day_id", "stall_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    stall_id: Mapped[int] = mapped_column(sa.ForeignKey("stall.id"))
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)


class Quota(Model):
    """How many vendors of a category a market day takes."""

    __tablename__ = "quota"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "category"),
        sa.CheckConstraint("minimum >= 0 AND target >= 0", name="not_negative"),
        sa.CheckConstraint("maximum IS NULL OR maximum >= minimum", name="room"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    category: Mapped[Category] = mapped_column(str_enum(Category))
    minimum: Mapped[int] = mapped_column(default=0)
    maximum: Mapped[int | None]
    """None: any number."""
    target: Mapped[int] = mapped_column(default=0)
    """How many vendors residents asked for; each one placed is worth the weight `target`."""


class KeptFree(Shown, Model):
    """A stall that staff keep empty on a day."""

    __tablename__ = "kept_free"
    __table_args__ = (sa.UniqueConstraint("day_id", "stall_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    stall_id: Mapped[int] = mapped_column(sa.ForeignKey("stall.id"))
    kept_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    kept_at: Mapped[datetime]


class ShutStall(Shown, Model):
    """A stall that does not open on the date for which somebody said so; opened again, never deleted."""

    __tablename__ = "shut_stall"
    __table_args__ = (
        sa.Index(
            "uq_shut_stall_shut", "day_id", "stall_id", "shut_for", unique=True,
            sqlite_where=sa.text("reopened_at IS NULL"), postgresql_where=sa.text("reopened_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    stall_id: Mapped[int] = mapped_column(sa.ForeignKey("stall.id"))
    shut_for: Mapped[date]
    """The date that the market had then: what is flooded on the 5th is not on the 13th."""
    reason: Mapped[str] = mapped_column(sa.String(60))
    shut_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    shut_at: Mapped[datetime]
    reopened_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reopened_at: Mapped[datetime | None]

    stall: Mapped[Stall] = relationship(lazy="joined")


class ZoneDuty(Model):
    """Who of the community looks after a zone on a day (负责网格员)."""

    __tablename__ = "zone_duty"
    __table_args__ = (sa.UniqueConstraint("day_id", "zone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    zone: Mapped[str] = mapped_column(sa.String(1))
    person: Mapped[str] = mapped_column(sa.String(40))


class AllocationWeights(Shown, Model):
    """What a community weighs in the best plan; without a row: the usual weights. Public."""

    __tablename__ = "allocation_weights"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), unique=True)
    weights: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    changed_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]


class PlanMethod(Shown, Model):
    """How the stalls of a day are given out; without a row: the best plan."""

    __tablename__ = "plan_method"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), unique=True)
    method: Mapped[str] = mapped_column(sa.String(20))
    """A value of `Method`."""
    chosen_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    chosen_at: Mapped[datetime]


class PlanPin(Model):
    """Staff fixed a vendor's stall: laying the plan anew leaves it where it is."""

    __tablename__ = "plan_pin"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    stall_id: Mapped[int] = mapped_column(sa.ForeignKey("stall.id"))
    pinned_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    pinned_at: Mapped[datetime]


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
    method: Mapped[str] = mapped_column(sa.String(20), default="optimum")
    order: Mapped[list[int]] = mapped_column("turns", sa.JSON, default=list)
    """Whose turn it was, by application, where that was not the order of application."""
    weights: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    """The community's weights as they were, so that anybody can weigh this plan again."""
    laid: Mapped[list[int]] = mapped_column(sa.JSON, default=list, server_default="[]")
    replaced: Mapped[list[int]] = mapped_column(sa.JSON, default=list, server_default="[]")
    """Ids of the assignments it made, and of those it took the place of: so that it can be undone."""
    run_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    run_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    """Set when the plan before it was put back."""
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()


class Lottery(Referable, Shown, Model):
    """A lottery: the list that was frozen and published, and what was drawn; never changed afterwards."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    list_text: Mapped[bytes]
    """The published list, to the byte."""
    list_sha256: Mapped[str] = mapped_column(sa.String(64))
    seed_kind: Mapped[str] = mapped_column(sa.String(20))
    seed_source: Mapped[str] = mapped_column(sa.String(120))
    frozen_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    frozen_at: Mapped[datetime]
    seed: Mapped[str | None] = mapped_column(sa.Text)
    record: Mapped[bytes | None]
    drawn_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    drawn_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why a list was taken back; the public page says so."""

    day: Mapped[MarketDay] = relationship()


class StallOffer(Referable, Model):
    """A free stall kept for the next in line until a moment; one open offer a stall."""

    __tablename__ = "stall_offer"
    __table_args__ = (
        sa.Index(
            "uq_stall_offer_open",
            "day_id",
            "stall_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    stall_id: Mapped[int] = mapped_column(sa.ForeignKey("stall.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    answer: Mapped[OfferAnswer] = mapped_column(str_enum(OfferAnswer), default=OfferAnswer.OPEN)
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    day: Mapped[MarketDay] = relationship()
    stall: Mapped[Stall] = relationship(lazy="joined")
    application: Mapped[Application] = relationship(lazy="joined")

    @property
    def until(self) -> datetime:
        """Until when it can be answered: as was promised, but not when it has become too late to come."""
        return answer_until(self.made_at, self.expires_at, self.day.arrive_by, self.day.close_at)
