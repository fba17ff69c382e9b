"""How answers are counted, and the clock of a complaint: tables of cases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from market.feedback.rules import (
    BUSY,
    OF_ONE_NETWORK,
    Again,
    Clock,
    Fact,
    Point,
    PraiseKind,
    Rung,
    Sheet,
    Stage,
    Step,
    Voice,
    counted,
    due_after,
    in_window,
    result,
    standing,
    tally,
)
from market.feedback.service import is_off

# ── counting ──────────────────────────────────────────────────────────────────────────────────────────────


def voice(network: str, score: int = 5) -> Voice:
    return Voice(network, score, None, None)


@pytest.mark.parametrize(
    ("of_networks", "verdicts", "expected"),
    [
        ({}, {}, 0),
        ({"a": 1, "b": 1}, {}, 2),
        ({"a": OF_ONE_NETWORK}, {}, OF_ONE_NETWORK),
        ({"a": OF_ONE_NETWORK + 1}, {}, OF_ONE_NETWORK),
        ({"a": BUSY}, {}, OF_ONE_NETWORK),
        ({"a": BUSY + 1}, {}, 0),
        ({"a": BUSY + 1}, {"a": True}, BUSY + 1),
        ({"a": BUSY + 1}, {"a": False}, 0),
        ({"a": 2}, {"a": False}, 0),
        ({"a": BUSY + 1, "b": 3}, {}, 3),
    ],
)
def test_how_many_answers_count(
    of_networks: dict[str, int], verdicts: dict[str, bool], expected: int
) -> None:
    voices = [voice(network) for network, often in of_networks.items() for _each in range(often)]
    assert len(counted(voices, verdicts)) == expected


def test_five_thousand_answers_from_fifty_addresses_move_no_figure() -> None:
    people = [voice(f"home {number}", 4 if number % 4 else 2) for number in range(60)]
    machine = [voice(f"machine {number % 50}", 1) for number in range(5_000)]
    honest = result(people, [], {})
    attacked = result([*people, *machine], [], {})
    assert (attacked.total, attacked.content, attacked.scores) == (60, honest.content, honest.scores)
    assert attacked.aside == 5_000


def test_a_patient_machine_moves_no_more_than_the_rule_says() -> None:
    machine = [voice(f"machine {number % 50}", 1) for number in range(50 * BUSY)]
    assert result(machine, [], {}).total == 50 * OF_ONE_NETWORK


def test_phones_and_paper_are_one_figure() -> None:
    voices = [Voice("a", 5, Point.PRICE, Again.YES), Voice("b", 2, Point.NONE, None)]
    sheets = [Sheet(4, (Point.PRICE, Point.CLEAN), Again.MAYBE)]
    found = result(voices, sheets, {})
    assert (found.online, found.paper, found.total, found.content, found.content_percent) == (2, 1, 3, 2, 67)
    assert found.points == {Point.PRICE: 2, Point.NONE: 1, Point.CLEAN: 1}
    assert found.agains == {Again.YES: 1, Again.MAYBE: 1}


def test_nothing_is_nothing() -> None:
    assert result([], [], {}).content_percent == 0


def test_praise_is_told_by_how_often() -> None:
    kinds = [PraiseKind.KIND, PraiseKind.FAIR, PraiseKind.KIND, PraiseKind.FRESH]
    assert tally(kinds) == [(PraiseKind.KIND, 2), (PraiseKind.FAIR, 1), (PraiseKind.FRESH, 1)]


@pytest.mark.parametrize(
    ("days_later", "expected"), [(-1, False), (0, True), (7, True), (8, False)]
)  # fmt: skip
def test_the_window_of_a_market(days_later: int, expected: bool) -> None:
    market = date(2024, 9, 15)
    assert in_window(market, 7, market + timedelta(days=days_later)) is expected


# ── the clock of a complaint ──────────────────────────────────────────────────────────────────────────────

ZIBO = Clock(acknowledge=1, rungs=(5, 5, 15), working=True, again=7)
PLAIN = ZIBO._replace(working=False)


@pytest.mark.parametrize(
    ("on", "off"),
    [
        ("2024-09-13", False),
        ("2024-09-14", False),  # a Saturday that is worked
        ("2024-09-15", True),  # Mid-Autumn
        ("2024-09-17", True),
        ("2024-09-18", False),
        ("2024-10-01", True),
        ("2024-10-12", False),  # a Saturday that is worked
        ("2024-10-13", True),
        ("2027-05-01", True),  # not announced yet: what the law itself fixes, and weekends
        ("2027-05-08", True),
    ],
)
def test_days_on_which_nobody_works(on: str, off: bool) -> None:
    assert is_off(date.fromisoformat(on)) is off


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2024-09-15", 0, "2024-09-15"),
        ("2024-09-15", 1, "2024-09-18"),  # the holiday ends on the 17th
        ("2024-09-13", 1, "2024-09-14"),  # a Saturday that is worked
        ("2024-09-13", 2, "2024-09-18"),
        ("2024-09-15", 5, "2024-09-24"),
        ("2024-09-25", 5, "2024-10-08"),  # round the National Day, with a worked Sunday before it
        ("2024-11-16", 5, "2024-11-22"),
    ],
)
def test_a_term_in_working_days(start: str, days: int, expected: str) -> None:
    assert due_after(date.fromisoformat(start), days, is_off) == date.fromisoformat(expected)


A, Y, N, K = Step.ACKNOWLEDGED, Step.ANSWERED, Step.AGAIN, Step.TAKEN
S, H, T = Rung.STAFF, Rung.HEAD, Rung.STREET

CASES = [
    # received on Monday 2024-11-18; (steps, today, stage, rung, due, late)
    ((), "11-18", Stage.RECEIVED, S, "11-25", False),
    ((), "11-19", Stage.RECEIVED, S, "11-25", False),
    ((), "11-20", Stage.RECEIVED, S, "11-25", True),  # nobody said that it was received
    (((A, "11-19"),), "11-20", Stage.ACKNOWLEDGED, S, "11-25", False),
    (((A, "11-22"),), "11-25", Stage.ACKNOWLEDGED, S, "11-25", False),
    (((A, "11-19"),), "11-26", Stage.ACKNOWLEDGED, H, "12-02", False),  # it climbs by itself
    (((A, "11-19"),), "12-02", Stage.ACKNOWLEDGED, H, "12-02", False),
    (((A, "11-19"),), "12-03", Stage.ACKNOWLEDGED, T, "12-23", False),
    (((A, "11-19"),), "12-24", Stage.ACKNOWLEDGED, T, "12-23", True),  # nobody is above the street
    (((A, "11-19"), (Y, "11-22")), "11-22", Stage.ANSWERED, S, "11-29", False),
    (((Y, "11-22"),), "11-29", Stage.ANSWERED, S, "11-29", False),
    (((Y, "11-22"),), "11-30", Stage.SETTLED, S, None, False),
    (((Y, "11-26"),), "11-26", Stage.ANSWERED, H, "12-03", False),  # answered late, by the next rung
    (((Y, "11-22"), (N, "11-27")), "11-27", Stage.AGAIN, H, "12-04", False),
    (((Y, "11-22"), (N, "11-27")), "12-04", Stage.AGAIN, H, "12-04", False),
    (((Y, "11-22"), (N, "11-27")), "12-05", Stage.AGAIN, T, "12-25", False),
    (((Y, "11-22"), (N, "11-27"), (Y, "11-28")), "11-28", Stage.ANSWERED, H, "12-05", False),
    (((Y, "11-22"), (N, "11-27"), (Y, "11-28"), (N, "11-29")), "11-29", Stage.AGAIN, T, "12-20", False),
    (((A, "11-19"), (K, "12-04")), "12-05", Stage.ACKNOWLEDGED, T, "12-23", False),  # taken over
    (((K, "12-04"),), "12-24", Stage.ACKNOWLEDGED, T, "12-23", True),  # which gives no more time
    (((K, "12-04"), (Y, "12-09")), "12-09", Stage.ANSWERED, T, "12-16", False),
    (((K, "12-04"), (Y, "12-09"), (N, "12-10")), "12-10", Stage.AGAIN, T, "12-31", False),
    (((Y, "11-22"), (Y, "11-25")), "11-25", Stage.ANSWERED, S, "12-02", False),  # corrected
    (((Y, "11-22"), (A, "11-25")), "11-25", Stage.ANSWERED, S, "11-29", False),  # stale, changes nothing
]


def day(text: str) -> date:
    return date.fromisoformat(f"2024-{text}")


@pytest.mark.parametrize(("steps", "today", "stage", "rung", "due", "late"), CASES)
def test_where_a_complaint_stands(
    steps: tuple[tuple[Step, str], ...], today: str, stage: Stage, rung: Rung, due: str | None, late: bool
) -> None:
    facts = [Fact(step, day(on)) for step, on in steps]
    found = standing(day("11-18"), facts, ZIBO, day(today), is_off)
    expected = (stage, rung, day(due) if due else None, late)
    assert (found.stage, found.rung, found.due, found.late) == expected


def test_days_of_the_calendar_where_the_profile_says_so() -> None:
    found = standing(date(2024, 9, 14), [], PLAIN, date(2024, 9, 15), is_off)
    assert (found.acknowledge_by, found.due) == (date(2024, 9, 15), date(2024, 9, 19))


def test_it_only_climbs() -> None:
    days = [day("11-18") + timedelta(days=number) for number in range(60)]
    rungs = [standing(day("11-18"), [], ZIBO, on, is_off).rung for on in days]
    assert rungs == sorted(rungs)
    assert set(rungs) == set(Rung)
