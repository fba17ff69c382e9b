"""What left the house, what did not, and what staff do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import NotFound
from market.outbox.models import Letter, LetterCopy, Outgoing
from market.outbox.rules import KEPT, OPEN, Fault, SendState, Way
from market.people.models import User

SHOWN = 200
LATELY = timedelta(days=1)
OF_THE_CHANNEL = (Fault.UNREACHABLE, Fault.BUSY, Fault.LOCKED_OUT, Fault.REFUSED, Fault.NOT_ALLOWED)
"""What the platform can mend; a wrong address of a person is for staff to mend."""


def delivery_log(community: Community, *, failed: bool = False) -> list[Outgoing]:
    """The newest rows of a community, or those that wait for a person."""
    query = sa.select(Outgoing).where(Outgoing.community_id == community.id)
    if failed:
        query = query.where(Outgoing.state == SendState.FAILED)
    return list(db.session.scalars(query.order_by(Outgoing.id.desc()).limit(SHOWN)))


def last_failure(way: Way, at: datetime, community: Community | None = None) -> Outgoing | None:
    """What failed last of a way, of one community or of all, unless something got through after it.

    A group's robot is the community's own: whatever it refuses is the channel's fault.
    """
    query = sa.select(Outgoing).where(Outgoing.way == way).options(sa.orm.lazyload("*"))
    if community is not None:
        query = query.where(Outgoing.community_id == community.id)
    faults = tuple(Fault) if way is Way.ROBOT else OF_THE_CHANNEL
    failed = query.where(Outgoing.fault.in_(faults), Outgoing.made_at > at - LATELY)
    last = db.session.scalar(failed.order_by(Outgoing.id.desc()).limit(1))
    if last is None:
        return None
    sent = query.where(Outgoing.state == SendState.SENT, Outgoing.ended_at >= last.made_at)
    return None if db.session.scalar(sent.limit(1)) is not None else last


def counts(community: Community) -> Mapping[SendState, int]:
    """How many rows there are, by what became of them."""
    query = sa.select(Outgoing.state, sa.func.count()).where(Outgoing.community_id == community.id)
    return dict(db.session.execute(query.group_by(Outgoing.state)).all())


def held_back(community: Community) -> int:
    """How many text messages wait because their numbers got so many."""
    held = sa.and_(Outgoing.state == SendState.DUE, Outgoing.fault == Fault.TOO_MANY)
    query = sa.select(sa.func.count()).select_from(Outgoing)
    return db.session.scalar(query.where(Outgoing.community_id == community.id, held)) or 0


def find_outgoing(community: Community, ref: str) -> Outgoing:
    query = sa.select(Outgoing).where(Outgoing.community_id == community.id, Outgoing.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("outbox.no_row", _("没有这条发送记录。"))
    return found


def retry(row: Outgoing, *, by: User, at: datetime) -> None:
    """Tries again what had been given up. Twice is once."""
    lock_row(row)
    if row.state is SendState.FAILED:
        row.state, row.not_before, row.attempts, row.ended_at = SendState.DUE, at, 0, None
        row.fault, row.detail = None, ""
        audit.record("outbox.retry", row, by=by, at=at)


def purge(*, at: datetime) -> int:
    """What the clock asks for: what is older than a year is deleted; how many rows left the outbox."""
    old = sa.delete(Outgoing).where(Outgoing.made_at < at - KEPT, Outgoing.state.not_in(OPEN))
    gone = db.session.execute(old)
    letters = sa.select(Letter.id).where(Letter.written_at < at - KEPT)
    db.session.execute(sa.delete(LetterCopy).where(LetterCopy.letter_id.in_(letters)))
    db.session.execute(sa.delete(Letter).where(Letter.written_at < at - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
