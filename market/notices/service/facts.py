"""What holds for every applicant of some market days, and what each of them knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.allocation.rules import Method
from market.calendar.day_facts import day_facts
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, Step
from market.calendar.service import local_date
from market.notices.rules import (
    Held,
    Known,
    Learnt,
    Standing,
    held_of,
    knowledge,
    standing_of,
)
from market.notices.sayings import Around
from market.notices.service.rows import Ground, HeldStall, Offer, Row, ground_of, rows_of
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.vendors.models import Vendor


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
    place: HeldStall | None
    """What is held, or was held last."""
    offers: list[Offer]


def people(days: Sequence[MarketDay], at: datetime, only: Collection[Vendor] | None = None) -> list[Person]:
    """Every applicant of these days, or these vendors on them; in the order of days and of applications."""
    by_id = {day.id: day for day in days}
    rows = rows_of(by_id, only) if by_id else []
    if not rows:
        return []
    ground = ground_of(by_id, [row.id for row in rows] if only is not None else None)
    order = {day.id: number for number, day in enumerate(days)}
    found = [_person(by_id[row.day_id], row, ground, at) for row in rows]
    return sorted(found, key=lambda person: order[person.day.id])


# ── what holds ────────────────────────────────────────────────────────────────────────────────────────────


def _person(day: MarketDay, row: Row, ground: Ground, at: datetime) -> Person:
    places, offers = ground.places.get(row.id, []), ground.offers.get(row.id, [])
    now = _now(day, row, ground, at)
    return Person(
        day=day,
        row=row,
        now=now,
        known=knowledge(_learnt(row, ground)),
        around=_around(day, places, offers, at),
        since=_since(day, row, ground, now),
        place=_last(places),
        offers=offers,
    )


def _last(places: Iterable[HeldStall]) -> HeldStall | None:
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
    asked = _open_offer(day, standing, offers, at)
    return Known(
        standing=standing,
        asked=row.applied_for.get("asked"),
        note=row.note,
        held=held_of(day.state),
        **day_facts(day),
        method=ground.methods[day.id][0] if day.id in ground.methods else Method.OPTIMUM.value,
        stalls=held.label if held else "",
        shut=_why_shut(day, held),
        pass_version=_version(ground, held) if standing is Standing.PLACED else 0,
        offer=asked.ref if asked else "",
        until=asked.until.isoformat() if asked else "",
        lapsed=lapsed[-1] if lapsed else "",
    )


def _why_shut(day: MarketDay, held: HeldStall | None) -> str:
    """Why the stall does not open on the date that the market has now; empty while it does."""
    on = local_date(day)
    return next((one.reason for one in (held.shut if held else ()) if one.on == on), "")


def _version(ground: Ground, held: HeldStall | None) -> int:
    found = ground.passes.get(held.id) if held else None
    return found.version if found else 0


def _open_offer(day: MarketDay, standing: Standing, offers: list[Offer], at: datetime) -> Offer | None:
    """Which offer waits for an answer that still counts."""
    if standing is not Standing.WAITING or day.state not in GATE_STATES:
        return None
    waiting = [o for o in offers if o.answer is OfferAnswer.OPEN and at < o.until]
    return waiting[-1] if waiting else None


def _around(day: MarketDay, places: list[HeldStall], offers: list[Offer], at: datetime) -> Around:
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
    moments["shut"] = max([edited, *(one.at for one in (last.shut if last else ()))])
    moments["until"] = max(moments["offer"], edited)
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
    """Whoever took a stall that was offered, or withdrew, knows it; so does who helps at the stall."""
    acts = [
        Learnt(place.given_at, _taken(place, ground))
        for place in ground.places.get(row.id, [])
        if place.given_by in row.accounts and place.reason_code == "promoted"
    ]
    if row.withdrawn_at is not None and row.withdrawn_by in row.accounts:
        facts = {"standing": Standing.WITHDRAWN, "asked": row.applied_for.get("asked")}
        acts.append(Learnt(row.withdrawn_at, facts))
    return acts


def _taken(place: HeldStall, ground: Ground) -> dict[str, Any]:
    shown = ground.passes.get(place.id)
    version = shown.first if shown else 0
    return {"standing": Standing.PLACED, "stalls": place.label, "pass_version": version, "offer": ""}
