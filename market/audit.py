"""Who did what to which object, when, and for whom; rows are only ever added.

An act says what it did; its line is numbered, chained and written when the unit of work ends (see
market.journal).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import g, has_request_context
from sqlalchemy.orm import Mapped, SessionTransaction, mapped_column

from market.db import Model, db, key_of

if TYPE_CHECKING:
    from market.communities.models import Community
    from market.people.models import User


class AuditRow(Model):
    """One act. `object_ref` is the address of what was touched; `detail` never holds a phone number."""

    __tablename__ = "audit_row"
    __table_args__ = (
        sa.Index("uq_audit_row_number", "chain", "number", unique=True),
        sa.Index("ix_audit_row_community_act", "community_id", "act"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("community.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    on_behalf_of: Mapped[str | None] = mapped_column(sa.String(60))
    """Whose step it was, when staff took it for somebody (代报名)."""
    act: Mapped[str] = mapped_column(sa.String(60))
    object_kind: Mapped[str] = mapped_column(sa.String(40))
    object_ref: Mapped[str] = mapped_column(sa.String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime]

    chain: Mapped[int] = mapped_column(default=0, server_default="0")
    """Whose journal it is a line of: a community's id, or 0 (see market.journal)."""
    number: Mapped[int | None]
    """Its place in that chain; None for what was written before there were chains."""
    salt: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    facts: Mapped[dict[str, str | None]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    """A digest of each fact that the act decided or counted, as it was afterwards."""
    said: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    hash: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")


def record(
    act: str,
    subject: Any,
    *,
    by: User | None,
    at: datetime,
    community: Community | None = None,
    on_behalf_of: str | None = None,
    **detail: Any,
) -> None:
    """Says that an act was done; its line is written when the running unit of work ends.

    `act` is `room.verb_noun`; `subject` is the row touched (by its `ref` where it has one, else by its key).
    """
    db.session.flush()  # what the act touched comes before its line
    community_id = key_of(community) if community else getattr(subject, "community_id", None)
    said(
        AuditRow(
            community_id=community_id,
            user_id=key_of(by) if by else None,
            on_behalf_of=on_behalf_of,
            act=act,
            object_kind=type(subject).__name__.lower(),
            object_ref=str(getattr(subject, "ref", None) or getattr(subject, "id", "")),
            detail=json.loads(json.dumps(detail | _by_what())),
            at=at,
            chain=community_id or 0,
            facts={},
        )
    )


def through_program(key_ref: str) -> None:
    """Says that what the running request does, a person does by a program: with the key of this address."""
    g.program_key = key_ref


def _by_what() -> dict[str, str]:
    key_ref = g.get("program_key") if has_request_context() else None
    return {"program": key_ref} if key_ref else {}


def said(thing: object) -> None:
    """Keeps something for the end of the unit of work; it is forgotten when its savepoint is rolled back."""
    waiting().append((_savepoints(), thing))


def _savepoints() -> tuple[SessionTransaction, ...]:
    """The savepoints that are open, the innermost first."""
    found = []
    inner = db.session().get_nested_transaction()
    while inner is not None and inner.nested:
        found.append(inner)
        inner = inner.parent
    return tuple(found)


def waiting() -> list[tuple[tuple[SessionTransaction, ...], Any]]:
    """What was said in the running unit of work and is not written yet, each with the savepoints it is in."""
    found: list[tuple[tuple[SessionTransaction, ...], Any]] = db.session.info.setdefault("said", [])
    return found
