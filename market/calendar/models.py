"""Market days, the steps taken, the permits of a day, and findings a named person took upon themselves."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.rules import MAX_PLAN_TEXT, DayPermitKind, DayState, PlanPart, Step
from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.people.models import User
from market.places.models import Venue


class MarketDay(Referable, Shown, Model):
    """One market: a date, a place, hours, and how far it has come."""

    __tablename__ = "market_day"
    __table_args__ = (
        sa.CheckConstraint("close_at > open_at", name="hours"),
        sa.CheckConstraint("stall_limit > 0", name="stall_limit"),
        sa.CheckConstraint("expected_visitors >= 0", name="expected_visitors"),
        sa.Index("ix_market_day_community_open", "community_id", "open_at"),
        sa.Index("ix_market_day_state_open", "state", "open_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"), index=True)
    theme: Mapped[str] = mapped_column(sa.String(30))
    open_at: Mapped[datetime]
    close_at: Mapped[datetime]
    apply_from: Mapped[datetime]
    apply_until: Mapped[datetime]
    arrive_by: Mapped[datetime]
    """Until when vendors drive in and set up."""
    expected_visitors: Mapped[int]
    stall_limit: Mapped[int]
    """How many stalls are offered on this day; the plan of the venue may hold more."""
    has_donation_box: Mapped[bool] = mapped_column(default=False)
    state: Mapped[DayState] = mapped_column(str_enum(DayState), default=DayState.DRAFT)
    was_public: Mapped[bool] = mapped_column(default=False)
    """Set when residents first see the day; it keeps its page when it is postponed or cancelled."""
    public_note: Mapped[str] = mapped_column(sa.String(200), default="")
    """The sentence on top of the public page: why postponed, cancelled or closed early."""
    closed_early: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    """Grows with every change that calendars should learn of (iCalendar SEQUENCE)."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    """When somebody last wrote it anew; steps do not count."""

    community: Mapped[Community] = relationship(lazy="joined")
    venue: Mapped[Venue] = relationship(lazy="joined")
    steps: Mapped[list[DayStep]] = relationship(back_populates="day", order_by="DayStep.id")
    permits: Mapped[list[DayPermit]] = relationship(
        back_populates="day", order_by="[DayPermit.kind, DayPermit.id]"
    )
    waivers: Mapped[list[Waiver]] = relationship(back_populates="day", order_by="Waiver.id")

    @property
    def ends_at(self) -> datetime:
        """When it is over for residents: as announced, or when it was closed early."""
        early = self.closed_at if self.closed_early else None
        return early if early is not None and early > self.open_at else self.close_at


class DayStep(Shown, Model):
    """A step somebody took, with the reason where one is asked for."""

    __tablename__ = "day_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    step: Mapped[Step] = mapped_column(str_enum(Step))
    from_state: Mapped[DayState] = mapped_column(str_enum(DayState))
    to_state: Mapped[DayState] = mapped_column(str_enum(DayState))
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """None: the clock took it (`market tick`)."""
    taken_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")

    day: Mapped[MarketDay] = relationship(back_populates="steps")
    taker: Mapped[User | None] = relationship()


class DayPermit(Model):
    """A permit of one day (M04, M05, M06, M08): filed, granted or written, for a date and a place.

    It counts while the market is held on that date at that place; a market that moves leaves it behind.
    """

    __tablename__ = "day_paper"
    __table_args__ = (sa.UniqueConstraint("day_id", "kind", "filed_for", "venue_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    kind: Mapped[DayPermitKind] = mapped_column(str_enum(DayPermitKind))
    number: Mapped[str] = mapped_column(sa.String(80))
    issuer: Mapped[str] = mapped_column(sa.String(100))
    filed_on: Mapped[date]
    filed_for: Mapped[date]
    """The date of the market that the permit speaks of."""
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"))
    added_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    added_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship(back_populates="permits")


class Waiver(Model):
    """A finding (BLOCK+) that a named person overrode with a written reason, for a date and a place.

    It counts while the market is held on that date at that place: who answered for the 5th never said
    anything of the 13th.
    """

    __tablename__ = "waiver"
    __table_args__ = (sa.UniqueConstraint("day_id", "code", "subject", "waived_for", "venue_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(200))
    waived_for: Mapped[date]
    """The date that the market had then."""
    venue_id: Mapped[int] = mapped_column(sa.ForeignKey("venue.id"))
    """The place that it had then."""
    waived_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    waived_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship(back_populates="waivers")
    person: Mapped[User] = relationship()


class PlanText(Model):
    """What somebody wrote for a part of the safety plan, for all markets of a community or for one of them.

    No row is changed: the last one counts, and what stood there before can be read and taken up again.
    """

    __tablename__ = "plan_text"
    __table_args__ = (sa.Index("ix_plan_text_community_day", "community_id", "day_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    day_id: Mapped[int | None] = mapped_column(sa.ForeignKey("market_day.id"))
    """None: for every market of the community."""
    part: Mapped[PlanPart] = mapped_column(str_enum(PlanPart))
    text: Mapped[str] = mapped_column(sa.String(MAX_PLAN_TEXT))
    """Empty: what stood here is taken back, and what stands behind it counts."""
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    written_at: Mapped[datetime]

    person: Mapped[User] = relationship()
