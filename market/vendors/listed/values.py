"""Single values in what people write: telephone numbers, categories, power, yes and no."""

from __future__ import annotations

import re
from typing import NamedTuple

from market.typed_text import plain, scaled
from market.vendors.numbers import normal_phone
from market.vendors.rules import Category

C = Category
SIGNS: tuple[tuple[Category, tuple[str, ...]], ...] = (
    (C.HAIRCUT, ("理发", "剪头", "剪发", "剃头")),
    (C.HEALTH_OUTREACH, ("义诊", "血压", "血糖", "体检")),
    (C.REPAIR_SERVICE, ("修", "补", "磨刀", "缝", "裁", "钥匙")),
    (C.BAKERY_DRINKS, ("饼干", "桃酥", "烘焙", "月饼", "梨水", "鸡蛋糕")),
    (C.PLANTS_FLOWERS, ("花卉", "鲜花", "绿植", "盆栽", "多肉")),
    (C.MEAT_EGG_AQUATIC, ("肉", "蛋", "鱼", "虾", "水产")),
    (
        C.COOKED_FOOD,
        (
            "熟食",
            "小吃",
            "豆浆",
            "煎饼",
            "卤",
            "包子",
            "馒头",
            "凉皮",
            "烧烤",
            "油条",
            "饼",
            "饺",
            "豆腐",
            "糖画",
            "粥",
        ),
    ),
    (C.BAKERY_DRINKS, ("糕", "面包", "饮", "奶茶", "点心", "蛋糕", "咖啡")),
    (C.GRAIN_SEASONING, ("粮", "油", "调味", "米面", "酱")),
    (C.PLANTS_FLOWERS, ("花",)),
    (C.SECONDHAND, ("旧书", "旧物", "二手")),
    (C.CRAFT, ("手作", "手工", "文创", "编织", "剪纸")),
    (C.KIDS_PLAY, ("亲子", "游戏", "套圈", "玩具")),
    (C.CARE_EDUCATION, ("养老", "托育", "助老")),
    (C.PUBLIC_SERVICE, ("公益", "志愿", "普法", "咨询")),
    (C.FARM_DIRECT, ("源头", "直供", "农场", "合作社")),
    (C.PRODUCE, ("蔬", "菜", "水果", "果", "菌", "菇")),
    (C.DAILY_GOODS, ("百货", "日用", "杂货", "服装", "鞋帽", "袜")),
)
"""By which words a line says its category; the first that fits counts."""


def category_of(text: str) -> Category | None:
    """The category that a word names or that its goods belong to."""
    return next((category for category, signs in SIGNS if any(sign in text for sign in signs)), None)


class Phone(NamedTuple):
    """A number as it stands in a text."""

    text: str
    number: str
    good: bool


_PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}[ -]?\d{7,8}|1\d{7,11})(?![\d])"
)
"""A mobile number, one with its area code, or digits that were meant as one."""


def phones_in(text: str) -> list[Phone]:
    """The telephone numbers of a line, also those with a digit too few or too many."""
    found = []
    for match in _PHONE.finditer(plain(text)):
        number = normal_phone(match[0], landline=True)
        found.append(Phone(match[0], number or match[0], number is not None))
    return found


YES = frozenset(("是", "要", "有", "需要", "用", "√", "✓", "y", "yes", "1", "对"))
NO = frozenset(
    ("", "否", "不", "无", "没有", "不用", "不要", "不需要", "x", "×", "n", "no", "0", "/", "-", "—")
)


def says_yes(text: str) -> bool:
    """Whether a cell ticks something; what is neither yes nor no names it, which is a yes."""
    return plain(text).casefold() not in NO


KILOWATT_AT_MOST = 20
"""A bare figure up to this is kilowatts, above it watts: nobody's stall takes 500 kW."""


def watts_of(text: str) -> int | None:
    """Power as a list says it: `1.5千瓦`, `500W`, `2`; None for what is no figure."""
    kilo = scaled(text, {"": 1000, "千瓦": 1000, "kw": 1000, "瓦": 1, "w": 1})
    bare = scaled(text, {"": 1000})
    if bare is not None and bare > KILOWATT_AT_MOST * 1000:
        return bare // 1000
    return kilo
