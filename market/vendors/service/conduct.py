"""Points for good conduct on a market day: coming, cleaning and telling takings in time, never for money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from market.vendors.models import ConductPoint, Vendor
from market.vendors.rules import Conduct

HELD = (DayState.OPEN, DayState.CLOSED, DayState.SETTLING, DayState.SETTLED, DayState.ARCHIVED)
"""Market days on which points can have been earned."""

COUNTED_MARKETS = 4
"""So many of the last markets are shown, and count when stalls are given out."""


def note_conduct(vendor: Vendor, day: MarketDay, conduct: Conduct, *, by: User, at: datetime) -> None:
    """The vendor has earned the point of a market day; twice is once."""
    if vendor.community_id != day.community_id:
        raise NotFound("vendors.no_vendor", _("没有这位商户。"))
    lock_row(day)
    if _point(vendor, day, conduct) is not None:
        return
    race_point("vendors.note_conduct")
    db.session.add(
        ConductPoint(day_id=day.id, vendor_id=vendor.id, conduct=conduct, noted_by=by.id, noted_at=at)
    )
    db.session.flush()
    audit.record("vendors.note_conduct", vendor, by=by, at=at, day=day.ref, conduct=conduct.value)


def unnote_conduct(vendor: Vendor, day: MarketDay, conduct: Conduct, *, by: User, at: datetime) -> None:
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


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def conduct_points(vendor_ids: Iterable[int], day_ids: Sequence[int]) -> dict[int, int]:
    """How many points each vendor has from these market days, by the vendor's id."""
    points = dict.fromkeys(vendor_ids, 0)
    query = sa.select(ConductPoint.vendor_id, sa.func.count()).group_by(ConductPoint.vendor_id)
    query = query.where(ConductPoint.day_id.in_(day_ids), ConductPoint.vendor_id.in_(points))
    return points | dict(db.session.execute(query).all())


def conduct_of(vendor: Vendor, day_ids: Sequence[int]) -> dict[int, set[Conduct]]:
    """What a vendor has its points for, by the id of the market day."""
    found: dict[int, set[Conduct]] = {day_id: set() for day_id in day_ids}
    query = sa.select(ConductPoint.day_id, ConductPoint.conduct)
    query = query.where(ConductPoint.vendor_id == vendor.id, ConductPoint.day_id.in_(day_ids))
    for day_id, conduct in db.session.execute(query):
        found[day_id].add(conduct)
    return found


def who_earned(day: MarketDay, conduct: Conduct) -> frozenset[int]:
    """The ids of the vendors who have a point of a market day."""
    query = sa.select(ConductPoint.vendor_id)
    query = query.where(ConductPoint.day_id == day.id, ConductPoint.conduct == conduct)
    return frozenset(db.session.scalars(query))


def counted_markets(community: Community, before: datetime | None = None) -> list[MarketDay]:
    """The last markets that were held (before a moment), newest first, as far as they count."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.state.in_(HELD))
    if before is not None:
        query = query.where(MarketDay.open_at < before)
    return list(db.session.scalars(query.order_by(MarketDay.open_at.desc()).limit(COUNTED_MARKETS)))
