"""What a phone at the gate takes along for a morning without a network: keys to check passes with, a roster
that only the passes themselves open, who came already."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.config import settings
from market.db import db
from market.gate.models import GatePhone
from market.gate.rules import COUNTING_STATES, SLOTS, slots
from market.gate.seal import Lock, sealed, short_lock, token_lock
from market.gate.service.admission import attendance
from market.gate.service.phones import until
from market.gate.service.visitors import entrances
from market.passes import keys
from market.passes.models import PassKey, StallPass
from market.passes.rules import validity
from market.passes.service.passes import pass_token
from market.passes.token import Claims, Purpose, mint
from market.passes.validity import counting
from market.stalls import service as stalls
from market.stalls.models import Assignment, PassVersion
from market.vendors import service as vendors

HOLDER_CHARACTERS = 12


def day_package(phone: GatePhone, at: datetime) -> dict[str, Any]:
    """Everything that the phone needs of its day; nothing in it names anybody who did not show a pass."""
    day = phone.day
    signing = _usable_keys(day)
    roster = _Roster(day, at)
    return {
        "day": _day(day, at),
        "phone": {"name": phone.name, "entrance": phone.entrance, "until": millis(until(day))},
        "counting": _counting(day, phone),
        "keys": {str(key.key_id): b64encode(key.public_key).decode() for key in _believed(day)},
        "sample": _sample(day, signing[0]) if signing else "",
        "rows": sealed(_token_rows(roster, signing)),
        "shorts": sealed(_short_rows(roster)),
        "came": roster.came(),
        "expected": len(roster.held),
    }


def millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _day(day: MarketDay, at: datetime) -> dict[str, Any]:
    valid_from, valid_to = validity(day.open_at, day.close_at)
    return {
        "ref": day.ref,
        "number": day.id,
        "community": day.community_id,
        "place": day.community.name,
        "theme": day.theme,
        "zone": day.community.zone,
        "open": day.state in GATE_STATES,
        "valid_from": millis(valid_from),
        "valid_to": millis(valid_to),
        "phone": day.community.phone,
    }


def _counting(day: MarketDay, phone: GatePhone) -> list[list[int]]:
    """The parts of the opening hours in which this phone may count visitors, from when until when."""
    if day.state not in COUNTING_STATES or phone.entrance not in entrances(day):
        return []
    return [[millis(start), millis(end)] for start, end in slots(day.open_at, day.close_at, SLOTS)]


def _believed(day: MarketDay) -> list[PassKey]:
    query = sa.select(PassKey).where(PassKey.community_id == day.community_id, PassKey.revoked_at.is_(None))
    return list(db.session.scalars(query.order_by(PassKey.key_id.desc())))


def _usable_keys(day: MarketDay) -> list[PassKey]:
    """The keys with which passes of the day may be signed: their codes can be worked out."""
    return [key for key in _believed(day) if keys.can_sign(key)]


def _sample(day: MarketDay, key: PassKey) -> str:
    """A code that admits nobody, by which the phone tries its reader, its keys and its roster."""
    claims = Claims(
        Purpose.SAMPLE, key.key_id, key.community_id, day.id, 0, *validity(day.open_at, day.close_at)
    )
    return mint(claims, keys.private_key(key))


@dataclass(frozen=True)
class _Row:
    """One version of a pass, and what is to be said of it."""

    shown: PassVersion
    said: dict[str, Any]


class _Roster:
    """Every version of every pass of a day, with a handful of statements however many there are."""

    def __init__(self, day: MarketDay, at: datetime) -> None:
        self.day = day
        self.held = stalls.assignments(day)
        self.now = {assignment.vendor_id: assignment for assignment in self.held}
        query = sa.select(PassVersion).where(PassVersion.day_id == day.id)
        self.versions = list(db.session.scalars(query.order_by(PassVersion.id)))
        self.live = {shown.id for shown in db.session.scalars(counting().where(PassVersion.day_id == day.id))}
        self.newest = {shown.assignment.vendor_id: shown for shown in self.versions if shown.id in self.live}
        self.shut = stalls.shut_stalls(day)
        asked_on = clock.local(at, day.community.zone).date()
        people = {shown.assignment.vendor_id: shown.assignment.vendor for shown in self.versions}
        self.barred = vendors.barred(day, list(people.values()), asked_on=asked_on)

    def rows(self) -> Iterator[_Row]:
        for shown in self.versions:
            yield _Row(shown, self._said(shown))

    def _said(self, shown: PassVersion) -> dict[str, Any]:
        held = shown.assignment
        left, now = held.released_at is not None, self.now.get(held.vendor_id)
        newest = self.newest.get(held.vendor_id)
        said = {
            "n": held.vendor.trading_name,
            "s": held.label,
            "h": self._holder(held.vendor_id),
            "v": shown.version,
            "released": left and now is None,
            "revoked": shown.id not in self.live or left,
            "shut": any(stall_id in self.shut for stall_id in held.stall_ids),
            "barred": held.vendor_id in self.barred,
        }
        if said["revoked"] and newest is not None:
            said |= {"nv": newest.version, "ns": newest.assignment.label}
        return said

    def _holder(self, vendor_id: int) -> str:
        """By this a phone knows that two passes are one vendor's; it says nothing to anybody else."""
        text = f"gate holder {self.day.ref} {vendor_id}".encode()
        made = hmac.new(settings().signing_secret().encode(), text, hashlib.sha256)
        return made.hexdigest()[:HOLDER_CHARACTERS]

    def came(self) -> dict[str, list[Any]]:
        """When and at which gate each came, by the holder's mark."""
        by_id: dict[int, Assignment] = {assignment.id: assignment for assignment in self.held}
        return {
            self._holder(by_id[key].vendor_id): [millis(seen.scanned_at), seen.entrance]
            for key, seen in attendance(self.day).items()
        }


def _token_rows(roster: _Roster, signing: list[PassKey]) -> Iterator[tuple[Lock, dict[str, Any]]]:
    """A pass may have been printed with an older key that is still believed: it opens the same row."""
    for row in roster.rows():
        for key in signing:
            yield token_lock(pass_token(StallPass(row.shown), key)), row.said
    for key in signing[:1]:
        yield token_lock(_sample(roster.day, key)), {"probe": True}


def _short_rows(roster: _Roster) -> Iterator[tuple[Lock, dict[str, Any]]]:
    """A short code can be guessed, so its row says no name."""
    for row in roster.rows():
        yield short_lock(row.shown.short_code, roster.day.ref), {**row.said, "n": ""}
