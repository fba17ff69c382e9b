"""Venues, their permits, circuits, stalls and lanes."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.places.rules import LandType, Ownership, VenuePermitKind, entrance_names


class Venue(Referable, Shown, Model):
    """A plaza where markets are held, drawn in decimetres from its north-west corner."""

    __tablename__ = "venue"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    address: Mapped[str] = mapped_column(sa.String(120))
    land_type: Mapped[LandType] = mapped_column(str_enum(LandType))
    ownership: Mapped[Ownership] = mapped_column(str_enum(Ownership))
    width_dm: Mapped[int]
    depth_dm: Mapped[int]
    entrances: Mapped[str] = mapped_column(sa.String(120), default="")
    """Names of the gates, separated by 、 (东门、西门)."""
    no_flame: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Neither fire nor gas bottles anywhere on the plaza."""
    step_free: Mapped[bool] = mapped_column(default=False)
    """Whether a wheelchair reaches every stall (无障碍通道)."""

    community: Mapped[Community] = relationship()
    stalls: Mapped[list[Stall]] = relationship(back_populates="venue", order_by="Stall.label")
    circuits: Mapped[list[Circuit]] = relationship(back_populates="venue", order_by="Circuit.name")
    lanes: Mapped[list[Lane]] = relationship(back_populates="venue", order_by="Lane.id")
    permits: Mapped[list[VenuePermit]] = relationship(back_populates="venue", order_by="VenuePermit.kind")

    def entrance_names(self) -> list[str]:
        return entrance_names(self.entrances)


class VenuePermit(Model):
    """A permit that the place itself needs (M01, M02, M03, M07)."""

    __tablename__ = "venue_paper"
    __table_args__ = (sa.UniqueConstraint("venue_id", "kind", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"), index=True)
    kind: Mapped[VenuePermitKind] = mapped_column(str_enum(VenuePermitKind))
    number: Mapped[str] = mapped_column(sa.String(80))
    issuer: Mapped[str] = mapped_column(sa.String(100))
    valid_to: Mapped[date | None]
    """None: no term."""
    added_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    added_at: Mapped[datetime]

    venue: Mapped[Venue] = relationship(back_populates="permits")


class Circuit(Shown, Model):
    """A supply line and what it bears in watts."""

    __tablename__ = "circuit"
    __table_args__ = (
        sa.UniqueConstraint("venue_id", "name"),
        sa.CheckConstraint("capacity_w > 0", name="capacity_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(30))
    capacity_w: Mapped[int]

    venue: Mapped[Venue] = relationship(back_populates="circuits")


class Stall(Referable, Shown, Model):
    """A numbered place on the plan. Its number never changes once a market was published with it."""

    __tablename__ = "stall"
    __table_args__ = (
        sa.UniqueConstraint("venue_id", "label"),
        sa.CheckConstraint("width_dm > 0 AND depth_dm > 0", name="size_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(8))
    zone: Mapped[str] = mapped_column(sa.String(1))
    row: Mapped[int]
    column: Mapped[int]
    x_dm: Mapped[int]
    y_dm: Mapped[int]
    width_dm: Mapped[int]
    depth_dm: Mapped[int]
    power_w: Mapped[int] = mapped_column(default=0)
    """The most one socket gives here; 0 means no socket."""
    circuit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("circuit.id"))
    water: Mapped[bool] = mapped_column(default=False)
    shade: Mapped[bool] = mapped_column(default=False)
    vehicle: Mapped[bool] = mapped_column(default=False)
    reserved: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """An 爱心 or 公益 stall: only for vendors who `may_use_reserved` (domain §3.3)."""
    no_flame: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Under a tree or an awning: whoever cooks over a fire cannot stand here."""
    retired_at: Mapped[datetime | None]
    """Set instead of deleting: past markets keep pointing here."""

    venue: Mapped[Venue] = relationship(back_populates="stalls")
    circuit: Mapped[Circuit | None] = relationship(lazy="joined")


class Lane(Shown, Model):
    """A strip that stays clear; a fire lane when `fire` (消防法 28)."""

    __tablename__ = "lane"

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(30))
    x_dm: Mapped[int]
    y_dm: Mapped[int]
    width_dm: Mapped[int]
    depth_dm: Mapped[int]
    fire: Mapped[bool] = mapped_column(default=True)

    venue: Mapped[Venue] = relationship(back_populates="lanes")
