"""Names in pinyin: the order of the register, and finding 老张豆浆坊 by `lzdjf`."""

from __future__ import annotations

from market.search import sounds

SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "曾": "zeng", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "尉": "yu", "乐": "yue", "翟": "zhai", "缪": "miao", "华": "hua", "燕": "yan", "宁": "ning",
    "重": "chong", "折": "she", "种": "chong", "召": "shao", "洗": "xian", "冼": "xian", "令": "ling",
    "员": "yun", "秘": "bi", "黑": "he", "覃": "qin", "逄": "pang", "亓": "qi",
}  # fmt: skip
"""Surnames that are read otherwise than the word, or that dictionaries of words miss."""

MAX_KEY = 200


def syllables(name: str, surname: str = "") -> list[str]:
    """The syllables of a name; a character nobody can read stands for itself (𠮷)."""
    read = sounds.syllables(name)
    if read and surname and name.startswith(surname) and surname in SURNAMES:
        read[0] = SURNAMES[surname]
    return read


def sort_key(trading_name: str, holder: str) -> str:
    """What a register is sorted by: 单家豆腐 of 单师傅 stands under shan, 单车修理 of 王师傅 under dan."""
    return " ".join(syllables(trading_name, holder[:1]))[:MAX_KEY]
