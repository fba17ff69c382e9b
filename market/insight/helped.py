"""What helps beside the markets: partners, work at the door, hours of volunteers; from facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.db import db
from market.fund.models import Fund, JobCount, Partner
from market.fund.rules import Source
from market.gate.models import VolunteerWork
from market.ledger.spans import Span

Communities = Sequence[int] | sa.Select[Any]
"""Their numbers, or the question that finds them."""


def partners_of(ids: Communities, span: Span) -> int:
    """How many partners had an agreement in force at any time of the period."""
    query = sa.select(sa.func.count(Partner.id)).join(Fund, Fund.id == Partner.fund_id)
    return int(db.session.scalar(query.where(*_in_force(ids, Source.SPACE, span))) or 0)


def jobs_of(ids: Communities, span: Span) -> int | None:
    """How many people workshops gave work to: of each one in force the last count until the end of the
    period; None where nobody counted."""
    place = sa.func.row_number().over(
        partition_by=JobCount.partner_id, order_by=(JobCount.counted_on.desc(), JobCount.id.desc())
    )
    counts = (
        sa.select(JobCount.jobs, place.label("place"))
        .join(Partner, Partner.id == JobCount.partner_id)
        .join(Fund, Fund.id == Partner.fund_id)
        .where(*_in_force(ids, Source.WORKSHOP, span), JobCount.counted_on <= span.last)
        .subquery()
    )
    return db.session.scalar(sa.select(sa.func.sum(counts.c.jobs)).where(counts.c.place == 1))


def _in_force(ids: Communities, source: Source, span: Span) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Fund.community_id.in_(ids),
        Partner.source == source,
        Partner.starts_on <= span.last,
        sa.func.coalesce(Partner.ended_on, Partner.ends_on) >= span.first,
    )


def volunteer_hours(ids: Communities, hours: tuple[datetime, datetime]) -> int | None:
    """What was noted last of each market of the period, added up; None where nobody noted anything."""
    newest = (
        sa.select(sa.func.max(VolunteerWork.id))
        .join(MarketDay, MarketDay.id == VolunteerWork.day_id)
        .where(MarketDay.community_id.in_(ids), MarketDay.open_at.between(*hours))
        .group_by(VolunteerWork.day_id)
    )
    return db.session.scalar(sa.select(sa.func.sum(VolunteerWork.hours)).where(VolunteerWork.id.in_(newest)))
