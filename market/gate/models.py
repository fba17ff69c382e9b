"""Scans and footfall counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, Referable, Shown, str_enum
from market.gate.rules import (
    COUNTING_STATES,
    CountMethod,
    HeldReason,
    Sample,
    Sampling,
    ScanMethod,
    Verdict,
    Way,
)  # fmt: skip
from market.passes.models import StallPass
from market.people.models import User
from market.stalls.models import Assignment, PassVersion

ADMITTED = sa.text("verdict = 'admitted' AND undo_id IS NULL")


class GatePhone(Referable, Model):
    """A telephone that minds one gate on one market day, lent or a volunteer's own: it has no account. It
    begins as an invitation, shown as a code, which one telephone can take; only a hash of its key is kept."""

    __tablename__ = "gate_phone"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    entrance: Mapped[str] = mapped_column(sa.String(30), default="")
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who answers for it; scans without an account count as done under this person."""
    made_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(sa.String(30), default="")
    """What the person who holds it calls themselves."""
    key_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    enrolled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many scans it said it still keeps, when it was last heard of."""
    left_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    day: Mapped[MarketDay] = relationship()
    maker: Mapped[User] = relationship()


class ScanUndo(Model):
    """Somebody took an admission back: the vendor counts as not yet in from this moment on."""

    __tablename__ = "scan_undo"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"))
    reason: Mapped[str] = mapped_column(sa.String(200))
    undone_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    undone_at: Mapped[datetime]

    person: Mapped[User] = relationship()


class Scan(Model):
    """One code that was looked at, and the answer. Refusals are kept too; one scan per assignment admits."""

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
    pass_id: Mapped[int | None] = mapped_column(sa.ForeignKey("pass_version.id"))
    """The pass that was shown, also one that does not count or is of another day."""
    assignment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(str_enum(Verdict))
    method: Mapped[ScanMethod] = mapped_column(str_enum(ScanMethod))
    entrance: Mapped[str] = mapped_column(sa.String(30), default="")
    scanned_at: Mapped[datetime]
    """When the code was seen: the arrival here, less what the scan waited in the phone for a network."""
    received_at: Mapped[datetime]
    scanned_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who scanned, or who answers for the phone that did."""
    phone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("gate_phone.id"))
    phone_at: Mapped[datetime | None]
    """What the phone's own clock said, right or wrong."""
    told: Mapped[Verdict | None] = mapped_column(str_enum(Verdict))
    """What the phone told the person at the gate when it was alone; None when the answer came from here."""
    undo_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scan_undo.id"))
    """By which this admission was taken back."""

    assignment: Mapped[Assignment | None] = relationship(lazy="joined")
    shown: Mapped[PassVersion | None] = relationship()
    phone: Mapped[GatePhone | None] = relationship()
    person: Mapped[User] = relationship()

    @property
    def stall_pass(self) -> StallPass | None:
        return StallPass(self.shown) if self.shown is not None else None

    @property
    def scanned_by_name(self) -> str:
        """Who made it: the phone's own name, or the person who was signed in."""
        return self.phone.name if self.phone is not None else self.person.display_name


class HeldScan(Model):
    """A scan that a phone brought and that nobody can believe unseen; it waits for a person."""

    __tablename__ = "held_scan"
    __table_args__ = (sa.Index("uq_held_scan_client", "day_id", "client_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    phone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("gate_phone.id"))
    client_id: Mapped[str] = mapped_column(sa.String(40))
    code: Mapped[str] = mapped_column(sa.String(400))
    method: Mapped[ScanMethod] = mapped_column(str_enum(ScanMethod))
    scanned_at: Mapped[datetime]
    phone_at: Mapped[datetime]
    received_at: Mapped[datetime]
    told: Mapped[Verdict | None] = mapped_column(str_enum(Verdict))
    reason: Mapped[HeldReason] = mapped_column(str_enum(HeldReason))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    taken: Mapped[bool | None]
    """Whether it counts after all; None while it waits."""

    phone: Mapped[GatePhone | None] = relationship()


class FootfallCount(Shown, Model):
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
    raw: Mapped[int | None]
    """What was really counted, where a sample was taken; `visits` is what it comes to."""
    sampling: Mapped[Sampling | None] = mapped_column(str_enum(Sampling))
    factor_hundredths: Mapped[int | None]
    counted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    counted_at: Mapped[datetime]
    whole_at: Mapped[datetime | None]
    """When somebody last told the cell as a whole: a press before that is in it, whenever it is heard of."""

    day: Mapped[MarketDay] = relationship()

    @property
    def sample(self) -> Sample | None:
        """What was really counted, where that is known."""
        if self.raw is None or self.sampling is None or self.factor_hundredths is None:
            return None
        return Sample(self.raw, self.sampling, self.factor_hundredths)

    def can_be_seen(self) -> bool:
        """Residents read visits once they are settled, not while they are counted."""
        return self.day.state not in COUNTING_STATES


class FootfallTap(Model):
    """One press, as it happened: so many in or out; an undone one is a press of its own with a minus."""

    __tablename__ = "footfall_tap"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "client_id"),
        sa.CheckConstraint("number <> 0", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(40))
    """Made by the phone before sending, so that sending twice is one press."""
    entrance: Mapped[str] = mapped_column(sa.String(30))
    way: Mapped[Way] = mapped_column(str_enum(Way))
    number: Mapped[int]
    tapped_at: Mapped[datetime]
    """Of one that takes a press back, the moment of that press."""
    counted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who pressed, or who answers for the phone."""
    received_at: Mapped[datetime]
    phone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("gate_phone.id"))


class FootfallSample(Model):
    """A sample as a phone told it; the latest of its cell counts."""

    __tablename__ = "footfall_sample"
    __table_args__ = (sa.UniqueConstraint("day_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(40))
    entrance: Mapped[str] = mapped_column(sa.String(30))
    slot: Mapped[int]
    raw: Mapped[int]
    sampling: Mapped[Sampling] = mapped_column(str_enum(Sampling))
    factor_hundredths: Mapped[int]
    sampled_at: Mapped[datetime]
    counted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    received_at: Mapped[datetime]
    phone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("gate_phone.id"))

    @property
    def sample(self) -> Sample:
        return Sample(self.raw, self.sampling, self.factor_hundredths)


class HeldCount(Model):
    """Visitors that a phone told and that nobody can believe unseen: a press, or a sample of a slot."""

    __tablename__ = "held_count"
    __table_args__ = (sa.UniqueConstraint("day_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.String(40))
    phone_id: Mapped[int | None] = mapped_column(sa.ForeignKey("gate_phone.id"))
    entrance: Mapped[str] = mapped_column(sa.String(30))
    way: Mapped[Way] = mapped_column(str_enum(Way))
    number: Mapped[int]
    slot: Mapped[int | None]
    """Of a sample."""
    sampling: Mapped[Sampling | None] = mapped_column(str_enum(Sampling))
    factor_hundredths: Mapped[int | None]
    told_at: Mapped[datetime]
    received_at: Mapped[datetime]
    reason: Mapped[HeldReason] = mapped_column(str_enum(HeldReason))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    taken: Mapped[bool | None]

    phone: Mapped[GatePhone | None] = relationship()


class VolunteerWork(Shown, Model):
    """How many volunteers worked at a market, and how long all together; the newest row counts."""

    __tablename__ = "volunteer_work"
    __table_args__ = (sa.CheckConstraint("people >= 0 AND hours >= 0", name="counted"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    people: Mapped[int]
    hours: Mapped[int]
    """The hours of each of them added up."""
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()
    person: Mapped[User] = relationship()
