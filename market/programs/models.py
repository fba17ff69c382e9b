"""Keys, what they used up, answers that are kept, subscriptions and what was sent to them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community, Region
from market.db import Model, Referable, str_enum
from market.outbox.models import Leased
from market.people.models import User
from market.programs.rules import Event, Right


class ProgramKey(Referable, Model):
    """A key by which a program acts as the person who made it, in one community or region; only a hash of its
    secret is kept."""

    __tablename__ = "program_key"
    __table_args__ = (sa.CheckConstraint("(community_id IS NULL) <> (region_id IS NULL)", name="place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(12))
    """Its first letters, by which people know it again."""
    name: Mapped[str] = mapped_column(sa.String(60))
    """What program it is for."""
    rights_text: Mapped[str] = mapped_column("rights", sa.String(120))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("community.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("region.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used last, to the minute: it is written when a process takes a share of its allowance."""
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined")
    community: Mapped[Community | None] = relationship()
    region: Mapped[Region | None] = relationship()

    @property
    def rights(self) -> tuple[Right, ...]:
        return tuple(Right(word) for word in self.rights_text.split())


class CallShare(Model):
    """How many calls of a minute processes have taken for somebody."""

    __tablename__ = "call_share"

    who: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """A key, or the mark of a network."""
    minute: Mapped[int] = mapped_column(primary_key=True)
    taken: Mapped[int]


class KeptAnswer(Model):
    """What was answered to a call with an `Idempotency-Key`: the same call again gets the same answer."""

    __tablename__ = "kept_answer"
    __table_args__ = (sa.Index("uq_kept_answer_call", "key_id", "call_hash", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("program_key.id"))
    call_hash: Mapped[str] = mapped_column(sa.String(64))
    """Of the name that the program gave to the call."""
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    """Of what was asked: method, address and body."""
    status: Mapped[int]
    body: Mapped[str] = mapped_column(sa.Text)
    kept_at: Mapped[datetime] = mapped_column(index=True)


class Webhook(Referable, Model):
    """A server that is told what happens in a community."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(300))
    secret_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    """What its messages are signed with, under a key of the installation."""
    events_text: Mapped[str] = mapped_column("events", sa.String(240))
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    seen_line: Mapped[int]
    """The line of the community's journal up to which it was looked at. Lines of a chain are numbered in the
    order in which they are committed, so none comes in between later."""
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts in a row that failed."""
    disabled_at: Mapped[datetime | None]
    """Since when nothing is sent because too many attempts failed."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    community: Mapped[Community] = relationship()
    maker: Mapped[User] = relationship(foreign_keys=[made_by])

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(Event(word) for word in self.events_text.split())


class HookDelivery(Leased, Model):
    """A claim: tell this server of this line of the journal. What it says is worked out when it is sent."""

    __tablename__ = "hook_delivery"
    __table_args__ = (
        sa.Index("uq_hook_delivery_line", "webhook_id", "line", unique=True),
        sa.Index("ix_hook_delivery_waiting", "state", "not_before"),
        sa.Index("ix_hook_delivery_claim", "claim"),
    )

    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook.id"))
    line: Mapped[int]
    event: Mapped[Event] = mapped_column(str_enum(Event))
    subject: Mapped[str] = mapped_column(sa.String(60))
    """The address of the row that the line is about."""
    happened_at: Mapped[datetime]

    webhook: Mapped[Webhook] = relationship(lazy="joined")
