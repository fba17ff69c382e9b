"""What the gate says: facts of a scan in, verdict out; the order of the questions is the order of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """What the gate answers; only ADMITTED lets in."""

    ADMITTED = "admitted"
    ALREADY_IN = "already_in"
    UNKNOWN_CODE = "unknown_code"
    FORGED = "forged"
    OTHER_COMMUNITY = "other_community"
    OTHER_DAY = "other_day"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    REVOKED = "revoked"
    RELEASED = "released"
    GATE_CLOSED = "gate_closed"


class ScanMethod(StrEnum):
    CAMERA = "camera"
    TYPED = "typed"
    LIST = "list"
    """Ticked on the sign-in list by a person who knows the vendor (no phone, no paper)."""


GATE_OPENS_BEFORE = timedelta(hours=2)
"""Vendors may drive in from two hours before the opening (domain §3.1)."""


@dataclass(frozen=True)
class ScanFacts:
    """What `admit` needs to know; None where the code did not lead that far."""

    known: bool
    """Whether the code names a pass of ours."""
    signed: bool
    """Whether the signature holds (a typed short code is looked up instead and counts as signed)."""
    same_community: bool = True
    same_day: bool = True
    revoked: bool = False
    released: bool = False
    """The stall was given back, by withdrawal or no-show."""
    gate_open: bool = True
    """The market day is in a state in which the gate admits."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    admitted_at: datetime | None = None


def admit(facts: ScanFacts, at: datetime) -> Verdict:
    """The verdict. Genuineness before place, place before time, validity before duplicate:
    the person at the gate hears the reason that they can act upon first."""
    if not facts.signed:
        return Verdict.FORGED
    if not facts.known:
        return Verdict.UNKNOWN_CODE
    if not facts.same_community:
        return Verdict.OTHER_COMMUNITY
    if not facts.same_day:
        return Verdict.OTHER_DAY
    if facts.revoked:
        return Verdict.REVOKED
    if facts.released:
        return Verdict.RELEASED
    if facts.admitted_at is not None:
        return Verdict.ALREADY_IN
    if not facts.gate_open:
        return Verdict.GATE_CLOSED
    if facts.valid_from is not None and at < facts.valid_from:
        return Verdict.TOO_EARLY
    if facts.valid_to is not None and at > facts.valid_to:
        return Verdict.TOO_LATE
    return Verdict.ADMITTED


class CountMethod(StrEnum):
    """How visits were counted, so that the figure can be judged (domain §3.2)."""

    FULL_COUNT = "full_count"
    SAMPLE = "sample"
    CLICKER = "clicker"


MAX_VISITS_A_SLOT = 20_000


def slots(open_at: datetime, close_at: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """The opening hours in equal slots, so that a count belongs to a time."""
    length = (close_at - open_at) / count
    return [(open_at + length * index, open_at + length * (index + 1)) for index in range(count)]
