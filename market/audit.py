"""Who did what to which object, when, and for whom; rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Model, db

if TYPE_CHECKING:
    from market.communities.models import Community
    from market.people.models import User


class AuditRow(Model):
    """One act. `object_ref` is the address of what was touched; `detail` never holds a phone number."""

    __tablename__ = "audit_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("community.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    on_behalf_of: Mapped[str | None] = mapped_column(sa.String(60))
    """Whose step it was, when staff took it for somebody (代报名)."""
    act: Mapped[str] = mapped_column(sa.String(60))
    object_kind: Mapped[str] = mapped_column(sa.String(40))
    object_ref: Mapped[str] = mapped_column(sa.String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime]


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
    """Writes one line of the audit trail in the running unit of work.

    `act` is `room.verb_noun`; `subject` is the row touched (by its `ref` where it has one, else by its key).
    """
    db.session.add(
        AuditRow(
            community_id=community.id if community else getattr(subject, "community_id", None),
            user_id=by.id if by else None,
            on_behalf_of=on_behalf_of,
            act=act,
            object_kind=type(subject).__name__.lower(),
            object_ref=str(getattr(subject, "ref", None) or getattr(subject, "id", "")),
            detail=detail,
            at=at,
        )
    )
