"""A pasted list of vendors, one a line: name, telephone, category, goods – from a table or a chat group."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from market.vendors.numbers import normal_phone
from market.vendors.rules import Category, VendorDraft

MOST = 200
"""More lines than any register of a community; a larger paste is a mistake."""

_NUMBERED = re.compile(r"^\s*[（(]?\d{1,3}\s*[.．、)）:：]\s*")
_SEPARATOR = re.compile(r"[\t,，;；|｜、/]+")
_PHONE = re.compile(r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}")

C = Category
SIGNS: tuple[tuple[Category, tuple[str, ...]], ...] = (
    (C.HAIRCUT, ("理发", "剪头", "剪发", "剃头")),
    (C.HEALTH_OUTREACH, ("义诊", "血压", "血糖", "体检")),
    (C.REPAIR_SERVICE, ("修", "补", "磨刀", "缝", "裁", "钥匙")),
    (C.MEAT_EGG_AQUATIC, ("肉", "蛋", "鱼", "虾", "水产")),
    (C.COOKED_FOOD, ("熟食", "小吃", "豆浆", "煎饼", "卤", "包子", "馒头", "凉皮", "烧烤")),
    (C.BAKERY_DRINKS, ("糕", "面包", "饮", "奶茶", "点心", "蛋糕")),
    (C.GRAIN_SEASONING, ("粮", "油", "调味", "米面", "酱")),
    (C.PLANTS_FLOWERS, ("花", "绿植", "盆栽")),
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


class Fault(StrEnum):
    """Why a line is not entered."""

    NO_PHONE = "no_phone"
    NO_NAME = "no_name"
    NO_CATEGORY = "no_category"
    TWICE = "twice"
    KNOWN = "known"


@dataclass(frozen=True)
class Line:
    """One line as it was understood; `draft` is what would be entered."""

    number: int
    text: str
    draft: VendorDraft | None
    fault: Fault | None = None


def read_lines(text: str, known_phones: Collection[str]) -> list[Line]:
    """What each line says. Empty lines and a line of headings are none."""
    seen: set[str] = set(known_phones)
    found = []
    for number, row in enumerate(_rows(text), 1):
        line = _read(number, row)
        if line.draft is not None and line.draft.phone in seen:
            known = line.draft.phone in known_phones
            line = replace(line, fault=Fault.KNOWN if known else Fault.TWICE)
        if line.draft is not None:
            seen.add(line.draft.phone)
        found.append(line)
    return found


def _rows(text: str) -> Iterator[str]:
    for row in text.splitlines():
        tidy = unicodedata.normalize("NFKC", row).strip()
        is_heading = ("电话" in tidy or "手机" in tidy) and not any(letter.isdigit() for letter in tidy)
        if tidy and not is_heading:
            yield tidy


def _read(number: int, row: str) -> Line:
    plain = _NUMBERED.sub("", row)
    match = _PHONE.search(plain)
    if match is None:
        return Line(number, row, None, Fault.NO_PHONE)
    parts = _parts(f"{plain[: match.start()]}\t{plain[match.end() :]}")
    if not parts:
        return Line(number, row, None, Fault.NO_NAME)
    name, *rest = parts
    category = next((found for found in map(category_of, [*rest, name]) if found is not None), None)
    if category is None:
        return Line(number, row, None, Fault.NO_CATEGORY)
    goods = rest[-1] if rest else name
    phone = normal_phone(match[0]) or ""
    draft = VendorDraft(
        trading_name=name[:60], holder=name[:60], phone=phone, category=category, goods=goods[:120]
    )
    return Line(number, row, draft)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in _SEPARATOR.split(text)]
    return [word for part in parts for word in part.split() if word]


def category_of(text: str) -> Category | None:
    """The category that a word names or that its goods belong to."""
    return next((category for category, signs in SIGNS if any(sign in text for sign in signs)), None)
