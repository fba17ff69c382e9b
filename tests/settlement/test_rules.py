"""The share, the exceptions of the close, and computing it again."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, strategies as st

from market.money import MAX_FEN
from market.settlement.rules import (
    FAR,
    MAX_BASIS_POINTS,
    MOST_WHILE_UNKNOWN_FEN,
    NO_TERMS,
    CloseFault,
    CloseGap,
    CloseTiming,
    Completeness,
    Due,
    LineFacts,
    Miscount,
    Sold,
    StallFactsAtClose,
    Terms,
    TermsKind,
    Tier,
    close_fault,
    close_gaps,
    doubt,
    due_close,
    gift_doubt,
    miscounts,
    plain_terms,
    restatement,
    share,
    terms_facts,
    terms_fault,
    terms_for_category,
)
from market.vendors.rules import Category


def percent(basis_points: int, **more: int) -> Terms:
    return Terms(TermsKind.PERCENT, basis_points=basis_points, **more)  # type: ignore[arg-type]  # numbers by name


def fixed(fen: int, **more: int) -> Terms:
    return Terms(TermsKind.FIXED, fixed_fen=fen, **more)  # type: ignore[arg-type]  # numbers by name


def tiers(*pairs: tuple[int, int], **more: int) -> Terms:
    return Terms(TermsKind.TIERS, tiers=tuple(Tier(*pair) for pair in pairs), **more)  # type: ignore[arg-type]  # numbers by name


THREE_THEN_FIVE = ((0, 300), (100_000, 500))
F = CloseFault
TWO_AND_48 = CloseTiming(2, 48)
FEN = st.integers(0, MAX_FEN)
POINTS = st.integers(1, MAX_BASIS_POINTS)


@st.composite
def promised(draw: st.DrawFn) -> Terms:
    """A percentage or tiers, with every clause: never more than was sold."""
    floor, cap = sorted((draw(FEN), draw(FEN)))
    clauses: dict[str, int] = {
        "floor_fen": draw(st.sampled_from((0, floor))),
        "cap_fen": draw(st.sampled_from((0, cap))),
        "threshold_fen": draw(st.one_of(st.just(0), FEN)),
    }
    if draw(st.booleans()):
        return percent(draw(POINTS), **clauses)
    begins = draw(st.lists(st.integers(1, MAX_FEN), min_size=1, max_size=3, unique=True))
    return tiers(*((begin, draw(POINTS)) for begin in (0, *sorted(begins))), **clauses)


TERMS = st.one_of(promised(), st.integers(1, MAX_FEN).map(fixed), st.just(NO_TERMS))

# ── the share ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("takings", "terms", "chosen", "expected"),
    [
        (90_000, percent(500), None, 4_500),
        (0, percent(500), None, 0),
        (9, percent(500), None, 0),
        (10, percent(500), None, 1),
        (30, percent(500), None, 2),
        (33_333, percent(333), None, 1_110),
        (1, percent(10_000), None, 1),
        (90_000, fixed(2_000), None, 2_000),
        (1, fixed(2_000), None, 2_000),
        (0, fixed(2_000), None, 0),
        (90_000, NO_TERMS, None, 0),
        (100_000, tiers(*THREE_THEN_FIVE), None, 3_000),
        (100_001, tiers(*THREE_THEN_FIVE), None, 3_000),
        (100_010, tiers(*THREE_THEN_FIVE), None, 3_001),
        (150_000, tiers(*THREE_THEN_FIVE), None, 5_500),
        (17, tiers((0, 300), (10, 300)), None, 1),  # rounded once: apart, 0.3 and 0.2 would be nothing
        (50_000, tiers((0, 0), (100_000, 500)), None, 0),
        (400_000, tiers((0, 100), (100_000, 200), (200_000, 300)), None, 9_000),
        (90_000, percent(500, threshold_fen=90_001), None, 0),
        (90_000, percent(500, threshold_fen=90_000), None, 4_500),
        (90_000, fixed(2_000, threshold_fen=90_001), None, 0),
        (90_000, fixed(2_000, threshold_fen=90_000), None, 2_000),
        (10_000, percent(500, floor_fen=1_000), None, 1_000),
        (600, percent(500, floor_fen=1_000), None, 600),
        (0, percent(500, floor_fen=1_000), None, 0),
        (500_000, percent(500, cap_fen=10_000), None, 10_000),
        (90_000, percent(500, cap_fen=10_000), None, 4_500),
        (500_000, percent(500, cap_fen=10_000), 20_000, 20_000),
        (90_000, percent(500), 0, 0),
        (90_000, percent(500), 10_000, 10_000),
        (0, fixed(2_000), 500, 500),
        (90_000, NO_TERMS, 100, 100),
    ],
)
def test_the_share_of_a_vendor(takings: int, terms: Terms, chosen: int | None, expected: int) -> None:
    assert share(takings, terms, chosen) == expected


@given(FEN, POINTS)
def test_a_percentage_is_rounded_half_up_to_the_fen(takings: int, points: int) -> None:
    exact = Fraction(takings * points, MAX_BASIS_POINTS)
    given_fen = share(takings, percent(points))
    assert -Fraction(1, 2) < given_fen - exact <= Fraction(1, 2)
    assert given_fen <= takings


@given(FEN, FEN, POINTS)
def test_who_sells_more_gives_no_less(one: int, other: int, points: int) -> None:
    less, more = sorted((one, other))
    assert share(less, percent(points)) <= share(more, percent(points))


@given(FEN, FEN, TERMS)
def test_whatever_was_agreed_who_sells_more_gives_no_less(one: int, other: int, terms: Terms) -> None:
    less, more = sorted((one, other))
    assert share(less, terms) <= share(more, terms)


@given(FEN, promised())
def test_what_is_promised_of_the_takings_is_never_more_than_they_are(takings: int, terms: Terms) -> None:
    given_fen = share(takings, terms)
    assert isinstance(given_fen, int)
    assert 0 <= given_fen <= takings
    assert given_fen <= (terms.cap_fen or given_fen)
    if takings < terms.threshold_fen:
        assert given_fen == 0
    elif not terms.cap_fen:
        assert given_fen >= min(terms.floor_fen, takings)


@given(FEN, st.lists(st.integers(1, MAX_FEN), min_size=1, max_size=3, unique=True), POINTS)
def test_tiers_of_one_percentage_are_that_percentage(takings: int, begins: list[int], points: int) -> None:
    cut = tiers(*((begin, points) for begin in (0, *sorted(begins))))
    assert share(takings, cut) == share(takings, percent(points))


@given(
    FEN,
    st.lists(st.tuples(st.integers(1, MAX_FEN), POINTS), min_size=1, max_size=3, unique_by=lambda t: t[0]),
)
def test_tiers_together_are_rounded_half_up_once(takings: int, above: list[tuple[int, int]]) -> None:
    cut = [(0, 300), *sorted(above)]
    ends = [begin for begin, _points in cut[1:]] + [MAX_FEN * 2]
    exact = sum(
        Fraction(max(0, min(takings, end) - begin) * points, MAX_BASIS_POINTS)
        for (begin, points), end in zip(cut, ends, strict=True)
    )
    assert -Fraction(1, 2) < share(takings, tiers(*cut)) - exact <= Fraction(1, 2)


def test_an_exempt_category_gives_nothing_and_the_line_says_why() -> None:
    terms = Terms(TermsKind.PERCENT, basis_points=500, exempt=frozenset({Category.HAIRCUT, Category.CRAFT}))
    assert terms_for_category(terms, Category.PRODUCE) is terms
    barber = terms_for_category(terms, Category.HAIRCUT)
    assert barber == Terms(TermsKind.NONE, exempt=frozenset({Category.HAIRCUT}))
    assert share(90_000, barber) == 0
    assert share(90_000, barber, 500) == 500


@given(FEN, st.integers(1, MAX_FEN))
def test_a_fixed_sum_is_given_only_on_a_day_with_takings(takings: int, fen: int) -> None:
    assert share(takings, fixed(fen)) == (fen if takings else 0)


@given(FEN, TERMS, FEN)
def test_what_a_vendor_chose_counts_alone(takings: int, terms: Terms, chosen: int) -> None:
    assert share(takings, terms, chosen) == chosen


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (percent(1), None),
        (percent(10_000), None),
        (percent(0), "percent_range"),
        (percent(-1), "percent_range"),
        (percent(10_001), "percent_range"),
        (fixed(1), None),
        (fixed(MAX_FEN), None),
        (fixed(0), "fixed_range"),
        (fixed(MAX_FEN + 1), "fixed_range"),
        (NO_TERMS, None),
        (tiers(*THREE_THEN_FIVE), None),
        (tiers((0, 0), (1, 1), (2, 2), (MAX_FEN, MAX_BASIS_POINTS)), None),
        (tiers(), "tiers_order"),
        (tiers((0, 300)), "tiers_order"),
        (tiers((0, 1), (1, 1), (2, 1), (3, 1), (4, 1)), "tiers_order"),
        (tiers((1, 300), (100_000, 500)), "tiers_order"),
        (tiers((0, 300), (0, 500)), "tiers_order"),
        (tiers((0, 300), (200, 500), (100, 600)), "tiers_order"),
        (tiers((0, 300), (MAX_FEN + 1, 500)), "tiers_order"),
        (tiers((0, -1), (100, 500)), "tiers_order"),
        (tiers((0, 300), (100, MAX_BASIS_POINTS + 1)), "tiers_order"),
        (tiers((0, 0), (100, 0)), "tiers_order"),
        (percent(500, floor_fen=100, cap_fen=100), None),
        (percent(500, floor_fen=101, cap_fen=100), "floor_above_cap"),
        (percent(500, floor_fen=101), None),
        (percent(500, floor_fen=-1), "limits_range"),
        (percent(500, floor_fen=2, cap_fen=1), "floor_above_cap"),
        (percent(500, cap_fen=MAX_FEN), None),
        (percent(500, cap_fen=MAX_FEN + 1), "limits_range"),
        (fixed(1, threshold_fen=-1), "limits_range"),
    ],
)
def test_agreements_nobody_can_mean_are_faulty(terms: Terms, fault: str | None) -> None:
    assert terms_fault(terms) == fault


def test_numbers_that_do_not_belong_to_an_agreement_are_left_out() -> None:
    assert plain_terms(Terms(TermsKind.PERCENT, 500, 2_000)) == percent(500)
    assert plain_terms(Terms(TermsKind.FIXED, 500, 2_000)) == fixed(2_000)
    assert plain_terms(Terms(TermsKind.NONE, 500, 2_000)) == NO_TERMS
    assert plain_terms(tiers(*THREE_THEN_FIVE, basis_points=500, fixed_fen=3)) == tiers(*THREE_THEN_FIVE)
    assert plain_terms(fixed(2_000, floor_fen=5, cap_fen=9, threshold_fen=7)) == fixed(2_000, threshold_fen=7)
    limits = {"floor_fen": 5, "cap_fen": 9, "threshold_fen": 7}
    assert plain_terms(percent(500, **limits)) == percent(500, **limits)
    assert plain_terms(tiers(*THREE_THEN_FIVE, **limits)) == tiers(*THREE_THEN_FIVE, **limits)
    assert plain_terms(Terms(TermsKind.NONE, tiers=tiers(*THREE_THEN_FIVE).tiers)) == NO_TERMS
    assert plain_terms(Terms(TermsKind.TIERS, floor_fen=5)) == NO_TERMS
    assert plain_terms(Terms(TermsKind.NONE, 0, 0, (), 5, 9, 7)) == NO_TERMS


# ── the close ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scanned", "takings", "gives", "waived", "fault"),
    [
        (True, 900, 45, (), None),
        (True, 0, 0, (), None),
        (True, 900, 900, (), None),
        (False, None, 0, (), F.NOT_SCANNED),
        (False, 900, 45, (), F.REPORTED_NOT_SCANNED),
        (False, 0, 0, (), F.REPORTED_NOT_SCANNED),
        (True, None, 0, (), F.NOT_REPORTED),
        (True, 900, 901, (), F.GIVES_MORE_THAN_SOLD),
        (False, 900, 901, (), F.REPORTED_NOT_SCANNED),
        (False, 900, 901, (F.REPORTED_NOT_SCANNED,), F.GIVES_MORE_THAN_SOLD),
        (False, 900, 901, (F.REPORTED_NOT_SCANNED, F.GIVES_MORE_THAN_SOLD), None),
        (False, None, 0, (F.NOT_SCANNED,), F.NOT_REPORTED),
        (False, None, 0, (F.NOT_SCANNED, F.NOT_REPORTED), None),
        (False, 900, 45, (F.NOT_SCANNED,), None),
        (True, None, 0, (F.NOT_REPORTED,), None),
        (True, 900, 901, (F.NOT_REPORTED,), F.GIVES_MORE_THAN_SOLD),
    ],
)
def test_the_first_thing_that_does_not_agree(
    scanned: bool, takings: int | None, gives: int, waived: tuple[F, ...], fault: F | None
) -> None:
    assert close_fault(StallFactsAtClose("v", scanned, takings, gives, frozenset(waived))) == fault


def test_a_stall_that_sells_nothing_owes_no_report_but_should_have_been_there() -> None:
    assert close_fault(StallFactsAtClose("v", True, None, sells=False)) is None
    assert close_fault(StallFactsAtClose("v", False, None, sells=False)) == F.NOT_SCANNED


@pytest.mark.parametrize(
    ("scanned", "takings", "gives"), list(product((True, False), (None, 0, 900), (0, 45, 901)))
)
def test_accepting_what_is_named_always_ends(scanned: bool, takings: int | None, gives: int) -> None:
    waived: frozenset[F] = frozenset()
    for _turn in range(3):
        fault = close_fault(StallFactsAtClose("v", scanned, takings, gives, waived))
        if fault is None:
            break
        assert fault not in waived
        waived |= {fault}
    assert close_fault(StallFactsAtClose("v", scanned, takings, gives, waived)) is None


# ── computing it again ────────────────────────────────────────────────────────────────────────────────────

LINES = st.lists(st.tuples(FEN, TERMS, st.one_of(st.none(), FEN)), max_size=12).map(
    lambda rows: [
        LineFacts(f"A{number:02d}", takings, terms, chosen, share(takings, terms, chosen))
        for number, (takings, terms, chosen) in enumerate(rows)
    ]
)


def totals(lines: list[LineFacts]) -> tuple[int, int, int]:
    return len(lines), sum(line.takings_fen for line in lines), sum(line.contribution_fen for line in lines)


@given(LINES)
def test_a_settlement_made_of_its_lines_has_no_miscount(lines: list[LineFacts]) -> None:
    assert miscounts(lines, *totals(lines)) == []


def test_a_miscount_is_named_with_both_numbers() -> None:
    lines = [LineFacts("A01", 90_000, percent(500), None, 4_501)]
    found = miscounts(lines, 2, 90_001, 4_500)
    assert found == [
        Miscount("A01", 4_500, 4_501),
        Miscount("vendors", 1, 2),
        Miscount("takings", 90_000, 90_001),
        Miscount("contribution", 4_501, 4_500),
    ]
    assert str(found[0]) == "A01: 4500 ≠ 4501"


# ── what may be published ─────────────────────────────────────────────────────────────────────────────────


# ── can it be meant ───────────────────────────────────────────────────────────────────────────────────────

OWN, FEW, OTHERS = Sold(3, 50_000, 110_000), Sold(2, 50_000, 110_000), Sold(9, 2_000, 40_000)


@pytest.mark.parametrize(
    ("yuan", "own", "others", "asked"),
    [
        (880, OWN, OTHERS, False),
        (5_500, OWN, OTHERS, False),
        (5_501, OWN, OTHERS, True),
        (8_800, OWN, None, True),
        (25, OWN, None, False),
        (24, OWN, None, True),
        (0, OWN, OTHERS, False),
        (5_501, FEW, None, True),
        (2_001, FEW, OTHERS, True),
        (2_000, FEW, OTHERS, False),
        (200, None, Sold(1, 2_000, 2_000), False),
        (50_000, None, None, False),
        (50_001, None, None, True),
        (1, None, None, False),
        (99_999_999, OWN, OTHERS, True),
        (880_540_770, None, OTHERS, True),
    ],
)
def test_a_figure_far_from_what_is_usual_is_asked_about(
    yuan: int, own: Sold | None, others: Sold | None, asked: bool
) -> None:
    assert (doubt(yuan * 100, own, others) is not None) is asked


def test_what_is_usual_for_several_spans_all_of_it() -> None:
    assert OWN.with_others(OTHERS) == Sold(12, 2_000, 110_000)
    assert OWN.with_others(None) == OWN


# ── what the accounts of a market must hold ───────────────────────────────────────────────────────────────


def corrected_after_arrival(arrived: int, *, to: int) -> dict[str, int]:
    """What reversing and posting anew leave behind."""
    return {"1001": arrived, "1003": to - arrived, "2001": arrived - to, "4101": -arrived}


@pytest.mark.parametrize(
    ("position", "contribution", "expected"),
    [
        ({"1003": 80, "2001": -80}, 80, {}),
        ({"1001": 80, "1003": 0, "2001": 0, "4101": -80}, 80, {}),
        ({"1003": 80, "4101": -80}, 80, {"2001": -80, "4101": 80}),
        (corrected_after_arrival(80, to=0), 0, {"1003": 80, "2001": -80, "2002": -80, "4101": 80}),
        (corrected_after_arrival(80, to=50), 50, {"1003": 30, "2001": -30, "2002": -30, "4101": 30}),
        ({}, 0, {}),
    ],
)
def test_the_accounts_of_a_market_are_brought_to_what_holds(
    position: dict[str, int], contribution: int, expected: dict[str, int]
) -> None:
    assert {line.account: line.amount_fen for line in restatement(position, contribution)} == expected


@given(st.integers(0, MAX_FEN), st.integers(0, MAX_FEN), st.integers(0, MAX_FEN))
def test_a_restatement_balances_and_is_final(arrived: int, booked: int, contribution: int) -> None:
    """Whatever was booked as on its way: afterwards nothing is negative, and a second one changes nothing."""
    position = {"1001": arrived, "1003": booked - arrived, "2001": arrived - booked, "4101": -arrived}
    lines = restatement(position, contribution)
    assert sum(line.amount_fen for line in lines) == 0
    for line in lines:
        position[line.account] = position.get(line.account, 0) + line.amount_fen
    assert restatement(position, contribution) == []
    assert position["1003"] == max(0, contribution - arrived) == -position["2001"]
    assert -position.get("2002", 0) == max(0, arrived - contribution)
    assert -position["4101"] == min(arrived, contribution)


@pytest.mark.parametrize(
    ("gift", "vendor", "category", "asked"),
    [
        (FAR * 110_000 + 1, OWN, None, True),
        (FAR * 110_000, OWN, None, False),
        (1, OWN, None, False),  # far below what is sold, as a gift should be
        (0, OWN, None, False),
        (MOST_WHILE_UNKNOWN_FEN + 1, None, None, True),
        (MOST_WHILE_UNKNOWN_FEN, None, None, False),
        (FAR * 40_000 + 1, None, OTHERS, True),
        (FAR * 40_000, FEW, OTHERS, False),
    ],
)
def test_a_gift_is_doubted_only_when_it_is_more_than_anybody_sells(
    gift: int, vendor: Sold | None, category: Sold | None, asked: bool
) -> None:
    usual = vendor if vendor is OWN else category or Sold(0, 0, MOST_WHILE_UNKNOWN_FEN)
    assert gift_doubt(gift, vendor, category) == (usual if asked else None)


@pytest.mark.parametrize(
    ("known", "gaps"),
    [
        (Completeness(1, 0), []),
        (Completeness(0, 0), [(CloseGap.NOT_COUNTED, 1)]),
        (Completeness(0, 9), [(CloseGap.NOT_COUNTED, 1)]),
        (Completeness(4, 5), [(CloseGap.PARTLY_COUNTED, 5)]),
        (
            Completeness(1, 2, 3, 4, 5, 6),
            [
                (CloseGap.PARTLY_COUNTED, 2),
                (CloseGap.NO_TAKINGS, 3),
                (CloseGap.GIFT_ONLY, 4),
                (CloseGap.ESTIMATED, 5),
                (CloseGap.ACCEPTED, 6),
            ],
        ),
    ],
)
def test_what_is_missing_is_named_with_how_many(
    known: Completeness, gaps: list[tuple[CloseGap, int]]
) -> None:
    assert close_gaps(known) == gaps


def test_the_audit_trail_keeps_what_was_agreed_and_nothing_else() -> None:
    assert terms_facts(percent(500)) == {"kind": "percent", "basis_points": 500, "fixed_fen": 0}
    assert terms_facts(fixed(2_000)) == {"kind": "fixed", "basis_points": 0, "fixed_fen": 2_000}
    agreed = Terms(
        TermsKind.TIERS,
        tiers=(Tier(0, 300), Tier(100_000, 500)),
        floor_fen=1,
        cap_fen=2,
        threshold_fen=3,
        exempt=frozenset({Category.PRODUCE, Category.CRAFT}),
    )
    assert terms_facts(agreed) == {
        "kind": "tiers",
        "basis_points": 0,
        "fixed_fen": 0,
        "tiers": [[0, 300], [100_000, 500]],
        "floor_fen": 1,
        "cap_fen": 2,
        "threshold_fen": 3,
        "exempt": sorted([Category.CRAFT.value, Category.PRODUCE.value]),
    }


@pytest.mark.parametrize(
    ("faults", "gaps", "hours", "timing", "due"),
    [
        ((), 0, 1.9, TWO_AND_48, Due.WAIT),
        ((), 0, 2, TWO_AND_48, Due.SETTLE),
        ((), 1, 2, TWO_AND_48, Due.WAIT),
        ((), 1, 48, TWO_AND_48, Due.SETTLE),
        ((), 1, 1_000, CloseTiming(2, None), Due.WAIT),
        ((), 0, 1_000, CloseTiming(2, None), Due.SETTLE),
        ((F.NOT_REPORTED,), 1, 47.9, TWO_AND_48, Due.WAIT),
        ((F.NOT_REPORTED,), 1, 48, TWO_AND_48, Due.SETTLE),
        ((F.NOT_REPORTED, F.REPORTED_NOT_SCANNED), 0, 48, TWO_AND_48, Due.SETTLE),
        ((F.NOT_SCANNED,), 0, 48, TWO_AND_48, Due.NEEDS_PERSON),
        ((F.GIVES_MORE_THAN_SOLD,), 0, 48, TWO_AND_48, Due.NEEDS_PERSON),
        ((F.NOT_REPORTED, F.NOT_SCANNED), 0, 48, TWO_AND_48, Due.NEEDS_PERSON),
        ((), 0, 0, CloseTiming(0, 0), Due.SETTLE),
    ],
)
def test_when_the_clock_settles(
    faults: tuple[CloseFault, ...], gaps: int, hours: float, timing: CloseTiming, due: Due
) -> None:
    assert due_close(faults, gaps, hours, timing) is due
