"""Looks at stalls, what was found, incidents, and links for an authority."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, Referable, str_enum
from market.inspection.rules import LONGEST_TEXT, Result, is_overdue
from market.people.models import User
from market.stalls.models import Assignment


class SpotCheck(Model):
    """One look at a stall, or at the plaza, in one round. What is not named as found was fine."""

    __tablename__ = "spot_check"
    __table_args__ = (sa.UniqueConstraint("day_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    """None: the plaza."""
    client_id: Mapped[str] = mapped_column(sa.String(60))
    """Made with the page, so that sending twice is looking once."""
    round_no: Mapped[int]
    items: Mapped[list[str]] = mapped_column(sa.JSON)
    """Codes of what was looked at: the profile of that day."""
    inspector: Mapped[str] = mapped_column(sa.String(40), default="")
    """Who inspected, where the sheet was typed in by somebody else."""
    checked_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    findings: Mapped[list[Finding]] = relationship(back_populates="check", order_by="Finding.id")
    person: Mapped[User] = relationship(foreign_keys=[noted_by])

    @property
    def inspected_by(self) -> str:
        return self.inspector or self.person.display_name


class Finding(Referable, Model):
    """One point that was not fine; it is open until it was mended on the spot or somebody closes it."""

    __tablename__ = "inspection_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(sa.ForeignKey("spot_check.id"), index=True)
    item: Mapped[str] = mapped_column(sa.String(24))
    result: Mapped[Result] = mapped_column(str_enum(Result))
    note: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT), default="")
    mend_by: Mapped[datetime | None]

    check: Mapped[SpotCheck] = relationship(back_populates="findings")
    follow_ups: Mapped[list[FollowUp]] = relationship(back_populates="finding", order_by="FollowUp.id")
    photos: Mapped[list[FindingPhoto]] = relationship(back_populates="finding", order_by="FindingPhoto.id")

    @property
    def closing(self) -> FollowUp | None:
        return next((one for one in self.follow_ups if one.closes), None)

    @property
    def is_open(self) -> bool:
        return self.result is not Result.MENDED and self.closing is None

    def overdue(self, at: datetime) -> bool:
        return self.is_open and is_overdue(self.mend_by, at)

    @property
    def where(self) -> Assignment | None:
        return self.check.assignment


class FollowUp(Model):
    """Somebody looked again."""

    __tablename__ = "finding_follow_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_finding.id"), index=True)
    closes: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT), default="")
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    finding: Mapped[Finding] = relationship(back_populates="follow_ups")
    person: Mapped[User] = relationship(foreign_keys=[noted_by])


class FindingPhoto(Referable, Model):
    """A picture of what was found, small and without what the phone wrote into it; deleted after a while."""

    __tablename__ = "finding_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("inspection_finding.id"), index=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(index=True)
    added_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    finding: Mapped[Finding] = relationship(back_populates="photos")


class Incident(Referable, Model):
    """Something that happened at a market: what, where, who was told, what was done."""

    __tablename__ = "incident"
    __table_args__ = (sa.UniqueConstraint("day_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(60))
    happened_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(60))
    what: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT))
    told: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT), default="")
    done: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT), default="")
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()
    person: Mapped[User] = relationship(foreign_keys=[noted_by])
    ender: Mapped[User | None] = relationship(foreign_keys=[ended_by])


class InspectorLink(Referable, Model):
    """Lets an authority see for one day who sells what where; only a hash of its secret is kept."""

    __tablename__ = "inspector_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    """For whom it is; stands across every page that it opens."""
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()
    openings: Mapped[list[LinkOpening]] = relationship(back_populates="link", order_by="LinkOpening.id")
    maker: Mapped[User] = relationship(foreign_keys=[made_by])


class LinkOpening(Referable, Model):
    """One use of such a link."""

    __tablename__ = "inspector_link_opening"

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("inspector_link.id"), index=True)
    opened_at: Mapped[datetime]

    link: Mapped[InspectorLink] = relationship(back_populates="openings")
