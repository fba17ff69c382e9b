"""Figures of a report: which can be added up, what the book says of money, what is not known."""

from __future__ import annotations

from dataclasses import astuple, fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from market.calendar.rules import DayState
from market.ledger.rules import Moved
from market.reports.rules import (
    FORM,
    NATURES,
    Adding,
    Figure,
    Money,
    Standing,
    Sums,
    add_up,
    change,
    money_of,
    standing,
)

AT = datetime(2026, 11, 27, tzinfo=UTC)

figures = st.integers(min_value=-(10**9), max_value=10**9)
WIDTH = len(fields(Sums))
one_place = st.lists(figures, min_size=WIDTH, max_size=WIDTH).map(lambda values: Sums(*values))


def test_every_figure_that_can_be_added_over_places_is_a_sum() -> None:
    names = {field.name for field in fields(Sums)} - {"counted_days"}
    added = {figure.value for figure, nature in NATURES.items() if nature.over_places is Adding.ADDS}
    assert added == names
    assert set(NATURES) == set(Figure)


def test_the_form_has_the_columns_of_the_street() -> None:
    """场次·商户家数·家次·人次·反哺金额·物资件数·拨付金额·项目数·投诉·事故."""
    assert [figure.value for figure in FORM] == [
        "days", "vendors", "appearances", "visits", "contributed_fen", "items", "spent_fen", "projects",
        "complaints", "incidents",
    ]  # fmt: skip


@given(st.lists(one_place, max_size=4), st.integers(min_value=0, max_value=4))
def test_the_sum_of_parts_is_the_whole_however_it_is_divided(parts: list[Sums], cut: int) -> None:
    whole = add_up(parts)
    assert add_up([add_up(parts[:cut]), add_up(parts[cut:])]) == whole == add_up(reversed(parts))
    by_field = zip(*map(astuple, parts), strict=True) if parts else [()] * WIDTH
    assert astuple(whole) == tuple(map(sum, by_field))


def test_not_counted_is_not_nobody() -> None:
    nothing, uncounted, counted = Sums(), Sums(days=2), Sums(days=1, visits=300, counted_days=1)
    assert [one.of(Figure.VISITS) for one in (nothing, uncounted, counted)] == [0, None, 300]
    both = uncounted + counted
    assert (both.of(Figure.VISITS), both.uncounted_days) == (300, 2)


def test_what_is_counted_anew_is_in_no_sum() -> None:
    assert Sums(complaints=2).of(Figure.COMPLAINTS) == 2
    assert Sums().of(Figure.DIFFERENT) is None


def moved(kind: str, account: str, fen: int, held: int = 0) -> Moved:
    return Moved(1, kind, account, fen, held)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Money()),
        (
            [moved("contribution", "1003", 500, 500), moved("contribution", "2001", -500, -500)],
            Money(contributed_fen=500, on_its_way_fen=500),
        ),
        (
            [moved("remittance", "1001", 500, 900), moved("remittance", "1003", -500, -500),
             moved("remittance", "2001", 500, 500), moved("remittance", "4101", -500, -900)],
            Money(arrived_fen=500, at_charity_fen=900, on_its_way_fen=-500),
        ),
        (
            [moved("spending", "1001", -300, 100), moved("spending", "5102", 300, 300)],
            Money(spent_fen=300, at_charity_fen=100),
        ),
        ([moved("reclassification", "1003", 500, 0)], Money()),  # older books put in order: nobody gave
        ([moved("contribution", "1003", -80, 0)], Money(contributed_fen=-80)),  # only a correction
        ([moved("spending", "1001", 0, 4_000)], Money(at_charity_fen=4_000)),  # a month without anything
    ],
    ids=["nothing", "given", "arrived", "spent", "restated", "corrected", "quiet"],
)  # fmt: skip
def test_money_is_what_the_book_moved(rows: list[Moved], expected: Money) -> None:
    assert money_of(rows) == expected


@pytest.mark.parametrize(
    ("state", "ended", "expected"),
    [
        (DayState.CANCELLED, False, Standing.CALLED_OFF),
        (DayState.POSTPONED, True, Standing.CALLED_OFF),
        (DayState.OPEN, False, Standing.WAITING),
        (DayState.CLOSED, True, Standing.WAITING),
        (DayState.SETTLING, True, Standing.WAITING),
        (DayState.PUBLISHED, True, Standing.WAITING),
        (DayState.PUBLISHED, False, Standing.AHEAD),
        (DayState.DRAFT, False, Standing.AHEAD),
        (DayState.DRAFT, True, None),
    ],
)
def test_how_a_market_stands_that_nobody_settled(
    state: DayState, ended: bool, expected: Standing | None
) -> None:
    close_at = AT - timedelta(hours=1) if ended else AT + timedelta(hours=1)
    assert standing(state, close_at, AT) is expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (110, 100, (10, 10)), (90, 100, (-10, -10)), (5, 0, (5, None)), (0, 0, (0, None)),
        (None, 3, None), (3, None, None), (50, -10, (60, None)), (1, 3, (-2, -67)),
    ],
)  # fmt: skip
def test_a_change_has_a_percentage_only_of_something(
    now: int | None, before: int | None, expected: tuple[int, int | None] | None
) -> None:
    assert change(now, before) == expected
