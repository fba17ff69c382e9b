"""What was said after a market: answers, forms on paper, praise, complaints with their steps."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.feedback.rules import (
    LONGEST_ANSWER,
    LONGEST_SENTENCE,
    LONGEST_TEXT,
    About,
    Again,
    Door,
    Outcome,
    Point,
    PraiseKind,
    Step,
    Way,
    Who,
)
from market.people.models import User
from market.vendors.models import Vendor


class FeedbackSalt(Model):
    """What makes the marks of one date; deleted when nothing can be said of it any more."""

    __tablename__ = "feedback_salt"

    on: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(64))


class DayVoice(Shown, Model):
    """What one phone said of one market, in up to three taps."""

    __tablename__ = "day_voice"
    __table_args__ = (sa.Index("uq_day_voice_phone", "day_id", "phone", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    phone: Mapped[str] = mapped_column(sa.String(32))
    network: Mapped[str] = mapped_column(sa.String(32))
    way: Mapped[Way] = mapped_column(str_enum(Way))
    score: Mapped[int]
    point: Mapped[Point | None] = mapped_column(str_enum(Point))
    again: Mapped[Again | None] = mapped_column(str_enum(Again))

    day: Mapped[MarketDay] = relationship()

    moves_pages = True
    """Whether it changes a figure that everybody reads."""

    def can_be_seen(self) -> bool:
        return self.moves_pages


class DayNetworkVerdict(Shown, Model):
    """What staff said of a network that answered very often for a market; the last one counts."""

    __tablename__ = "day_network_verdict"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    network: Mapped[str] = mapped_column(sa.String(32))
    counts: Mapped[bool]
    said_at: Mapped[datetime]
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()


class DaySheet(Referable, Shown, Model):
    """One form on paper (满意度回访表) that was typed in."""

    __tablename__ = "day_sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    who: Mapped[Who] = mapped_column(str_enum(Who))
    score: Mapped[int]
    better_choice: Mapped[bool]
    """Whether this should become better; likewise the next three."""
    better_price: Mapped[bool]
    better_order: Mapped[bool]
    better_clean: Mapped[bool]
    again: Mapped[Again | None] = mapped_column(str_enum(Again))
    collector: Mapped[str] = mapped_column(sa.String(40), default="")
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship()
    person: Mapped[User] = relationship(foreign_keys=[noted_by])


class Praise(Referable, Shown, Model):
    """One phone praised one vendor after one market."""

    __tablename__ = "praise"
    __table_args__ = (sa.Index("uq_praise_phone", "day_id", "vendor_id", "phone", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    kind: Mapped[PraiseKind] = mapped_column(str_enum(PraiseKind))
    sentence: Mapped[str] = mapped_column(sa.String(LONGEST_SENTENCE))
    phone: Mapped[str] = mapped_column(sa.String(32))
    network: Mapped[str] = mapped_column(sa.String(32))
    given_at: Mapped[datetime]

    day: Mapped[MarketDay] = relationship()
    vendor: Mapped[Vendor] = relationship()

    def can_be_seen(self) -> bool:
        """Nobody but the vendor and the staff reads it before staff found it fit."""
        return False


class PraiseVerdict(Shown, Model):
    """Whether everybody may read a praise; the last one counts. What is not fit, the vendor reads neither."""

    __tablename__ = "praise_verdict"

    id: Mapped[int] = mapped_column(primary_key=True)
    praise_id: Mapped[int] = mapped_column(sa.ForeignKey("praise.id"), index=True)
    fit: Mapped[bool]
    said_at: Mapped[datetime]
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    praise: Mapped[Praise] = relationship()


class Complaint(Referable, Shown, Model):
    """What somebody complained about. Who that was stands nowhere here."""

    __tablename__ = "complaint"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int | None] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    vendor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    about: Mapped[About] = mapped_column(str_enum(About))
    text: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT))
    door: Mapped[Door] = mapped_column(str_enum(Door))
    receipt: Mapped[str] = mapped_column(sa.String(12), unique=True)
    """By which who complained reads the answer."""
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    """The mark of the telephone it came from, so that a second press is the same complaint."""
    network: Mapped[str] = mapped_column(sa.String(32), default="")
    made_at: Mapped[datetime]
    noted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    community: Mapped[Community] = relationship()
    day: Mapped[MarketDay | None] = relationship()
    vendor: Mapped[Vendor | None] = relationship()


class ComplaintPhone(Model):
    """A number to call back on; apart, so that nothing that shows a complaint can show it."""

    __tablename__ = "complaint_phone"

    complaint_id: Mapped[int] = mapped_column(
        sa.ForeignKey("complaint.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(sa.String(20))

    complaint: Mapped[Complaint] = relationship()


class ComplaintStep(Referable, Shown, Model):
    """Something that happened to a complaint; where it stands follows from all of them."""

    __tablename__ = "complaint_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(sa.ForeignKey("complaint.id"), index=True)
    step: Mapped[Step] = mapped_column(str_enum(Step))
    outcome: Mapped[Outcome | None] = mapped_column(str_enum(Outcome))
    sentence: Mapped[str] = mapped_column(sa.String(LONGEST_ANSWER), default="")
    public: Mapped[bool] = mapped_column(default=False)
    """Whether everybody reads the answer."""
    done_at: Mapped[datetime]
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    complaint: Mapped[Complaint] = relationship()
    person: Mapped[User | None] = relationship()


class VendorSide(Model):
    """What the vendor says to a complaint; the last one counts."""

    __tablename__ = "vendor_side"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(sa.ForeignKey("complaint.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(LONGEST_TEXT))
    said_at: Mapped[datetime]
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    complaint: Mapped[Complaint] = relationship()
    person: Mapped[User] = relationship()
