"""The stalls that can be asked for in one tap: those that markets have, finer where people ask finer."""

from __future__ import annotations

from typing import NamedTuple

from market.demand.rules import key_of_word
from market.search import words
from market.vendors.rules import Category
from market.vendors.search import other_words

C = Category


class StallType(NamedTuple):
    """One kind of stall."""

    code: str
    chinese: str
    """As it is typed, compared and stored; `words` says it in the reader's language."""
    category: Category
    whole: bool = False
    """Whether every vendor of the category is such a stall."""


TYPES = (
    StallType("haircut", "理发", C.HAIRCUT, whole=True),
    StallType("knives", "磨刀", C.REPAIR_SERVICE),
    StallType("shoes", "修鞋", C.REPAIR_SERVICE),
    StallType("keys", "配钥匙", C.REPAIR_SERVICE),
    StallType("sewing", "缝补", C.REPAIR_SERVICE),
    StallType("umbrellas", "修伞", C.REPAIR_SERVICE),
    StallType("bicycles", "修车", C.REPAIR_SERVICE),
    StallType("appliances", "修家电", C.REPAIR_SERVICE),
    StallType("phone_film", "手机贴膜", C.REPAIR_SERVICE),
    StallType("outreach", "测血压", C.HEALTH_OUTREACH, whole=True),
    StallType("care", "养老托育", C.CARE_EDUCATION, whole=True),
    StallType("produce", "蔬菜水果", C.PRODUCE, whole=True),
    StallType("farm", "源头直供", C.FARM_DIRECT, whole=True),
    StallType("grain", "粮油调味", C.GRAIN_SEASONING, whole=True),
    StallType("meat", "肉蛋水产", C.MEAT_EGG_AQUATIC, whole=True),
    StallType("cooked", "熟食小吃", C.COOKED_FOOD, whole=True),
    StallType("bakery", "糕点饮品", C.BAKERY_DRINKS, whole=True),
    StallType("daily", "日用百货", C.DAILY_GOODS, whole=True),
    StallType("craft", "手作文创", C.CRAFT, whole=True),
    StallType("secondhand", "旧书旧物", C.SECONDHAND, whole=True),
    StallType("plants", "花卉绿植", C.PLANTS_FLOWERS, whole=True),
    StallType("kids", "亲子游戏", C.KIDS_PLAY, whole=True),
    StallType("public", "公益服务", C.PUBLIC_SERVICE, whole=True),
)
"""Services first: they are what people miss at their door."""

_BY_CODE = {one.code: one for one in TYPES}
_SAME_WORDS = {
    key_of_word(word): one for one in reversed(TYPES) for word in (*other_words(one.chinese), one.chinese)
}


def stall_type(code: str) -> StallType | None:
    return _BY_CODE.get(code)


def type_meant(word: str) -> StallType | None:
    """The kind of stall that a typed word is a name for, 剃头 of 理发, or a kind of: 改裤脚 is 缝补."""
    known = _SAME_WORDS.get(key_of_word(word))
    narrower = words.by_word().get(key_of_word(word), ()) if known is None else ()
    wider = (_SAME_WORDS.get(key_of_word(thing)) for one in narrower for thing in words.around(one))
    return known or next(filter(None, wider), None)
