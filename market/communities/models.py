"""Regions and communities."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.rules import RegionLevel
from market.db import Model, Shown, str_enum


class Region(Shown, Model):
    """A city, district or street, by its 12-digit division code."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    level: Mapped[RegionLevel] = mapped_column(str_enum(RegionLevel))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("region.id"), index=True)

    profile: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """Which file says what is demanded here (`communities/profiles`); empty: as in the region around it."""

    parent: Mapped[Region | None] = relationship(remote_side="Region.id", lazy="joined", join_depth=3)
    """Read along: what is demanded in a street may be said by its district or its city."""


class Community(Shown, Model):
    """A residential community (社区): the tenant that everything else belongs to."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    region_id: Mapped[int] = mapped_column(sa.ForeignKey("region.id"), index=True)
    host_org: Mapped[str] = mapped_column(sa.String(100))
    phone: Mapped[str] = mapped_column(sa.String(30))
    zone: Mapped[str] = mapped_column(sa.String(40), default="Asia/Shanghai")
    created_at: Mapped[datetime]
    profile: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """Empty: as in the region."""

    region: Mapped[Region] = relationship(lazy="joined")


class ResidentGroup(Shown, Model):
    """How residents join the group of their community (企业微信, WeChat); the newest row counts, and one that
    says nothing takes the group off the page."""

    __tablename__ = "resident_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(200))
    """Its name, and whom to ask."""
    picture: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    """The code to scan, drawn anew as JPEG."""
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    valid_until: Mapped[date | None]
    """The last day of the code: those of ordinary WeChat groups end after a week."""
    shown_at: Mapped[datetime]
    shown_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    community: Mapped[Community] = relationship()

    def picture_on(self, today: date) -> bool:
        """Whether there is a code that still works."""
        return self.width > 0 and (self.valid_until is None or today <= self.valid_until)
