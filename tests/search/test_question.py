"""What a question asks for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from market.search.question import LONGEST_QUESTION, MOST_WISHES, How, wishes


def meant(question: str) -> list[str]:
    """The first thing of each wish, or its words where nothing is known of it."""
    return [wish.things[0] if wish.things else wish.text for wish in wishes(question)]


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("理发", ["理发"]),
        ("哪里能剪头", ["理发"]),
        ("有鱼吗？", ["鱼"]),
        ("包饺子的韭菜", ["韭菜"]),
        ("雨伞坏了", ["修伞"]),
        ("把剪刀磨一磨", ["磨刀"]),
        ("西红柿、鸡蛋", ["西红柿", "鸡蛋"]),
        ("lifa", ["理发"]),
        ("ＬｉＦａ", ["理发"]),
        ("lǐfà", ["理发"]),
        ("li fa", ["理发"]),
        ("youmeiyouxiuxie", ["修鞋"]),
        ("里发", ["理发"]),
        ("nifa", ["理发"]),
        ("配要是", ["配钥匙"]),
        ("lfia", ["理发"]),
        ("磨剪子戗菜道", ["磨刀"]),
        ("弹钢琴", ["弹钢琴"]),
        ("磨刀顺便配把钥匙", ["磨刀", "配钥匙"]),
        ("豆腐和大葱", ["豆腐", "大葱"]),
        ("手套和口罩", ["帽子", "口罩"]),
        ("大葱、生姜还有蒜", ["大葱", "姜", "蒜"]),
        ("剪完头发去喝羊汤", ["理发", "羊汤"]),
        ("带孩子玩完买点菜", ["亲子", "蔬菜"]),
        ("羊汤火烧各一份", ["羊汤", "火烧"]),
        ("高跟鞋", ["运动鞋"]),
        ("共和国", ["共和国"]),
        ("跟孩子玩", ["亲子"]),
        ("奶奶穿的鞋", ["鞋"]),
        ("买口新锅炒菜", ["锅碗"]),
        ("买点小油菜回家下面条", ["油菜"]),
        ("包饺子", ["饺子"]),
        ("卤", ["卤味"]),
        ("剃", ["理发"]),
        ("着火了怎么办", ["着火了怎么办"]),
        ("鸡毛掸子", ["鸡毛掸子"]),
        ("A03", ["a03"]),
    ],
)
def test_what_is_meant(question: str, things: list[str]) -> None:
    assert meant(question) == things


def test_how_sure_it_is() -> None:
    asked = ("剪头", "包饺子的韭菜", "jiantou", "lf", "nifa", "弹钢琴")
    assert [wishes(question)[0].how for question in asked] == [
        How.SAID, How.INSIDE, How.SOUND, How.BEGUN, How.SLIP, How.UNKNOWN,
    ]  # fmt: skip


@pytest.mark.parametrize("question", ["", "  ", "？？！", "%_%", "👀✂", "\x00\x07", "​‮", "'\"<>&"])
def test_a_question_without_a_word_asks_for_nothing(question: str) -> None:
    assert wishes(question) == []


@settings(deadline=None)
@given(st.text(max_size=200))
def test_whatever_is_typed_is_read(question: str) -> None:
    found = wishes(question)
    assert len(found) <= MOST_WISHES
    assert all(wish.text and len(wish.text) <= LONGEST_QUESTION for wish in found)
