"""A plaza with the standard plan, a day under review with approved vendors, plans; inside a unit of work."""

from __future__ import annotations

from typing import Any

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.people.models import User
from market.places import service as places
from market.places.models import Stall, Venue
from market.places.rules import LandType, Ownership
from market.stalls import service
from market.stalls.models import Assignment
from market.vendors.models import Application
from market.vendors.rules import ApplicationState, Category
from tests.factories.calendar import make_day
from tests.factories.vendors import make_application, make_vendor

CROWD: tuple[tuple[str, Category, dict[str, Any]], ...] = (
    ("周记鲜蔬", Category.PRODUCE, {}),
    ("老张豆浆坊", Category.COOKED_FOOD, {"power_w": 2_000, "needs_water": True}),
    ("李姐缝补", Category.REPAIR_SERVICE, {}),
    ("王家百货", Category.DAILY_GOODS, {}),
    ("赵阿姨糕点", Category.BAKERY_DRINKS, {"power_w": 1_500}),
)
"""Five vendors with needs that differ."""


def standard_venue(community: Community, by: User) -> Venue:
    """48 m × 40 m with the 36 stalls of the standard plan."""
    draft = places.VenueDraft(
        "中心广场", "槐荫路 1 号", LandType.PLAZA, Ownership.PUBLIC, 480, 400, "东门、南门"
    )
    at = clock.now()
    venue = places.create_venue(community, draft, by=by, at=at)
    places.standard_plan(venue, by=by, at=at)
    return venue


def day_under_review(
    community: Community, by: User, *, limit: int = 36, in_days: int = 10, venue: Venue | None = None
) -> MarketDay:
    """A day on the standard plaza for which applications are closed."""
    venue = venue or standard_venue(community, by)
    return make_day(community, by, venue=venue, in_days=in_days, state=DayState.REVIEWING, stall_limit=limit)


def crowd(day: MarketDay, by: User) -> list[Application]:
    """The vendors of `CROWD`, all approved, in their order."""
    return [approved(day, by, name, category, **needs) for name, category, needs in CROWD]


def approved(
    day: MarketDay,
    by: User,
    name: str,
    category: Category = Category.DAILY_GOODS,
    *,
    wanted: Stall | None = None,
    **needs: Any,
) -> Application:
    """A vendor with an approved application."""
    vendor = make_vendor(day.community, by, name, category=category, **needs)
    state = ApplicationState.APPROVED
    return make_application(day, vendor, by, state=state, wanted_stall=wanted)


def planned_day(community: Community, by: User, *, limit: int = 36) -> MarketDay:
    """The crowd with a computed plan."""
    day = day_under_review(community, by, limit=limit)
    crowd(day, by)
    service.compute_plan(day, by=by, at=clock.now())
    return day


def stall(day: MarketDay, label: str) -> Stall:
    """A stall of the day's plaza by its label."""
    return next(stall for stall in day.venue.stalls if stall.label == label)


def held_by(day: MarketDay, name: str) -> Assignment:
    """What a vendor holds, by its trading name."""
    return next(held for held in service.assignments(day) if held.vendor.trading_name == name)
