"""Who still has to be told what, and by when; what every channel says, the telephone included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.words import notice_facts
from market.communities.models import Community
from market.db import db
from market.notices.rules import Known, changes, is_past, must_call
from market.notices.sayings import sayings
from market.notices.service.facts import Person, people
from market.notices.service.rows import Offer
from market.stalls import service as stalls
from market.stalls.models import StallOffer
from market.vendors.models import Vendor


@dataclass(frozen=True)
class Message:
    """What one person has to be told of one market day: what holds and is not as they know it."""

    person: Person
    kinds: tuple[str, ...]
    """The sentences, by their names in `words.NOTICES`."""
    since: datetime
    """When the newest of it came about."""
    needed_by: datetime
    """When it is too late to know."""
    speaker: _Speaker = field(repr=False, compare=False)

    @cached_property
    def params(self) -> dict[str, Any]:
        """What fills the sentences; looked up when it is said, for who only counts need not know."""
        return self.speaker.params(self.person, self.kinds)

    @property
    def day(self) -> MarketDay:
        return self.person.day

    @property
    def ref(self) -> str:
        """The application it is about."""
        return self.person.row.ref

    @property
    def can_read(self) -> bool:
        return bool(self.person.row.accounts)

    @property
    def seen(self) -> str:
        """What a form says that showed it: of which application, and a fingerprint of what held then."""
        return f"{self.ref}:{self.mark}"

    @property
    def mark(self) -> str:
        """A fingerprint of what holds: by it one knows whether the same was said already."""
        return fingerprint(self.person.now)


def fingerprint(now: Known) -> str:
    """Changes when anything changes that a person may have to know."""
    text = json.dumps(now.snapshot(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def messages(
    days: Sequence[MarketDay], *, at: datetime, only: Collection[Vendor] | None = None
) -> list[Message]:
    """What applicants of these days, or these vendors, have to be told; nothing of days that are over."""
    coming = [day for day in days if not is_past(day.state, day.close_at, at)]
    speaker = _Speaker()
    found = [_message(person, speaker, at) for person in people(coming, at, only)]
    return [message for message in found if message is not None]


def due_messages(community: Community, *, at: datetime) -> list[Message]:
    """Everything that people of a community still have to be told: what a channel has to bring to them.

    Whoever brings it says so with `tell`, and `Message.seen` of what was brought.
    """
    return messages(calendar.days_ahead(community, at), at=at)


class Carried(NamedTuple):
    """By application: what some channel is bringing, and what none of them could bring."""

    on_its_way: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()


def to_call(due: Iterable[Message], *, at: datetime, carried: Carried = Carried()) -> list[Message]:  # noqa: B008 - a constant
    """Whom of these staff have to telephone now, the most urgent first."""
    found = [message for message in due if _must_call(message, at, carried)]
    return sorted(found, key=lambda message: message.needed_by)


def of_vendor(vendor: Vendor, *, at: datetime) -> list[Message]:
    """What a vendor still has to be told, the newest first."""
    found = messages(calendar.days_ahead(vendor.community, at), at=at, only=[vendor])
    return sorted(found, key=lambda message: message.since, reverse=True)


def _must_call(message: Message, at: datetime, carried: Carried) -> bool:
    """A channel that is bringing it counts as an account does; what failed on every channel is called now."""
    application = message.person.row.id
    waits = (message.can_read or application in carried.on_its_way) and application not in carried.failed
    return must_call(can_read=waits, made_at=message.since, needed_by=message.needed_by, at=at)


def _message(person: Person, speaker: _Speaker, at: datetime) -> Message | None:
    kinds = sayings(person.known, person.now, person.around)
    if not kinds:
        return None
    since = max(person.since[name] for name in changes(person.known, person.now))
    return Message(person, kinds, since, _needed_by(person, kinds, at), speaker)


def _needed_by(person: Person, kinds: Sequence[str], at: datetime) -> datetime:
    """The hour until which an answer counts; else the arrival, be it on the day they still believe in."""
    if "stalls.offered" in kinds:
        return _offer(person, person.now.offer).until
    arrive = person.day.arrive_by
    return min((moment for moment in (_believed(person), arrive) if moment > at), default=arrive)


def _believed(person: Person) -> datetime:
    """When somebody would arrive who was told nothing more."""
    known, day = person.known, person.day
    if known.on is None or known.arrive is None:
        return day.arrive_by
    hour, minute = known.arrive.split(":")
    return clock.at_local(date.fromisoformat(known.on), time(int(hour), int(minute)), day.community.zone)


def _offer(person: Person, ref: str | None) -> Offer:
    return next(offer for offer in person.offers if offer.ref == ref)


# ── what fills the sentences ──────────────────────────────────────────────────────────────────────────────


class _Speaker:
    """Fills sentences; what is the same for all of a day is looked up once."""

    def __init__(self) -> None:
        self._facts = cache(notice_facts)
        self._positions = cache(_positions)

    def params(self, person: Person, kinds: Sequence[str]) -> dict[str, Any]:
        day, row = person.day, person.row
        params: dict[str, Any] = {**self._facts(day), "vendor": row.vendor, "stall": _stall(person, kinds)}
        if "stalls.moved" in kinds or "stalls.swapped" in kinds:
            params["old"] = person.known.stalls
            params["other"] = person.around.other
        if "stalls.shut" in kinds:
            params["shut"] = person.now.shut
        if "gate.waiting" in kinds:
            params["position"] = self._positions(day)[row.id]
        if "stalls.offered" in kinds:
            params["until"] = _offer(person, person.now.offer).until.isoformat()
        if "notices.method" in kinds:
            params["method"] = person.now.method
        if kinds[0].startswith("calendar."):
            params["note"] = day.public_note
        elif {"vendors.needs_more", "vendors.rejected"}.intersection(kinds):
            params["note"] = person.now.note
        return params


def _positions(day: MarketDay) -> dict[int, int]:
    """Which place in the waiting list, by application."""
    return {one.id: position for position, one in enumerate(stalls.waiting_list(day), 1)}


def _stall(person: Person, kinds: Sequence[str]) -> str:
    """The stall that a sentence is about: the offered one, the one that was lost, or the one that is held."""
    if "stalls.offered" in kinds:
        return _offered_label(person)
    if "stalls.offer_over" in kinds:
        return _offer(person, person.now.lapsed).label
    if "stalls.offer_gone" in kinds:
        return _offer(person, person.known.offer).label
    if person.now.stalls:
        return person.now.stalls
    return person.place.label if person.place is not None else person.known.stalls or ""


def _offered_label(person: Person) -> str:
    """Of who needs two the pair that is kept, else the one stall."""
    if not person.row.double:
        return _offer(person, person.now.offer).label
    query = sa.select(StallOffer).where(StallOffer.ref == person.now.offer)
    return stalls.offered_label(db.session.scalars(query).one())
