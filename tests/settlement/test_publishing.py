"""What is published of markets: no single vendor's figure, however the sums are added and subtracted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings, strategies as st

from market.money import MAX_FEN
from market.settlement import publishing
from market.settlement.publishing import GroupTotal, Told, group_totals, pools, shown_alone

FEN = st.integers(0, MAX_FEN)


# ── by category ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stalls", "expected"),
    [
        ("", []),
        ("aa", []),
        ("aab", [GroupTotal("", 3, 6)]),
        ("aaa", [GroupTotal("a", 3, 6)]),
        ("aaabbb", [GroupTotal("b", 3, 15), GroupTotal("a", 3, 6)]),
        ("aaabbbc", [GroupTotal("b", 3, 15), GroupTotal("", 4, 13)]),
        ("aaaabbbcc", [GroupTotal("a", 4, 10), GroupTotal("", 5, 35)]),
        ("aaabc", [GroupTotal("", 5, 15)]),
        ("aaabcd", [GroupTotal("", 3, 15), GroupTotal("a", 3, 6)]),
    ],
)
def test_totals_are_published_from_three_givers_on(stalls: str, expected: list[GroupTotal]) -> None:
    given_by_stall = [(category, number) for number, category in enumerate(stalls, 1)]
    assert sorted(group_totals(given_by_stall, 3), key=str) == sorted(expected, key=str)


def test_the_category_that_gave_most_comes_first() -> None:
    lines = [(name, fen) for name, fen in (("菜", 100), ("花", 300), ("鞋", 200)) for _stall in range(3)]
    assert [group.name for group in group_totals(lines, 3)] == ["花", "鞋", "菜"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), FEN), max_size=40))
def test_published_totals_are_the_whole_and_hide_everyone(lines: list[tuple[str, int]]) -> None:
    groups = group_totals(lines, 3)
    assert all(group.stalls >= 3 for group in groups)
    if sum(fen > 0 for _name, fen in lines) >= 3:
        assert sum(group.contribution_fen for group in groups) == sum(fen for _name, fen in lines)
        assert sum(group.stalls for group in groups) == len(lines)
    else:
        assert groups == []


def test_who_gives_nothing_hides_nobody() -> None:
    assert group_totals([("菜", 500), ("菜", 0), ("菜", 0), ("花", 1)], 3) == []


# ── over time ─────────────────────────────────────────────────────────────────────────────────────────────

Shown = list[tuple[list[int], bool, bool]]


def told(*revisions: tuple[int, str]) -> list[Told]:
    """`(1, "abC")`: market 1, vendors a, b and c give; a capital is another figure than the small letter."""
    return [Told(market, {ord(name.lower()): ord(name) for name in names}) for market, names in revisions]


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        ([], []),
        ([(1, "abc")], [([0], False, True)]),
        ([(1, "ab")], [([0], True, False)]),
        ([(1, "ab"), (2, "ab")], [([0, 1], True, False)]),
        ([(1, "ab"), (2, "bc")], [([0, 1], True, True)]),
        ([(1, "abc"), (2, "abc")], [([0], False, True), ([1], False, True)]),
        ([(1, "abc"), (1, "abC")], [([0], False, True), ([1], True, False)]),
        ([(1, "abc"), (1, "abC"), (2, "abc")], [([0], False, True), ([1, 2], True, True)]),
        ([(1, "abc"), (1, "ABC")], [([0], False, True), ([1], False, True)]),
        ([(1, "abc"), (1, "abC"), (1, "aBC"), (1, "ABC")], [([0], False, True), ([1, 2, 3], True, True)]),
        ([(1, "abc"), (1, "abC"), (1, "abc"), (2, "de")], [([0], False, True), ([1, 2, 3], True, False)]),
        (
            [(1, "abc"), (1, "abC"), (2, "abc"), (1, "ABC"), (3, "abc")],
            [([0], False, True), ([1, 2], True, True), ([3, 4], True, True)],
        ),
    ],
)
def test_what_concerns_too_few_vendors_goes_with_what_comes_next(
    revisions: list[tuple[int, str]], expected: Shown
) -> None:
    found = pools(told(*revisions), 3)
    assert [(pool.members, pool.joint, pool.complete) for pool in found] == expected


def test_nothing_given_counts_as_known() -> None:
    found = pools([Told(1, {1: 5, 2: 0, 3: 0, 4: 0})], 3)
    assert [pool.complete for pool in found] == [False]


@pytest.mark.parametrize(
    ("revisions", "shown"),
    [("abc", 0), ("ab", None), ("abc abC", 0), ("abc abC aBC ABC", 3), ("ab abc", 1), ("abc ABC", 1)],
)
def test_the_newest_total_that_brings_enough_is_shown(revisions: str, shown: int | None) -> None:
    figures = [one.figures for one in told(*((1, names) for names in revisions.split()))]
    assert shown_alone(figures, 3) == shown


# ── solving for one ───────────────────────────────────────────────────────────────────────────────────────

Unknown = tuple[int, int, int]
"""Market, vendor, figure: a number that nobody outside knows."""
Row = dict[Unknown, int]


def functional(one: Told, sign: int = 1) -> Row:
    return {(one.market, vendor, fen): sign for vendor, fen in one.figures.items() if fen}


def public_rows(revisions: Sequence[Told], smallest: int) -> list[Row]:
    """Everything public, as sums of unknowns: totals of markets, of categories, joint sums."""
    rows: list[Row] = []
    before: dict[int, Told] = {}
    for pool in pools(revisions, smallest):
        if not pool.complete:
            continue
        if not pool.joint:
            one = revisions[pool.members[0]]
            rows.append(functional(one))
            if one.market not in before:
                rows += by_category(one, smallest)
            before[one.market] = one
        else:
            rows.append(joint_row(revisions, pool.members, before))
    return rows


def joint_row(revisions: Sequence[Told], members: Sequence[int], before: dict[int, Told]) -> Row:
    row: defaultdict[Unknown, int] = defaultdict(int)
    for market, one in {revisions[n].market: revisions[n] for n in members}.items():
        for unknown, sign in functional(one).items():
            row[unknown] += sign
        for unknown, sign in functional(before.get(market, Told(market, {})), -1).items():
            row[unknown] += sign
        before[market] = one
    return {unknown: factor for unknown, factor in row.items() if factor}


def by_category(one: Told, smallest: int) -> Iterator[Row]:
    """Vendors with even numbers sell one thing, the others another."""
    lines = [(str(vendor % 2), fen) for vendor, fen in one.figures.items()]
    shown = {group.name for group in group_totals(lines, smallest)}
    for name in shown - {""}:
        part = {vendor: fen for vendor, fen in one.figures.items() if str(vendor % 2) == name}
        yield functional(Told(one.market, part))


def rank(rows: Sequence[Sequence[int]]) -> int:
    matrix, found = [[Fraction(value) for value in row] for row in rows], 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((row for row in matrix[found:] if row[column]), None)
        if pivot is None:
            continue
        matrix.remove(pivot)
        matrix.insert(found, pivot)
        for row in matrix[found + 1 :]:
            factor = row[column] / pivot[column]
            row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        found += 1
    return found


def solved(rows: Sequence[Row], smallest: int) -> tuple[int, ...] | None:
    """Vendors, fewer than `smallest`, of whom alone some combination of the sums speaks; None: nobody.

    A combination in which nobody else stands exists when leaving out their columns lowers the rank.
    """
    unknowns = sorted({unknown for row in rows for unknown in row})
    vendors = sorted({vendor for _market, vendor, _fen in unknowns})
    whole = rank([[row.get(unknown, 0) for unknown in unknowns] for row in rows])
    for few in (group for size in range(1, smallest) for group in combinations(vendors, size)):
        others = [unknown for unknown in unknowns if unknown[1] not in few]
        if rank([[row.get(unknown, 0) for unknown in others] for row in rows]) < whole:
            return few
    return None


FIGURES = st.dictionaries(st.integers(1, 6), st.integers(0, 3), max_size=6)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Markets and corrections of one vendor or several, in any order."""
    current: dict[int, dict[int, int]] = {}
    found = []
    for _step in range(draw(st.integers(1, 7))):
        market = draw(st.integers(1, 3))
        if market not in current:
            current[market] = draw(FIGURES)
        elif current[market]:
            for vendor in draw(st.sets(st.sampled_from(sorted(current[market])), min_size=1, max_size=4)):
                current[market] = {**current[market], vendor: draw(st.integers(0, 3))}
        found.append(Told(market, dict(current[market])))
    return found


@given(histories(), st.integers(2, 4))
def test_nobody_can_be_solved_for_from_everything_public(revisions: list[Told], smallest: int) -> None:
    assert solved(public_rows(revisions, smallest), smallest) is None


def bundle_rows(revisions: Sequence[Told], smallest: int) -> list[Row]:
    """What one bundle says: each revision whose contribution is no null, groups of what was never corrected,
    sums of the withheld ones. Markets are numbered anew for takings, which are figures of their own."""
    rows: list[Row] = []
    before: dict[int, Told] = {}
    counted = Counter(one.market for one in revisions)
    for pool in pools(revisions, smallest):
        for member in pool.members if not pool.joint else ():
            one = revisions[member]
            rows.append(functional(one))
            rows += by_category(one, smallest) if counted[one.market] == 1 else ()
            before[one.market] = one
        if pool.joint and pool.complete:
            rows.append(joint_row(revisions, pool.members, before))
    for market in counted:
        of_market = [one for one in revisions if one.market == market]
        sold = shown_alone([one.figures for one in of_market], smallest)
        if sold is not None:
            rows.append(functional(Told(100 + market, of_market[sold].figures)))
    return rows


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(histories(), st.integers(2, 4))
def test_nobody_can_be_solved_for_from_every_bundle_and_every_page(
    revisions: list[Told], smallest: int
) -> None:
    """Somebody keeps the bundle of each day, and what the pages said on it."""
    rows: list[Row] = []
    for end in range(1, len(revisions) + 1):
        rows += bundle_rows(revisions[:end], smallest) + public_rows(revisions[:end], smallest)
    distinct = [dict(row) for row in {tuple(sorted(row.items())) for row in rows if row}]
    assert solved(distinct, smallest) is None


@given(histories())
def test_every_revision_is_published_once_or_waits_at_the_end(revisions: list[Told]) -> None:
    found = pools(revisions, 3)
    assert [member for pool in found for member in pool.members] == list(range(len(revisions)))
    assert all(pool.complete for pool in found[:-1])


def test_without_the_rule_a_correction_gives_its_vendor_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each revision published by itself, as it was before."""
    revisions = told((1, "abcd"), (1, "abcD"))
    assert solved(public_rows(revisions, 3), 3) is None
    monkeypatch.setattr(publishing._Known, "says_enough", lambda _self, _latest: True)
    assert solved(public_rows(revisions, 3), 3) == (ord("d"),)


def test_without_mixing_a_later_total_gives_an_earlier_part_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the second half: a market once published with others is never published alone again."""
    revisions = told((1, "abcd"), (1, "abcD"), (2, "abc"), (1, "ABCD"))
    assert solved(public_rows(revisions, 3), 3) is None
    assert [pool.joint for pool in pools(revisions, 3)] == [False, True, True]
