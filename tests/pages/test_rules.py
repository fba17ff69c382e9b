"""What comes next about a market: for staff by state and count, for a vendor by what it has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market.calendar.rules import (
    SIDE_STEPS,
    DayState,
    Finding,
    Severity,
    Step,
    has_reached,
    heaviest_first,
    is_too_early,
    next_state,
)
from market.pages.rules import (
    Beginning,
    DayFacts,
    FirstStep,
    Next,
    OutingFacts,
    PlanFacts,
    Progress,
    Todo,
    first_steps,
    next_for_staff,
    shown_state,
    todo_of,
)
from market.vendors.rules import ApplicationState, may_withdraw, told_state

S, A = DayState, ApplicationState
UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLOSE = datetime(2026, 11, 28, 9, tzinfo=UTC)
BEFORE, AFTER = timedelta(seconds=-1), timedelta(seconds=1)


def day(
    state: DayState, *, over: bool = False, undecided: int = 0, blocked: bool = False, come: bool = False
) -> DayFacts:
    return DayFacts(state, over, undecided, blocked, come)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (day(S.DRAFT), Next.PREPARE),
        (day(S.PREPARED), Next.OPEN_APPLICATIONS),
        (day(S.PREPARED, over=True), Next.CHANGE_TERM),
        (day(S.OPEN_FOR_APPLICATION, undecided=3), Next.SEE_APPLICATIONS),
        (day(S.REVIEWING, undecided=1), Next.REVIEW),
        (day(S.REVIEWING), Next.PLACE),
        (day(S.ALLOCATED, blocked=True), Next.MEND),
        (day(S.ALLOCATED), Next.PUBLISH),
        (day(S.PUBLISHED), Next.PRINT_PASSES),
        (day(S.PUBLISHED, come=True), Next.SET_UP),
        (day(S.SETTING_UP), Next.PRINT_PASSES),
        (day(S.SETTING_UP, come=True), Next.OPEN),
        (day(S.OPEN), Next.CLOSE),
        (day(S.CLOSED), Next.SETTLE),
        (day(S.SETTLING), Next.GO_ON_SETTLING),
        (day(S.POSTPONED), Next.FIND_NEW_DATE),
        (day(S.SETTLED), Next.REPEAT),
        (day(S.ARCHIVED), Next.REPEAT),
        (day(S.CANCELLED), Next.REPEAT),
    ],
)
def test_staff_see_the_one_thing_that_comes_next(facts: DayFacts, expected: Next) -> None:
    assert next_for_staff(facts) is expected


def outing(state: DayState, application: ApplicationState | None, *, stall: bool = False) -> OutingFacts:
    return OutingFacts(state, UNTIL, CLOSE, application, stall)


@pytest.mark.parametrize(
    ("facts", "at", "expected"),
    [
        (outing(S.OPEN_FOR_APPLICATION, None), UNTIL, Todo.APPLY),
        (outing(S.OPEN_FOR_APPLICATION, None), UNTIL + AFTER, Todo.WAIT),
        (outing(S.OPEN_FOR_APPLICATION, A.WITHDRAWN), UNTIL, Todo.APPLY),
        (outing(S.OPEN_FOR_APPLICATION, A.REJECTED), UNTIL, Todo.APPLY),
        (outing(S.REVIEWING, None), UNTIL, Todo.WAIT),
        (outing(S.REVIEWING, A.NEEDS_MORE), UNTIL, Todo.SAY_READY),
        (outing(S.REVIEWING, A.APPROVED), UNTIL, Todo.WAIT),
        (outing(S.PUBLISHED, A.WAITLISTED), UNTIL, Todo.WAIT),
        (outing(S.PUBLISHED, A.ALLOCATED, stall=True), UNTIL, Todo.SHOW_PASS),
        (outing(S.OPEN, A.ALLOCATED, stall=True), CLOSE + BEFORE, Todo.SHOW_PASS),
        (outing(S.OPEN, A.ALLOCATED, stall=True), CLOSE, Todo.REPORT),
        (outing(S.CLOSED, A.ALLOCATED, stall=True), CLOSE + BEFORE, Todo.REPORT),
        (outing(S.SETTLING, A.ALLOCATED, stall=True), CLOSE, Todo.REPORT),
        (outing(S.SETTLED, A.ALLOCATED, stall=True), CLOSE, Todo.WAIT),
        (outing(S.CANCELLED, A.ALLOCATED, stall=True), UNTIL, Todo.WAIT),
    ],
)
def test_a_vendor_sees_the_one_thing_to_do(facts: OutingFacts, at: datetime, expected: Todo) -> None:
    assert todo_of(facts, at) is expected


@pytest.mark.parametrize("state", [A.ALLOCATED, A.WAITLISTED])
def test_an_unpublished_plan_is_told_as_approved(state: ApplicationState) -> None:
    assert told_state(state, S.ALLOCATED) is A.APPROVED
    assert told_state(state, S.PUBLISHED) is state


def test_other_answers_are_told_at_once() -> None:
    assert told_state(A.REJECTED, S.REVIEWING) is A.REJECTED
    assert told_state(A.NEEDS_MORE, S.REVIEWING) is A.NEEDS_MORE


def test_a_vendor_withdraws_until_the_market_opens() -> None:
    allowed = {state for state in S if may_withdraw(A.ALLOCATED, state)}
    assert allowed == set(S) - {S.OPEN, S.CLOSED, S.SETTLING, S.SETTLED, S.ARCHIVED, S.CANCELLED}
    assert not may_withdraw(A.WITHDRAWN, S.PUBLISHED)
    assert not may_withdraw(A.REJECTED, S.PUBLISHED)


def test_only_steps_of_the_day_itself_can_be_too_early() -> None:
    today, on = UNTIL.date(), CLOSE.date()
    assert {step for step in Step if is_too_early(step, today=today, on=on)} == {Step.SET_UP, Step.OPEN}
    assert not any(is_too_early(step, today=on, on=on) for step in Step)


def test_a_day_that_was_called_off_has_reached_nothing() -> None:
    assert has_reached(S.PUBLISHED, S.REVIEWING)
    assert has_reached(S.REVIEWING, S.REVIEWING)
    assert not has_reached(S.DRAFT, S.REVIEWING)
    assert not has_reached(S.POSTPONED, S.DRAFT)
    assert not has_reached(S.CANCELLED, S.DRAFT)


def test_what_may_be_done_beside_the_next_step_can_be_done() -> None:
    assert all(next_state(state, step) is not None for state, step in SIDE_STEPS.items())


def test_findings_stand_by_their_weight() -> None:
    light, heavy = Finding("light", Severity.WARN), Finding("heavy", Severity.BLOCK)
    also = Finding("also", Severity.WARN)
    assert heaviest_first([light, also, heavy]) == [heavy, light, also]


@pytest.mark.parametrize(
    ("state", "planned", "holds", "missed", "shown"),
    [
        (A.ALLOCATED, True, True, False, A.ALLOCATED),
        (A.ALLOCATED, True, False, True, None),  # did not come
        (A.ALLOCATED, True, False, False, A.WAITLISTED),  # laid anew without them
        (A.ALLOCATED, False, False, False, A.APPROVED),  # the market has another date, and no plan yet
        (A.WAITLISTED, True, False, False, A.WAITLISTED),
        (A.WAITLISTED, False, False, False, A.APPROVED),
        (A.WAITLISTED, True, True, False, A.ALLOCATED),
        (A.APPROVED, True, False, False, A.APPROVED),
        (A.WITHDRAWN, True, False, True, A.WITHDRAWN),
    ],
)
def test_who_has_a_stall_and_who_waits_is_read_from_the_plan(
    state: ApplicationState, planned: bool, holds: bool, missed: bool, shown: ApplicationState | None
) -> None:
    assert shown_state(state, PlanFacts(planned=planned, holds=holds, missed=missed)) is shown


# ── from nothing to the first market ──────────────────────────────────────────────────────────────────────

F, P = FirstStep, Progress


def there(**what: int) -> Beginning:
    known = {"places": 0, "stalls": 0, "vendors": 0, "agreed": 0, "days": 0, "published": 0, **what}
    return Beginning(has_fund=bool(known.pop("has_fund", 0)), **known)


@pytest.mark.parametrize(
    ("known", "following", "may_wait"),
    [
        (there(), F.PLACE, {F.FUND, F.VENDORS}),
        (there(places=1), F.STALLS, {F.FUND, F.VENDORS}),
        (there(places=1, stalls=24), F.DAY, {F.FUND, F.VENDORS}),
        (there(places=1, stalls=24, vendors=20), F.DAY, {F.FUND, F.TERMS}),
        (there(places=1, stalls=24, vendors=20, agreed=20, has_fund=1), F.DAY, set()),
        (there(places=1, stalls=24, vendors=20, days=1), F.PUBLISH, {F.FUND, F.TERMS}),
        (there(vendors=3), F.PLACE, {F.FUND, F.TERMS}),
        (there(places=1, stalls=24, vendors=20, days=1, published=1), None, {F.FUND, F.TERMS}),
    ],
)
def test_the_guide_names_one_next_step_and_what_may_wait(
    known: Beginning, following: FirstStep | None, may_wait: set[FirstStep]
) -> None:
    steps = first_steps(known)
    assert [step for step, _how in steps] == list(FirstStep)
    assert [step for step, how in steps if how is P.NEXT] == ([following] if following else [])
    assert {step for step, how in steps if how is P.MAY_WAIT} == may_wait
