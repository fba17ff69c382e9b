"""What the gate says: facts of a scan in, verdict out; the order of the questions is that of the answers."""

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


class RevokeReason(StrEnum):
    """Why a pass stopped counting."""

    LOST = "lost"
    DAMAGED = "damaged"
    MISUSED = "misused"
    """Somebody else has it, or a picture of it."""
    MOVED = "moved"
    RELEASED = "released"
    """The vendor does not come any more: withdrawal or no-show."""
    CALLED_OFF = "called_off"
    HOURS_CHANGED = "hours_changed"
    """The hours of the market are not what the pass says."""
    KEY_CHANGED = "key_changed"
    """The key that signed it is lost or stolen."""


class Layout(StrEnum):
    """How passes lie on the paper."""

    A6 = "a6"
    """One card a page."""
    A5 = "a5"
    """A sign to stand on the stall."""
    A4X1 = "a4x1"
    A4X2 = "a4x2"
    A4X4 = "a4x4"
    """Four cards on an A4 sheet with marks to cut along."""
    A4X8 = "a4x8"
    LABELS24 = "labels24"
    """Stickers of 70 × 37 mm."""
    LABELS14 = "labels14"
    """Stickers of 99 × 38 mm."""
    LANYARD = "lanyard"
    """Front and back in one piece, folded at the top and hung round the neck."""


BY_HAND = (
    RevokeReason.LOST,
    RevokeReason.DAMAGED,
    RevokeReason.MISUSED,
    RevokeReason.HOURS_CHANGED,
    RevokeReason.KEY_CHANGED,
)
"""What people may give as a reason; the others follow from something else that they do."""

GATE_OPENS_BEFORE = timedelta(hours=2)
"""Vendors may drive in from two hours before the opening (domain §3.1)."""
GATE_CLOSES_AFTER = timedelta(hours=1)
"""Late comers and those who come back for what they forgot."""


def validity(open_at: datetime, close_at: datetime) -> tuple[datetime, datetime]:
    """From when and until when a pass of a market admits."""
    return open_at - GATE_OPENS_BEFORE, close_at + GATE_CLOSES_AFTER


@dataclass(frozen=True)
class ScanFacts:
    """What `admit` needs to know; the defaults hold where the code did not lead that far."""

    known: bool
    """Whether the code names a pass of ours."""
    signed: bool
    """Whether the signature holds (a typed short code is looked up instead and counts as signed)."""
    same_community: bool = True
    same_day: bool = True
    gate_open: bool = True
    """The market day is in a state in which the gate admits."""
    released: bool = False
    """The stall was given back, by withdrawal or no-show."""
    revoked: bool = False
    """The pass was replaced by a newer one, or withdrawn."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    admitted_at: datetime | None = None


def admit(facts: ScanFacts, at: datetime) -> Verdict:
    """The verdict: the code before the day, the day before the pass, the pass before the hour, and only what
    would admit can be a duplicate. The person at the gate hears the first reason that they can act upon."""
    questions = (
        (not facts.signed, Verdict.FORGED),
        (not facts.known, Verdict.UNKNOWN_CODE),
        (not facts.same_community, Verdict.OTHER_COMMUNITY),
        (not facts.same_day, Verdict.OTHER_DAY),
        (not facts.gate_open, Verdict.GATE_CLOSED),
        (facts.released, Verdict.RELEASED),
        (facts.revoked, Verdict.REVOKED),
        (facts.valid_from is not None and at < facts.valid_from, Verdict.TOO_EARLY),
        (facts.valid_to is not None and at > facts.valid_to, Verdict.TOO_LATE),
        (facts.admitted_at is not None, Verdict.ALREADY_IN),
    )
    return next((verdict for refused, verdict in questions if refused), Verdict.ADMITTED)


class Standing(StrEnum):
    """What anybody who scans a pass learns of it."""

    GENUINE = "genuine"
    """Counts at this moment."""
    FOR_LATER = "for_later"
    OVER = "over"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    NOT_OURS = "not_ours"


def standing(
    *, revoked: bool, replaced: bool, valid_from: datetime, valid_to: datetime, at: datetime
) -> Standing:
    """How a pass of ours stands; `replaced` tells that a newer version of it counts."""
    if revoked:
        return Standing.REPLACED if replaced else Standing.WITHDRAWN
    if at < valid_from:
        return Standing.FOR_LATER
    return Standing.GENUINE if at <= valid_to else Standing.OVER


# ── visitors ──────────────────────────────────────────────────────────────────────────────────────────────


class CountMethod(StrEnum):
    """How visits were counted, so that the figure can be judged (domain §3.2)."""

    FULL_COUNT = "full_count"
    SAMPLE = "sample"
    CLICKER = "clicker"


MAX_VISITS_A_SLOT = 20_000
SLOTS = 6
"""Columns of the paper sheet: six equal parts of the announced hours, whether the market is short or long."""


def slots(open_at: datetime, close_at: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """The opening hours in equal slots, so that a count belongs to a time."""
    length = (close_at - open_at) / count
    return [(open_at + length * index, open_at + length * (index + 1)) for index in range(count)]


def kept_visits(before: int, told: int, *, correction: bool) -> int:
    """What a slot's count becomes. A clicker tells its whole count again and again, perhaps an older one
    last, so it only grows; a person who corrects the sheet has the last word."""
    return told if correction else max(before, told)
