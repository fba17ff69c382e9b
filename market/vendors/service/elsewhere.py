"""Where the vendors of a market are promised on another date."""

from __future__ import annotations

from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState
from market.db import db
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE, ApplicationState


def engaged_elsewhere(day: MarketDay, on: date) -> list[Application]:
    """Applications of this market's vendors to another market on a date.

    Of other communities only what anybody can read there: who stands on a published market. There a vendor
    is known by the telephone number.
    """
    zone = day.community.zone
    since, until = (clock.at_local(d, time(), zone) for d in (on, on + timedelta(days=1)))
    query = (
        sa.select(Application)
        .join(Application.day)
        .join(Application.vendor)
        .options(contains_eager(Application.day), contains_eager(Application.vendor))
        .where(
            MarketDay.id != day.id,
            MarketDay.open_at >= since,
            MarketDay.open_at < until,
            MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED)),
            Application.state.in_(LIVE),
            Vendor.phone.in_(_phones(day)),
            sa.or_(
                MarketDay.community_id == day.community_id,
                sa.and_(MarketDay.state.in_(PUBLIC_STATES), Application.state == ApplicationState.ALLOCATED),
            ),
        )
        .order_by(Vendor.pinyin, Application.id)
    )
    return list(db.session.scalars(query))


def _phones(day: MarketDay) -> sa.Select[str]:
    query = sa.select(Vendor.phone).join(Vendor.applications)
    return query.where(Application.day_id == day.id, Application.state.in_(LIVE))
