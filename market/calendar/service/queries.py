"""Finding market days: by address, those to do, those the public sees, the next one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import (
    DayState,
)
from market.communities.models import Community
from market.db import db, key_of
from market.errors import NotFound
from market.reading import read_once


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


def find_day_alone(community: Community, ref: str) -> MarketDay:
    """The same without the regions around the community, for acts that people wait for."""
    values = {"of_community": key_of(community), "of_ref": ref}
    return _found(db.session.scalars(_day_alone(), values).first())


@cache
def _day_alone() -> sa.Select[MarketDay]:
    mine = MarketDay.community_id == sa.bindparam("of_community"), MarketDay.ref == sa.bindparam("of_ref")
    near = joinedload(MarketDay.community).lazyload(Community.region), joinedload(MarketDay.venue)
    return sa.select(MarketDay).where(*mine).options(*near)


def find_public_day(community: Community, ref: str) -> MarketDay:
    """A market day that residents have seen; a draft looks as if it were not there."""
    day = find_day_alone(community, ref)
    return _found(day if day.was_public else None)


def find_day_by_ref(ref: str) -> MarketDay:
    """A market day of whatever community, for commands."""
    return _found(db.session.scalar(sa.select(MarketDay).where(MarketDay.ref == ref)))


def _found(day: MarketDay | None) -> MarketDay:
    if day is None:
        raise NotFound("calendar.no_day", _("没有这场集市。请检查网址。"))
    return day


def days(
    community: Community,
    states: Collection[DayState] | None = None,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> list[MarketDay]:
    """Market days, the newest first: all, those in some states, or a page of them."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id)
    if states is not None:
        query = query.where(MarketDay.state.in_(states))
    query = query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc())
    return list(db.session.scalars(query.offset(offset).limit(limit)))


def count_days(community: Community, states: Collection[DayState] | None = None) -> int:
    """How many market days there are, of all or in some states."""
    query = sa.select(sa.func.count(MarketDay.id)).where(MarketDay.community_id == community.id)
    return db.session.scalar(query if states is None else query.where(MarketDay.state.in_(states))) or 0


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


@read_once
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


def public_days_after(
    community: Community, after: str, limit: int, *, since: date | None = None, until: date | None = None
) -> list[MarketDay]:
    """Days residents may see, in order, behind the one with this reference (empty: from the first); of those
    that open between two local dates, both included."""
    query = _public(community).options(joinedload(MarketDay.venue)).limit(limit)
    if after:
        last = find_public_day(community, after)
        place = sa.tuple_(MarketDay.open_at, MarketDay.id)
        query = query.where(place > sa.tuple_(sa.literal(last.open_at, MarketDay.open_at.type), last.id))
    if since is not None:
        query = query.where(MarketDay.open_at >= clock.at_local(since, time(), community.zone))
    if until is not None and until < date.max:
        end = clock.at_local(until + timedelta(days=1), time(), community.zone)
        query = query.where(MarketDay.open_at < end)
    return list(db.session.scalars(query))


def days_around(community: Community, at: datetime, past: int) -> list[MarketDay]:
    """Days residents may see that are not over yet, and the newest so many that were held; in order."""
    shut = MarketDay.close_at <= at, MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED))
    mine = sa.select(MarketDay.id).where(MarketDay.community_id == community.id, MarketDay.was_public)
    held = mine.where(*shut).order_by(MarketDay.open_at.desc(), MarketDay.id.desc()).limit(past)
    query = _public(community).where(sa.or_(MarketDay.close_at > at, MarketDay.id.in_(held)))
    return list(db.session.scalars(query))


def next_day(community: Community, at: datetime) -> MarketDay | None:
    """The market that residents go to next: not over, not called off."""
    query = _public(community).where(MarketDay.close_at > at, MarketDay.state.in_(COMING_STATES))
    return db.session.scalars(query.limit(1)).first()


def public_themes(community: Community, limit: int) -> list[tuple[int, str]]:
    """Number and theme of the newest days that residents may see; no rows are kept of them."""
    query = sa.select(MarketDay.id, MarketDay.theme).where(
        MarketDay.community_id == community.id, MarketDay.was_public
    )
    rows = db.session.execute(query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc()).limit(limit))
    return [(day, theme) for day, theme in rows]


def days_by_number(numbers: Collection[int]) -> list[MarketDay]:
    """Days of which the numbers are known, the newest first."""
    query = sa.select(MarketDay).where(MarketDay.id.in_(numbers)).order_by(MarketDay.open_at.desc())
    return list(db.session.scalars(query)) if numbers else []


def soonest_days(at: datetime, limit: int) -> list[MarketDay]:
    """The markets that come next, of whatever community."""
    query = sa.select(MarketDay).where(
        MarketDay.was_public, MarketDay.close_at > at, MarketDay.state.in_(COMING_STATES)
    )
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id).limit(limit)))


def next_days(communities: Collection[int], at: datetime) -> dict[int, MarketDay]:
    """The next market of each of these communities, in one query."""
    order = sa.func.row_number().over(
        partition_by=MarketDay.community_id, order_by=(MarketDay.open_at, MarketDay.id)
    )
    coming = (
        sa.select(MarketDay.id, order.label("place"))
        .where(
            MarketDay.community_id.in_(communities),
            MarketDay.was_public,
            MarketDay.close_at > at,
            MarketDay.state.in_(COMING_STATES),
        )
        .subquery()
    )
    query = sa.select(MarketDay).join(coming, coming.c.id == MarketDay.id).where(coming.c.place == 1)
    return {day.community_id: day for day in db.session.scalars(query)}


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
