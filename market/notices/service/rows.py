"""The rows behind what people have to be told, for some market days at once, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from market.calendar.models import DayStep, MarketDay
from market.calendar.rules import Step
from market.db import db
from market.notices.models import Telling
from market.notices.rules import (
    Channel,
    Learnt,
)
from market.passes.service import CountingPass, counting_passes
from market.places.models import Stall
from market.stalls.models import Assignment, PlanMethod, ShutStall, StallOffer
from market.stalls.rules import OfferAnswer, ReleaseReason, answer_until
from market.vendors.models import Application, Vendor, VendorHelper
from market.vendors.rules import ApplicationState


class Row(NamedTuple):
    """An application, and who is told."""

    id: int
    ref: str
    day_id: int
    state: ApplicationState
    double: bool
    submitted_at: datetime
    applied_for: dict[str, str]
    decided_at: datetime | None
    note: str
    withdrawn_at: datetime | None
    withdrawn_by: int | None
    vendor_id: int
    vendor: str
    holder: str
    phone: str
    user_id: int | None
    helpers: str | None
    """The accounts of those who help at the stall, with commas between."""
    vendor_ref: str

    @property
    def accounts(self) -> frozenset[int]:
        """Who acts for the vendor, and reads for it: what one of them knows, the stall knows."""
        helping = (int(one) for one in (self.helpers or "").split(",") if one)
        return frozenset([*helping, *([] if self.user_id is None else [self.user_id])])


class HeldStall(NamedTuple):
    """A stall that somebody holds or held."""

    id: int
    application_id: int
    label: str
    reason_code: str
    other: str | None
    given_at: datetime
    given_by: int
    released_at: datetime | None
    released_by: int | None
    lost_by: ReleaseReason | None
    shut: tuple[Shut, ...]
    """What was said of its stalls, and not taken back."""


class Shut(NamedTuple):
    """A stall does not open on a date."""

    on: date
    reason: str
    at: datetime


class Offer(NamedTuple):
    """A stall that was kept for somebody, and what became of it."""

    ref: str
    application_id: int
    label: str
    answer: OfferAnswer
    made_at: datetime
    until: datetime
    """Until when it can be answered."""
    answered_at: datetime | None


@dataclass(frozen=True)
class Ground:
    """The rows behind some days, by day or by application."""

    steps: dict[tuple[int, Step], datetime]
    methods: dict[int, tuple[str, datetime]]
    places: dict[int, list[HeldStall]]
    offers: dict[int, list[Offer]]
    passes: dict[int, CountingPass]
    told: dict[int, Learnt] = field(default_factory=dict)


_HELPERS = (
    sa.select(sa.func.aggregate_strings(sa.cast(VendorHelper.user_id, sa.String), ","))
    .where(VendorHelper.vendor_id == Vendor.id, VendorHelper.until.is_(None))
    .correlate(Vendor)
    .scalar_subquery()
)


def rows_of(days: Collection[int], only: Collection[Vendor] | None) -> list[Row]:
    """Every application to these days, or those of these vendors, with who is told."""
    query = (
        sa.select(
            Application.id, Application.ref, Application.day_id, Application.state, Application.double,
            Application.submitted_at, Application.applied_for, Application.decided_at,
            Application.decision_note, Application.withdrawn_at, Application.withdrawn_by,
            Application.vendor_id, Vendor.trading_name, Vendor.holder, Vendor.phone, Vendor.user_id, _HELPERS,
            Vendor.ref,
        )
        .join(Application.vendor)
        .where(Application.day_id.in_(days), ~Vendor.phone.startswith("#"))
        .order_by(Application.submitted_at, Application.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(Application.vendor_id.in_([vendor.id for vendor in only]))
    return [Row._make(row) for row in db.session.execute(query)]


def ground_of(days: Collection[int], only: Collection[int] | None) -> Ground:
    """`only` these applications, or all of the days."""
    return Ground(
        steps=_steps(days),
        methods=_methods(days),
        places=_places(days, only),
        offers=_offers(days, only),
        passes=counting_passes(days, only),
        told=_told(days, only),
    )


def _steps(days: Collection[int]) -> dict[tuple[int, Step], datetime]:
    """When each step of a day was taken last."""
    query = sa.select(DayStep.day_id, DayStep.step, DayStep.taken_at).where(DayStep.day_id.in_(days))
    return {(row.day_id, row.step): row.taken_at for row in db.session.execute(query.order_by(DayStep.id))}


def _methods(days: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """How the stalls of a day are given out, and since when."""
    query = sa.select(PlanMethod.day_id, PlanMethod.method, PlanMethod.chosen_at)
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query.where(PlanMethod.day_id.in_(days)))}


def _places(days: Collection[int], only: Collection[int] | None) -> dict[int, list[HeldStall]]:
    first, second = aliased(Stall), aliased(Stall)
    query = (
        sa.select(
            Assignment.id, Assignment.application_id, first.label, second.label.label("second"),
            Assignment.reason_code, Assignment.reason_params, Assignment.assigned_at, Assignment.assigned_by,
            Assignment.released_at, Assignment.released_by, Assignment.release_reason,
            Assignment.day_id, Assignment.stall_id, Assignment.second_stall_id,
        )
        .join(first, first.id == Assignment.stall_id)
        .outerjoin(second, second.id == Assignment.second_stall_id)
        .where(Assignment.day_id.in_(days))
        .order_by(Assignment.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(Assignment.application_id.in_(only))
    found: dict[int, list[HeldStall]] = defaultdict(list)
    shut = _shut(days)
    for row in db.session.execute(query):
        label = row.label + (f"+{row.second}" if row.second else "")
        other = row.reason_params.get("other") if row.reason_code == "swapped" else None
        said = [*shut.get((row.day_id, row.stall_id), ()), *shut.get((row.day_id, row.second_stall_id), ())]
        place = HeldStall(
            row[0], row[1], label, row[4], other, row[6], row[7], row[8], row[9], row[10], tuple(said)
        )
        found[row.application_id].append(place)
    return found


def _shut(days: Collection[int]) -> dict[tuple[int, int | None], list[Shut]]:
    """By day and stall, what was said of stalls that do not open."""
    query = sa.select(
        ShutStall.day_id, ShutStall.stall_id, ShutStall.shut_for, ShutStall.reason, ShutStall.shut_at
    ).where(ShutStall.day_id.in_(days), ShutStall.reopened_at.is_(None))
    found: dict[tuple[int, int | None], list[Shut]] = defaultdict(list)
    for row in db.session.execute(query.order_by(ShutStall.id)):
        found[row[0], row[1]].append(Shut(*row[2:]))
    return found


def _offers(days: Collection[int], only: Collection[int] | None) -> dict[int, list[Offer]]:
    query = (
        sa.select(
            StallOffer.ref, StallOffer.application_id, Stall.label, StallOffer.answer, StallOffer.made_at,
            StallOffer.answered_at, StallOffer.expires_at, MarketDay.arrive_by, MarketDay.close_at,
        )
        .join(StallOffer.stall)
        .join(StallOffer.day)
        .where(StallOffer.day_id.in_(days))
        .order_by(StallOffer.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(StallOffer.application_id.in_(only))
    found: dict[int, list[Offer]] = defaultdict(list)
    for row in db.session.execute(query):
        until = answer_until(row.made_at, row.expires_at, row.arrive_by, row.close_at)
        offer = Offer(row.ref, row.application_id, row.label, row.answer, row.made_at, until, row.answered_at)
        found[offer.application_id].append(offer)
    return found


def _told(days: Collection[int], only: Collection[int] | None) -> dict[int, Learnt]:
    """The newest telling that counts, by application."""
    counts = sa.and_(Telling.taken_back_at.is_(None), Telling.channel != Channel.POSTED)
    newest = (
        sa.select(sa.func.max(Telling.id))
        .join(Application, Application.id == Telling.application_id)
        .where(Application.day_id.in_(days), counts)
        .group_by(Telling.application_id)
    )
    query = sa.select(Telling.application_id, Telling.told_at, Telling.snapshot).where(Telling.id.in_(newest))
    if only is not None:
        query = query.where(Telling.application_id.in_(only))
    return {row[0]: Learnt(row[1], row[2]) for row in db.session.execute(query)}
