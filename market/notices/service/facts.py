"""What holds for every applicant of some market days, and what each knows, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from market.allocation.rules import Method
from market.calendar.day_facts import day_facts
from market.calendar.models import DayStep, MarketDay
from market.calendar.rules import GATE_STATES, Step
from market.db import db
from market.notices.models import Telling
from market.notices.rules import (
    Around,
    Channel,
    Held,
    Known,
    Learnt,
    Standing,
    held_of,
    knowledge,
    standing_of,
)
from market.passes.service import CountingPass, counting_passes
from market.places.models import Stall
from market.stalls.models import Assignment, PlanMethod, StallOffer
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.vendors.models import Application, Vendor
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
    vendor: str
    holder: str
    phone: str
    user_id: int | None


class Place(NamedTuple):
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


class Offer(NamedTuple):
    """A stall that was kept for somebody, and what became of it."""

    ref: str
    application_id: int
    label: str
    answer: OfferAnswer
    made_at: datetime
    expires_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class Person:
    """One applicant of a market day: what holds, what is known, and when it came about."""

    day: MarketDay
    row: Row
    now: Known
    known: Known
    around: Around
    since: dict[str, datetime]
    """When a fact came about, by its name in `Known`."""
    place: Place | None
    """What is held, or was held last."""
    offers: list[Offer]


@dataclass(frozen=True)
class Ground:
    """The rows behind some days, by day or by application."""

    steps: dict[tuple[int, Step], datetime]
    methods: dict[int, tuple[str, datetime]]
    places: dict[int, list[Place]]
    offers: dict[int, list[Offer]]
    passes: dict[int, CountingPass]
    told: dict[int, Learnt] = field(default_factory=dict)


def people(days: Sequence[MarketDay], at: datetime, vendor: Vendor | None = None) -> list[Person]:
    """Every applicant of these days, or this vendor on them; in the order of days and of applications."""
    by_id = {day.id: day for day in days}
    rows = _rows(by_id, vendor) if by_id else []
    if not rows:
        return []
    ground = _ground(by_id, [row.id for row in rows] if vendor is not None else None)
    order = {day.id: number for number, day in enumerate(days)}
    found = [_person(by_id[row.day_id], row, ground, at) for row in rows]
    return sorted(found, key=lambda person: order[person.day.id])


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────


def _rows(days: Collection[int], vendor: Vendor | None) -> list[Row]:
    query = (
        sa.select(
            Application.id, Application.ref, Application.day_id, Application.state, Application.double,
            Application.submitted_at, Application.applied_for, Application.decided_at,
            Application.decision_note, Application.withdrawn_at, Application.withdrawn_by,
            Vendor.trading_name, Vendor.holder, Vendor.phone, Vendor.user_id,
        )
        .join(Application.vendor)
        .where(Application.day_id.in_(days), ~Vendor.phone.startswith("#"))
        .order_by(Application.submitted_at, Application.id)
    )  # fmt: skip
    if vendor is not None:
        query = query.where(Application.vendor_id == vendor.id)
    return [Row._make(row) for row in db.session.execute(query)]


def _ground(days: Collection[int], only: Collection[int] | None) -> Ground:
    """`only` these applications, or all of the days."""
    return Ground(
        steps=_steps(days),
        methods=_methods(days),
        places=_places(days, only),
        offers=_offers(days, only),
        passes=counting_passes(days),
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


def _places(days: Collection[int], only: Collection[int] | None) -> dict[int, list[Place]]:
    first, second = aliased(Stall), aliased(Stall)
    query = (
        sa.select(
            Assignment.id, Assignment.application_id, first.label, second.label.label("second"),
            Assignment.reason_code, Assignment.reason_params, Assignment.assigned_at, Assignment.assigned_by,
            Assignment.released_at, Assignment.released_by, Assignment.release_reason,
        )
        .join(first, first.id == Assignment.stall_id)
        .outerjoin(second, second.id == Assignment.second_stall_id)
        .where(Assignment.day_id.in_(days))
        .order_by(Assignment.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(Assignment.application_id.in_(only))
    found: dict[int, list[Place]] = defaultdict(list)
    for row in db.session.execute(query):
        label = row.label + (f"+{row.second}" if row.second else "")
        other = row.reason_params.get("other") if row.reason_code == "swapped" else None
        found[row.application_id].append(Place(row[0], row[1], label, row[4], other, *row[6:]))
    return found


def _offers(days: Collection[int], only: Collection[int] | None) -> dict[int, list[Offer]]:
    query = (
        sa.select(
            StallOffer.ref, StallOffer.application_id, Stall.label, StallOffer.answer, StallOffer.made_at,
            StallOffer.expires_at, StallOffer.answered_at,
        )
        .join(StallOffer.stall)
        .where(StallOffer.day_id.in_(days))
        .order_by(StallOffer.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(StallOffer.application_id.in_(only))
    found: dict[int, list[Offer]] = defaultdict(list)
    for row in db.session.execute(query):
        offer = Offer(*row)
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


# ── what holds ────────────────────────────────────────────────────────────────────────────────────────────


def _person(day: MarketDay, row: Row, ground: Ground, at: datetime) -> Person:
    places, offers = ground.places.get(row.id, []), ground.offers.get(row.id, [])
    now = _now(day, row, ground, at)
    return Person(
        day=day,
        row=row,
        now=now,
        known=knowledge(_learnt(row, ground)),
        around=_around(day, row, places, offers, at),
        since=_since(day, row, ground, now),
        place=_last(places),
        offers=offers,
    )


def _last(places: Iterable[Place]) -> Place | None:
    """What is held, or was held last; what was exchanged for another was given up for that one."""
    kept = [place for place in places if place.lost_by is not ReleaseReason.MOVED]
    return kept[-1] if kept else None


def _now(day: MarketDay, row: Row, ground: Ground, at: datetime) -> Known:
    last, offers = _last(ground.places.get(row.id, [])), ground.offers.get(row.id, [])
    held = last if last is not None and last.released_at is None else None
    standing = standing_of(
        row.state, day.state, has_stall=held is not None, lost_by=last.lost_by if last else None
    )
    lapsed = [offer.ref for offer in offers if offer.answer is OfferAnswer.EXPIRED]
    return Known(
        standing=standing,
        asked=row.applied_for.get("asked"),
        note=row.note,
        held=held_of(day.state),
        **day_facts(day),
        method=ground.methods[day.id][0] if day.id in ground.methods else Method.OPTIMUM.value,
        stalls=held.label if held else "",
        pass_version=_version(ground, held) if standing is Standing.PLACED else 0,
        offer=_open_offer(day, standing, offers, at),
        lapsed=lapsed[-1] if lapsed else "",
    )


def _version(ground: Ground, held: Place | None) -> int:
    found = ground.passes.get(held.id) if held else None
    return found.version if found else 0


def _open_offer(day: MarketDay, standing: Standing, offers: list[Offer], at: datetime) -> str:
    """Which offer waits for an answer that still counts."""
    if standing is not Standing.WAITING or day.state not in GATE_STATES:
        return ""
    waiting = [o.ref for o in offers if o.answer is OfferAnswer.OPEN and at < o.expires_at]
    return waiting[-1] if waiting else ""


def _around(day: MarketDay, row: Row, places: list[Place], offers: list[Offer], at: datetime) -> Around:
    held = _last(places)
    left = [place for place in places if held is not None and place.released_at == held.given_at]
    return Around(
        came_from=left[-1].label if left else "",
        other=(held.other or "") if held else "",
        answers={offer.ref: offer.answer for offer in offers},
        late=at >= day.arrive_by,
    )


def _since(day: MarketDay, row: Row, ground: Ground, now: Known) -> dict[str, datetime]:
    """When each fact that may be news came about; who stands where is public since the publication."""
    offers, last = ground.offers.get(row.id, []), _last(ground.places.get(row.id, []))
    published = ground.steps.get((day.id, Step.PUBLISH), row.submitted_at)
    called_off = [
        ground.steps.get((day.id, step), row.submitted_at)
        for step in (Step.POSTPONE, Step.CANCEL, Step.RESCHEDULE)
    ]
    edited = day.edited_at or row.submitted_at
    moments = dict.fromkeys(("on", "hours", "arrive", "theme", "place", "address", "entrance"), edited)
    moments["held"] = max(called_off)
    moments["method"] = ground.methods[day.id][1] if day.id in ground.methods else edited
    moments["note"] = row.decided_at or row.submitted_at
    moments["offer"] = moments["lapsed"] = max(
        [offer.answered_at or offer.made_at for offer in offers], default=published
    )
    moments["stalls"] = max((last.released_at or last.given_at) if last else published, published)
    found = ground.passes.get(last.id) if last else None
    moments["pass_version"] = found.since if found else published
    moments["standing"] = {
        Standing.WITHDRAWN: row.withdrawn_at,
        Standing.PLACED: moments["stalls"],
        Standing.ABSENT: moments["stalls"],
        Standing.WAITING: moments["offer"] if now.offer else moments["stalls"],
    }.get(now.standing or Standing.SUBMITTED, row.decided_at) or row.submitted_at
    return moments


# ── what is known ─────────────────────────────────────────────────────────────────────────────────────────


def _learnt(row: Row, ground: Ground) -> list[Learnt]:
    """What somebody saw when they applied, was told, and did by themselves."""
    learnt = []
    if "at" in row.applied_for:
        facts: dict[str, Any] = {k: v for k, v in row.applied_for.items() if k not in ("at", "asked")}
        learnt.append(Learnt(datetime.fromisoformat(row.applied_for["at"]), {**facts, "held": Held.ON}))
    if row.id in ground.told:
        learnt.append(ground.told[row.id])
    return [*learnt, *_own_acts(row, ground)]


def _own_acts(row: Row, ground: Ground) -> list[Learnt]:
    """Whoever took a stall that was offered, or withdrew, knows it."""
    if row.user_id is None:
        return []
    acts = [
        Learnt(place.given_at, _taken(place, ground))
        for place in ground.places.get(row.id, [])
        if place.given_by == row.user_id and place.reason_code == "promoted"
    ]
    if row.withdrawn_at is not None and row.withdrawn_by == row.user_id:
        facts = {"standing": Standing.WITHDRAWN, "asked": row.applied_for.get("asked")}
        acts.append(Learnt(row.withdrawn_at, facts))
    return acts


def _taken(place: Place, ground: Ground) -> dict[str, Any]:
    shown = ground.passes.get(place.id)
    version = shown.first if shown else 0
    return {"standing": Standing.PLACED, "stalls": place.label, "pass_version": version, "offer": ""}
