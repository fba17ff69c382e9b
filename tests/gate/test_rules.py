"""What the gate answers, fact by fact; which reason comes first; how counts follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from market.gate.rules import (
    SLOTS,
    Duty,
    Sample,
    Sampling,
    ScanFacts,
    Verdict,
    admit,
    duty_of,
    kept_visits,
    slots,
    stay_estimate,
)
from market.passes.rules import GATE_CLOSES_AFTER, GATE_OPENS_BEFORE, validity

OPEN = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
CLOSE = OPEN + timedelta(hours=3, minutes=30)
FROM, TO = validity(OPEN, CLOSE)
FINE = ScanFacts(known=True, signed=True, valid_from=FROM, valid_to=TO)

REASONS: list[tuple[Verdict, dict[str, object]]] = [
    (Verdict.FORGED, {"signed": False}),
    (Verdict.UNKNOWN_CODE, {"known": False}),
    (Verdict.OTHER_COMMUNITY, {"same_community": False}),
    (Verdict.OTHER_DAY, {"same_day": False}),
    (Verdict.GATE_CLOSED, {"gate_open": False}),
    (Verdict.RELEASED, {"released": True}),
    (Verdict.REVOKED, {"revoked": True}),
    (Verdict.TOO_EARLY, {"valid_from": OPEN + timedelta(minutes=1)}),
    (Verdict.ALREADY_IN, {"admitted_at": FROM}),
]
"""Each reason alone, in the order in which the gate tells them (`TOO_LATE` excludes `TOO_EARLY`)."""


def test_a_fine_pass_is_admitted() -> None:
    assert admit(FINE, OPEN) is Verdict.ADMITTED


@pytest.mark.parametrize("verdict, fault", REASONS)
def test_each_fault_has_a_verdict_of_its_own(verdict: Verdict, fault: dict[str, object]) -> None:
    assert admit(replace(FINE, **fault), OPEN) is verdict  # type: ignore[arg-type]  # fields of the facts


@pytest.mark.parametrize("first, second", list(combinations(REASONS, 2)))
def test_of_two_faults_the_earlier_in_the_order_is_told(
    first: tuple[Verdict, dict[str, object]], second: tuple[Verdict, dict[str, object]]
) -> None:
    both = replace(FINE, **first[1], **second[1])  # type: ignore[arg-type]  # fields of the facts
    assert admit(both, OPEN) is first[0]


@pytest.mark.parametrize(
    "moment, verdict",
    [
        (OPEN - GATE_OPENS_BEFORE - timedelta(seconds=1), Verdict.TOO_EARLY),
        (OPEN - GATE_OPENS_BEFORE, Verdict.ADMITTED),
        (CLOSE + GATE_CLOSES_AFTER, Verdict.ADMITTED),
        (CLOSE + GATE_CLOSES_AFTER + timedelta(seconds=1), Verdict.TOO_LATE),
    ],
)
def test_the_hours_include_both_ends(moment: datetime, verdict: Verdict) -> None:
    assert admit(FINE, moment) is verdict


def test_a_second_scan_after_the_hours_is_too_late_before_it_is_a_duplicate() -> None:
    assert admit(replace(FINE, admitted_at=OPEN), TO + timedelta(hours=1)) is Verdict.TOO_LATE


@given(st.integers(15, 24 * 60))
def test_slots_cover_the_hours_without_a_gap(minutes: int) -> None:
    close = OPEN + timedelta(minutes=minutes)
    found = slots(OPEN, close, SLOTS)
    assert (found[0][0], found[-1][1]) == (OPEN, close)
    assert [end for _start, end in found[:-1]] == [start for start, _end in found[1:]]


@given(st.lists(st.integers(0, 500), min_size=1))
def test_a_clicker_may_tell_its_counts_in_any_order(told: list[int]) -> None:
    kept = 0
    for count in told:
        kept = kept_visits(kept, count, correction=False)
    assert kept == max(told)


def test_a_correction_may_lower_a_count() -> None:
    assert kept_visits(60, 50, correction=True) == 50


# ── how long one is signed in for a market ────────────────────────────────────────────────────────────────

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATURDAY, SUNDAY = Duty(OPEN, CLOSE), Duty(OPEN + DAY, CLOSE + DAY)


@pytest.mark.parametrize(
    "signed_in_at, duty",
    [
        (OPEN - 3 * DAY - timedelta(seconds=1), None),
        (OPEN - 3 * DAY, SATURDAY),
        (OPEN - HOUR, SATURDAY),
        (CLOSE + 2 * HOUR, SATURDAY),
        (CLOSE + 2 * HOUR + timedelta(seconds=1), SUNDAY),
        (CLOSE + DAY + 3 * HOUR, None),
    ],
)
def test_a_session_is_made_for_the_first_market_that_is_not_over(
    signed_in_at: datetime, duty: Duty | None
) -> None:
    assert duty_of(signed_in_at, [SUNDAY, SATURDAY]) == duty


@pytest.mark.parametrize("after, holds", [(2 * HOUR, True), (2 * HOUR + timedelta(seconds=1), False)])
def test_a_duty_ends_two_hours_after_the_closing(after: timedelta, holds: bool) -> None:
    assert SATURDAY.holds(CLOSE + after) is holds


# ── visitors ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "raw, sampling, factor, estimate",
    [
        (12, Sampling.EVERY_TENTH, 1000, 120),
        (12, Sampling.FIVE_OF_THIRTY, 600, 72),
        (9, Sampling.OTHER, 350, 32),  # 31.5, and half a person is rounded up
        (0, Sampling.OTHER, 350, 0),
    ],
)
def test_a_sample_is_multiplied(raw: int, sampling: Sampling, factor: int, estimate: int) -> None:
    assert Sample(raw, sampling, factor).estimate == estimate


STAYS: list[tuple[list[int | None], int, int | None]] = [
    ([60, 60], 60, 36),  # the last 36 of 60 minutes, evenly spread
    ([60, 60], 30, 60),  # of a slot that still runs, all of them came until now
    ([60, 0], 72, 24),  # the second slot has run for 12 minutes, 24 minutes of the first still count
    ([None, None], 60, None),
    ([None, 10], 72, 10),
    ([60, None], 119, None),
]


@pytest.mark.parametrize("visits, minutes, there", STAYS)
def test_who_is_inside_is_estimated_by_the_usual_stay(
    visits: list[int | None], minutes: int, there: int | None
) -> None:
    start, hour = datetime(2026, 11, 28, tzinfo=UTC), timedelta(hours=1)
    told = [(start + hour * n, start + hour * (n + 1), count) for n, count in enumerate(visits)]
    assert stay_estimate(told, start + timedelta(minutes=minutes)) == there
