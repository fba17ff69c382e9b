"""Where the same people applied besides: at the same hours, or on the date to which a market moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState
from market.db import db
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE, OVER, ApplicationState, hours_overlap


def applied_elsewhere(day: MarketDay, vendors: Sequence[Vendor]) -> dict[int, list[Application]]:
    """What the people behind these vendors applied to besides, at the hours of this day, by vendor's id.

    A person has a vendor in each community: it is the same one when the account or the telephone is.
    """
    people = [vendor for vendor in vendors if not vendor.forgotten]
    by_phone, by_account = _people_by(people, "phone"), _people_by(people, "user_id")
    found: dict[int, list[Application]] = defaultdict(list)
    for other in _at_the_same_hours(day, people):
        for vendor in {*by_phone[other.vendor.phone], *by_account[other.vendor.user_id]}:
            found[vendor.id].append(other)
    return found


def engaged_elsewhere(day: MarketDay, on: date) -> list[Application]:
    """Applications of this market's vendors to another market on a date.

    Of other communities only what anybody can read there: who stands on a published market. There a vendor
    is known by the telephone number.
    """
    zone = day.community.zone
    since, until = (clock.at_local(d, time(), zone) for d in (on, on + timedelta(days=1)))
    query = _live_besides(day).where(
        MarketDay.open_at >= since,
        MarketDay.open_at < until,
        MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED)),
        Vendor.phone.in_(_phones(day)),
        sa.or_(
            MarketDay.community_id == day.community_id,
            sa.and_(MarketDay.state.in_(PUBLIC_STATES), Application.state == ApplicationState.ALLOCATED),
        ),
    )
    return list(db.session.scalars(query.order_by(Vendor.pinyin, Application.id)))


def _live_besides(day: MarketDay) -> sa.Select[Application]:
    """Live applications to every other market, with the market and the vendor."""
    return (
        sa.select(Application)
        .join(Application.day)
        .join(Application.vendor)
        .options(contains_eager(Application.day), contains_eager(Application.vendor))
        .where(MarketDay.id != day.id, Application.state.in_(LIVE))
    )


def _at_the_same_hours(day: MarketDay, people: Sequence[Vendor]) -> list[Application]:
    accounts = [vendor.user_id for vendor in people if vendor.user_id is not None]
    query = _live_besides(day).where(
        MarketDay.arrive_by < day.close_at,
        MarketDay.close_at > day.arrive_by,
        MarketDay.state.not_in([*OVER, DayState.POSTPONED]),
        sa.or_(Vendor.phone.in_([vendor.phone for vendor in people]), Vendor.user_id.in_(accounts)),
    )
    return [
        other
        for other in db.session.scalars(query.order_by(MarketDay.open_at, Application.id))
        if hours_overlap((other.day.arrive_by, other.day.close_at), (day.arrive_by, day.close_at))
    ]


def _phones(day: MarketDay) -> sa.Select[str]:
    query = sa.select(Vendor.phone).join(Vendor.applications)
    return query.where(Application.day_id == day.id, Application.state.in_(LIVE))


def _people_by(people: Sequence[Vendor], name: str) -> dict[object, list[Vendor]]:
    """The vendors by their telephone or their account, where they have one."""
    found: dict[object, list[Vendor]] = defaultdict(list)
    for vendor in people:
        if (key := getattr(vendor, name)) is not None:
            found[key].append(vendor)
    return found
