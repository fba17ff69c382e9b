"""Names in the order of their pinyin, found by their initials."""

from __future__ import annotations

import pytest

from market.search.sounds import initials
from market.vendors.pinyin import sort_key, syllables


@pytest.mark.parametrize(
    ("trading_name", "holder", "key"),
    [
        ("老张豆浆坊", "张师傅", "lao zhang dou jiang fang"),
        ("单家修鞋", "单师傅", "shan jia xiu xie"),
        ("单车修理", "王师傅", "dan che xiu li"),
        ("仇记卤味", "仇老板", "qiu ji lu wei"),
        ("重庆小面", "陈姐", "chong qing xiao mian"),
        ("𠮷野家", "吉师傅", "𠮷 ye jia"),
        ("A1 便利", "李", "a1 bian li"),
    ],
)
def test_the_sort_key(trading_name: str, holder: str, key: str) -> None:
    assert sort_key(trading_name, holder) == key


def test_initials() -> None:
    assert initials("lao zhang dou jiang fang") == "lzdjf"
    assert initials("") == ""


def test_a_long_name_still_fits_its_column() -> None:
    assert len(sort_key("庄" * 60, "庄")) == 200


def test_nothing_to_read_is_nothing() -> None:
    assert syllables("", "") == []
