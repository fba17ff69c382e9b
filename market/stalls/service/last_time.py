"""Those who had a stall at the market before, for the one that comes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.calendar.service.queries import HELD_STATES
from market.db import db, lock_row
from market.people.models import User
from market.stalls.models import Assignment
from market.stalls.service.queries import assignments
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE


def held_before(day: MarketDay) -> MarketDay | None:
    """The newest market that took place before this one."""
    query = sa.select(MarketDay).where(
        MarketDay.community_id == day.community_id,
        MarketDay.open_at < day.open_at,
        MarketDay.id != day.id,
        MarketDay.state.in_(HELD_STATES),
    )
    return db.session.scalar(query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc()).limit(1))


def back_from_last_time(day: MarketDay) -> list[Vendor]:
    """Who had a stall last time and never answered for this one: nobody who withdrew or was refused."""
    before = held_before(day)
    if before is None:
        return []
    asked = {application.vendor_id for application in vendors.applications(day)}
    people: list[Assignment] = [held for held in assignments(before) if held.vendor_id not in asked]
    known = {held.vendor_id: held.vendor for held in people if not held.vendor.forgotten}
    return sorted(known.values(), key=lambda vendor: (vendor.pinyin, vendor.id))


def apply_last_time(day: MarketDay, *, by: User, at: datetime) -> list[Application]:
    """Enters all who had a stall last time: they said in the group that they come again. Twice is once.

    Refuses as `vendors.apply` does.
    """
    lock_row(day)
    made = [vendors.apply(day, vendor, by=by, at=at) for vendor in back_from_last_time(day)]
    return [application for application in made if application.state in LIVE]
