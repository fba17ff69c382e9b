"""A list as people paste it: from a table, from a chat group, with and without numbers."""

from __future__ import annotations

import pytest

from market.vendors.pasted import Fault, category_of, read_lines
from market.vendors.rules import Category

C = Category


@pytest.mark.parametrize(
    "row",
    [
        "老张修鞋\t13800000001\t修鞋",
        "1. 老张修鞋，138 0000 0001，修鞋",
        "（3）老张修鞋 13800000001 修鞋",
        "12、老张修鞋；+86 138-0000-0001；修鞋",
        "老张修鞋，１３８０００００００１，修鞋",
        "13800000001 老张修鞋 修鞋",
    ],
)
def test_a_line_is_understood_in_every_spelling(row: str) -> None:
    (line,) = read_lines(row, ())
    assert line.fault is None, line
    assert line.draft is not None
    draft = line.draft
    assert (draft.trading_name, draft.phone, draft.category, draft.goods) == (
        "老张修鞋", "13800000001", C.REPAIR_SERVICE, "修鞋",
    )  # fmt: skip


@pytest.mark.parametrize(
    "row, fault",
    [
        ("老李，修伞", Fault.NO_PHONE),
        ("13800000002", Fault.NO_NAME),
        ("某某，13800000002，不知道", Fault.NO_CATEGORY),
        ("老王，13800000009，理发", Fault.KNOWN),
    ],
)
def test_what_is_missing_is_said_and_not_guessed(row: str, fault: Fault) -> None:
    (line,) = read_lines(row, {"13800000009"})
    assert line.fault is fault


def test_headings_and_empty_lines_are_no_vendors_and_a_number_counts_once() -> None:
    text = "招牌名\t手机号\t品类\n\n老张，13800000001，修鞋\n老张家，13800000001，修鞋\n"
    assert [line.fault for line in read_lines(text, ())] == [None, Fault.TWICE]


@pytest.mark.parametrize(
    "text, category",
    [
        ("蔬菜", C.PRODUCE), ("土鸡蛋", C.MEAT_EGG_AQUATIC), ("豆浆油条", C.COOKED_FOOD),
        ("剪头发", C.HAIRCUT), ("量血压", C.HEALTH_OUTREACH), ("旧书", C.SECONDHAND),
        ("日用百货", C.DAILY_GOODS), ("？", None),
    ],
)  # fmt: skip
def test_the_category_is_read_from_what_people_write(text: str, category: Category | None) -> None:
    assert category_of(text) is category
