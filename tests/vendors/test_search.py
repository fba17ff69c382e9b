"""What neighbours type finds what they mean."""

from __future__ import annotations

import pytest

from market.search.words import by_word
from market.vendors.search import finds, other_words

BARBER = ("A03", "老孙理发", "理发", "剪发、刮脸")
NURSE = ("B01", "社区医院", "义诊", "测血压、测血糖")
BAKER = ("C02", "王家馒头", "熟食小吃", "馒头、花卷")
ALL = {"barber": BARBER, "nurse": NURSE, "baker": BAKER}


@pytest.mark.parametrize(
    "query, who",
    [
        ("剪头", ["barber"]),
        ("剪头发", ["barber"]),
        ("剪發", ["barber"]),
        ("剪髮", ["barber"]),
        ("剪頭髮", ["barber"]),
        ("理髮", ["barber"]),
        ("lifa", ["barber"]),
        ("LiFa", ["barber"]),
        ("ｌｉｆａ", ["barber"]),
        ("lf", ["barber"]),
        ("jiantou", ["barber"]),
        ("理发", ["barber"]),
        ("量血压", ["nurse"]),
        ("liangxueya", ["nurse"]),
        ("cexueya", ["nurse"]),
        ("馍馍", ["baker"]),
        ("wangjia 馒头", ["baker"]),
        ("A03", ["barber"]),
        ("修鞋", []),
        ("xiuxie", []),
        ("", ["barber", "nurse", "baker"]),
    ],
)
def test_other_words_and_pinyin_find(query: str, who: list[str]) -> None:
    assert [name for name, seller in ALL.items() if finds(query, seller)] == who


def test_no_word_stands_in_two_groups_but_that_for_both_fruit_and_vegetables() -> None:
    assert {word: of for word, of in by_word().items() if len(of) > 1} == {"果蔬": ("蔬菜", "水果")}


def test_a_word_nobody_else_says_is_just_itself() -> None:
    assert other_words("七七八八") == ["七七八八"]
