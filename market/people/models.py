"""Accounts, memberships, sessions, one-time links and failed sign-ins."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community, Region
from market.db import Model, Referable, Shown, str_enum
from market.people.rules import Role


class User(Referable, Shown, Model):
    """Somebody who may sign in: by a login name or a phone number, and a password or a link."""

    __tablename__ = "user_account"
    shown_columns = ("display_name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(60), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(60))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", lazy="selectin")


def _once(name: str, *columns: str, where: str) -> sa.Index:
    """One membership in force; a NULL equals nothing, so each scope needs an index of its own."""
    condition = sa.text(f"{where} AND until IS NULL")
    return sa.Index(
        f"uq_membership_{name}", *columns, unique=True, sqlite_where=condition, postgresql_where=condition
    )


class Membership(Shown, Model):
    """A role in one community, one region, or (platform) everywhere."""

    __tablename__ = "membership"
    __table_args__ = (
        _once("community", "user_id", "role", "community_id", where="community_id IS NOT NULL"),
        _once("region", "user_id", "role", "region_id", where="region_id IS NOT NULL"),
        _once("platform", "user_id", where="role = 'platform'"),
        sa.CheckConstraint(
            "(role = 'platform' AND community_id IS NULL AND region_id IS NULL)"
            " OR (role = 'region_viewer' AND community_id IS NULL AND region_id IS NOT NULL)"
            " OR (role NOT IN ('platform', 'region_viewer')"
            " AND community_id IS NOT NULL AND region_id IS NULL)",
            name="scope",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(str_enum(Role))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("community.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("region.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="memberships")
    community: Mapped[Community | None] = relationship(lazy="joined")
    region: Mapped[Region | None] = relationship(lazy="joined")


class UserSession(Model):
    """One signed-in browser; only a hash of its secret is kept, and deleting the row signs it out."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(sa.String(200))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("community.id"))
    """Where alone the account may be used here: it was opened by a link of that community's staff."""

    user: Mapped[User] = relationship()


class SignInLink(Model):
    """A link that signs a person in, handed over by staff or made for oneself; only its hash is kept.

    It opens one browser: the first in which it is used. There a vendor's link opens ever again, so that the
    message in which it came is all that a vendor needs.
    """

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    browser_hash: Mapped[str | None] = mapped_column(sa.String(64))
    """By what the browser is known that used it first; None again when it shall open no longer."""
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("community.id"))
    """The session that it starts keeps to this community; None for the whole account."""

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    maker: Mapped[User] = relationship(foreign_keys=[made_by])


class SignInFailure(Model):
    """How often a login name (or an address) was tried in vain since its last success."""

    __tablename__ = "sign_in_failure"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class SetupToken(Model):
    """The one-time token of a fresh installation: there is no default account."""

    __tablename__ = "setup_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
