"""What helps beside the markets: partners, work at the door, hours of volunteers; from facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.db import db
from market.fund.models import Fund, JobCount, Partner
from market.fund.rules import Source
from market.gate.models import VolunteerWork
from market.ledger.spans import Span

Communities = Sequence[int] | sa.Select[Any]
"""Their numbers, or the question that finds them."""


class Helped(NamedTuple):
    """What is known of a period; None where nobody noted anything."""

    partners: int | None
    jobs: int | None
    hours: int | None


def helped(ids: Communities, span: Span, hours: tuple[datetime, datetime]) -> Helped:
    """All three in one question; `hours` is from when to when the markets of the period open."""
    row = db.session.execute(sa.select(_partners(ids, span), _jobs(ids, span), _hours(ids, hours))).one()
    return Helped(*(None if value is None else int(value) for value in row))


def _partners(ids: Communities, span: Span) -> sa.ScalarSelect[Any]:
    """How many partners had an agreement in force at any time of the period; none is not told."""
    query = sa.select(sa.func.nullif(sa.func.count(Partner.id), 0)).join(Fund, Fund.id == Partner.fund_id)
    return query.where(*_in_force(ids, Source.SPACE, span)).scalar_subquery()


def _jobs(ids: Communities, span: Span) -> sa.ScalarSelect[Any]:
    """How many people workshops gave work to: of each in force the last count until the end of the period."""
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
    return sa.select(sa.func.sum(counts.c.jobs)).where(counts.c.place == 1).scalar_subquery()


def _in_force(ids: Communities, source: Source, span: Span) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Fund.community_id.in_(ids),
        Partner.source == source,
        Partner.starts_on <= span.last,
        sa.func.coalesce(Partner.ended_on, Partner.ends_on) >= span.first,
    )


def _hours(ids: Communities, hours: tuple[datetime, datetime]) -> sa.ScalarSelect[Any]:
    """The hours of volunteers: what was noted last of each market of the period, added up."""
    newest = (
        sa.select(sa.func.max(VolunteerWork.id))
        .join(MarketDay, MarketDay.id == VolunteerWork.day_id)
        .where(MarketDay.community_id.in_(ids), MarketDay.open_at.between(*hours))
        .group_by(VolunteerWork.day_id)
    )
    return sa.select(sa.func.sum(VolunteerWork.hours)).where(VolunteerWork.id.in_(newest)).scalar_subquery()
