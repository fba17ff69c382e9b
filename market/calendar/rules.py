"""The states of a market day, which step leads where, and what a place and a date must have."""

from __future__ import annotations

import re
from calendar import Calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from market.communities.profile import CrowdRule, FilingRule, PlaceRule, Profile
from market.communities.rules import Mender, Severity as Severity
from market.typed_text import names_a_person


class DayState(StrEnum):
    """The life of a market day, in order; the last three are ways out."""

    DRAFT = "draft"
    PREPARED = "prepared"
    OPEN_FOR_APPLICATION = "open_for_application"
    REVIEWING = "reviewing"
    ALLOCATED = "allocated"
    PUBLISHED = "published"
    SETTING_UP = "setting_up"
    OPEN = "open"
    CLOSED = "closed"
    SETTLING = "settling"
    SETTLED = "settled"
    ARCHIVED = "archived"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What somebody does to a market day."""

    PREPARE = "prepare"
    OPEN_APPLICATIONS = "open_applications"
    CLOSE_APPLICATIONS = "close_applications"
    ALLOCATE = "allocate"
    REOPEN_PLAN = "reopen_plan"
    PUBLISH = "publish"
    SET_UP = "set_up"
    OPEN = "open"
    CLOSE = "close"
    START_SETTLING = "start_settling"
    SETTLE = "settle"
    ARCHIVE = "archive"
    POSTPONE = "postpone"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"


class DayPermitKind(StrEnum):
    """Permits of one market day."""

    REGULATOR_REPORT = "M04"
    POLICE_LICENCE = "M05"
    SAFETY_PLAN = "M06"
    FUNDRAISING_PLAN = "M08"


class PlanPart(StrEnum):
    """What a community says itself in the safety plan of its markets and in its letters.

    Nine headings are those of the regulation (大型群众性活动安全管理条例 6), in its order; the others are
    named by several papers.
    """

    COURSE = "course"
    STAFF = "staff"
    FIRE = "fire"
    CROWD = "crowd"
    BUFFER = "buffer"
    ENTRY = "entry"
    TRAFFIC = "traffic"
    ORDER = "order"
    EMERGENCY = "emergency"
    LIMIT = "limit"
    """How many people may be on the plaza at once; empty: as its free ground gives."""
    LEADER = "leader"
    CONTACTS = "contacts"
    ADDRESSEE = "addressee"
    """To whom the market is reported."""


HEADINGS = tuple(PlanPart)[:9]
MAX_PLAN_TEXT = 1_500


def plan_texts_in_force(
    written: Iterable[tuple[PlanPart, bool, str]], defaults: Mapping[PlanPart, str]
) -> dict[PlanPart, str]:
    """What each part says: the day's last word, else the community's, else what comes with the program.

    `written` has (part, whether it is of the day alone, text) in the order in which they were written; an
    empty text takes back what stood there.
    """
    last = {(part, of_day): text for part, of_day, text in written}
    return {
        part: last.get((part, True), "") or last.get((part, False), "") or defaults.get(part, "")
        for part in PlanPart
    }


S = DayState

BEFORE_OPENING = (
    S.DRAFT, S.PREPARED, S.OPEN_FOR_APPLICATION, S.REVIEWING, S.ALLOCATED, S.PUBLISHED, S.SETTING_UP,
)  # fmt: skip

STEPS: dict[Step, tuple[tuple[DayState, ...], DayState]] = {
    Step.PREPARE: ((S.DRAFT,), S.PREPARED),
    Step.OPEN_APPLICATIONS: ((S.PREPARED, S.REVIEWING), S.OPEN_FOR_APPLICATION),
    Step.CLOSE_APPLICATIONS: ((S.OPEN_FOR_APPLICATION,), S.REVIEWING),
    Step.ALLOCATE: ((S.REVIEWING, S.ALLOCATED), S.ALLOCATED),
    Step.REOPEN_PLAN: ((S.ALLOCATED,), S.REVIEWING),
    Step.PUBLISH: ((S.ALLOCATED,), S.PUBLISHED),
    Step.SET_UP: ((S.PUBLISHED,), S.SETTING_UP),
    Step.OPEN: ((S.PUBLISHED, S.SETTING_UP), S.OPEN),
    Step.CLOSE: ((S.OPEN,), S.CLOSED),
    Step.START_SETTLING: ((S.CLOSED,), S.SETTLING),
    Step.SETTLE: ((S.CLOSED, S.SETTLING), S.SETTLED),
    Step.ARCHIVE: ((S.SETTLED,), S.ARCHIVED),
    Step.POSTPONE: (BEFORE_OPENING, S.POSTPONED),
    Step.RESCHEDULE: ((S.POSTPONED,), S.PREPARED),
    Step.CANCEL: ((*BEFORE_OPENING, S.POSTPONED), S.CANCELLED),
}
"""Step → (states it may start from, state it leads to)."""

PUBLIC_STATES = (S.PUBLISHED, S.SETTING_UP, S.OPEN, S.CLOSED, S.SETTLING, S.SETTLED, S.ARCHIVED)
"""States in which residents see who comes and where."""
PLANNED_STATES = (S.ALLOCATED, *PUBLIC_STATES)
"""States in which stalls have been given out."""
ANNOUNCED_STATES = (S.OPEN_FOR_APPLICATION, S.REVIEWING, S.ALLOCATED, *PUBLIC_STATES)
"""States in which residents see at least date and place; a day they have seen keeps its page ever after."""
GATE_STATES = (S.PUBLISHED, S.SETTING_UP, S.OPEN)
"""States in which the gate admits."""


def next_state(state: DayState, step: Step) -> DayState | None:
    """Where a step leads from a state; None when it may not be taken."""
    allowed, target = STEPS[step]
    return target if state in allowed else None


@dataclass(frozen=True)
class Finding:
    """One thing a market day still lacks, or should be looked at.

    `code` is stable; `subject` tells apart findings of the same code (a vendor's ref, a permit); `params`
    fill the sentence in `words.py`; `law` names the rule; `due` is the last day to mend it.
    """

    code: str
    severity: Severity
    subject: str = ""
    params: tuple[tuple[str, str], ...] = ()
    law: str = ""
    due: date | None = None
    waived: bool = False
    mender: Mender = Mender.STAFF

    @property
    def blocks(self) -> bool:
        """Whether it stops what is asked; a name can take away only what may be overridden."""
        if self.severity is Severity.OVERRIDABLE:
            return not self.waived
        return self.severity is Severity.BLOCK


def heaviest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by weight; those of the same weight stay in their order."""
    order = list(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


@dataclass(frozen=True)
class PlaceFacts:
    """What `place_findings` needs to know of a market day and its venue."""

    on: date
    today: date
    expected_visitors: int
    land_type: str
    ownership: str
    permits: frozenset[str]
    """Kinds of venue and day permits valid on the market day (M01 … M08)."""
    has_fire_lane: bool
    has_donation_box: bool


def place_findings(facts: PlaceFacts, profile: Profile) -> list[Finding]:
    """What the place and the date lack (domain §2.1); papers of vendors are judged by their own room."""
    return [
        *_ground_findings(facts, profile.place),
        *_crowd_findings(facts, profile.place, profile.crowd),
        *_equipment_findings(facts, profile.place),
    ]


def _ground_findings(facts: PlaceFacts, weigh: PlaceRule) -> list[Finding]:
    found = []
    if facts.land_type == "road" and "M03" not in facts.permits:
        law = "城市道路管理条例 30–31"
        found.append(Finding("road_permit", weigh.road_permit, "M03", law=law, due=facts.on))
    if facts.ownership == "owners_common" and "M01" not in facts.permits:
        law = "民法典 278(8)、282"
        found.append(Finding("owners_consent", weigh.owners_consent, "M01", law=law, due=facts.on))
    if "M02" not in facts.permits:
        law = "无证无照经营查处办法 3"
        found.append(Finding("designation", weigh.designation, "M02", law=law, due=facts.on))
    return found


def _crowd_findings(facts: PlaceFacts, weigh: PlaceRule, crowd: CrowdRule) -> list[Finding]:
    """From the limit on a police safety licence is needed (大型群众性活动安全管理条例 2, 12, 13)."""
    told = {"visitors": facts.expected_visitors, "limit": crowd.licence, "days": crowd.apply_days}
    params = tuple((name, f"{number:,}") for name, number in told.items())
    law = "大型群众性活动安全管理条例 2、12、13"
    apply_by = facts.on - timedelta(days=crowd.apply_days)
    if facts.expected_visitors < crowd.warn:
        return []
    if facts.expected_visitors < crowd.licence:
        return [Finding("crowd_near_limit", weigh.crowd_near_limit, "", params, law, apply_by)]
    found = []
    if "M05" not in facts.permits:
        found.append(Finding("crowd_licence", weigh.crowd_licence, "M05", params, law, apply_by))
    if "M06" not in facts.permits:
        found.append(Finding("safety_plan", weigh.safety_plan, "M06", params, law, apply_by))
    return found


def _equipment_findings(facts: PlaceFacts, weigh: PlaceRule) -> list[Finding]:
    found = []
    if "M07" not in facts.permits:
        law = "山东省计量条例 25"
        found.append(Finding("check_scale", weigh.check_scale, "M07", law=law, due=facts.on))
    if not facts.has_fire_lane:
        found.append(Finding("fire_lane", weigh.fire_lane, "", law="消防法 28", due=facts.on))
    if facts.has_donation_box and "M08" not in facts.permits:
        law = "慈善法 23–27"
        found.append(Finding("donation_box", weigh.donation_box, "M08", law=law, due=facts.on))
    return found


def report_findings(
    on: date, today: date, food_stalls: int, permits: frozenset[str], filing: FilingRule
) -> list[Finding]:
    """Food stalls are reported before the market: said as soon as one is expected, reminded of from a week
    before, and from the last day on only a named person may go on."""
    if food_stalls == 0 or "M04" in permits:
        return []
    due = on - timedelta(days=filing.due_days)
    early = filing.early if today >= on - timedelta(days=filing.remind_days) else Severity.INFO
    severity = filing.late if today >= due else early
    params = (("stalls", str(food_stalls)),)
    return [Finding("regulator_report", severity, "M04", params, "食品安全法 61、实施条例 31", due)]


# ── what may be written about a day ───────────────────────────────────────────────────────────────────────

EDITABLE_STATES = (*BEFORE_OPENING, S.POSTPONED)
"""States in which a day may still be changed."""
MOVABLE_STATES = (S.DRAFT, S.PREPARED, S.POSTPONED)
"""States in which date and place may change: later, vendors have applied for this date and this place."""
MAX_THEME = 30
MAX_VISITORS = 100_000
MAX_STALLS = 500
MAX_AHEAD = timedelta(days=730)


@dataclass(frozen=True)
class DraftFacts:
    """What `draft_faults` needs to know of a day that somebody writes down; hours are those on the wall."""

    theme: str
    on: date
    today: date
    opens: time
    closes: time
    arrive_by: time
    apply_from: datetime
    apply_until: datetime
    open_at: datetime
    expected_visitors: int
    stall_limit: int
    stalls: int | None = None
    """How many stalls the place has; None while none is drawn."""


def draft_faults(facts: DraftFacts, *, date_is_new: bool = True) -> list[tuple[str, str]]:
    """(field, code) of everything that cannot be; a date that only stands as it stood may lie in the past."""
    checks = (
        ("theme", "no_theme", not facts.theme.strip()),
        ("theme", "theme_too_long", len(facts.theme) > MAX_THEME),
        ("theme", "theme_personal", names_a_person(facts.theme)),
        ("on", "date_past", date_is_new and facts.on < facts.today),
        ("on", "date_too_far", date_is_new and facts.on - facts.today > MAX_AHEAD),
        ("closes", "closes_before_opens", _closes_before(facts.opens, facts.closes)),
        ("arrive_by", "arrives_after_opening", facts.arrive_by > facts.opens),
        ("apply_until", "window_empty", facts.apply_until <= facts.apply_from),
        ("apply_until", "window_too_late", facts.apply_until > facts.open_at),
        ("expected_visitors", "bad_visitors", not 0 <= facts.expected_visitors <= MAX_VISITORS),
        ("stall_limit", "bad_stall_limit", not 0 < facts.stall_limit <= MAX_STALLS),
        ("stall_limit", "more_than_stalls", facts.stalls is not None and facts.stall_limit > facts.stalls),
    )
    return [(field, code) for field, code, wrong in checks if wrong]


LONGEST_NIGHT_HOURS = 8
"""A market over midnight is no longer than this; what would be longer are hours typed the wrong way round."""


def ends_next_day(opens: time, closes: time) -> bool:
    """Whether a market ends after midnight: 18:00–0:00, 22:00–0:30."""
    hours = (closes.hour - opens.hour) + (closes.minute - opens.minute) / 60
    return closes < opens and hours + 24 <= LONGEST_NIGHT_HOURS


def _closes_before(opens: time, closes: time) -> bool:
    return closes <= opens and not ends_next_day(opens, closes)


SET_UP_BEFORE = timedelta(hours=2)
"""Vendors drive in from two hours before the opening."""
EARLY_CLOSE = timedelta(minutes=15)
"""Closing earlier than this before the announced hour is news for residents, and needs a reason."""


def due_step(state: DayState, *, apply_until: datetime, open_at: datetime, at: datetime) -> Step | None:
    """The step that the clock asks for now, if any. People close a market; the clock never does."""
    if state is S.OPEN_FOR_APPLICATION and at >= apply_until:
        return Step.CLOSE_APPLICATIONS
    if state in (S.PUBLISHED, S.SETTING_UP) and at >= open_at:
        return Step.OPEN
    if state is S.PUBLISHED and at >= open_at - SET_UP_BEFORE:
        return Step.SET_UP
    return None


DAY_OF_STEPS = (Step.SET_UP, Step.OPEN)
"""Steps that make sense only on the day itself."""


def is_too_early(step: Step, *, today: date, on: date) -> bool:
    """Whether a step belongs to the day itself, and that day has not come."""
    return step in DAY_OF_STEPS and today < on


SIDE_STEPS = {
    S.OPEN_FOR_APPLICATION: Step.CLOSE_APPLICATIONS,
    S.REVIEWING: Step.OPEN_APPLICATIONS,
    S.ALLOCATED: Step.REOPEN_PLAN,
    S.SETTLED: Step.ARCHIVE,
}
"""What may also be done in a state, beside the step that comes next."""


def has_reached(state: DayState, first: DayState) -> bool:
    """Whether a day has reached a state; a day that was called off has reached none."""
    order = list(DayState)
    return state not in (S.POSTPONED, S.CANCELLED) and order.index(state) >= order.index(first)


class PublicStatus(StrEnum):
    """How a resident reads a market day."""

    PLANNED = "planned"
    """The date stands; who comes is not decided."""
    ON = "on"
    RUNNING = "running"
    OVER = "over"
    CLOSED_EARLY = "closed_early"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


def public_status(
    state: DayState, *, open_at: datetime, close_at: datetime, closed_early: bool, at: datetime
) -> PublicStatus:
    """What residents are told; hours count more than a step that somebody forgot to take."""
    if state in (S.POSTPONED, S.CANCELLED):
        return PublicStatus(state.value)
    if closed_early and at < close_at:
        return PublicStatus.CLOSED_EARLY
    if at >= close_at or state in (S.CLOSED, S.SETTLING, S.SETTLED, S.ARCHIVED):
        return PublicStatus.OVER
    if state not in PUBLIC_STATES:
        return PublicStatus.PLANNED
    return PublicStatus.RUNNING if at >= open_at else PublicStatus.ON


# ── how far a day has come, and the month on the wall ─────────────────────────────────────────────────────


class Stage(StrEnum):
    """The parts of a day's life that the line on its page shows."""

    PLAN = "plan"
    APPLY = "apply"
    REVIEW = "review"
    PLACE = "place"
    PUBLISH = "publish"
    HOLD = "hold"
    SETTLE = "settle"


STAGES: dict[DayState, Stage] = {
    S.DRAFT: Stage.PLAN,
    S.PREPARED: Stage.PLAN,
    S.OPEN_FOR_APPLICATION: Stage.APPLY,
    S.REVIEWING: Stage.REVIEW,
    S.ALLOCATED: Stage.PLACE,
    S.PUBLISHED: Stage.PUBLISH,
    S.SETTING_UP: Stage.HOLD,
    S.OPEN: Stage.HOLD,
    S.CLOSED: Stage.SETTLE,
    S.SETTLING: Stage.SETTLE,
}


def stage_marks(state: DayState, before: DayState) -> list[tuple[Stage, str]]:
    """Every stage with `done`, `now`, `next` or `off`; `before` is where a day was when it was called off."""
    if state in (S.SETTLED, S.ARCHIVED):
        return [(stage, "done") for stage in Stage]
    called_off = state in (S.POSTPONED, S.CANCELLED)
    order = list(Stage)
    here = order.index(STAGES[before if called_off else state])
    marks = ["done"] * here + ["off" if called_off else "now"] + ["next"] * (len(order) - here - 1)
    return list(zip(order, marks, strict=True))


def month_weeks(year: int, month: int) -> list[list[date]]:
    """Rows of seven dates, Monday first, that hold a month."""
    return Calendar(firstweekday=0).monthdatescalendar(year, month)


def neighbour_month(year: int, month: int, step: int) -> tuple[int, int]:
    """The month so many months away."""
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1


_MONTH = re.compile(r"(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])", re.ASCII)


def parse_month(text: str) -> tuple[int, int] | None:
    """`2026-11` → (2026, 11); None for anything else."""
    match = _MONTH.fullmatch(text)
    return (int(match["year"]), int(match["month"])) if match else None
