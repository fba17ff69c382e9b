"""Telling people, once; what they have read, and whom staff still have to call.

Of one market day a person needs only the newest notice: what was told before is overtaken by it. This is the
one place through which every message goes: a channel besides the app (SMS, WeChat) would be fed by `tell`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db, race_point
from market.errors import NotFound
from market.notices.models import Notice
from market.notices.rules import KEPT, must_call
from market.people.models import User


class Recipient(NamedTuple):
    """Who is told; without an account it is a person to call."""

    user_id: int | None
    name: str
    phone: str


@dataclass(frozen=True)
class Message:
    """What one person is told. `source` names the event, which tells nobody twice."""

    to: Recipient
    kind: str
    """`room.event`; that room's words make a sentence of it and of `params`."""
    params: Mapping[str, Any]
    source: str
    day_ref: str = ""


def tell(community: Community, messages: Sequence[Message], *, by: User, at: datetime) -> int:
    """Tells everybody who was not told of the same event before; how many were. Whoever did it knows it."""
    known = set(
        db.session.scalars(sa.select(Notice.source).where(Notice.source.in_([m.source for m in messages])))
    )
    race_point("notices.tell")
    new = [_row(community, message, by, at) for message in messages if message.source not in known]
    if new:
        db.session.execute(sa.insert(Notice), new)
    return len(new)


def _row(community: Community, message: Message, by: User, at: datetime) -> dict[str, Any]:
    to = message.to
    return {
        "community_id": community.id, "user_id": to.user_id, "name": to.name, "phone": to.phone,
        "kind": message.kind, "params": dict(message.params), "source": message.source,
        "day_ref": message.day_ref, "made_at": at, "read_at": at if to.user_id == by.id else None,
    }  # fmt: skip


# ── read, told ────────────────────────────────────────────────────────────────────────────────────────────


def read(notice: Notice, *, at: datetime) -> None:
    """The reader says that it is understood; twice is once."""
    if notice.read_at is None:
        notice.read_at = at


def told(notice: Notice, *, by: User, at: datetime) -> None:
    """Staff have told the person; twice is once."""
    if notice.told_at is None:
        notice.told_at, notice.told_by = at, by.id
        db.session.flush()
        audit.record("notices.told", notice, by=by, at=at)


def untold(notice: Notice, *, by: User, at: datetime) -> None:
    """It was somebody else, or nobody answered: still to be called. Twice is once."""
    if notice.told_at is not None:
        notice.told_at = notice.told_by = None
        db.session.flush()
        audit.record("notices.untold", notice, by=by, at=at)


def answered(source: str, *, by: User, at: datetime) -> None:
    """What a notice asked has been answered: by its reader, or on the telephone."""
    notice = db.session.scalar(sa.select(Notice).where(Notice.source == source))
    if notice is None:
        return
    if notice.user_id == by.id:
        read(notice, at=at)
    else:
        told(notice, by=by, at=at)


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def unread(user: User, community: Community, days: Collection[str]) -> list[Notice]:
    """What somebody has still to read about these days, the newest first."""
    mine = (Notice.user_id == user.id, Notice.community_id == community.id, Notice.day_ref.in_(days))
    query = sa.select(Notice).where(
        Notice.id.in_(sa.select(sa.func.max(Notice.id)).where(*mine).group_by(Notice.day_ref)),
        Notice.read_at.is_(None),
        Notice.told_at.is_(None),
    )
    return list(db.session.scalars(query.order_by(Notice.id.desc())))


def mine(user: User, community: Community, most: int = 60) -> list[Notice]:
    """Everything somebody was told, the newest first."""
    query = sa.select(Notice).where(Notice.user_id == user.id, Notice.community_id == community.id)
    return list(db.session.scalars(query.order_by(Notice.id.desc()).limit(most)))


def to_call(community: Community, days: Mapping[str, datetime], *, at: datetime) -> list[Notice]:
    """Whom staff have to call about these days (by the hour at which each begins), the most urgent first."""
    found = [notice for notice in _pending(community, days) if _must_call(notice, days, at)]
    return sorted(found, key=lambda notice: (needed_by(notice, days), notice.id))


def _pending(community: Community, days: Collection[str]) -> list[Notice]:
    """The newest notice of each person and day, where nobody has taken note of it."""
    newest = (
        sa.select(sa.func.max(Notice.id))
        .where(Notice.community_id == community.id, Notice.day_ref.in_(days), Notice.phone != "")
        .group_by(Notice.phone, Notice.day_ref)
    )
    query = sa.select(Notice).where(Notice.id.in_(newest), Notice.read_at.is_(None), Notice.told_at.is_(None))
    return list(db.session.scalars(query))


def _must_call(notice: Notice, days: Mapping[str, datetime], at: datetime) -> bool:
    can_read, moment = notice.user_id is not None, needed_by(notice, days)
    return must_call(can_read=can_read, made_at=notice.made_at, needed_by=moment, at=at)


def needed_by(notice: Notice, days: Mapping[str, datetime]) -> datetime:
    """When it is too late to know: the hour until which an answer counts, else that of the market."""
    until = notice.params.get("until")
    return datetime.fromisoformat(until) if until else days[notice.day_ref]


def told_lately(community: Community, days: Collection[str], since: datetime) -> list[Notice]:
    """Who was told by staff since then, the latest first: whoever slipped can take it back."""
    query = sa.select(Notice).where(
        Notice.community_id == community.id, Notice.day_ref.in_(days), Notice.told_at >= since
    )
    return list(db.session.scalars(query.order_by(Notice.told_at.desc(), Notice.id)))


def find_notice(community: Community, ref: str) -> Notice:
    """A notice to somebody of this community, for staff."""
    return _found(sa.select(Notice).where(Notice.community_id == community.id, Notice.ref == ref))


def find_mine(user: User, community: Community, ref: str) -> Notice:
    """A notice to this person; another's looks as if it were not there."""
    query = sa.select(Notice).where(Notice.community_id == community.id, Notice.ref == ref)
    return _found(query.where(Notice.user_id == user.id))


def _found(query: sa.Select[Any]) -> Notice:
    notice: Notice | None = db.session.scalar(query)
    if notice is None:
        raise NotFound("notices.no_notice", _("没有这条消息。"))
    return notice


# ── keeping up with people ────────────────────────────────────────────────────────────────────────────────


def readdress(community: Community, phone: str, to: Recipient) -> None:
    """Somebody has another name, number or account now; nothing is left of whoever is forgotten."""
    db.session.execute(
        sa.update(Notice)
        .where(Notice.community_id == community.id, Notice.phone == phone)
        .values(user_id=to.user_id, name=to.name, phone=to.phone)
    )


def purge(*, at: datetime) -> int:
    """What the clock asks for: notices older than a year are deleted; how many were."""
    gone = db.session.execute(sa.delete(Notice).where(Notice.made_at < at - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
