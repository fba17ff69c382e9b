"""Who was told what: read in the app, said on the telephone, taken back again; and what is kept of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db, lock_row, new_ref, race_point
from market.errors import NotFound
from market.notices.models import Telling
from market.notices.rules import KEPT, Channel
from market.notices.service.due import Message, messages
from market.people.models import User
from market.vendors.models import Application, Vendor


def tell(
    day: MarketDay,
    seen: Collection[str],
    *,
    channel: Channel,
    by: User | None,
    at: datetime,
    only: Collection[Vendor] | None = None,
) -> list[Telling]:
    """People of a day were told what stood on the page (`Message.seen`); of these vendors, if any are named.

    `by` is whoever read it or said it; None where a program brought it, which nobody answers for by name.
    Who was told something that no longer holds was not told: it is said again, as it is now. Twice is once.
    """
    lock_row(day)
    found = [message for message in messages([day], at=at, only=only) if message.seen in seen]
    numbers = _numbers([message.person.row.id for message in found])
    race_point("notices.tell")
    batch = new_ref() if len(found) > 1 and by is not None else ""
    told = [_telling(message, numbers, batch, channel=channel, by=by, at=at) for message in found]
    db.session.add_all(told)
    db.session.flush()
    for one in told:
        audit.record("notices.told", one, by=by, at=at, channel=channel.value)
    return told


def _telling(
    message: Message,
    numbers: Mapping[int, int],
    batch: str,
    *,
    channel: Channel,
    by: User | None,
    at: datetime,
) -> Telling:
    application_id = message.person.row.id
    return Telling(
        community_id=message.day.community_id,
        application_id=application_id,
        number=numbers.get(application_id, 0) + 1,
        channel=channel,
        kinds=list(message.kinds),
        params=_kept(message),
        snapshot=message.person.now.snapshot(),
        batch=batch,
        told_at=at,
        told_by=by.id if by is not None else None,
    )


def _kept(message: Message) -> dict[str, Any]:
    """What fills the sentences, without the name; and whether the app said it too, which it may not later."""
    params = {name: value for name, value in message.params.items() if name != "vendor"}
    return {**params, "can_read": message.can_read}


def _numbers(applications: Collection[int]) -> dict[int, int]:
    """How often something was told of each, taken back or not."""
    query = sa.select(Telling.application_id, sa.func.max(Telling.number))
    query = query.where(Telling.application_id.in_(applications)).group_by(Telling.application_id)
    return dict(db.session.execute(query).all())


def take_back(telling: Telling, *, by: User, at: datetime) -> None:
    """It was somebody else, or nobody answered: still to be told. Twice is once."""
    if telling.taken_back_at is None:
        telling.taken_back_at, telling.taken_back_by = at, by.id
        db.session.flush()
        audit.record("notices.untold", telling, by=by, at=at)


def take_back_list(telling: Telling, *, by: User, at: datetime) -> list[Telling]:
    """The same for everybody who was ticked in one list with this one."""
    together = [telling]
    if telling.batch:
        query = sa.select(Telling).where(Telling.batch == telling.batch).order_by(Telling.id)
        together = list(db.session.scalars(query))
    for one in together:
        take_back(one, by=by, at=at)
    return together


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def history(vendor: Vendor, most: int = 60) -> list[Telling]:
    """Everything a vendor was told, the newest first; not what was taken back."""
    query = (
        sa.select(Telling)
        .join(Telling.application)
        .where(Application.vendor_id == vendor.id, Telling.taken_back_at.is_(None))
    )
    return list(db.session.scalars(query.order_by(Telling.told_at.desc(), Telling.id.desc()).limit(most)))


def told_lately(community: Community, days: Collection[int], since: datetime) -> list[Telling]:
    """Who was told by staff since then, the latest first: whoever slipped can take it back."""
    query = (
        sa.select(Telling)
        .join(Telling.application)
        .where(
            Telling.community_id == community.id,
            Application.day_id.in_(days),
            Telling.channel == Channel.CALL,
            Telling.told_at >= since,
            Telling.taken_back_at.is_(None),
        )
    )
    return list(db.session.scalars(query.order_by(Telling.told_at.desc(), Telling.id)))


def find_telling(community: Community, ref: str) -> Telling:
    """Something that somebody of this community was told."""
    query = sa.select(Telling).where(Telling.community_id == community.id, Telling.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("notices.no_notice", _("没有这条消息。"))
    return found


def purge(*, at: datetime) -> int:
    """What the clock asks for: what was told more than a year ago is deleted; how much was."""
    gone = db.session.execute(sa.delete(Telling).where(Telling.told_at < at - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
