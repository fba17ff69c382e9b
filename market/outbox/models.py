"""What a community sends by, what people chose, what staff wrote, and the rows that leave the house."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable, str_enum
from market.notices.rules import Channel
from market.outbox.rules import Errand, Fault, Quiet, SendState, Way
from market.people.models import User
from market.vendors.models import Application, Vendor


class SendRule(Model):
    """By what a community sends, and when it does not; without one nothing leaves the house."""

    __tablename__ = "send_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), unique=True)
    email: Mapped[bool] = mapped_column(default=False)
    reply_to: Mapped[str] = mapped_column(sa.String(120), default="")
    sms: Mapped[bool] = mapped_column(default=False)
    sms_sign: Mapped[str] = mapped_column(sa.String(20), default="")
    """The name that was approved for text messages, without its brackets."""
    robot: Mapped[bool] = mapped_column(default=False)
    robot_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    """The robot's address under a key of the installation: whoever has it can write into the group."""
    robot_tail: Mapped[str] = mapped_column(sa.String(4), default="")
    """Its last letters, by which people know it again."""
    robot_free_at: Mapped[datetime | None]
    """Until when the robot rests after its last message."""
    quiet_from: Mapped[time] = mapped_column(default=time(21, 0))
    quiet_to: Mapped[time] = mapped_column(default=time(8, 0))
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    set_at: Mapped[datetime]

    community: Mapped[Community] = relationship()
    person: Mapped[User] = relationship()

    @property
    def quiet(self) -> Quiet:
        return Quiet(self.quiet_from, self.quiet_to)

    def has_on(self, way: Way) -> bool:
        """Whether a way is switched on; a robot whose address nobody knows is not."""
        switched: bool = getattr(self, SWITCHES[way].key)
        return switched and (way is not Way.ROBOT or self.robot_sealed is not None)


SWITCHES: Mapping[Way, InstrumentedAttribute[bool]] = {
    Way.EMAIL: SendRule.email,
    Way.SMS: SendRule.sms,
    Way.ROBOT: SendRule.robot,
}
"""By which column a community has switched a way on."""


class VendorWays(Model):
    """How a vendor wants to be told: an address, and what it does not want."""

    __tablename__ = "vendor_ways"

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), unique=True)
    email: Mapped[str] = mapped_column(sa.String(120), default="")
    no_email: Mapped[bool] = mapped_column(default=False)
    no_sms: Mapped[bool] = mapped_column(default=False)
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    said_at: Mapped[datetime]

    vendor: Mapped[Vendor] = relationship()


class Letter(Referable, Model):
    """What staff wrote to vendors of a market day in their own words."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(400))
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    written_at: Mapped[datetime]
    leaves_at: Mapped[datetime]
    """Until then it can be taken back."""
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship(lazy="joined")
    writer: Mapped[User] = relationship(foreign_keys=[written_by])
    copies: Mapped[list[LetterCopy]] = relationship(back_populates="letter", order_by="LetterCopy.id")


class LetterCopy(Referable, Model):
    """A letter to one person, and how it reached them."""

    __tablename__ = "letter_copy"
    __table_args__ = (sa.UniqueConstraint("letter_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(sa.ForeignKey("letter.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    told_at: Mapped[datetime | None]
    channel: Mapped[Channel | None] = mapped_column(str_enum(Channel))
    told_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    letter: Mapped[Letter] = relationship(back_populates="copies", lazy="joined")
    application: Mapped[Application] = relationship(lazy="joined")


class Leased(Referable):
    """A row that a host brings out of the house, and has to itself for a while (`service/claims.py`)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[SendState] = mapped_column(str_enum(SendState), default=SendState.DUE)
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)
    """How often a host began and was gone before it could say how it ended."""
    claim: Mapped[str] = mapped_column(sa.String(10), default="")
    """Which host is at it."""
    claimed_until: Mapped[datetime | None]
    fault: Mapped[Fault | None] = mapped_column(str_enum(Fault))
    detail: Mapped[str] = mapped_column(sa.String(160), default="")
    """What the other side answered."""
    ended_at: Mapped[datetime | None]


class Outgoing(Leased, Model):
    """A claim: tell this person (or this group) about this matter by this way.

    It holds no text: what is said is worked out at the moment of sending, from what holds then.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        sa.UniqueConstraint("way", "errand", "subject", "number"),
        sa.Index("ix_outgoing_waiting", "state", "not_before"),
        sa.Index("ix_outgoing_claim", "claim"),
        sa.Index("ix_outgoing_subject", "subject"),
    )

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    way: Mapped[Way] = mapped_column(str_enum(Way))
    errand: Mapped[Errand] = mapped_column(str_enum(Errand))
    subject: Mapped[str] = mapped_column(sa.String(40))
    """What it is about, by its address; of news the application, of a letter the copy."""
    number: Mapped[int]
    """The how-manieth of its subject: of two hosts that claim the same, one fails on the key."""
    mark: Mapped[str] = mapped_column(sa.String(20))
    """A fingerprint of what held when it was claimed, or said last."""
    vendor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    day_id: Mapped[int | None] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    address: Mapped[str] = mapped_column(sa.String(120), default="")
    """Where to, where the vendor's own address is not meant: of a test."""
    made_at: Mapped[datetime]
    message_id: Mapped[str] = mapped_column(sa.String(30), default="")
    """Under which number it left: the same for the same text of the same claim, however often it is sent."""

    community: Mapped[Community] = relationship()
    vendor: Mapped[Vendor | None] = relationship(lazy="joined")
    day: Mapped[MarketDay | None] = relationship(lazy="joined")
