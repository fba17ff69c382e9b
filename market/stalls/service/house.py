"""What a community decides for a market beyond needs: quotas, stalls kept free, weights, duties."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.db import db
from market.places.models import Community
from market.stalls.house import USUAL_APART, Apart, House, Numbered, Quota as QuotaRule, side_by_side
from market.stalls.models import AllocationWeights, KeptFree, Quota, ZoneDuty
from market.stalls.rules import OPTIMUM_WEIGHTS

APART: tuple[Apart, ...] = USUAL_APART
"""Whole plans keep these neighbours apart; by hand it takes a written reason."""


def house_of(day: MarketDay, stalls: Sequence[Numbered]) -> House:
    """The rules that hold by hand as in a whole plan; the neighbours come on top with `APART`."""
    return House(quotas=quotas(day), neighbours=side_by_side(stalls))


def quotas(day: MarketDay) -> dict[str, QuotaRule]:
    """What was decided for each category of a day; others take any number."""
    rows = db.session.scalars(sa.select(Quota).where(Quota.day_id == day.id).order_by(Quota.id))
    return {row.category.value: QuotaRule(row.minimum, row.maximum, row.target) for row in rows}


def kept_free(day: MarketDay) -> frozenset[int]:
    """Ids of the stalls that staff keep empty on a day."""
    return frozenset(db.session.scalars(sa.select(KeptFree.stall_id).where(KeptFree.day_id == day.id)))


def weights_of(community: Community) -> dict[str, int]:
    """What the best plan weighs here; the usual weights where the community decided nothing."""
    query = sa.select(AllocationWeights.weights).where(AllocationWeights.community_id == community.id)
    return {**OPTIMUM_WEIGHTS, **(db.session.scalar(query) or {})}


def duties(day: MarketDay) -> dict[str, str]:
    """Who looks after each zone on a day."""
    query = sa.select(ZoneDuty.zone, ZoneDuty.person).where(ZoneDuty.day_id == day.id).order_by(ZoneDuty.zone)
    return dict(db.session.execute(query).all())
