"""The charity's statement and our book, line by line: what differs is found, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, strategies as st

from market.fund.matching import (
    Difference,
    Found,
    OurLine,
    SumFault,
    TheirLine,
    WrongSum,
    likeness,
    match,
    wrong_sums,
)
from market.ledger.spans import Span

FIRST = date(2027, 1, 1)
YEAR = Span(FIRST, date(2027, 12, 31))
D = Difference


def theirs(
    row: int, day: int, fen: int, reference: str = "", balance: int | None = None, text: str = ""
) -> TheirLine:
    return TheirLine(row, FIRST + timedelta(days=day), fen, reference, text, balance)


def ours(
    name: str, day: int, fen: int, reference: str = "", memo: str = "", undoes: tuple[str, ...] = ()
) -> OurLine:
    return OurLine(name, name, FIRST + timedelta(days=day), fen, reference, memo, undoes)


def kinds(found: tuple[Found, ...]) -> list[tuple[Difference, int | None, str | None]]:
    return [
        (one.kind, one.theirs.row if one.theirs else None, one.ours.entry_ref if one.ours else None)
        for one in found
    ]


@pytest.mark.parametrize(
    ("their_lines", "our_lines", "expected"),
    [
        ([], [], []),
        ([theirs(2, 5, 100, "A-1")], [ours("e1", 9, 100, "a1")], []),
        ([theirs(2, 5, 100, "A1")], [ours("e1", 5, 110, "A1")], [(D.AMOUNT, 2, "e1")]),
        ([theirs(2, 5, 100, "A1")], [ours("e1", 5, -100, "A1")], [(D.AMOUNT, 2, "e1")]),
        (
            [theirs(2, 5, 100, "A1"), theirs(3, 5, 100, "A1")],
            [ours("e1", 5, 100, "A1")],
            [(D.TWICE, 3, None)],
        ),
        ([theirs(2, 5, 100, "A1")], [], [(D.NOT_IN_BOOK, 2, None)]),
        ([], [ours("e1", 5, 100)], [(D.NOT_ON_STATEMENT, None, "e1")]),
        ([], [ours("e1", 400, 100)], []),
        ([theirs(2, 5, 100)], [ours("e1", 15, 100)], []),
        (
            [theirs(2, 5, 100)], [ours("e1", 16, 100)],
            [(D.NOT_IN_BOOK, 2, None), (D.NOT_ON_STATEMENT, None, "e1")],
        ),
        ([theirs(2, 5, 100, "A1")], [ours("e1", 6, 100, "A7")], [(D.OTHER_NUMBER, 2, "e1")]),
        ([theirs(2, 364, 100, "A1")], [ours("e1", 366, 100, "A1")], [(D.OTHER_PERIOD, 2, "e1")]),
        ([theirs(2, 0, 100)], [ours("e1", -2, 100, "A1")], [(D.OTHER_PERIOD, 2, "e1")]),
        # the nearest of the same amount, whatever the order
        (
            [theirs(2, 5, 100), theirs(3, 9, 100)],
            [ours("e1", 9, 100), ours("e2", 3, 100), ours("e3", 8, 100)],
            [(D.NOT_ON_STATEMENT, None, "e3")],
        ),
        # what says the same goes before what is nearer
        (
            [theirs(2, 5, 100, text="退回：端午慰问走访")],
            [ours("e1", 5, 100, memo="路灯维修"), ours("e2", 9, 100, memo="端午慰问走访")],
            [(D.NOT_ON_STATEMENT, None, "e1")],
        ),
        # what comes back under the number of its payment is neither that payment nor a second one
        (
            [theirs(2, 5, -500, "FK-1"), theirs(3, 30, 60, "FK-1")],
            [ours("e1", 5, -500, "FK1"), ours("e2", 33, 60, "退 1 号", undoes=("FK-1",))],
            [],
        ),
        (
            [theirs(3, 30, 60, "FK-1")],
            [ours("e1", 5, -500, "FK1"), ours("e2", 33, 60, undoes=("FK-1",))],
            [(D.NOT_ON_STATEMENT, None, "e1")],
        ),
        ([theirs(3, 30, 70, "FK-1")], [ours("e2", 33, 60, undoes=("FK-1",))], [
            (D.NOT_IN_BOOK, 3, None), (D.NOT_ON_STATEMENT, None, "e2"),
        ]),
        # one of theirs and two of ours that fit alike: somebody is asked
        (
            [theirs(2, 5, 100)], [ours("e1", 4, 100), ours("e2", 6, 100)],
            [(D.UNSURE, 2, "e1"), (D.NOT_ON_STATEMENT, None, "e2")],
        ),
        # as many of theirs as of ours: whichever is whichever, none is missing
        ([theirs(2, 5, 100), theirs(3, 5, 100)], [ours("e1", 5, 100), ours("e2", 5, 100)], []),
        # a number that is known goes before an amount that fits by chance
        (
            [theirs(2, 5, 100), theirs(3, 5, 100, "A1")], [ours("e1", 5, 100, "A1")],
            [(D.NOT_IN_BOOK, 2, None)],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(
    their_lines: list[TheirLine],
    our_lines: list[OurLine],
    expected: list[tuple[Difference, int | None, str | None]],
) -> None:
    assert kinds(match(their_lines, our_lines, YEAR).differences) == expected


def test_who_is_asked_sees_what_else_would_fit() -> None:
    two = [ours("e1", 4, 100), ours("e2", 6, 100)]
    asked = match([theirs(2, 5, 100)], two, YEAR).differences[0]
    assert (asked.ours, asked.others, asked.fen) == (two[0], (two[1],), 0)


@pytest.mark.parametrize(
    ("text", "memo", "letters"),
    [
        ("退回 端午慰问", "端午慰问走访", 4),
        ("春集", "春集反哺到账", 0),
        ("", "春集反哺到账", 0),
        ("ＡＢＣ-1 退", "abc1", 4),
    ],
)
def test_few_letters_in_a_row_say_nothing(text: str, memo: str, letters: int) -> None:
    assert likeness(text, memo) == letters


def year_of(count: int) -> tuple[list[TheirLine], list[OurLine]]:
    """A year in which everything fits: every third payment without a number, many of the same amount."""
    chance = Random(13)
    pairs = []
    for place in range(count):
        day, fen = place * 364 // count, chance.choice((5_000, 10_000, 12_345, -30_000, 88_850))
        number = f"捐2027-{place:04d}" if place % 3 else ""
        pairs.append(
            (theirs(place + 2, day, fen, number), ours(f"e{place}", min(day + place % 3, 364), fen, number))
        )
    return [one for one, _other in pairs], [other for _one, other in pairs]


def test_ten_planted_differences_are_found_among_three_hundred_lines_and_no_other() -> None:
    their_lines, our_lines = year_of(300)
    assert match(their_lines, our_lines, YEAR).differences == ()
    planted: list[tuple[Difference, int | None, str | None]] = []

    def change(place: int, **fields: object) -> None:
        their_lines[place] = their_lines[place]._replace(**fields)  # type: ignore[arg-type]  # fields by name

    change(10, fen=their_lines[10].fen + 9)
    change(50, fen=-their_lines[50].fen)
    planted += [(D.AMOUNT, 12, "e10"), (D.AMOUNT, 52, "e50")]
    their_lines.append(their_lines[70]._replace(row=302))
    planted.append((D.TWICE, 302, None))
    their_lines += [theirs(303, 100, 77_777, "捐2027-9001"), theirs(304, 200, -41_414)]
    planted += [(D.NOT_IN_BOOK, 303, None), (D.NOT_IN_BOOK, 304, None)]
    change(130, reference="捐2027-8888")
    planted.append((D.OTHER_NUMBER, 132, "e130"))
    our_lines[299] = our_lines[299]._replace(on=date(2028, 1, 3))
    planted.append((D.OTHER_PERIOD, 301, "e299"))
    del their_lines[221], their_lines[160]
    planted += [(D.NOT_ON_STATEMENT, None, "e160"), (D.NOT_ON_STATEMENT, None, "e221")]
    our_lines.append(ours("e300", 180, 66_666, "捐2027-9002"))
    planted.append((D.NOT_ON_STATEMENT, None, "e300"))

    assert len(planted) == 10
    for seed in range(20):
        Random(seed).shuffle(our_lines)
        found = kinds(match(their_lines, our_lines, YEAR).differences)
        assert sorted(found, key=str) == sorted(planted, key=str)


amounts = st.integers(-3, 3).filter(bool)
numbers = st.sampled_from(("", "", "A1", "A2", "a-2"))


@given(
    st.lists(st.tuples(st.integers(0, 364), amounts, numbers), max_size=8),
    st.lists(st.tuples(st.integers(-12, 376), amounts, numbers), max_size=8),
)
def test_every_line_is_accounted_for_once_and_the_differences_explain_the_gap(
    here: list[tuple[int, int, str]], there: list[tuple[int, int, str]]
) -> None:
    their_lines = [theirs(row, *line) for row, line in enumerate(here, 2)]
    our_lines = [ours(f"e{place}", *line) for place, line in enumerate(there)]
    matching = match(their_lines, our_lines, YEAR)
    seen = [one for one, _other in matching.pairs] + [
        one.theirs for one in matching.differences if one.theirs
    ]
    assert sorted(seen) == sorted(their_lines)
    known = [other for _one, other in matching.pairs] + [one.ours for one in matching.differences if one.ours]
    assert len(known) == len(set(known))
    assert {line for line in our_lines if YEAR.holds(line.on)} <= set(known)
    moved = sum(line.fen for line in our_lines if YEAR.holds(line.on))
    assert sum(line.fen for line in their_lines) - moved == sum(one.fen for one in matching.differences)


@pytest.mark.parametrize(
    ("lines", "opening", "closing", "ours_fen", "expected"),
    [
        ([theirs(2, 1, 100), theirs(3, 2, -30)], 50, 120, 50, []),
        ([theirs(2, 1, 100), theirs(3, 2, -30)], 50, 121, 50, [WrongSum(SumFault.ADDED_UP, 0, 121, 120)]),
        ([theirs(2, 1, 100)], 50, 150, 40, [WrongSum(SumFault.OPENING, 0, 50, 40)]),
        (
            [theirs(2, 1, 100, balance=150), theirs(4, 2, 5, balance=165), theirs(5, 2, 5, balance=170)],
            50, 160, 50, [WrongSum(SumFault.RUNNING, 4, 165, 155)],
        ),
        ([theirs(2, 1, 100, balance=150), theirs(3, 2, 5), theirs(4, 3, 5, balance=160)], 50, 160, 50, []),
    ],
)  # fmt: skip
def test_the_sums_of_a_statement(
    lines: list[TheirLine], opening: int, closing: int, ours_fen: int, expected: list[WrongSum]
) -> None:
    assert wrong_sums(lines, opening, closing, ours_fen) == expected
