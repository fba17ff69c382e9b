"""Points for good conduct on a market day: coming, cleaning and telling takings in time, never for money.

Coming in time is worked out of when somebody came; the others are noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.errors import NotFound
from market.people.models import User
from market.vendors.models import Arrival, ConductPoint, Vendor
from market.vendors.rules import Conduct, came_in_time, points_for

HELD = (DayState.OPEN, DayState.CLOSED, DayState.SETTLING, DayState.SETTLED, DayState.ARCHIVED)
"""Market days on which points can have been earned."""

COUNTED_MARKETS = 4
"""So many of the last markets are shown, and count when stalls are given out."""


def note_conduct(vendor: Vendor, day: MarketDay, conduct: Conduct, *, by: User | None, at: datetime) -> None:
    """The vendor has earned the point of a market day; twice is once. `by` is None where nobody signed in."""
    if vendor.community_id != day.community_id:
        raise NotFound("vendors.no_vendor", _("没有这位商户。"))
    lock_row(day)
    if _point(vendor, day, conduct) is not None:
        return
    race_point("vendors.note_conduct")
    db.session.add(
        ConductPoint(
            day_id=day.id, vendor_id=vendor.id, conduct=conduct, noted_by=by.id if by else None, noted_at=at
        )
    )
    db.session.flush()
    audit.record("vendors.note_conduct", vendor, by=by, at=at, day=day.ref, conduct=conduct.value)


def take_back_conduct(vendor: Vendor, day: MarketDay, conduct: Conduct, *, by: User, at: datetime) -> None:
    """The point was noted by mistake and is taken back; twice is once."""
    lock_row(day)
    point = _point(vendor, day, conduct)
    if point is None:
        return
    db.session.delete(point)
    db.session.flush()
    audit.record("vendors.unnote_conduct", vendor, by=by, at=at, day=day.ref, conduct=conduct.value)


def _point(vendor: Vendor, day: MarketDay, conduct: Conduct) -> ConductPoint | None:
    return db.session.scalar(
        sa.select(ConductPoint).where(
            ConductPoint.day_id == day.id,
            ConductPoint.vendor_id == vendor.id,
            ConductPoint.conduct == conduct,
        )
    )


def note_arrival(vendor_id: int, day: MarketDay, came_at: datetime) -> None:
    """When the vendor drove in, late or not."""
    db.session.add(Arrival(day_id=day.id, vendor_id=vendor_id, came_at=came_at))
    db.session.flush()


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────

Earned = tuple[int, int, Conduct]
"""Vendor, market day, and what for."""


def conduct_points(vendor_ids: Iterable[int], day_ids: Sequence[int]) -> dict[int, int]:
    """How many points each vendor has from these market days, by the vendor's id."""
    points, earned = dict.fromkeys(vendor_ids, 0), defaultdict[tuple[int, int], set[Conduct]](set)
    for vendor_id, day_id, conduct in _earned(day_ids, points):
        earned[vendor_id, day_id].add(conduct)
    for (vendor_id, _day), found in earned.items():
        points[vendor_id] += points_for(found)
    return points


def conduct_of(vendor: Vendor, day_ids: Sequence[int]) -> dict[int, set[Conduct]]:
    """What a vendor has its points for, by the id of the market day."""
    found: dict[int, set[Conduct]] = {day_id: set() for day_id in day_ids}
    for _vendor, day_id, conduct in _earned(day_ids, [vendor.id]):
        found[day_id].add(conduct)
    return found


def _earned(day_ids: Sequence[int], vendor_ids: Collection[int] | None = None) -> set[Earned]:
    """Every point of these days, each once; of all vendors when none are named."""
    no_point = sa.type_coerce(sa.null(), ConductPoint.conduct.type)
    came = sa.select(Arrival.vendor_id, Arrival.day_id, no_point, Arrival.came_at, MarketDay.arrive_by)
    came = came.join(MarketDay, MarketDay.id == Arrival.day_id).where(Arrival.day_id.in_(day_ids))
    no_time = sa.type_coerce(sa.null(), Arrival.came_at.type)
    noted = sa.select(ConductPoint.vendor_id, ConductPoint.day_id, ConductPoint.conduct, no_time, no_time)
    noted = noted.where(ConductPoint.day_id.in_(day_ids))
    if vendor_ids is not None:
        noted = noted.where(ConductPoint.vendor_id.in_(vendor_ids))
        came = came.where(Arrival.vendor_id.in_(vendor_ids))
    return {
        (vendor_id, day_id, conduct or Conduct.CAME_IN_TIME)
        for vendor_id, day_id, conduct, came_at, arrive_by in db.session.execute(sa.union_all(came, noted))
        if conduct or came_in_time(came_at, arrive_by)
    }


def who_earned(day: MarketDay, conduct: Conduct) -> frozenset[int]:
    """The ids of the vendors who have a point of a market day."""
    return frozenset(vendor_id for vendor_id, _day, earned in _earned([day.id]) if earned is conduct)


def counted_markets(community: Community, before: datetime | None = None) -> list[MarketDay]:
    """The last markets that were held (before a moment), newest first, as far as they count."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.state.in_(HELD))
    if before is not None:
        query = query.where(MarketDay.open_at < before)
    return list(db.session.scalars(query.order_by(MarketDay.open_at.desc()).limit(COUNTED_MARKETS)))
