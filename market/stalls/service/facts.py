"""From rows to what the rules judge: the ground, the people, the wiring, and who stands where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from market.calendar.models import MarketDay
from market.db import db
from market.places.models import Circuit, Stall
from market.stalls import rules
from market.stalls.models import Assignment, PlanRun, ReleaseReason
from market.stalls.rules import Applicant, Layout, StallFacts
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState

WAITING_STATES = (ApplicationState.APPROVED, ApplicationState.WAITLISTED)
"""Approved, and without a stall."""
NEVER_STOOD_THERE = (ReleaseReason.MOVED, ReleaseReason.REPLANNED)


@dataclass(frozen=True)
class Scene:
    """A market day as the rules see it, and the rows behind it; applicants are named by their application."""

    layout: Layout
    stalls: dict[int, Stall]
    applications: dict[int, Application]
    live: dict[int, Assignment]
    """By application."""

    def holder_of(self, stall: Stall) -> Assignment | None:
        return next((held for held in self.live.values() if held.stall_id == stall.id), None)


def scene(day: MarketDay, also: Iterable[Application] = ()) -> Scene:
    """Everybody who stands or waits on a day, and those of `also`; always read anew."""
    live = {held.application_id: held for held in live_assignments(day)}
    wanted = {*live, *(application.id for application in also)}
    people = [a for a in _applications(day) if a.id in wanted or a.state in WAITING_STATES]
    return _scene(day, people, live)


def scene_of(day: MarketDay, people: Sequence[Application]) -> Scene:
    """The same for a plan to come: these people, and nobody on a stall yet."""
    return _scene(day, people, {})


def live_assignments(day: MarketDay) -> list[Assignment]:
    """Who holds a stall now, by label; read anew, because somebody may just have been faster."""
    query = (
        sa.select(Assignment)
        .where(Assignment.day_id == day.id, Assignment.released_at.is_(None))
        .options(
            joinedload(Assignment.application).options(
                lazyload(Application.day), lazyload(Application.vendor)
            )
        )
        .execution_options(populate_existing=True)
    )
    return sorted(db.session.scalars(query), key=lambda held: held.stall.label)


def latest_run(day: MarketDay) -> PlanRun | None:
    """The newest computation of a day's plan."""
    query = sa.select(PlanRun).where(PlanRun.day_id == day.id).order_by(PlanRun.id.desc()).limit(1)
    return db.session.scalar(query)


def _scene(day: MarketDay, people: Sequence[Application], live: dict[int, Assignment]) -> Scene:
    stalls = stalls_of(day, {held.stall_id for held in live.values()})
    last = _last_stalls(day, [application.vendor_id for application in people])
    layout = Layout(
        stalls=tuple(_stall_facts(stall) for stall in stalls),
        applicants=tuple(_applicant(a, order, last.get(a.vendor_id)) for order, a in enumerate(people)),
        circuits=_circuits(day),
        assignment={key: held.stall_id for key, held in live.items()},
        limit=day.stall_limit,
    )
    return Scene(layout, {stall.id: stall for stall in stalls}, {a.id: a for a in people}, live)


def stalls_of(day: MarketDay, held: Iterable[int] = ()) -> list[Stall]:
    """The stalls of a day's plan by label: those not retired, and those somebody still holds."""
    query = (
        sa.select(Stall)
        .where(Stall.venue_id == day.venue_id, sa.or_(Stall.retired_at.is_(None), Stall.id.in_(list(held))))
        .order_by(Stall.label)
    )
    return list(db.session.scalars(query))


def _applications(day: MarketDay) -> list[Application]:
    query = (
        sa.select(Application)
        .where(Application.day_id == day.id)
        .order_by(Application.submitted_at, Application.id)
        .options(lazyload(Application.day))
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def _circuits(day: MarketDay) -> tuple[rules.Circuit, ...]:
    query = sa.select(Circuit.name, Circuit.capacity_w).where(Circuit.venue_id == day.venue_id)
    return tuple(
        rules.Circuit(name, capacity) for name, capacity in db.session.execute(query.order_by(Circuit.name))
    )


def _last_stalls(day: MarketDay, vendor_ids: Sequence[int]) -> dict[int, int]:
    """Where each vendor stood last time in this venue."""
    query = (
        sa.select(Assignment.vendor_id, Assignment.stall_id)
        .join(Assignment.day)
        .where(
            Assignment.vendor_id.in_(vendor_ids),
            MarketDay.venue_id == day.venue_id,
            MarketDay.open_at < day.open_at,
            sa.or_(Assignment.release_reason.is_(None), Assignment.release_reason.not_in(NEVER_STOOD_THERE)),
        )
        .order_by(MarketDay.open_at, Assignment.id)
    )
    return dict(db.session.execute(query).all())


def _stall_facts(stall: Stall) -> StallFacts:
    return StallFacts(
        id=stall.id, label=stall.label, zone=stall.zone, row=stall.row, column=stall.column,
        power_w=stall.power_w, circuit=stall.circuit.name if stall.circuit else None,
        water=stall.water, shade=stall.shade, closed=stall.retired_at is not None, vehicle=stall.vehicle,
    )  # fmt: skip


def _applicant(application: Application, order: int, last_stall_id: int | None) -> Applicant:
    vendor: Vendor = application.vendor
    return Applicant(
        id=application.id, vendor_id=vendor.id, name=vendor.trading_name, category=vendor.category.value,
        order=order, power_w=application.power_w, needs_water=vendor.needs_water,
        needs_vehicle=vendor.needs_vehicle, last_stall_id=last_stall_id,
        wanted_stall_id=application.wanted_stall_id,
    )  # fmt: skip
