"""Finding market days: by address, those to do, those the public sees, the next one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import (
    DayState,
)
from market.communities.models import Community
from market.db import db, key_of
from market.errors import NotFound


def local_date(day: MarketDay) -> date:
    """The date on the wall on which a market opens."""
    return clock.local(day.open_at, day.community.zone).date()


FINISHED_STATES = (DayState.SETTLED, DayState.ARCHIVED, DayState.CANCELLED)
"""States in which nothing is left to do for staff."""


COMING_STATES = (
    DayState.PREPARED, DayState.OPEN_FOR_APPLICATION, DayState.REVIEWING, DayState.ALLOCATED,
    DayState.PUBLISHED, DayState.SETTING_UP, DayState.OPEN,
)  # fmt: skip


def find_day(community: Community, ref: str) -> MarketDay:
    """A market day of this community."""
    query = sa.select(MarketDay).where(MarketDay.community_id == key_of(community), MarketDay.ref == ref)
    return _found(db.session.scalar(query))


def find_public_day(community: Community, ref: str) -> MarketDay:
    """A market day that residents have seen; a draft looks as if it were not there."""
    day = find_day(community, ref)
    return _found(day if day.was_public else None)


def find_day_by_ref(ref: str) -> MarketDay:
    """A market day of whatever community, for commands."""
    return _found(db.session.scalar(sa.select(MarketDay).where(MarketDay.ref == ref)))


def _found(day: MarketDay | None) -> MarketDay:
    if day is None:
        raise NotFound("calendar.no_day", _("没有这场集市。请检查网址。"))
    return day


def days(community: Community) -> list[MarketDay]:
    """All market days, the newest first."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id)
    return list(db.session.scalars(query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc())))


HELD_STATES = (DayState.CLOSED, DayState.SETTLING, DayState.SETTLED, DayState.ARCHIVED)
"""States of a market that took place."""


def last_held(community: Community) -> MarketDay | None:
    """The newest market that took place: what the next one is like. Drafts and days called off teach nothing;
    before the first market was held, the newest that was not called off stands in."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id)
    held = query.where(MarketDay.state.in_(HELD_STATES)).order_by(
        MarketDay.open_at.desc(), MarketDay.id.desc()
    )
    planned = query.where(MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED)))
    planned = planned.order_by(MarketDay.was_public.desc(), MarketDay.open_at.desc(), MarketDay.id.desc())
    return db.session.scalar(held.limit(1)) or db.session.scalar(planned.limit(1))


def days_to_do(community: Community) -> list[MarketDay]:
    """Days for which staff still has something to do, the most urgent first."""
    query = sa.select(MarketDay).where(
        MarketDay.community_id == community.id, MarketDay.state.not_in(FINISHED_STATES)
    )
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id)))


def days_on(community: Community, on: date) -> list[MarketDay]:
    """Every market that opens on a date and was not called off, in order; drafts too."""
    since, until = (clock.at_local(d, time(), community.zone) for d in (on, on + timedelta(days=1)))
    query = sa.select(MarketDay).where(
        MarketDay.community_id == community.id,
        MarketDay.open_at >= since,
        MarketDay.open_at < until,
        MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED)),
    )
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id)))


def _public(community: Community) -> sa.Select[Any]:
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.was_public)
    return query.order_by(MarketDay.open_at, MarketDay.id)


def public_days(community: Community, since: datetime, until: datetime) -> list[MarketDay]:
    """Days residents may see that open in [since, until), in order; postponed and cancelled ones too."""
    query = _public(community).where(MarketDay.open_at >= since, MarketDay.open_at < until)
    return list(db.session.scalars(query))


def all_public_days(community: Community) -> list[MarketDay]:
    """Every day residents may see, in order."""
    return list(db.session.scalars(_public(community)))


def next_day(community: Community, at: datetime) -> MarketDay | None:
    """The market that residents go to next: not over, not called off."""
    query = _public(community).where(MarketDay.close_at > at, MarketDay.state.in_(COMING_STATES))
    return db.session.scalars(query.limit(1)).first()


def days_ahead(community: Community, at: datetime) -> list[MarketDay]:
    """Every day that is not over, in order; drafts and days called off too."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.close_at > at)
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id)))


def open_for_application(community: Community, at: datetime) -> list[MarketDay]:
    """Days for which vendors may apply at this moment, in order."""
    query = _public(community).where(
        MarketDay.state == DayState.OPEN_FOR_APPLICATION,
        MarketDay.apply_from <= at,
        MarketDay.apply_until > at,
    )
    return list(db.session.scalars(query))


def actual_opening(day: MarketDay) -> datetime:
    """When a market began: at its hour, or before it when staff opened early."""
    opened = [step.taken_at for step in day.steps if step.to_state is DayState.OPEN]
    return min([day.open_at, *opened])
