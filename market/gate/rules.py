"""What the gate says: facts of a scan in, verdict out; the order of the questions is that of the answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from market.calendar.rules import DayState

COUNTING_STATES = (DayState.PUBLISHED, DayState.SETTING_UP, DayState.OPEN, DayState.CLOSED, DayState.SETTLING)
"""From the publication until the figures are settled: sheets are often typed in after the market."""


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
    STALL_SHUT = "stall_shut"
    """Genuine and of today, but the stall does not open."""
    MAY_NOT_STAND = "may_not_stand"
    """Genuine and of today, but papers or goods stop the vendor, and nobody answers for it."""


ENTERING = (Verdict.ADMITTED, Verdict.ALREADY_IN)
"""What would let in, were it the first."""


class ScanMethod(StrEnum):
    CAMERA = "camera"
    TYPED = "typed"
    LIST = "list"
    """Ticked on the sign-in list by a person who knows the vendor (no phone, no paper)."""


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
    stall_shut: bool = False
    """The stall, or one of two, does not open today."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    admitted_at: datetime | None = None
    barred: bool = False
    """Something stops the vendor from standing today (`vendors.eligibility`)."""


def admit(facts: ScanFacts, at: datetime) -> Verdict:
    """The verdict: the code before the day, the day before the pass, the pass before the stall, the stall
    before the papers, those before the hour, and only what would admit can be a duplicate. The person at the
    gate hears the first reason that they can act upon."""
    questions = (
        (not facts.signed, Verdict.FORGED),
        (not facts.known, Verdict.UNKNOWN_CODE),
        (not facts.same_community, Verdict.OTHER_COMMUNITY),
        (not facts.same_day, Verdict.OTHER_DAY),
        (not facts.gate_open, Verdict.GATE_CLOSED),
        (facts.released, Verdict.RELEASED),
        (facts.revoked, Verdict.REVOKED),
        (facts.stall_shut, Verdict.STALL_SHUT),
        (facts.barred, Verdict.MAY_NOT_STAND),
        (facts.valid_from is not None and at < facts.valid_from, Verdict.TOO_EARLY),
        (facts.valid_to is not None and at > facts.valid_to, Verdict.TOO_LATE),
        (facts.admitted_at is not None, Verdict.ALREADY_IN),
    )
    return next((verdict for refused, verdict in questions if refused), Verdict.ADMITTED)


# ── what phones bring ─────────────────────────────────────────────────────────────────────────────────────


class HeldReason(StrEnum):
    """Why a scan that a phone brought waits for a person."""

    UNKNOWN_PHONE = "unknown_phone"
    REVOKED_PHONE = "revoked_phone"
    """Seen after the phone was told to stop, or before it was let in."""
    OUT_OF_HOURS = "out_of_hours"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    """Its clock was not to be believed."""
    BOOKED = "booked"
    """Visitors that were heard of after the figures were settled."""
    NO_ENTRANCE = "no_entrance"
    """Visitors counted at a gate that the place does not have any more."""


CLOCK_SLACK = timedelta(minutes=2)
"""Measuring a phone's clock over a bad network is as exact as this."""
LONGEST_ON_THE_WAY = timedelta(hours=48)


@dataclass(frozen=True)
class Brought:
    """What `held_reason` needs to know of a scan that was brought; the phone's hours are None if unknown."""

    scanned_at: datetime
    received_at: datetime
    open_at: datetime
    close_at: datetime
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None


def held_reason(brought: Brought) -> HeldReason | None:
    """Why a person must look at it first; None when it counts by itself."""
    seen = brought.scanned_at
    if brought.enrolled_at is None:
        return HeldReason.UNKNOWN_PHONE
    questions = (
        (seen > brought.received_at + CLOCK_SLACK, HeldReason.FROM_THE_FUTURE),
        (brought.received_at - seen > LONGEST_ON_THE_WAY, HeldReason.TOO_OLD),
        (
            not brought.enrolled_at - CLOCK_SLACK <= seen < (brought.revoked_at or seen + CLOCK_SLACK),
            HeldReason.REVOKED_PHONE,
        ),
        (
            not brought.open_at - GATE_BEFORE <= seen <= brought.close_at + DUTY_AFTER_CLOSING,
            HeldReason.OUT_OF_HOURS,
        ),
    )
    return next((reason for holds, reason in questions if holds), None)


@dataclass(frozen=True, order=True)
class Entry:
    """A scan that would let its vendor in if the vendor were not in already. Its time is put right."""

    scanned_at: datetime
    client_id: str


def united(*heard: Iterable[Entry]) -> frozenset[Entry]:
    """What several uploads say together; a number heard twice is one scan, the earliest of its tellings, so
    that order, repetition and splitting change nothing."""
    known: dict[str, Entry] = {}
    for entry in (entry for upload in heard for entry in upload):
        other = known.setdefault(entry.client_id, entry)
        if other is not entry and entry < other:
            known[entry.client_id] = entry
    return frozenset(known.values())


class Outcome(NamedTuple):
    """What a scan was in the end, and when that was taken back."""

    verdict: Verdict
    undone_at: datetime | None = None


def merged(entries: Iterable[Entry], undone: Iterable[datetime] = ()) -> dict[str, Outcome]:
    """Of one vendor: what each scan was, by its number. The earliest lets in, those after it find the vendor
    in already; after an undo the next one lets in again."""
    line = [(entry.scanned_at, False, entry.client_id) for entry in united(entries)]
    line += [(moment, True, "") for moment in undone]  # of the same moment, the undo comes second
    told: dict[str, Outcome] = {}
    inside = ""
    for moment, is_undo, client_id in sorted(line):
        if is_undo and inside:
            told[inside] = Outcome(Verdict.ADMITTED, moment)
        elif not is_undo:
            told[client_id] = Outcome(Verdict.ALREADY_IN if inside else Verdict.ADMITTED)
        inside = "" if is_undo else inside or client_id
    return told


# ── who minds the gate ────────────────────────────────────────────────────────────────────────────────────

DUTY_AFTER_CLOSING = timedelta(hours=2)
"""How long after closing the gate still works: counting, letting cars out, sending what waited in a phone."""
GATE_BEFORE = timedelta(hours=2)
"""How long before the opening scans count by themselves; as passes do (`passes.rules.validity`)."""
DUTY_BEFORE_OPENING = timedelta(days=3)
"""Signing in this long before a market counts as signing in for it; links are given out that early."""


@dataclass(frozen=True)
class Duty:
    """The hours of a market that needs somebody at the gate."""

    open_at: datetime
    close_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it is not over yet."""
        return at <= self.close_at + DUTY_AFTER_CLOSING


def duty_of(signed_in_at: datetime, duties: Iterable[Duty]) -> Duty | None:
    """The market a session was made for: the first one that was not over then, unless it was far off."""
    ahead = [duty for duty in duties if duty.holds(signed_in_at)]
    first = min(ahead, key=lambda duty: duty.open_at, default=None)
    return first if first is not None and signed_in_at >= first.open_at - DUTY_BEFORE_OPENING else None


# ── visitors ──────────────────────────────────────────────────────────────────────────────────────────────


class CountMethod(StrEnum):
    """How visits were counted, so that the figure can be judged (domain §3.2)."""

    FULL_COUNT = "full_count"
    SAMPLE = "sample"
    CLICKER = "clicker"


class Sampling(StrEnum):
    """How a sample was taken; each has its multiplier."""

    EVERY_TENTH = "every_tenth"
    EVERY_FIFTH = "every_fifth"
    FIVE_OF_THIRTY = "five_of_thirty"
    """Five minutes of each half hour."""
    TEN_OF_SIXTY = "ten_of_sixty"
    OTHER = "other"
    """With a multiplier that somebody writes, as on the paper sheet."""


FACTORS = {
    Sampling.EVERY_TENTH: 1000,
    Sampling.EVERY_FIFTH: 500,
    Sampling.FIVE_OF_THIRTY: 600,
    Sampling.TEN_OF_SIXTY: 600,
}
"""Multipliers in hundredths."""
MOST_FACTOR = 10_000
"""A hundred times what was seen: a larger one is a slip of the pen."""


@dataclass(frozen=True)
class Sample:
    """What was really counted, how, and by what it is multiplied; the estimate follows from it."""

    raw: int
    sampling: Sampling
    factor_hundredths: int

    @property
    def estimate(self) -> int:
        return (self.raw * self.factor_hundredths + 50) // 100


class Way(StrEnum):
    """Which way somebody went through an entrance."""

    IN = "in"
    OUT = "out"


MOST_A_TAP = 50
"""A group that comes in together; more is a mistake of the phone."""

STAY = timedelta(minutes=36)
"""How long somebody stays, where nobody counts who leaves (domain §3.2: 0.6 hours)."""


def stay_estimate(slots_told: Iterable[tuple[datetime, datetime, int | None]], at: datetime) -> int | None:
    """How many are inside, where only arrivals were counted: those who came within the usual stay, each slot
    spread evenly over its minutes. None when nobody counted in that time."""
    since, known, there = at - STAY, False, 0.0
    for start, end, visits in slots_told:
        end = min(end, at)  # of a slot that still runs, everybody came until now
        shared = (min(end, at) - max(start, since)).total_seconds()
        if visits is not None and shared > 0:
            known, there = True, there + visits * shared / (end - start).total_seconds()
    return round(there) if known else None


MAX_VISITS_A_SLOT = 20_000
SLOTS = 6
"""Columns of the paper sheet: six equal parts of the announced hours, whether the market is short or long."""


def slots(open_at: datetime, close_at: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """The opening hours in equal slots, so that a count belongs to a time."""
    length = (close_at - open_at) / count
    return [(open_at + length * index, open_at + length * (index + 1)) for index in range(count)]


def with_presses(visits: int, before: int, after: int) -> int:
    """What the visits of a cell become when its presses, heard of in any order, add up to another sum. The
    one that takes a press back may come first: less than nobody is nobody, until the press itself is here."""
    return visits + max(0, after) - max(0, before)


def kept_visits(before: int, told: int, *, correction: bool) -> int:
    """What a slot's count becomes. A clicker tells its whole count again and again, perhaps an older one
    last, so it only grows; a person who corrects the sheet has the last word."""
    return told if correction else max(before, told)
