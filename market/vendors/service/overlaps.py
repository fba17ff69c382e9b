"""Nobody stands on two plazas at once: what else somebody applied to at the same hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE, OVER, hours_overlap


def applied_elsewhere(day: MarketDay, vendors: Sequence[Vendor]) -> dict[int, list[Application]]:
    """What the people behind these vendors applied to besides, at the hours of this day, by vendor's id.

    A person has a vendor in each community: it is the same one when the account or the telephone is.
    """
    people = [vendor for vendor in vendors if not vendor.forgotten]
    found: dict[int, list[Application]] = defaultdict(list)
    for other in _applications_elsewhere(day, people):
        for vendor in people:
            if _same_person(vendor, other.vendor):
                found[vendor.id].append(other)
    return found


def _applications_elsewhere(day: MarketDay, people: Sequence[Vendor]) -> list[Application]:
    accounts = [vendor.user_id for vendor in people if vendor.user_id is not None]
    query = (
        sa.select(Application)
        .join(Application.day)
        .join(Application.vendor)
        .where(
            MarketDay.id != day.id,
            MarketDay.arrive_by < day.close_at,
            MarketDay.close_at > day.arrive_by,
            MarketDay.state.not_in([*OVER, DayState.POSTPONED]),
            Application.state.in_(LIVE),
            sa.or_(Vendor.phone.in_([vendor.phone for vendor in people]), Vendor.user_id.in_(accounts)),
        )
        .order_by(MarketDay.open_at, Application.id)
    )
    return [
        other
        for other in db.session.scalars(query)
        if hours_overlap((other.day.arrive_by, other.day.close_at), (day.arrive_by, day.close_at))
    ]


def _same_person(one: Vendor, other: Vendor) -> bool:
    return one.phone == other.phone or (one.user_id is not None and one.user_id == other.user_id)
