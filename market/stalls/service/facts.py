"""From rows to what the rules judge: the ground, the people, the wiring, and who stands where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from market.allocation import rules
from market.allocation.problem import Problem
from market.allocation.rules import Applicant, Spot, StallFacts, State
from market.calendar.models import MarketDay
from market.calendar.rules import Finding
from market.db import db
from market.places.models import Circuit, Stall
from market.reading import read_once
from market.stalls.models import Assignment, PlanPin, PlanRun
from market.stalls.rules import ReleaseReason
from market.stalls.service.market_rules import APART, kept_free, market_rules_of, shut_ids, weights_of
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import PLACEABLE, ApplicationState, may_stand_on_reserved

NEVER_STOOD_THERE = (ReleaseReason.MOVED, ReleaseReason.REPLANNED)


@dataclass(frozen=True)
class PlanState:
    """A market day as the rules see it, and the rows behind it; applicants are named by their application."""

    state: State
    stalls: dict[int, Stall]
    applications: dict[int, Application]
    live: dict[int, Assignment]
    """By application."""
    weights: Mapping[str, int]
    """What the community weighs."""

    def barred(self, day: MarketDay) -> dict[int, list[Finding]]:
        """Those of these people who may not stand, with what stops them, by the vendor's id."""
        return vendors.barred(day, [application.vendor for application in self.applications.values()])

    @property
    def strict(self) -> State:
        """The state as a whole plan is judged: neighbours that disturb each other count too."""
        return replace(self.state, market_rules=replace(self.state.market_rules, apart=APART))

    def stalls_of(self, spot: Spot) -> list[Stall]:
        """The rows of a spot, the first stall first."""
        return [self.stalls[stall_id] for stall_id in spot.stall_ids]

    def label_of(self, spot: Spot) -> str:
        """The number to look for: `A03`, or `A03+A04`."""
        return "+".join(stall.label for stall in self.stalls_of(spot))

    def holder_of(self, stall: Stall) -> Assignment | None:
        """Who holds a stall, as the first or the second."""
        return next((held for held in self.live.values() if stall.id in held.stall_ids), None)


def plan_state(day: MarketDay, also: Iterable[Application] = ()) -> PlanState:
    """Everybody who stands or waits on a day, and those of `also`; an act reads all of it anew."""
    live = {held.application_id: held for held in live_assignments(day)}
    wanted = {*live, *(application.id for application in also)}
    people = [a for a in vendors.applications(day) if a.id in wanted or a.state in PLACEABLE]
    return _plan_state(day, in_turn(latest_run(day), _without_absent(day, people, wanted)), live)


def _without_absent(day: MarketDay, people: list[Application], wanted: set[int]) -> list[Application]:
    """Leaves out who was marked as absent: they do not wait. Only people who were placed can have been."""
    lost = {a.id for a in people if a.state is ApplicationState.ALLOCATED and a.id not in wanted}
    missed = absentees(day) if lost else frozenset()
    return [a for a in people if a.id in wanted or a.id not in lost & missed]


def absentees(day: MarketDay) -> frozenset[int]:
    """The applications whose stall was given up last because nobody came."""
    query = sa.select(Assignment.application_id, Assignment.release_reason).where(Assignment.day_id == day.id)
    last = dict(db.session.execute(query.order_by(Assignment.id)).all())
    return frozenset(key for key, reason in last.items() if reason is ReleaseReason.NO_SHOW)


def empty_state(day: MarketDay, people: Sequence[Application]) -> PlanState:
    """The same for a plan to come: these people in the order of application, and nobody on a stall yet."""
    return _plan_state(day, people, {})


def in_turn(run: PlanRun | None, people: Iterable[Application]) -> list[Application]:
    """In the order of the last plan, where its method had one; whoever came later follows."""
    place = {key: number for number, key in enumerate(run.order if run else ())}
    return sorted(people, key=lambda a: place.get(a.id, len(place)))


def problem_of(day: MarketDay, current: PlanState) -> Problem:
    """The problem of a whole plan, with what each has had of late and how each behaved."""
    people = current.state.applicants
    days = [held.id for held in vendors.counted_markets(day.community, before=day.open_at)]
    keys = [a.vendor_id for a in people]
    stood, missed = _stood(days, keys), _missed(days, keys)
    points = vendors.conduct_points(keys, days)
    return Problem(
        stalls=current.state.stalls,
        applicants=[
            replace(
                a,
                appearances=stood.get(a.vendor_id, 0),
                misses=missed.get(a.vendor_id, 0),
                points=points.get(a.vendor_id, 0),
            )
            for a in people
        ],
        circuits=current.state.circuits,
        limit=day.stall_limit,
        market_rules=current.strict.market_rules,
        weights=current.weights,
    )


def _stood(days: Sequence[int], vendor_ids: Sequence[int]) -> dict[int, int]:
    query = (
        sa.select(Assignment.vendor_id, sa.func.count())
        .where(
            Assignment.day_id.in_(days),
            Assignment.vendor_id.in_(vendor_ids),
            Assignment.released_at.is_(None),
        )
        .group_by(Assignment.vendor_id)
    )
    return dict(db.session.execute(query).all())


def _missed(days: Sequence[int], vendor_ids: Sequence[int]) -> dict[int, int]:
    """How often each vendor was turned away recently."""
    query = (
        sa.select(Application.vendor_id, sa.func.count())
        .where(
            Application.day_id.in_(days),
            Application.vendor_id.in_(vendor_ids),
            Application.state == ApplicationState.WAITLISTED,
        )
        .group_by(Application.vendor_id)
    )
    return dict(db.session.execute(query).all())


@read_once
def live_assignments(day: MarketDay) -> list[Assignment]:
    """Who holds a stall now, by label; an act reads anew, because somebody may just have been faster."""
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


@read_once
def latest_run(day: MarketDay) -> PlanRun | None:
    """The newest computation of a day's plan that was not undone."""
    query = sa.select(PlanRun).where(PlanRun.day_id == day.id, PlanRun.undone_at.is_(None))
    return db.session.scalar(query.order_by(PlanRun.id.desc()).limit(1))


@read_once
def runs_of(day: MarketDay) -> list[PlanRun]:
    """Every computation of a day's plan, those that were undone too."""
    return list(db.session.scalars(sa.select(PlanRun).where(PlanRun.day_id == day.id)))


@read_once
def ever_placed(day: MarketDay) -> list[Assignment]:
    """Who ever held a stall of a day, in order."""
    query = sa.select(Assignment).where(Assignment.day_id == day.id).order_by(Assignment.id)
    return list(db.session.scalars(query))


def _plan_state(day: MarketDay, people: Sequence[Application], live: dict[int, Assignment]) -> PlanState:
    stalls = stalls_of(day, (place for held in live.values() for place in held.stall_ids))
    last = _last_stalls(day, [application.vendor_id for application in people])
    there = {stall.id for stall in stalls}
    fixed = {key: place for key, place in pinned_stalls(day).items() if place in there}
    free, shut = kept_free(day), shut_ids(day)
    facts = tuple(stall_facts(stall, kept_free=stall.id in free, shut=stall.id in shut) for stall in stalls)
    state = State(
        stalls=facts,
        applicants=tuple(
            _applicant(a, order, last.get(a.vendor_id), fixed.get(a.id)) for order, a in enumerate(people)
        ),
        circuits=circuits_of(day.venue_id),
        assignment={key: held.spot for key, held in live.items()},
        limit=day.stall_limit,
        market_rules=market_rules_of(day, facts),
    )
    return PlanState(
        state,
        {stall.id: stall for stall in stalls},
        {a.id: a for a in people},
        live,
        weights_of(day.community),
    )


def stalls_of(day: MarketDay, held: Iterable[int] = ()) -> list[Stall]:
    """The stalls of a day's plan by label: those not retired, and those somebody still holds."""
    return _stalls_of(day.venue_id, tuple(sorted(set(held))))


@read_once
def _stalls_of(venue_id: int, held: tuple[int, ...]) -> list[Stall]:
    there = sa.or_(Stall.retired_at.is_(None), Stall.id.in_(held))
    query = sa.select(Stall).where(Stall.venue_id == venue_id, there).order_by(Stall.label)
    return list(db.session.scalars(query))


def circuits_of(venue_id: int) -> tuple[rules.Circuit, ...]:
    """The lines of a place and what they carry."""
    query = sa.select(Circuit.name, Circuit.capacity_w).where(Circuit.venue_id == venue_id)
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


def stall_facts(stall: Stall, *, kept_free: bool, shut: bool = False) -> StallFacts:
    """A stall as the rules see it."""
    return StallFacts(
        id=stall.id, label=stall.label, zone=stall.zone, row=stall.row, column=stall.column,
        power_w=stall.power_w, circuit=stall.circuit.name if stall.circuit else None,
        water=stall.water, shade=stall.shade, closed=shut or stall.retired_at is not None,
        vehicle=stall.vehicle, width_dm=stall.width_dm, depth_dm=stall.depth_dm,
        reserved=stall.reserved, kept_free=kept_free, no_flame=stall.no_flame or stall.venue.no_flame,
    )  # fmt: skip


@read_once
def pinned_stalls(day: MarketDay) -> dict[int, int]:
    """Which stall staff fixed, by application."""
    query = sa.select(PlanPin.application_id, PlanPin.stall_id).where(PlanPin.day_id == day.id)
    return dict(db.session.execute(query).all())


def _applicant(
    application: Application, order: int, last_stall_id: int | None, pinned_stall_id: int | None
) -> Applicant:
    vendor: Vendor = application.vendor
    return Applicant(
        id=application.id, vendor_id=vendor.id, name=vendor.trading_name, category=vendor.category.value,
        order=order, power_w=application.power_w, needs_water=vendor.needs_water,
        needs_vehicle=vendor.needs_vehicle, burns=vendor.burns, last_stall_id=last_stall_id,
        wanted_stall_id=application.wanted_stall_id, pinned_stall_id=pinned_stall_id,
        width_dm=vendor.width_dm, depth_dm=vendor.depth_dm, double=application.double,
        for_reserved=may_stand_on_reserved(vendor.category, vendor.may_use_reserved),
    )  # fmt: skip
