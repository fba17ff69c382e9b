"""What a community decides for a market beyond needs: quotas, stalls kept free, weights, duties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from market.allocation.market_rules import (
    USUAL_APART,
    Apart,
    MarketRules,
    Numbered,
    Quota as QuotaRule,
    side_by_side,
)
from market.allocation.rules import PUBLISHED_WEIGHTS
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.communities.models import Community
from market.db import db
from market.people.models import User
from market.reading import read_once
from market.stalls.models import AllocationWeights, KeptFree, Quota, ShutStall, ZoneDuty

APART: tuple[Apart, ...] = USUAL_APART
"""Whole plans keep these neighbours apart; by hand it takes a written reason."""


def market_rules_of(day: MarketDay, stalls: Sequence[Numbered]) -> MarketRules:
    """The rules that hold by hand as in a whole plan; the neighbours come on top with `APART`."""
    return MarketRules(quotas=quotas(day), neighbours=side_by_side(stalls))


def quotas(day: MarketDay) -> dict[str, QuotaRule]:
    """What was decided for each category of a day; others take any number."""
    rows = db.session.scalars(sa.select(Quota).where(Quota.day_id == day.id).order_by(Quota.id))
    return {row.category.value: QuotaRule(row.minimum, row.maximum, row.target) for row in rows}


def quotas_before(day: MarketDay) -> dict[str, QuotaRule]:
    """The quotas of the last market before a day that had any."""
    query = (
        sa.select(MarketDay)
        .join(Quota, Quota.day_id == MarketDay.id)
        .where(MarketDay.community_id == day.community_id, MarketDay.open_at < day.open_at)
        .order_by(MarketDay.open_at.desc())
        .limit(1)
    )
    before = db.session.scalar(query)
    return quotas(before) if before is not None else {}


def kept_free(day: MarketDay) -> frozenset[int]:
    """Ids of the stalls that staff keep empty on a day."""
    return frozenset(stall_id for stall_id, shut in _marks(day) if not shut)


def shut_ids(day: MarketDay) -> frozenset[int]:
    """Ids of the stalls that do not open on the date that the market has now."""
    return frozenset(stall_id for stall_id, shut in _marks(day) if shut)


@read_once
def _marks(day: MarketDay) -> list[tuple[int, bool]]:
    """The stalls where nobody is put on a day, and whether they are shut or kept free."""
    free = sa.select(KeptFree.stall_id, sa.false()).where(KeptFree.day_id == day.id)
    shut = sa.select(ShutStall.stall_id, sa.true()).where(
        ShutStall.day_id == day.id, ShutStall.shut_for == local_date(day), ShutStall.reopened_at.is_(None)
    )
    return [(stall_id, bool(is_shut)) for stall_id, is_shut in db.session.execute(sa.union_all(free, shut))]


def weights_of(community: Community) -> dict[str, int]:
    """What the best plan weighs here; the usual weights where the community decided nothing."""
    query = sa.select(AllocationWeights.weights).where(AllocationWeights.community_id == community.id)
    return {**PUBLISHED_WEIGHTS, **(db.session.scalar(query) or {})}


def duties(day: MarketDay) -> dict[str, str]:
    """Who looks after each zone on a day."""
    query = sa.select(ZoneDuty.zone, ZoneDuty.person).where(ZoneDuty.day_id == day.id).order_by(ZoneDuty.zone)
    return dict(db.session.execute(query).all())


@dataclass(frozen=True)
class WeightChange:
    """When, by whom and why a community changed its weights; `changed`: name → (before, after)."""

    at: datetime
    person: str
    reason: str
    changed: dict[str, tuple[int, int]]


def weight_changes(community: Community) -> list[WeightChange]:
    """Every change of the weights, the newest first."""
    query = (
        sa.select(AuditRow.at, User.display_name, AuditRow.detail)
        .join(User, User.id == AuditRow.user_id)
        .where(AuditRow.community_id == community.id, AuditRow.act == "stalls.set_weights")
        .order_by(AuditRow.id.desc())
    )
    return [
        WeightChange(
            at, person, told["reason"], {name: (old, new) for name, (old, new) in told["changed"].items()}
        )
        for at, person, told in db.session.execute(query)
    ]
