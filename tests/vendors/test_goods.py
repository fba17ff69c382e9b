"""Goods are recognised in what vendors write, and what only looks like them is left alone."""

from __future__ import annotations

import pytest

from market.communities.profile_files import profiles
from market.demo import records
from market.vendors.goods import asked_by, banned, elsewhere, recognised

ZIBO = profiles()["shandong_zibo"]


def codes(text: str, profile: str = "shandong_zibo") -> list[str]:
    return [goods.code for goods in recognised([text], profiles()[profile])]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("散装白酒", ["loose_spirits"]),
        ("自家酿的散酒、下酒菜", ["loose_spirits"]),
        ("香烟", ["tobacco"]),
        ("烟、酒、糖", ["tobacco"]),
        ("烟", ["tobacco"]),
        ("烟台苹果", []),
        ("卖烟", ["tobacco"]),
        ("仙女棒、窜天猴", ["fireworks"]),
        ("阿莫西林", ["medicine"]),
        ("自酿白酒", ["loose_spirits"]),
        ("豬肉", ["raw_meat"]),
        ("猪肉馅饼", []),
        ("无烟艾条", []),
        ("烟花爆竹", ["fireworks"]),
        ("鞭炮 春联", ["fireworks"]),
        ("处方药", ["medicine"]),
        ("感冒药、膏药", ["medicine"]),
        ("山药、芍药花", []),
        ("活鸡、鸡蛋", ["live_poultry", "farm_produce"]),
        ("活 鸡", ["live_poultry"]),
        ("猪肉", ["raw_meat"]),
        ("猪　肉、排骨", ["raw_meat"]),
        ("羊肉串", []),
        ("牛肉干", []),
        ("煎饼", ["made_on_the_spot"]),
        ("煎饼鏊子", []),
        ("豆浆机", []),
        ("土鸡", ["raw_meat"]),
        ("土雞", ["raw_meat"]),
        ("土鸡蛋", ["farm_produce"]),
        ("土鸡、土鸡蛋", ["raw_meat", "farm_produce"]),
        ("土鸡汤", []),
        ("河豚", ["pufferfish"]),
        ("鲜活河鲀", ["pufferfish"]),
        ("河豚玩偶", []),
        ("药酒", ["medicine"]),
        ("自家泡的药酒", ["medicine"]),
        ("药酒瓶", []),
        ("刮刮乐", ["lottery_tickets"]),
        ("配钥匙", []),
        ("开锁、配钥匙", ["lock_picking"]),
        ("磨刀", []),
        ("ＶＡＰＥ 电子烟", ["tobacco"]),
        ("散装酱油", ["loose_seasoning"]),
        ("预包装酱油", []),
        ("裱花蛋糕", ["decorated_cakes"]),
        ("", []),
    ],
)
def test_what_is_meant(written: str, expected: list[str]) -> None:
    assert codes(written) == expected


def test_what_is_banned_depends_on_the_region() -> None:
    assert codes("保健品") == ["special_food"]
    assert codes("保健品", "hunan") == []
    assert codes("散酒", "hunan") == ["loose_spirits"]


@pytest.mark.parametrize("profile", ["shandong_zibo", "hunan"])
def test_poison_and_medicine_are_banned_everywhere(profile: str) -> None:
    goods = banned(["河豚、药酒、土鸡"], profiles()[profile])
    assert [one.code for one in goods] == ["medicine", "pufferfish"]


def test_a_country_chicken_asks_for_the_paper_of_its_batch() -> None:
    assert asked_by(recognised(["土鸡"], ZIBO), ["farm_direct"]) == {"quarantine_cert"}


def test_whoever_sells_it_cooked_shows_no_paper_of_the_batch() -> None:
    meat = recognised(["牛肉"], ZIBO)
    assert asked_by(meat, ["meat_egg_aquatic"]) == {"quarantine_cert"}
    assert asked_by(meat, ["cooked_food"]) == frozenset()
    assert asked_by(meat, ["cooked_food", "daily_goods"]) == {"quarantine_cert"}, "the stricter holds"


def test_food_made_on_the_spot_belongs_to_food() -> None:
    (pancake,) = recognised(["煎饼"], ZIBO)
    assert elsewhere(pancake, ["daily_goods"])
    assert not elsewhere(pancake, ["cooked_food"])


def test_nobody_of_the_demo_year_sells_what_is_banned_or_belongs_elsewhere() -> None:
    for row in records.vendors():
        found = recognised([row.goods], ZIBO)
        assert banned([row.goods], ZIBO) == [], row.trading_name
        assert not any(elsewhere(goods, [row.category.value]) for goods in found), row.trading_name


def test_another_list_recognises_other_goods_in_the_same_words() -> None:
    without = ZIBO.model_copy(update={"goods": ()})
    assert [bool(recognised(["散装白酒"], profile)) for profile in (ZIBO, without, ZIBO)] == [
        True,
        False,
        True,
    ]
