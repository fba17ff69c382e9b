"""What somebody can follow: a community, a district, a kind of stall, one vendor, worked out of the facts.

A market that was told once stays and says that it is called off. So does a vendor's place, or the last stall
of a kind, that was public and was given back: a phone that only stopped hearing of it would still ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from market.calendar.happenings import Happening, called
from market.calendar.models import DayStep, MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState, Step
from market.communities.models import Community, Region
from market.db import db
from market.pages.metadata import page_address
from market.places.models import Stall
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from market.vendors.rules import Category
from market.vendors.words import CATEGORY_WORDS

MOST = 500
"""Markets in one calendar, the newest: ten years of a community, or what a district has around today."""

LOOKED_BACK = timedelta(days=60)
"""How long a market that is over stays in the calendar of a district."""


def of_community(community: Community) -> list[Happening]:
    """Every market that residents know of, in order."""
    mine = MarketDay.community_id == community.id
    return [Happening.of(day, page_address(day)) for day in _days(mine)]


def of_region(regions: Sequence[int], at: datetime) -> list[Happening]:
    """The markets of these regions' communities, from a while ago on, in order."""
    inside = MarketDay.community.has(Community.region_id.in_(regions))
    days = _days(inside, MarketDay.open_at >= at - LOOKED_BACK)
    return [Happening.of(day, page_address(day)) for day in days]


def _days(*which: sa.ColumnElement[bool]) -> list[MarketDay]:
    query = sa.select(MarketDay).where(MarketDay.was_public, *which)
    newest = query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc()).limit(MOST)
    return list(db.session.scalars(newest))[::-1]


def regions_inside(region: Region) -> list[int]:
    """A region and those in it: a district has streets, a city has districts."""
    streets = sa.select(Region.id).where(Region.parent_id == region.id)
    query = sa.select(Region.id).where(sa.or_(Region.id.in_(streets), Region.parent_id.in_(streets)))
    return [region.id, *db.session.scalars(query)]


class Stood(NamedTuple):
    """Somebody's place on a market, as everybody could see it."""

    day_id: int
    vendor_ref: str
    name: str
    goods: str
    category: Category
    label: str
    beside: str | None
    """The second stall, where two were given as one."""
    assigned_at: datetime
    released_at: datetime | None

    @property
    def labels(self) -> list[str]:
        return [self.label] if self.beside is None else [self.label, self.beside]


_Say = Callable[[Sequence[Stood]], str]
"""What a market is called for whoever follows a part of it."""


def of_vendor(vendor: Vendor) -> list[Happening]:
    """The markets at which a vendor has a stall, each with its number."""
    return _told(_stood(Assignment.vendor_id == vendor.id), vendor.ref, _by_name)


def of_category(community: Community, category: Category) -> list[Happening]:
    """The markets that have a stall of a kind."""
    mine = Assignment.community_id == community.id, Vendor.category == category
    return _told(_stood(*mine), category.value, _of_kind)


def vendors_known(community: Community, day: MarketDay) -> list[tuple[str, str]]:
    """Reference and name of everybody who has a stall on a market, by label."""
    live = [one for one in _stood(Assignment.day_id == day.id) if one.released_at is None]
    return list(dict.fromkeys((one.vendor_ref, one.name) for one in sorted(live, key=lambda one: one.label)))


def _stood(*which: sa.ColumnElement[bool]) -> list[Stood]:
    """Places that were public: given on a published market, and not given back before it was published."""
    published = (
        sa.select(sa.func.min(DayStep.taken_at))
        .where(DayStep.day_id == MarketDay.id, DayStep.step == Step.PUBLISH)
        .correlate(MarketDay)
        .scalar_subquery()
    )
    seen = sa.or_(Assignment.released_at.is_(None), Assignment.released_at > published)
    shown = MarketDay.state.in_((*PUBLIC_STATES, DayState.POSTPONED, DayState.CANCELLED))
    second = aliased(Stall)
    newest = (
        sa.select(Assignment.day_id)
        .join(Vendor, Vendor.id == Assignment.vendor_id)
        .where(*which)
        .group_by(Assignment.day_id)
        .order_by(sa.func.max(Assignment.id).desc())
        .limit(MOST)
    )
    query = (
        sa.select(
            Assignment.day_id, Vendor.ref, Vendor.trading_name, Vendor.goods, Vendor.category, Stall.label,
            second.label, Assignment.assigned_at, Assignment.released_at,
        )
        .join(MarketDay, MarketDay.id == Assignment.day_id)
        .join(Vendor, Vendor.id == Assignment.vendor_id)
        .join(Stall, Stall.id == Assignment.stall_id)
        .outerjoin(second, second.id == Assignment.second_stall_id)
        .where(*which, Assignment.day_id.in_(newest))
        .where(MarketDay.was_public, shown, published.is_not(None), seen)
        .order_by(Assignment.id)
    )  # fmt: skip
    return [Stood._make(row) for row in db.session.execute(query)]


def _told(stood: Sequence[Stood], name: str, say: _Say) -> list[Happening]:
    """One happening a market: there while somebody stands, called off when the last place was given back."""
    by_day: dict[int, list[Stood]] = {}
    for one in stood:
        by_day.setdefault(one.day_id, []).append(one)
    days = _days(MarketDay.id.in_(by_day))
    return [_one(day, by_day[day.id], name, say) for day in days]


def _one(day: MarketDay, stood: Sequence[Stood], name: str, say: _Say) -> Happening:
    """What was given and given back raises the number, beside what changed of the market: rows only come."""
    held = [one for one in stood if one.released_at is None]
    back = [one.released_at for one in stood if one.released_at is not None]
    market = Happening.of(day, page_address(day))
    what = _("%(what)s · %(community)s睦邻集市", what=say(held or stood), community=day.community.name)
    gone = "" if held or market.called_off else _("【不来了】")
    return market._replace(
        uid=f"{day.ref}-{name}",
        sequence=day.revision + len(stood) + len(back) - 1,
        changed_at=max([market.changed_at, *(one.assigned_at for one in stood), *back]),
        status=market.status if held else "CANCELLED",
        title=gone + called(day, what),
        place=market.place if not held else _with_stalls(market.place, held),
    )


def _by_name(stood: Sequence[Stood]) -> str:
    return stood[-1].name


def _of_kind(stood: Sequence[Stood]) -> str:
    return str(CATEGORY_WORDS[stood[0].category])


def _with_stalls(place: str, held: Iterable[Stood]) -> str:
    """Which stalls to look for, behind the place."""
    labels = _("、").join(sorted({label for one in held for label in one.labels}))
    return _("%(place)s，%(stalls)s 号摊位", place=place, stalls=labels)
