"""Wishes, the voices behind them, what was counted on paper, what means the same, what was answered."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.demand.rules import PaperKind, Way, WishState
from market.demand.stall_types import StallType, stall_type
from market.people.models import User
from market.vendors.rules import Category

LONGEST_SENTENCE = 120
LONGEST_PLACE = 40

IN_FORCE = sa.text("ended_at IS NULL")


class Wish(Referable, Shown, Model):
    """One thing that somebody asked for, in the words of whoever was first."""

    __tablename__ = "wish"
    __table_args__ = (sa.Index("uq_wish_key", "community_id", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    word: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(60))
    """What makes two ways of typing it one wish."""
    type_code: Mapped[str] = mapped_column(sa.String(20), default="")
    """The stall type it is; empty for a word of somebody's own."""
    made_at: Mapped[datetime]

    community: Mapped[Community] = relationship()

    @property
    def type(self) -> StallType | None:
        return stall_type(self.type_code)

    def can_be_seen(self) -> bool:
        """A word of somebody's own is read by staff before anybody else reads it."""
        return self.type_code != ""


class WishListing(Shown, Model):
    """Whether a word of somebody's own stands in the public list, and where it belongs; the last counts."""

    __tablename__ = "wish_listing"

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(sa.ForeignKey("wish.id"), index=True)
    listed: Mapped[bool]
    category: Mapped[Category | None] = mapped_column(str_enum(Category))
    decided_at: Mapped[datetime]
    decided_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))

    wish: Mapped[Wish] = relationship()
    person: Mapped[User] = relationship()


class WishVoice(Shown, Model):
    """One phone asked for one thing in one week. Neither phone nor network can be told from it once the week
    is over: the salt of their marks is gone then."""

    __tablename__ = "wish_voice"
    __table_args__ = (
        sa.Index("uq_wish_voice_phone", "wish_id", "week", "phone", unique=True),
        sa.Index("ix_wish_voice_network", "week", "network"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(sa.ForeignKey("wish.id"), index=True)
    week: Mapped[date] = mapped_column(sa.Date)
    phone: Mapped[str] = mapped_column(sa.String(32))
    network: Mapped[str] = mapped_column(sa.String(32))
    way: Mapped[Way] = mapped_column(str_enum(Way))

    wish: Mapped[Wish] = relationship()

    moves_pages = True
    """Whether it changes a number that everybody reads: one that is set aside does not."""

    def can_be_seen(self) -> bool:
        return self.moves_pages


class WishSalt(Model):
    """What makes the marks of one week; deleted when the week is over, and with it every way back."""

    __tablename__ = "wish_salt"

    week: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(64))


class NetworkVerdict(Shown, Model):
    """What staff said of a network that spoke very often in a week: a house full of people, or a machine. The
    last one counts."""

    __tablename__ = "network_verdict"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    week: Mapped[date] = mapped_column(sa.Date)
    network: Mapped[str] = mapped_column(sa.String(32))
    counts: Mapped[bool]
    said_at: Mapped[datetime]
    said_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))


class WishVotes(Referable, Shown, Model):
    """Votes on paper, or what people said at their doors: how many, where, when, and who collected them."""

    __tablename__ = "wish_votes"

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(sa.ForeignKey("wish.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(str_enum(PaperKind))
    people: Mapped[int]
    place: Mapped[str] = mapped_column(sa.String(LONGEST_PLACE))
    collected_on: Mapped[date] = mapped_column(sa.Date)
    collector: Mapped[str] = mapped_column(sa.String(40), default="")
    """Who went round, where somebody else typed it in."""
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    wish: Mapped[Wish] = relationship()
    person: Mapped[User] = relationship(foreign_keys=[noted_by])


class WishMerge(Referable, Shown, Model):
    """That one wish means the same as another. No voice moves: what they have together is counted when asked,
    and ending the row undoes it."""

    __tablename__ = "wish_merge"
    __table_args__ = (
        sa.Index(
            "uq_wish_merge_in_force",
            "wish_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(sa.ForeignKey("wish.id"))
    into_id: Mapped[int] = mapped_column(sa.ForeignKey("wish.id"), index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    wish: Mapped[Wish] = relationship(foreign_keys=[wish_id])
    into: Mapped[Wish] = relationship(foreign_keys=[into_id])
    person: Mapped[User] = relationship(foreign_keys=[merged_by])


class WishAnswer(Referable, Shown, Model):
    """A public entry of the community. The state of a wish is its last one that was not taken back."""

    __tablename__ = "wish_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(sa.ForeignKey("wish.id"), index=True)
    state: Mapped[WishState] = mapped_column(str_enum(WishState))
    sentence: Mapped[str] = mapped_column(sa.String(LONGEST_SENTENCE))
    answered_at: Mapped[datetime]
    answered_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    wish: Mapped[Wish] = relationship()
    person: Mapped[User] = relationship(foreign_keys=[answered_by])
