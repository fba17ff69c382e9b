"""Whether a stall has what is asked for."""

from __future__ import annotations

import pytest

from market.search.offer import Offer, find, has, names
from market.search.question import wishes

OFFERS = (
    Offer("A01", "周记鲜蔬", "当季蔬菜", "produce"),
    Offer("A02", "老李菜摊", "大葱、白菜、萝卜", "produce"),
    Offer("A03", "菌香园", "平菇、香菇", "produce"),
    Offer("B01", "羊汤馆小摊", "羊汤、火烧", "cooked_food"),
    Offer("B02", "老顾理发", "理发", "haircut"),
    Offer("B03+B04", "美美工作室", "", "haircut"),
    Offer("B05", "家电诊所", "小家电", "repair_service"),
)


def found(question: str) -> tuple[list[str], list[str]]:
    """Who surely has it, and who perhaps."""
    (wish,) = wishes(question)
    answer = find(wish, OFFERS)
    return [OFFERS[p].label for p in answer.sure], [OFFERS[p].label for p in answer.perhaps]


@pytest.mark.parametrize(
    ("question", "sure", "perhaps"),
    [
        ("白菜", ["A02"], []),
        ("蔬菜", ["A01", "A02", "A03"], []),  # a kind is what is of that kind
        ("黄瓜", [], ["A01", "A02"]),  # who has vegetables may have them
        ("金针菇", [], ["A03"]),  # the nearest kind first
        ("豆腐脑", [], []),  # two snacks are no hope for a third
        ("剪头", ["B02", "B03+B04"], []),  # the category says it where nothing else does
        ("b03", ["B03+B04"], []),
        ("老顾", ["B02"], []),
        ("laogu", ["B02"], []),
        ("修鞋", [], []),
        ("lf", ["B02", "B03+B04"], []),  # 理发 or 凉粉: what there is
    ],
)
def test_who_has_it(question: str, sure: list[str], perhaps: list[str]) -> None:
    assert found(question) == (sure, perhaps)


def test_what_else_may_have_been_meant_is_kept() -> None:
    assert find(wishes("lf")[0], OFFERS).others == ("凉粉",)


def test_a_knife_grinder_sells_neither_knives_nor_vegetables() -> None:
    assert has("磨剪子戗菜刀", "磨刀", "repair_service") == {"磨刀"}


def test_a_name_is_found_by_a_part_of_it() -> None:
    assert names("腊八", "腊八集市")
    assert names("labaji", "腊八集市")
    assert not names("腊", "腊八集市")
    assert not names("", "腊八集市")
