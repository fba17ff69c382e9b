"""What is looked at on a round of inspection (domain §3.2), and which of it concerns which stall."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from flask_babel import lazy_gettext as _

from market.vendors.rules import FOOD_CATEGORIES, OPEN_FOOD, Category

WEIGHED = frozenset({Category.PRODUCE, Category.FARM_DIRECT, Category.MEAT_EGG_AQUATIC})
"""Sold by weight, and with proof of where it comes from (D08)."""


class Item(IntEnum):
    """Points of the sheet, by the number that stands on it."""

    PASS = 1
    PERMITS = 2
    PRICES = 3
    COVERS = 4
    RAW_AND_COOKED = 5
    TEMPERATURE = 6
    ORIGIN = 7
    SCALE = 8
    WIRING = 9
    FLAME = 10
    EXTINGUISHER = 11
    WASTE = 12
    AISLE = 13
    NOISE = 14


ITEM_WORDS: dict[Item, Any] = {
    Item.PASS: _("摊位证摆在明处"),
    Item.PERMITS: _("许可证、健康证公示"),
    Item.PRICES: _("明码标价"),
    Item.COVERS: _("有罩盖、戴手套"),
    Item.RAW_AND_COOKED: _("生熟分开"),
    Item.TEMPERATURE: _("冷热温度"),
    Item.ORIGIN: _("合格证（拍照）"),
    Item.SCALE: _("秤有检定标、砝码试过"),
    Item.WIRING: _("电线插座"),
    Item.FLAME: _("明火离人群 5 米"),
    Item.EXTINGUISHER: _("灭火器"),
    Item.WASTE: _("垃圾"),
    Item.AISLE: _("通道畅通"),
    Item.NOISE: _("声音不吵"),
}

EVERYWHERE = (Item.PASS, Item.PRICES, Item.WASTE, Item.AISLE, Item.NOISE)


def items_for(category: Category, power_w: int, flame: bool = False) -> list[Item]:
    """What to look at on one stall, in the order of the sheet; `flame`: the vendor said there is a fire."""
    items = set(EVERYWHERE)
    if category in FOOD_CATEGORIES:
        items.add(Item.PERMITS)
    if category in OPEN_FOOD:
        items |= {Item.COVERS, Item.RAW_AND_COOKED, Item.TEMPERATURE}
    if category in WEIGHED:
        items |= {Item.ORIGIN, Item.SCALE}
    if power_w:
        items |= {Item.WIRING, Item.EXTINGUISHER}
    if flame or category is Category.COOKED_FOOD:
        items |= {Item.FLAME, Item.EXTINGUISHER}
    return sorted(items)
