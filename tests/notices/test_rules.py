"""What is said of a difference, and whom staff have to telephone, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from market.notices.rules import (
    Held,
    Known,
    Learnt,
    Standing,
    knowledge,
    known_of,
    must_call,
)
from market.notices.sayings import Around, sayings
from market.stalls.rules import OfferAnswer

S = Standing

MARKET = datetime(2026, 11, 28, 0, tzinfo=UTC)


def before(**long: float) -> datetime:
    return MARKET - timedelta(**long)


@pytest.mark.parametrize(
    "made_at, at, expected",
    [
        (before(days=9), before(days=4), False),  # not read for days, but there is time
        (before(days=9), before(days=3), True),
        (before(hours=66), before(hours=61), False),  # told five hours ago: patience
        (before(hours=66), before(hours=60), True),
        (before(hours=20), before(minutes=19 * 60 + 1), False),
        (before(hours=20), before(hours=19), True),
        (before(hours=5), before(hours=5), True),  # on the morning nobody waits
        (before(days=9), MARKET, False),  # it is too late to know
        (MARKET, MARKET + timedelta(hours=1), True),  # it happened since
    ],
)
def test_who_has_an_account_is_called_when_time_is_short(
    made_at: datetime, at: datetime, *, expected: bool
) -> None:
    assert must_call(can_read=True, made_at=made_at, needed_by=MARKET, at=at) is expected


@pytest.mark.parametrize(
    "at, expected",
    [(before(days=9), True), (before(hours=1), True), (MARKET, False)],
)
def test_who_has_none_is_called_until_it_is_too_late(at: datetime, *, expected: bool) -> None:
    assert must_call(can_read=False, made_at=before(days=9), needed_by=MARKET, at=at) is expected


# ── what is said of a difference ──────────────────────────────────────────────────────────────────────────

APPLIED = Known(
    on="2026-11-28", hours="8:00–11:30", arrive="7:40", theme="集", place="广场", address="1 号",
    entrance="东门",
)  # fmt: skip
TOLD = replace(
    APPLIED, standing=S.PLACED, stalls="A01", pass_version=1, note="", offer="", lapsed="", method="optimum",
    asked="1",
)  # fmt: skip
WAITS = replace(TOLD, standing=S.WAITING, stalls="", pass_version=0)
APPROVED, REFUSED, LEFT = (replace(WAITS, standing=one) for one in (S.APPROVED, S.REJECTED, S.WITHDRAWN))
LATER = "9:00–10:00"


@pytest.mark.parametrize(
    "known, now, kinds",
    [
        (APPLIED, replace(APPLIED, standing=S.SUBMITTED), ""),
        (APPLIED, TOLD, "gate.placed"),
        (APPLIED, replace(TOLD, hours="7:00–10:00", arrive="6:30"), "gate.placed notices.hours"),
        (APPLIED, replace(WAITS, offer="x"), "stalls.offered"),
        (TOLD, TOLD, ""),
        (TOLD, replace(TOLD, hours="7:00–10:00", arrive="6:30"), "notices.hours_placed"),
        (TOLD, replace(TOLD, hours="7:00–10:00", pass_version=2), "notices.hours_placed notices.new_pass"),
        (TOLD, replace(TOLD, stalls="A02", pass_version=2, theme="年货"), "stalls.moved notices.theme"),
        (TOLD, replace(TOLD, place="东广场", address="2 号"), "notices.place"),
        (TOLD, replace(TOLD, on="2026-11-29"), "notices.date_placed"),
        (TOLD, replace(TOLD, on="2026-11-29", stalls="A02"), "notices.date stalls.moved"),
        (TOLD, replace(TOLD, entrance=""), ""),
        (TOLD, replace(TOLD, pass_version=0), "gate.pass_withdrawn"),
        (TOLD, WAITS, "stalls.taken_back"),
        (TOLD, replace(WAITS, offer="x"), "stalls.offered"),
        (TOLD, replace(WAITS, standing=S.ABSENT), "gate.no_show"),
        (TOLD, APPROVED, "notices.replanned"),
        (TOLD, replace(APPROVED, on="2026-12-05"), "calendar.rescheduled"),
        (
            TOLD,
            replace(APPROVED, held=Held.CANCELLED, hours=LATER),
            "calendar.cancelled",
        ),
        (replace(TOLD, held=Held.POSTPONED), APPROVED, "calendar.rescheduled"),
        (
            replace(TOLD, standing=S.REJECTED),
            replace(TOLD, hours="9:00–10:00"),
            "stalls.placed notices.hours",
        ),
        (WAITS, TOLD, "stalls.placed"),
        (WAITS, replace(WAITS, lapsed="x"), "stalls.offer_over"),
        (replace(WAITS, offer="x"), replace(WAITS, lapsed="x"), "stalls.offer_over"),
        (replace(WAITS, offer="gone"), WAITS, "stalls.offer_gone"),
        (replace(WAITS, offer="declined"), WAITS, ""),
        (replace(WAITS, offer="taken"), WAITS, "stalls.offer_gone"),
        (replace(WAITS, offer="x", until="8"), replace(WAITS, offer="x", until="7"), "stalls.offered"),
        (replace(WAITS, offer="x"), replace(WAITS, offer="x", until="7"), ""),
        (replace(WAITS, offer="x", until="8"), replace(WAITS, lapsed="x", until=""), "stalls.offer_over"),
        (
            replace(WAITS, standing=S.REJECTED, note="满"),
            replace(WAITS, standing=S.REJECTED, note="满", on="x"),
            "",
        ),
        (
            replace(WAITS, standing=S.REJECTED),
            replace(WAITS, standing=S.REJECTED, asked="2"),
            "vendors.rejected",
        ),
        (LEFT, replace(LEFT, held=Held.CANCELLED), ""),
    ],
)
def test_what_is_said_of_a_difference(known: Known, now: Known, kinds: str) -> None:
    answers = {"gone": OfferAnswer.WITHDRAWN, "declined": OfferAnswer.DECLINED, "taken": OfferAnswer.ACCEPTED}
    assert " ".join(sayings(known, now, Around(answers=answers))) == kinds


def test_after_the_hour_of_arrival_nobody_is_told_to_be_there_by_then() -> None:
    late = Around(late=True)
    assert sayings(WAITS, TOLD, late) == ("stalls.placed_now",)
    assert sayings(TOLD, replace(TOLD, hours="8:00–10:00", arrive="7:30"), late) == ("notices.hours",)
    assert sayings(TOLD, replace(TOLD, arrive="7:30"), late) == ()


def test_an_exchange_is_called_so_only_by_who_knows_the_stall_that_was_exchanged() -> None:
    swapped = Around(came_from="A02", other="乙")
    assert sayings(TOLD, replace(TOLD, stalls="A03"), swapped) == ("stalls.moved",)
    assert sayings(replace(TOLD, stalls="A02"), replace(TOLD, stalls="A03"), swapped) == ("stalls.swapped",)


def test_what_is_stored_is_what_is_read_and_what_is_not_stored_was_never_heard_of() -> None:
    assert known_of(TOLD.snapshot()) == TOLD
    assert known_of({"standing": "placed", "unknown": 1}) == Known(standing=S.PLACED)


def test_the_later_counts() -> None:
    seen = Learnt(MARKET, {"hours": "9:00–10:00", "place": "广场"})
    told = Learnt(MARKET + timedelta(hours=1), {"hours": "8:00–10:00", "standing": "waiting"})
    assert knowledge([told, seen]) == Known(standing=S.WAITING, hours="8:00–10:00", place="广场")
