"""Every state and step, what place and date lack, what cannot be written down, what residents are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, strategies as st

from market.calendar.rules import (
    ANNOUNCED_STATES,
    BEFORE_OPENING,
    PUBLIC_STATES,
    STEPS,
    DayState,
    DraftFacts,
    Finding,
    PlaceFacts,
    PublicStatus,
    Severity,
    Stage,
    Step,
    draft_faults,
    due_step,
    ends_next_day,
    month_weeks,
    neighbour_month,
    next_state,
    parse_month,
    place_findings,
    public_status,
    report_findings,
    stage_marks,
)
from market.communities.profile_files import profiles

S = DayState

# One line for each state, in the order of `Step`; – is refused.
TABLE = """
                      prepare  open_appl close_app allocate  reopen    publish   set_up     open close  start_set settle  archive  postpone  reschedule cancel
draft                 prepared –         –         –         –         –         –          –    –      –         –       –        postponed –          cancelled
prepared              –        open_for_application – –      –         –         –          –    –      –         –       –        postponed –          cancelled
open_for_application  –        –         reviewing –         –         –         –          –    –      –         –       –        postponed –          cancelled
reviewing             –        open_for_application – allocated –      –         –          –    –      –         –       –        postponed –          cancelled
allocated             –        –         –         allocated reviewing published –          –    –      –         –       –        postponed –          cancelled
published             –        –         –         –         –         –         setting_up open –      –         –       –        postponed –          cancelled
setting_up            –        –         –         –         –         –         –          open –      –         –       –        postponed –          cancelled
open                  –        –         –         –         –         –         –          –    closed –         –       –        –         –          –
closed                –        –         –         –         –         –         –          –    –      settling  settled –        –         –          –
settling              –        –         –         –         –         –         –          –    –      –         settled –        –         –          –
settled               –        –         –         –         –         –         –          –    –      –         –       archived –         –          –
archived              –        –         –         –         –         –         –          –    –      –         –       –        –         –          –
postponed             –        –         –         –         –         –         –          –    –      –         –       –        –         prepared   cancelled
cancelled             –        –         –         –         –         –         –          –    –      –         –       –        –         –          –
"""  # noqa: E501 - a table is read by its columns

CASES = [
    (DayState(state), step, None if word == "–" else DayState(word))
    for state, *row in (line.split() for line in TABLE.strip().splitlines()[1:])
    for step, word in zip(Step, row, strict=True)
]


def test_the_table_names_every_state_and_every_step() -> None:
    assert [state for state, step, _to in CASES if step is Step.PREPARE] == list(DayState)
    assert len(CASES) == len(DayState) * len(Step)


@pytest.mark.parametrize(("state", "step", "target"), CASES)
def test_a_step_leads_where_the_table_says(state: DayState, step: Step, target: DayState | None) -> None:
    assert next_state(state, step) is target


@given(st.lists(st.sampled_from(Step), max_size=40))
def test_no_order_of_steps_leaves_the_known_states_or_opens_a_day_unpublished(steps: list[Step]) -> None:
    state, seen = DayState.DRAFT, {DayState.DRAFT}
    for step in steps:
        state = next_state(state, step) or state
        seen.add(state)
    assert seen <= set(DayState)
    if DayState.OPEN in seen:
        assert DayState.PUBLISHED in seen
    if DayState.SETTLED in seen:
        assert DayState.CLOSED in seen


def test_every_state_but_the_first_is_reached_and_only_ends_are_ends() -> None:
    assert {target for _from, target in STEPS.values()} == set(DayState) - {S.DRAFT}
    ends = [state for state in DayState if all(next_state(state, step) is None for step in Step)]
    assert ends == [S.ARCHIVED, S.CANCELLED]


def test_what_residents_see_of_a_day() -> None:
    assert set(PUBLIC_STATES) < set(ANNOUNCED_STATES)
    assert not {S.DRAFT, S.PREPARED} & set(ANNOUNCED_STATES)
    assert set(BEFORE_OPENING) & {S.OPEN, S.CLOSED} == set()


# ── what place and date lack ──────────────────────────────────────────────────────────────────────────────

ZIBO = profiles()["shandong_zibo"]
ON = date(2026, 11, 28)
GOOD = PlaceFacts(
    on=ON,
    today=date(2026, 11, 1),
    expected_visitors=600,
    land_type="plaza",
    ownership="public",
    permits=frozenset({"M02", "M07"}),
    has_fire_lane=True,
    has_donation_box=False,
)


def codes(facts: PlaceFacts) -> list[tuple[str, Severity]]:
    return [(finding.code, finding.severity) for finding in place_findings(facts, ZIBO)]


def test_a_good_place_lacks_nothing() -> None:
    assert place_findings(GOOD, ZIBO) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"land_type": "road"}, [("road_permit", Severity.BLOCK)]),
        ({"land_type": "road", "permits": frozenset({"M02", "M03", "M07"})}, []),
        ({"ownership": "owners_common"}, [("owners_consent", Severity.OVERRIDABLE)]),
        ({"ownership": "owners_common", "permits": frozenset({"M01", "M02", "M07"})}, []),
        ({"permits": frozenset({"M07"})}, [("designation", Severity.WARN)]),
        ({"permits": frozenset({"M02"})}, [("check_scale", Severity.WARN)]),
        ({"has_fire_lane": False}, [("fire_lane", Severity.WARN)]),
        ({"expected_visitors": 799}, []),
        ({"expected_visitors": 800}, [("crowd_near_limit", Severity.WARN)]),
        ({"expected_visitors": 999}, [("crowd_near_limit", Severity.WARN)]),
        (
            {"expected_visitors": 1_000},
            [("crowd_licence", Severity.OVERRIDABLE), ("safety_plan", Severity.WARN)],
        ),
        (
            {"expected_visitors": 1_000, "permits": frozenset({"M02", "M05", "M07"})},
            [("safety_plan", Severity.WARN)],
        ),
        ({"expected_visitors": 5_000, "permits": frozenset({"M02", "M05", "M06", "M07"})}, []),
        ({"has_donation_box": True}, [("donation_box", Severity.BLOCK)]),
        ({"has_donation_box": True, "permits": frozenset({"M02", "M07", "M08"})}, []),
    ],
)
def test_what_a_place_lacks(change: dict[str, object], found: list[tuple[str, Severity]]) -> None:
    assert codes(replace(GOOD, **change)) == found  # type: ignore[arg-type]  # changes are its own fields


def test_a_crowd_names_its_law_and_the_last_day_to_apply() -> None:
    finding = place_findings(replace(GOOD, expected_visitors=1_200), ZIBO)[0]
    law = "大型群众性活动安全管理条例 2、12、13"
    params = (("visitors", "1,200"), ("limit", "1,000"), ("days", "20"))
    assert finding == Finding("crowd_licence", Severity.OVERRIDABLE, "M05", params, law, date(2026, 11, 8))


@pytest.mark.parametrize(
    ("days_before", "food_stalls", "permits", "found"),
    [
        (8, 6, frozenset(), [("regulator_report", Severity.INFO)]),
        (7, 6, frozenset(), [("regulator_report", Severity.WARN)]),
        (2, 6, frozenset(), [("regulator_report", Severity.WARN)]),
        (1, 6, frozenset(), [("regulator_report", Severity.OVERRIDABLE)]),
        (0, 6, frozenset(), [("regulator_report", Severity.OVERRIDABLE)]),
        (0, 0, frozenset(), []),
        (0, 6, frozenset({"M04"}), []),
    ],
)
def test_food_stalls_are_reported_before_the_market(
    days_before: int, food_stalls: int, permits: frozenset[str], found: list[tuple[str, Severity]]
) -> None:
    findings = report_findings(ON, ON - timedelta(days=days_before), food_stalls, permits, ZIBO.filing)
    assert [(finding.code, finding.severity) for finding in findings] == found


@pytest.mark.parametrize(
    ("severity", "waived", "blocks"),
    [
        (Severity.BLOCK, False, True),
        (Severity.BLOCK, True, True),
        (Severity.OVERRIDABLE, False, True),
        (Severity.OVERRIDABLE, True, False),
        (Severity.WARN, False, False),
        (Severity.INFO, False, False),
    ],
)
def test_what_blocks_a_publication(severity: Severity, waived: bool, blocks: bool) -> None:
    assert Finding("x", severity, waived=waived).blocks is blocks


# ── what cannot be written down ───────────────────────────────────────────────────────────────────────────

OPENS = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
DRAFT = DraftFacts(
    theme="冬储菜集",
    on=ON,
    today=date(2026, 11, 1),
    opens=time(8, 0),
    closes=time(11, 30),
    arrive_by=time(7, 40),
    apply_from=OPENS - timedelta(days=14),
    apply_until=OPENS - timedelta(days=7),
    open_at=OPENS,
    expected_visitors=600,
    stall_limit=24,
)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"theme": "  "}, ("theme", "no_theme")),
        ({"theme": "集" * 31}, ("theme", "theme_too_long")),
        ({"on": date(2026, 10, 31)}, ("on", "date_past")),
        ({"on": date(2029, 1, 1)}, ("on", "date_too_far")),
        ({"closes": time(8, 0)}, ("closes", "closes_before_opens")),
        ({"closes": time(7, 0)}, ("closes", "closes_before_opens")),
        ({"closes": time(0, 0)}, ("closes", "closes_before_opens")),
        ({"arrive_by": time(8, 1)}, ("arrive_by", "arrives_after_opening")),
        ({"apply_until": OPENS - timedelta(days=14)}, ("apply_until", "window_empty")),
        ({"apply_until": OPENS + timedelta(seconds=1)}, ("apply_until", "window_too_late")),
        ({"expected_visitors": -1}, ("expected_visitors", "bad_visitors")),
        ({"expected_visitors": 10**12}, ("expected_visitors", "bad_visitors")),
        ({"stall_limit": 0}, ("stall_limit", "bad_stall_limit")),
        ({"stall_limit": 501}, ("stall_limit", "bad_stall_limit")),
        ({"stall_limit": 24, "stalls": 18}, ("stall_limit", "more_than_stalls")),
        ({"theme": "冬储菜集 138 1234 5678"}, ("theme", "theme_personal")),
    ],
)
def test_each_thing_that_cannot_be_stands_under_its_field(
    change: dict[str, object], fault: tuple[str, str]
) -> None:
    assert draft_faults(replace(DRAFT, **change)) == [fault]  # type: ignore[arg-type]  # changes are its own fields


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"theme": "集" * 30},
        {"on": date(2026, 11, 1)},
        {"arrive_by": time(8, 0)},
        {"apply_until": OPENS},
        {"expected_visitors": 0},
        {"stall_limit": 1},
    ],
)
def test_the_edges_are_allowed(change: dict[str, object]) -> None:
    assert draft_faults(replace(DRAFT, **change)) == []  # type: ignore[arg-type]  # changes are its own fields


def test_a_date_that_stands_may_have_passed() -> None:
    past = replace(DRAFT, today=date(2026, 11, 29))
    assert draft_faults(past) == [("on", "date_past")]
    assert draft_faults(past, date_is_new=False) == []


# ── what the clock asks for ───────────────────────────────────────────────────────────────────────────────

UNTIL = OPENS - timedelta(days=5)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "at", "step"),
    [
        (S.OPEN_FOR_APPLICATION, UNTIL - SECOND, None),
        (S.OPEN_FOR_APPLICATION, UNTIL, Step.CLOSE_APPLICATIONS),
        (S.PUBLISHED, OPENS - timedelta(hours=2) - SECOND, None),
        (S.PUBLISHED, OPENS - timedelta(hours=2), Step.SET_UP),
        (S.PUBLISHED, OPENS, Step.OPEN),
        (S.SETTING_UP, OPENS - SECOND, None),
        (S.SETTING_UP, OPENS, Step.OPEN),
        (S.OPEN, OPENS + timedelta(days=1), None),
        (S.DRAFT, OPENS, None),
        (S.ALLOCATED, OPENS, None),
        (S.CANCELLED, OPENS, None),
    ],
)
def test_the_clock_asks_for_a_step_from_its_second_on(
    state: DayState, at: datetime, step: Step | None
) -> None:
    assert due_step(state, apply_until=UNTIL, open_at=OPENS, at=at) is step


@given(st.sampled_from(DayState), st.integers(-(10**6), 10**6))
def test_what_the_clock_asks_for_may_always_be_taken(state: DayState, seconds: int) -> None:
    step = due_step(state, apply_until=UNTIL, open_at=OPENS, at=OPENS + timedelta(seconds=seconds))
    assert step is None or next_state(state, step) is not None


# ── what residents are told ───────────────────────────────────────────────────────────────────────────────

CLOSES = OPENS + timedelta(hours=3, minutes=30)
BEFORE, DURING, AFTER = OPENS - SECOND, OPENS, CLOSES


@pytest.mark.parametrize(
    ("state", "early", "at", "status"),
    [
        (S.OPEN_FOR_APPLICATION, False, BEFORE, PublicStatus.PLANNED),
        (S.ALLOCATED, False, BEFORE, PublicStatus.PLANNED),
        (S.PREPARED, False, BEFORE, PublicStatus.PLANNED),
        (S.PUBLISHED, False, BEFORE, PublicStatus.ON),
        (S.SETTING_UP, False, BEFORE, PublicStatus.ON),
        (S.PUBLISHED, False, DURING, PublicStatus.RUNNING),
        (S.OPEN, False, DURING, PublicStatus.RUNNING),
        (S.OPEN, False, AFTER, PublicStatus.OVER),
        (S.CLOSED, False, DURING, PublicStatus.OVER),
        (S.CLOSED, True, DURING, PublicStatus.CLOSED_EARLY),
        (S.CLOSED, True, AFTER, PublicStatus.OVER),
        (S.SETTLED, False, AFTER, PublicStatus.OVER),
        (S.POSTPONED, False, BEFORE, PublicStatus.POSTPONED),
        (S.CANCELLED, False, AFTER, PublicStatus.CANCELLED),
    ],
)
def test_hours_count_more_than_a_forgotten_step(
    state: DayState, early: bool, at: datetime, status: PublicStatus
) -> None:
    assert public_status(state, open_at=OPENS, close_at=CLOSES, closed_early=early, at=at) is status


# ── the line of stages, the month, the search ─────────────────────────────────────────────────────────────


def marks(state: DayState, before: DayState = S.DRAFT) -> list[str]:
    return [mark for _stage, mark in stage_marks(state, before)]


def test_stages_are_done_now_or_next() -> None:
    assert stage_marks(S.REVIEWING, S.OPEN_FOR_APPLICATION) == [
        (Stage.PLAN, "done"),
        (Stage.APPLY, "done"),
        (Stage.REVIEW, "now"),
        (Stage.PLACE, "next"),
        (Stage.PUBLISH, "next"),
        (Stage.HOLD, "next"),
        (Stage.SETTLE, "next"),
    ]
    assert marks(S.DRAFT) == ["now"] + ["next"] * 6
    assert marks(S.SETTLED) == ["done"] * 7


def test_a_day_called_off_stops_where_it_was() -> None:
    assert marks(S.CANCELLED, S.PUBLISHED) == ["done"] * 4 + ["off", "next", "next"]


def test_a_month_begins_on_monday_and_holds_whole_weeks() -> None:
    weeks = month_weeks(2026, 11)
    assert (weeks[0][0], weeks[-1][-1]) == (date(2026, 10, 26), date(2026, 12, 6))
    assert {len(week) for week in weeks} == {7}


@given(st.integers(2000, 2099), st.integers(1, 12))
def test_the_month_before_the_month_after_is_the_month(year: int, month: int) -> None:
    assert neighbour_month(*neighbour_month(year, month, 1), -1) == (year, month)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", (2026, 11)),
        ("2026-01", (2026, 1)),
        ("2026-1", None),
        ("2026-13", None),
        ("2026-00", None),
        ("1999-12", None),
        ("٢٠٢٦-11", None),
        ("2026-11\n", None),
        ("", None),
    ],
)
def test_months_are_read_strictly(text: str, month: tuple[int, int] | None) -> None:
    assert parse_month(text) == month


@pytest.mark.parametrize(
    ("opens", "closes", "next_day"),
    [
        (time(18, 0), time(0, 0), True),
        (time(22, 0), time(0, 30), True),
        (time(20, 0), time(4, 0), True),
        (time(20, 0), time(4, 1), False),
        (time(8, 0), time(11, 30), False),
        (time(8, 0), time(8, 0), False),
        (time(11, 30), time(8, 0), False),
        (time(8, 0), time(0, 0), False),
    ],
)
def test_a_market_over_midnight_ends_on_the_next_day(opens: time, closes: time, next_day: bool) -> None:
    assert ends_next_day(opens, closes) is next_day
