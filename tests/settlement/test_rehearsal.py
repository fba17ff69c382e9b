"""Trying a new suggestion on markets that are over."""

from __future__ import annotations

from itertools import product

from flask import Flask
from hypothesis import given, strategies as st

from market.settlement.rehearsal import Effect, PastLine, Rehearsal, Size, rehearse
from market.settlement.rules import (
    NO_TERMS,
    Terms,
    TermsKind,
    Tier,
    share,
    terms_for_category,
)
from market.settlement.words import group_word
from market.vendors.rules import Category

FIVE = Terms(TermsKind.PERCENT, basis_points=500)
THREE = Terms(TermsKind.PERCENT, basis_points=300)
UPWARDS = Terms(TermsKind.TIERS, tiers=(Tier(0, 100), Tier(100_000, 1_000)))


def line(vendor: int, takings: int, terms: Terms = FIVE, category: Category = Category.PRODUCE) -> PastLine:
    return PastLine(vendor, category, takings, terms, None, share(takings, terms))


SMALLEST_GROUP = 3


def test_everybody_who_gives_is_counted_again() -> None:
    found = rehearse([line(n, 10_000 * n) for n in range(1, 4)], THREE, SMALLEST_GROUP)
    assert found.whole == Effect(None, 3, 3_000, 1_800, more=0, less=3)
    assert found.whole.difference_fen == -1_200
    assert found.by_category == [Effect(Category.PRODUCE, 3, 3_000, 1_800, more=0, less=3)]


def test_who_gives_nothing_or_chose_a_sum_stays_as_it_was() -> None:
    chose = PastLine(7, Category.PRODUCE, 50_000, FIVE, 100, 100)
    silent = PastLine(8, Category.PRODUCE, 0, FIVE, 900, 900, gift_only=True)
    found = rehearse([line(1, 10_000), line(2, 10_000, NO_TERMS), chose, silent], THREE, SMALLEST_GROUP)
    assert (found.whole.vendors, found.untouched) == (1, 3)


def test_who_was_exempt_before_is_counted_when_the_new_terms_ask_them() -> None:
    exempt = terms_for_category(
        Terms(TermsKind.PERCENT, 500, exempt=frozenset({Category.CRAFT})), Category.CRAFT
    )
    found = rehearse([line(1, 10_000, exempt, Category.CRAFT)], THREE, SMALLEST_GROUP)
    assert (found.whole.before_fen, found.whole.after_fen, found.whole.more) == (0, 300, 1)


def test_an_exempt_category_gives_nothing_any_more() -> None:
    new = Terms(TermsKind.PERCENT, 500, exempt=frozenset({Category.CRAFT}))
    found = rehearse([line(n, 10_000, category=Category.CRAFT) for n in range(3)], new, SMALLEST_GROUP)
    assert found.by_category == [Effect(Category.CRAFT, 3, 1_500, 0, less=3)]


def test_small_categories_are_one_group_and_hide_behind_another_where_that_is_small_too() -> None:
    produce = [line(n, 10_000) for n in range(5)]
    crafts = [line(10 + n, 20_000, category=Category.CRAFT) for n in range(3)]
    barber = [line(20, 30_000, category=Category.HAIRCUT)]
    found = rehearse([*produce, *crafts, *barber], THREE, SMALLEST_GROUP)
    assert [(effect.group, effect.vendors) for effect in found.by_category] == [
        (Category.PRODUCE, 5),
        (None, 4),
    ]
    assert rehearse(barber, THREE, SMALLEST_GROUP).by_category == []


def test_every_group_has_a_name(context: Flask) -> None:
    groups = (Category.PRODUCE, None, Size.SMALL)
    assert [str(group_word(group)) for group in groups] == ["蔬菜水果", "其他品类合起来", "卖得少的三分之一"]


def test_thirds_by_size_show_who_carries_a_rule_that_rises() -> None:
    lines = [line(n, 30_000 * n) for n in range(1, 10)]
    sizes = rehearse(lines, UPWARDS, SMALLEST_GROUP).by_size
    assert [(one.group, one.vendors, one.more, one.less) for one in sizes] == [
        (Size.SMALL, 3, 0, 3),
        (Size.MIDDLE, 3, 0, 2),
        (Size.LARGE, 3, 3, 0),
    ]
    assert rehearse(lines[:8], UPWARDS, SMALLEST_GROUP).by_size == []


LINES = st.lists(
    st.builds(line, st.integers(0, 30), st.integers(0, 500_000), st.sampled_from((FIVE, THREE, NO_TERMS))),
    max_size=60,
)


@given(LINES)
def test_the_same_terms_again_change_nothing(lines: list[PastLine]) -> None:
    found = rehearse([one for one in lines if one.terms is FIVE], FIVE, SMALLEST_GROUP)
    assert found.whole.difference_fen == found.whole.more == found.whole.less == 0


@given(LINES, st.lists(st.sampled_from(list(Category)), min_size=60, max_size=60))
def test_groups_hide_everybody_and_add_up(lines: list[PastLine], categories: list[Category]) -> None:
    lines = [
        PastLine(one.vendor, categories[one.vendor], one.takings_fen, one.terms, None, one.contribution_fen)
        for one in lines
    ]
    found: Rehearsal = rehearse(lines, UPWARDS, SMALLEST_GROUP)
    for groups, kind in product((found.by_category, found.by_size), ("before_fen", "after_fen", "vendors")):
        if groups:
            assert sum(getattr(one, kind) for one in groups) == getattr(found.whole, kind)
            assert min(one.vendors for one in groups) >= SMALLEST_GROUP
