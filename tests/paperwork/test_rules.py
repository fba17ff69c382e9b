"""How many a plaza holds, which text counts, how a line with a telephone is read."""

from __future__ import annotations

import pytest

from market.calendar.rules import HEADINGS, PlanPart, plan_texts_in_force
from market.paperwork.plan_words import DEFAULTS, PART_WORDS
from market.paperwork.rules import crowd_limit, free_ground_m2
from market.paperwork.safety_plan import split_contact
from market.paperwork.upright_sheet import column_edges
from market.print.columns import Column

FIRE, CROWD = PlanPart.FIRE, PlanPart.CROWD


@pytest.mark.parametrize(
    "width, depth, taken, free",
    [
        (480, 400, [], 1920),
        (480, 400, [(30, 30)] * 40, 1560),
        (100, 100, [(100, 60), (100, 60)], 0),
        (0, 0, [], 0),
    ],
)
def test_free_ground_is_what_stalls_and_lanes_leave(
    width: int, depth: int, taken: list[tuple[int, int]], free: int
) -> None:
    assert free_ground_m2(width, depth, taken) == free


@pytest.mark.parametrize("ground, limit", [(1436, 710), (20, 10), (19, 0), (0, 0)])
def test_a_limit_is_whole_tens_that_the_ground_holds(ground: int, limit: int) -> None:
    assert crowd_limit(ground) == limit


@pytest.mark.parametrize(
    "written, fire",
    [
        ([], "default"),
        ([(FIRE, False, "ours")], "ours"),
        ([(FIRE, False, "ours"), (FIRE, True, "today")], "today"),
        ([(FIRE, True, "today"), (FIRE, False, "ours, later")], "today"),
        ([(FIRE, False, "ours"), (FIRE, True, "today"), (FIRE, True, "")], "ours"),
        ([(FIRE, False, "ours"), (FIRE, False, "")], "default"),
        ([(CROWD, True, "another part")], "default"),
    ],
)
def test_the_last_word_of_the_day_counts_then_that_of_the_community(
    written: list[tuple[PlanPart, bool, str]], fire: str
) -> None:
    assert plan_texts_in_force(written, {FIRE: "default"})[FIRE] == fire


def test_nine_headings_have_a_name_and_a_text_of_their_own() -> None:
    assert [str(PART_WORDS[part])[0] for part in HEADINGS] == [*"一二三四五六七八九"]
    assert all(str(DEFAULTS[part]) for part in HEADINGS)


@pytest.mark.parametrize(
    "line, read",
    [
        ("派出所 0533-1234567", ("派出所", "0533-1234567")),
        ("市场监管所：0533-7654321", ("市场监管所", "0533-7654321")),
        ("物业 老王 13800000000", ("物业 老王", "13800000000")),
        ("王医生 138 0000 0000", ("王医生", "138 0000 0000")),
        ("派出所: 0533 - 1234567", ("派出所", "0533 - 1234567")),
        ("3 号楼 老李 2 单元", ("3 号楼 老李 2 单元", "")),
        ("120", ("120", "")),
        ("有事先找门口的人", ("有事先找门口的人", "")),
        ("请找 老王", ("请找 老王", "")),
    ],
)
def test_a_line_is_a_name_and_a_number(line: str, read: tuple[str, str]) -> None:
    assert split_contact(line) == read


@pytest.mark.parametrize("widths", [(68, 28, 16, 16, 30, 22), (1, 1, 1, 200), (50, 72, 60), (5,) * 12])
def test_every_column_has_a_place_on_the_grid(widths: tuple[int, ...]) -> None:
    edges = column_edges(tuple(Column("", width) for width in widths))
    assert (edges[0], edges[-1], len(edges)) == (0, 12, len(widths) + 1)
    assert edges == sorted(set(edges))
