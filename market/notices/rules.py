"""What somebody has to be told of a market day: what holds and is not as they know it; when to telephone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from market.calendar.rules import DayState
from market.stalls.rules import ReleaseReason
from market.vendors.rules import ApplicationState, told_state

KEPT = timedelta(days=365)
"""How long we keep what somebody was told; then it is deleted (PIPL 19)."""


class Channel(StrEnum):
    """How somebody was told."""

    APP = "app"
    """Read it and said so."""
    CALL = "call"
    """Staff told it, on the telephone or in person."""
    POSTED = "posted"
    """Stood in the app before what was read was compared; nobody knows whether it was read."""
    EMAIL = "email"
    SMS = "sms"
    """A program brought it, and whoever carries such messages took it. Named as the way by which it went."""


# ── what one can know ─────────────────────────────────────────────────────────────────────────────────────


class Standing(StrEnum):
    """Am I in?"""

    SUBMITTED = "submitted"
    NEEDS_MORE = "needs_more"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    WAITING = "waiting"
    PLACED = "placed"
    ABSENT = "absent"
    """Had a stall, and did not come."""


S = Standing


class Held(StrEnum):
    """Does the market take place?"""

    ON = "on"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Known:
    """What one person knows of one market day, or what holds; None: never heard of it."""

    standing: Standing | None = None
    asked: str | None = None
    """How often they applied: each application gets its own answer."""
    note: str | None = None
    """What staff said with their answer."""
    held: Held = Held.ON
    on: str | None = None
    hours: str | None = None
    arrive: str | None = None
    theme: str | None = None
    place: str | None = None
    address: str | None = None
    entrance: str | None = None
    method: str | None = None
    """How the stalls are given out."""
    stalls: str | None = None
    shut: str | None = None
    """Why the stall does not open; empty while it does."""
    pass_version: int | None = None
    """Which version of the pass counts; 0: none does."""
    offer: str | None = None
    """Which offer waits for an answer."""
    until: str | None = None
    """Until when it does: an earlier market wants an earlier answer."""
    lapsed: str | None = None
    """The last offer that nobody answered in time."""

    def snapshot(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)


def known_of(snapshot: Mapping[str, Any]) -> Known:
    """Reads what was stored; a fact that an older version did not have counts as unknown to the person."""
    found = {one.name: snapshot[one.name] for one in fields(Known) if one.name in snapshot}
    standing = Standing(found["standing"]) if found.get("standing") else None
    return Known(**{**found, "standing": standing, "held": Held(found.get("held") or Held.ON)})


class Learnt(NamedTuple):
    """What somebody learnt at a moment: told, seen when applying, or done by themselves."""

    at: datetime
    facts: Mapping[str, Any]


def knowledge(learnt: Iterable[Learnt]) -> Known:
    """What somebody knows after all these; of two at the same moment the later in the list counts."""
    known = Known()
    for one in sorted(learnt, key=lambda each: each.at):
        known = known_of({**known.snapshot(), **one.facts})
    return known


# ── what holds ────────────────────────────────────────────────────────────────────────────────────────────

_BY_STATE = {
    ApplicationState.SUBMITTED: S.SUBMITTED,
    ApplicationState.NEEDS_MORE: S.NEEDS_MORE,
    ApplicationState.APPROVED: S.APPROVED,
    ApplicationState.REJECTED: S.REJECTED,
    ApplicationState.WITHDRAWN: S.WITHDRAWN,
}


def standing_of(
    state: ApplicationState, day: DayState, *, has_stall: bool, lost_by: ReleaseReason | None
) -> Standing:
    """How an applicant stands, as far as it is public; `lost_by` is why the last stall was given up."""
    public = told_state(state, day)
    if public in _BY_STATE:
        return _BY_STATE[public]
    if has_stall:
        return S.PLACED
    missed = state is ApplicationState.ALLOCATED and lost_by is ReleaseReason.NO_SHOW
    return S.ABSENT if missed else S.WAITING


def held_of(day: DayState) -> Held:
    """Whether a market takes place."""
    return Held(day.value) if day in (DayState.POSTPONED, DayState.CANCELLED) else Held.ON


OVER_STATES = (DayState.CLOSED, DayState.SETTLING, DayState.SETTLED, DayState.ARCHIVED)


def is_past(day: DayState, close_at: datetime, at: datetime) -> bool:
    """Whether nobody needs to be told anything of a market any more."""
    return at >= close_at or day in OVER_STATES


# ── the difference ────────────────────────────────────────────────────────────────────────────────────────

LIVE = (S.SUBMITTED, S.NEEDS_MORE, S.APPROVED, S.WAITING, S.PLACED, S.ABSENT)
"""Who counts on the day."""
ANSWERS = (S.NEEDS_MORE, S.APPROVED, S.REJECTED, S.WITHDRAWN)
"""What answers an application: asked again, it is said again."""
PLANNED = (S.WAITING, S.PLACED, S.ABSENT)

_WHEN_AND_WHERE = ("held", "on", "hours", "place", "address")
MATTERS: dict[Standing, tuple[str, ...]] = {
    S.SUBMITTED: (*_WHEN_AND_WHERE, "theme"),
    S.NEEDS_MORE: ("standing", "note", *_WHEN_AND_WHERE, "theme"),
    S.APPROVED: ("standing", *_WHEN_AND_WHERE, "theme", "method"),
    S.REJECTED: ("standing", "note"),
    S.WITHDRAWN: ("standing",),
    S.WAITING: ("standing", *_WHEN_AND_WHERE, "offer", "until", "lapsed"),
    S.PLACED: ("standing", *_WHEN_AND_WHERE, "entrance", "arrive", "theme", "stalls", "shut", "pass_version"),
    S.ABSENT: ("standing", "held", "on"),
}
"""What of a day matters to whom; the rest is no news for them."""


def changes(known: Known, now: Known) -> frozenset[str]:
    """What matters to a person and is not as they know it."""
    if now.standing is None or (now.held is not Held.ON and now.standing not in LIVE):
        return frozenset()
    matters = MATTERS[now.standing] if now.held is Held.ON else ("held",)
    return frozenset(name for name in matters if _differs(name, known, now))


def _differs(name: str, known: Known, now: Known) -> bool:
    before, after = getattr(known, name), getattr(now, name)
    if name == "standing":
        return before != after or (now.standing in ANSWERS and known.asked not in (None, now.asked))
    if name == "shut":
        return (before or "") != (after or "")
    return before is not None and before != after


# ── whom to telephone ─────────────────────────────────────────────────────────────────────────────────────

PATIENCE = (
    (timedelta(hours=6), timedelta()),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=6)),
)
"""So near to the moment at which it must be known → so long people with an account have to read it."""


def must_call(*, can_read: bool, made_at: datetime, needed_by: datetime, at: datetime) -> bool:
    """Whether to telephone now: always where there is no account, else when time is short; never too late."""
    if made_at < needed_by <= at:
        return False
    if not can_read:
        return True
    return any(at >= needed_by - near and at >= made_at + patience for near, patience in PATIENCE)
