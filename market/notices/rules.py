"""What somebody has to be told of a market day: what holds and is not as they know it; when to telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from market.calendar.rules import DayState
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.vendors.rules import ApplicationState, told_state

KEPT = timedelta(days=365)
"""So long it is kept what somebody was told; then it is deleted (PIPL 19)."""


class Channel(StrEnum):
    """How somebody was told."""

    APP = "app"
    """Read it and said so."""
    CALL = "call"
    """Staff told it, on the telephone or in person."""
    POSTED = "posted"
    """Stood in the app before what was read was compared; nobody knows whether it was read."""


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
    """How often they asked to come: each time wants an answer of its own."""
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
    pass_version: int | None = None
    """Which version of the pass counts; 0: none does."""
    offer: str | None = None
    """Which offer waits for an answer."""
    lapsed: str | None = None
    """The last offer that nobody answered in time."""

    def snapshot(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)


def known_of(snapshot: Mapping[str, Any]) -> Known:
    """What was stored; what an older version did not know of yet was never heard of."""
    found = {one.name: snapshot[one.name] for one in fields(Known) if one.name in snapshot}
    standing = Standing(found["standing"]) if found.get("standing") else None
    return Known(**{**found, "standing": standing, "held": Held(found.get("held") or Held.ON)})


class Learnt(NamedTuple):
    """What somebody learnt at a moment: told, seen when applying, or done by themselves."""

    at: datetime
    facts: Mapping[str, Any]


def knowledge(learnt: Iterable[Learnt]) -> Known:
    """What somebody knows after all this; of equal moments the later in the list counts."""
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
    S.WAITING: ("standing", *_WHEN_AND_WHERE, "offer", "lapsed"),
    S.PLACED: ("standing", *_WHEN_AND_WHERE, "entrance", "arrive", "theme", "stalls", "pass_version"),
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
    return before is not None and before != after


@dataclass(frozen=True)
class Around:
    """What explains a difference, and is nothing to know by itself."""

    came_from: str = ""
    """The stall given up in the act that gave the present one."""
    other: str = ""
    """With whom it was exchanged."""
    answers: Mapping[str, OfferAnswer] = field(default_factory=dict)
    """What became of offers."""
    late: bool = False
    """Whether the hour of arrival is over."""


@dataclass(frozen=True)
class Case:
    """A person as the table of sentences sees them."""

    known: Known
    now: Known
    around: Around
    changed: frozenset[str]
    left: frozenset[str]
    """What of it is not said yet."""


class Saying(NamedTuple):
    """A sentence: for which differences it is there, when it fits, and what else it says."""

    kind: str
    about: tuple[str, ...]
    fits: Callable[[Case], bool]
    says: tuple[str, ...] = ()


def _standing(*standings: Standing) -> Callable[[Case], bool]:
    return lambda case: case.now.standing in standings


def _back_from_plan(case: Case) -> bool:
    return case.now.standing is S.APPROVED and case.known.standing in PLANNED


def _same_stall(case: Case) -> bool:
    return case.now.standing is S.PLACED and not case.left & {"standing", "stalls"} and not case.around.late


def _placed_late(case: Case) -> bool:
    return case.now.standing is S.PLACED and case.around.late


def _came_up(case: Case) -> bool:
    return case.now.standing is S.PLACED and case.known.standing in (*PLANNED, S.REJECTED, S.WITHDRAWN)


def _offered(case: Case) -> bool:
    return case.now.standing is S.WAITING and bool(case.now.offer)


def _taken_back(case: Case) -> bool:
    return case.now.standing is S.WAITING and case.known.standing is S.PLACED


def _offer_over(case: Case) -> bool:
    return bool(case.now.lapsed) and case.now.lapsed != case.known.lapsed


def _offer_gone(case: Case) -> bool:
    return case.around.answers.get(case.known.offer or "") is OfferAnswer.WITHDRAWN


def _swapped(case: Case) -> bool:
    return bool(case.around.other) and case.around.came_from == case.known.stalls


def _punctual(case: Case) -> bool:
    return case.now.standing is S.PLACED and not case.around.late


def _still_placed(case: Case) -> bool:
    """Whoever learns of a stall learns of the arrival with it."""
    return _punctual(case) and "standing" not in case.changed


def _no_pass(case: Case) -> bool:
    return case.now.pass_version == 0


def _any(_case: Case) -> bool:
    return True


_TO_STAND = ("stalls", "arrive", "place", "pass_version")
_WHEN = ("held", "on", "hours", "place")

SAYINGS = (
    Saying("calendar.postponed", ("held",), lambda case: case.now.held is Held.POSTPONED),
    Saying("calendar.cancelled", ("held",), lambda case: case.now.held is Held.CANCELLED),
    Saying("calendar.rescheduled", ("held", "on"), _back_from_plan, (*_WHEN, "standing")),
    Saying("calendar.rescheduled", ("held", "on"), _standing(S.SUBMITTED, S.NEEDS_MORE, S.APPROVED), _WHEN),
    Saying("notices.date_placed", ("held", "on"), _same_stall, (*_WHEN, "arrive")),
    Saying("notices.date", ("held", "on"), _any, _WHEN),
    Saying("notices.replanned", ("standing",), _back_from_plan),
    Saying("vendors.approved", ("standing",), _standing(S.APPROVED)),
    Saying("vendors.needs_more", ("standing", "note"), _standing(S.NEEDS_MORE)),
    Saying("vendors.rejected", ("standing", "note"), _standing(S.REJECTED)),
    Saying("vendors.withdrawn", ("standing",), _standing(S.WITHDRAWN)),
    Saying("gate.no_show", ("standing",), _standing(S.ABSENT)),
    Saying("stalls.placed_now", ("standing",), _placed_late, _TO_STAND),
    Saying("stalls.placed", ("standing",), _came_up, _TO_STAND),
    Saying("gate.placed", ("standing",), _standing(S.PLACED), _TO_STAND),
    Saying("stalls.offered", ("standing", "offer"), _offered, ("lapsed",)),
    Saying("stalls.taken_back", ("standing",), _taken_back, ("offer", "lapsed")),
    Saying("gate.waiting", ("standing",), _standing(S.WAITING), ("offer", "lapsed")),
    Saying("stalls.offer_over", ("offer", "lapsed"), _offer_over),
    Saying("stalls.offer_gone", ("offer",), _offer_gone, ("lapsed",)),
    Saying("stalls.swapped", ("stalls",), _swapped, ("pass_version",)),
    Saying("stalls.moved", ("stalls",), _any, ("pass_version",)),
    Saying("notices.hours_placed", ("hours",), _still_placed, ("arrive",)),
    Saying("notices.hours", ("hours",), _any, ("arrive",)),
    Saying("notices.arrive", ("arrive",), _punctual),
    Saying("notices.place", ("place",), _any, ("address",)),
    Saying("notices.address", ("address",), _any),
    Saying("notices.entrance", ("entrance",), lambda case: bool(case.now.entrance)),
    Saying("notices.theme", ("theme",), _any),
    Saying("notices.method", ("method",), _any),
    Saying("gate.pass_withdrawn", ("pass_version",), _no_pass),
    Saying("notices.new_pass", ("pass_version",), _any),
)
"""Every sentence, in the order in which they are said; what none of them says is no news."""


def sayings(known: Known, now: Known, around: Around) -> tuple[str, ...]:
    """The kinds of sentences that say the difference; none: there is nothing to tell."""
    changed = changes(known, now)
    case, kinds = Case(known, now, around, changed, changed), []
    for saying in SAYINGS:
        if case.left.intersection(saying.about) and saying.fits(case):
            kinds.append(saying.kind)
            case = replace(case, left=case.left.difference(saying.about, saying.says))
    return tuple(kinds)


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
