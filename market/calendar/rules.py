"""The states of a market day, which step leads where, and what a place and a date must have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


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


S = DayState

BEFORE_OPENING = (S.DRAFT, S.PREPARED, S.OPEN_FOR_APPLICATION, S.REVIEWING, S.ALLOCATED, S.PUBLISHED, S.SETTING_UP)

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
"""States in which residents see who comes and where; POSTPONED and CANCELLED days keep their page if they had one."""
ANNOUNCED_STATES = (S.OPEN_FOR_APPLICATION, S.REVIEWING, S.ALLOCATED, *PUBLIC_STATES, S.POSTPONED, S.CANCELLED)
"""States in which residents see at least date and place."""
GATE_STATES = (S.PUBLISHED, S.SETTING_UP, S.OPEN)
"""States in which the gate admits."""


def next_state(state: DayState, step: Step) -> DayState | None:
    """Where a step leads from a state; None when it may not be taken."""
    allowed, target = STEPS[step]
    return target if state in allowed else None


class Severity(StrEnum):
    """How much a finding weighs (domain: BLOCK, BLOCK+, WARN, INFO)."""

    BLOCK = "block"
    OVERRIDABLE = "overridable"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One thing a market day still lacks, or should be looked at.

    `code` is stable; `subject` tells apart findings of the same code (a vendor's ref, a paper kind); `params` fill the
    sentence in `words.py`; `law` names the rule; `due` is the last day to mend it.
    """

    code: str
    severity: Severity
    subject: str = ""
    params: tuple[tuple[str, str], ...] = ()
    law: str = ""
    due: date | None = None
    waived: bool = False

    @property
    def blocks(self) -> bool:
        """Whether publishing is refused because of it."""
        return self.severity in (Severity.BLOCK, Severity.OVERRIDABLE) and not self.waived


CROWD_WARN = 800
CROWD_LICENCE = 1_000
"""Expected visitors from which a police safety licence is needed (大型群众性活动安全管理条例 2, 12, 13)."""
CROWD_APPLY_DAYS = 20


@dataclass(frozen=True)
class PlaceFacts:
    """What `place_findings` needs to know of a market day and its venue."""

    on: date
    today: date
    expected_visitors: int
    land_type: str
    ownership: str
    papers: frozenset[str]
    """Kinds of venue and day papers valid on the market day (M01 … M08)."""
    has_fire_lane: bool
    has_donation_box: bool


def place_findings(facts: PlaceFacts) -> list[Finding]:
    """What the place and the date lack (domain §2.1); papers of vendors are judged by their own room."""
    return [*_ground_findings(facts), *_crowd_findings(facts), *_equipment_findings(facts)]


def _ground_findings(facts: PlaceFacts) -> list[Finding]:
    found = []
    if facts.land_type == "road" and "M03" not in facts.papers:
        found.append(Finding("road_permit", Severity.BLOCK, "M03", law="城市道路管理条例 30–31", due=facts.on))
    if facts.ownership == "owners_common" and "M01" not in facts.papers:
        found.append(Finding("owners_consent", Severity.OVERRIDABLE, "M01", law="民法典 278(8)、282", due=facts.on))
    if "M02" not in facts.papers:
        found.append(Finding("designation", Severity.WARN, "M02", law="无证无照经营查处办法 3", due=facts.on))
    return found


def _crowd_findings(facts: PlaceFacts) -> list[Finding]:
    params = (("visitors", str(facts.expected_visitors)),)
    law = "大型群众性活动安全管理条例 2、12、13"
    apply_by = facts.on - timedelta(days=CROWD_APPLY_DAYS)
    if facts.expected_visitors >= CROWD_LICENCE and "M05" not in facts.papers:
        return [Finding("crowd_licence", Severity.OVERRIDABLE, "M05", params, law, apply_by)]
    if facts.expected_visitors >= CROWD_WARN:
        return [Finding("crowd_near_limit", Severity.WARN, "", params, law, apply_by)]
    return []


def _equipment_findings(facts: PlaceFacts) -> list[Finding]:
    found = []
    if "M07" not in facts.papers:
        found.append(Finding("check_scale", Severity.WARN, "M07", law="山东省计量条例 25", due=facts.on))
    if not facts.has_fire_lane:
        found.append(Finding("fire_lane", Severity.WARN, "", law="消防法 28", due=facts.on))
    if facts.has_donation_box and "M08" not in facts.papers:
        found.append(Finding("donation_box", Severity.BLOCK, "M08", law="慈善法 23–27", due=facts.on))
    return found
