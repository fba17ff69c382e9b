"""What a page puts first: the next thing to do about a market, for staff and for a vendor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from market.calendar.rules import GATE_STATES, DayState
from market.stalls.rules import Standing, standing
from market.vendors.rules import ApplicationState

A, S = ApplicationState, DayState


# ── for staff ─────────────────────────────────────────────────────────────────────────────────────────────


class Next(StrEnum):
    """The one thing that a market day needs next from staff."""

    PREPARE = "prepare"
    CHANGE_TERM = "change_term"
    OPEN_APPLICATIONS = "open_applications"
    SEE_APPLICATIONS = "see_applications"
    REVIEW = "review"
    PLACE = "place"
    MEND = "mend"
    PUBLISH = "publish"
    PRINT_PASSES = "print_passes"
    SET_UP = "set_up"
    OPEN = "open"
    CLOSE = "close"
    SETTLE = "settle"
    GO_ON_SETTLING = "go_on_settling"
    FIND_NEW_DATE = "find_new_date"
    REPEAT = "repeat"


@dataclass(frozen=True)
class DayFacts:
    """What decides on the next thing to do."""

    state: DayState
    term_is_over: bool
    """Whether applications would be too late already."""
    undecided: int
    """Applications that wait for an answer."""
    blocked: bool
    """Whether something still forbids publishing."""
    has_come: bool
    """Whether it is the day itself, or later."""


NEXT_BY_STATE = {
    S.DRAFT: Next.PREPARE,
    S.OPEN_FOR_APPLICATION: Next.SEE_APPLICATIONS,
    S.OPEN: Next.CLOSE,
    S.CLOSED: Next.SETTLE,
    S.SETTLING: Next.GO_ON_SETTLING,
    S.POSTPONED: Next.FIND_NEW_DATE,
}
"""Where the state alone decides; a market that is over or cancelled is held again."""


def next_for_staff(day: DayFacts) -> Next:
    """The one thing to do now."""
    if day.state is S.PREPARED:
        return Next.CHANGE_TERM if day.term_is_over else Next.OPEN_APPLICATIONS
    if day.state is S.REVIEWING:
        return Next.REVIEW if day.undecided else Next.PLACE
    if day.state is S.ALLOCATED:
        return Next.MEND if day.blocked else Next.PUBLISH
    if day.state in (S.PUBLISHED, S.SETTING_UP):
        return _next_before_opening(day)
    return NEXT_BY_STATE.get(day.state, Next.REPEAT)


def _next_before_opening(day: DayFacts) -> Next:
    if not day.has_come:
        return Next.PRINT_PASSES
    return Next.SET_UP if day.state is S.PUBLISHED else Next.OPEN


# ── how an application stands ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PlanFacts:
    """What the plan of a day says of one application."""

    planned: bool
    """Whether there is a plan at all."""
    holds: bool
    missed: bool
    """Whether the stall was lost by not coming."""


def shown_state(state: ApplicationState, plan: PlanFacts) -> ApplicationState | None:
    """What is said of an application: a stall or waiting is read from the plan. None: did not come."""
    if state not in (A.ALLOCATED, A.WAITLISTED):
        return state
    missed = state is A.ALLOCATED and plan.missed
    return _SHOWN[standing(planned=plan.planned, has_stall=plan.holds, absent=missed)]


_SHOWN = {
    Standing.PLACED: A.ALLOCATED,
    Standing.WAITING: A.WAITLISTED,
    Standing.UNPLANNED: A.APPROVED,
    Standing.ABSENT: None,
}


# ── a community that begins ───────────────────────────────────────────────────────────────────────────────


class FirstStep(StrEnum):
    """What leads from nothing to the first market, in the order in which it is easiest."""

    PLACE = "place"
    STALLS = "stalls"
    FUND = "fund"
    VENDORS = "vendors"
    TERMS = "terms"
    DAY = "day"
    PUBLISH = "publish"


MAY_WAIT = frozenset({FirstStep.FUND, FirstStep.VENDORS, FirstStep.TERMS})
"""A market can be planned without them; vendors also register by themselves once it takes applications."""


@dataclass(frozen=True)
class Beginning:
    """What there is already."""

    places: int
    stalls: int
    has_fund: bool
    vendors: int
    agreed: int
    """Vendors who said what they will give, be it nothing."""
    days: int
    published: int


class Progress(StrEnum):
    """How a first step stands."""

    DONE = "done"
    NEXT = "next"
    MAY_WAIT = "may_wait"
    LATER = "later"


def first_steps(there: Beginning) -> list[tuple[FirstStep, Progress]]:
    """Every step and how it stands; the first one that is needed and missing is next."""
    done = {
        FirstStep.PLACE: there.places > 0,
        FirstStep.STALLS: there.stalls > 0,
        FirstStep.FUND: there.has_fund,
        FirstStep.VENDORS: there.vendors > 0,
        FirstStep.TERMS: 0 < there.vendors <= there.agreed,
        FirstStep.DAY: there.days > 0,
        FirstStep.PUBLISH: there.published > 0,
    }
    following = next((step for step in FirstStep if not done[step] and step not in MAY_WAIT), None)
    possible = MAY_WAIT if there.vendors else MAY_WAIT - {FirstStep.TERMS}
    return [(step, _standing(step, done[step], following, step in possible)) for step in FirstStep]


def _standing(step: FirstStep, is_done: bool, following: FirstStep | None, may_wait: bool) -> Progress:
    if is_done:
        return Progress.DONE
    if step is following:
        return Progress.NEXT
    return Progress.MAY_WAIT if may_wait else Progress.LATER


# ── for a vendor ──────────────────────────────────────────────────────────────────────────────────────────


class Todo(StrEnum):
    """The one thing to do about a market now."""

    APPLY = "apply"
    SAY_READY = "say_ready"
    SHOW_PASS = "show_pass"  # noqa: S105 - a stall pass, no password
    REPORT = "report"
    WAIT = "wait"


REPORTABLE = (S.OPEN, S.CLOSED, S.SETTLING)
"""States in which a vendor may be asked for its takings."""


@dataclass(frozen=True)
class OutingFacts:
    """What decides on what a vendor has to do about a market."""

    day: DayState
    apply_until: datetime
    close_at: datetime
    application: ApplicationState | None
    has_stall: bool


def todo_of(outing: OutingFacts, at: datetime) -> Todo:
    """What the vendor has to do now; `REPORT` unless it has reported already."""
    if outing.application in (None, A.REJECTED, A.WITHDRAWN):
        applies = outing.day is S.OPEN_FOR_APPLICATION and at <= outing.apply_until
        return Todo.APPLY if applies else Todo.WAIT
    if outing.application is A.NEEDS_MORE:
        return Todo.SAY_READY
    if not outing.has_stall:
        return Todo.WAIT
    if outing.day in REPORTABLE and (outing.day is not S.OPEN or at >= outing.close_at):
        return Todo.REPORT
    return Todo.SHOW_PASS if outing.day in GATE_STATES else Todo.WAIT
