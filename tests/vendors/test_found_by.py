"""What is kept to find vendors by says what all of them, judged one by one, would say."""

from __future__ import annotations

import random
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from market import clock
from market.db import db
from market.demo import records
from market.search.offer import Offer, find
from market.search.question import Wish, wishes
from market.search.sounds import initials
from market.typed_text import matches, phone_digits, search_key
from market.vendors import found_by, service
from market.vendors.found_by import Key, key_of
from market.vendors.models import Vendor
from market.vendors.narrowed import may_have
from market.vendors.pinyin import syllables
from market.vendors.rules import Category
from market.vendors.search import finds
from market.vendors.words import category_word
from tests.conftest import both_engines
from tests.factories.vendors import draft, make_vendor
from tests.search.test_questions import questions
from tests.vendors.conftest import Stage


def is_meant(vendor: Vendor, wanted: str) -> bool:
    """The judge of one vendor, from its names and goods themselves."""
    if matches(wanted, (vendor.trading_name, vendor.holder, vendor.goods)):
        return True
    if finds(wanted, (vendor.goods, str(category_word(vendor.category)))):
        return True
    number = phone_digits(wanted)
    if len(number) >= 4:
        return vendor.phone.endswith(number)
    if not wanted.isascii():
        return False
    letters = wanted.replace(" ", "")
    keys = (vendor.pinyin, " ".join(syllables(vendor.holder, vendor.holder[:1])))
    return any(initials(key).startswith(letters) or letters in key.replace(" ", "") for key in keys)


NAMES = ["老张", "单家", "仇记", "陈姐", "ABC", "巧手", "𠮷野", "万家", "福", "a_b", "100%"]
THINGS = ["豆腐", "馒头", "修鞋", "理发", "剪头", "白菜", "韭菜", "缝补", "豆浆", "sweet·potato", "雨伞"]
HOLDERS = ["单师傅", "张姐", "Bob Li", "仇老板"]
QUERIES = [
    *NAMES, *THINGS, "菜", "蔬菜", "shi pin", "lifa", "lf", "doufu", "df", "sj", "shan", "dan", "jie", "0001",
    "13900", "张 豆腐", "%", "_", "a_b", "0%", "·", "ABC 馒头", "zj", "tou", "吃的", "熟食", "jiantou", "o",
    "x y z", "𠮷", "\\", "卖 菜", "手 作", "１２", "0012", "b", "ou",
]  # fmt: skip


def fill(stage: Stage, chance: random.Random, count: int) -> None:
    for number in range(count):
        name = "".join(chance.choices(NAMES, k=2)) + chance.choice(["", "店", " 二号", "·分店"])
        goods = chance.choice("、 ,").join(chance.sample(THINGS, chance.randint(1, 3)))
        holder, category = chance.choice(HOLDERS), chance.choice(list(Category))
        facts = draft(name, holder=holder, phone=f"139{number:08}", goods=goods, category=category)
        service.register_vendor(stage.community, facts, by=stage.staff, at=clock.now())


@both_engines
def test_the_database_finds_whom_the_judge_of_all_finds(stage: Stage) -> None:
    fill(stage, random.Random(1), 150)
    everybody = service.register(stage.community)
    found = {}
    for query in QUERIES:
        meant = [v.id for v in everybody if is_meant(v, search_key(query))] if search_key(query) else None
        hits = [hit.id for hit in service.search_register(stage.community, query)]
        assert hits == (meant if meant is not None else [v.id for v in everybody]), query
        found[query] = len(hits)
    assert sum(0 < count < len(everybody) for count in found.values()) > len(QUERIES) / 2


def test_a_search_reads_nobody_who_cannot_be_meant(stage: Stage) -> None:
    fill(stage, random.Random(2), 100)
    judged: list[str] = []
    made = Key.of_text

    def noted(text: str) -> Key:
        judged.append(text)
        return made(text)

    make_vendor(stage.community, stage.staff, "老孙钟表", phone="13811110000", goods="修表")
    with patch.object(Key, "of_text", noted):
        for query in ("钟表", "laosunzhongbiao", "lszb", "1111 0000", "修表"):
            judged.clear()
            assert [hit.name for hit in service.search_register(stage.community, query)] == ["老孙钟表"]
            assert len(judged) <= 2, query


def test_a_renamed_vendor_is_found_by_the_new_name_only(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "单家修鞋", phone="13811112222", goods="修鞋")
    facts = draft("陈记理发", holder="陈姐", phone="13811112222", goods="剪发", category=Category.HAIRCUT)
    service.edit_vendor(vendor, facts, by=stage.staff, at=clock.now())

    def found(query: str) -> list[str]:
        return [hit.name for hit in service.search_register(stage.community, query)]

    assert [found(query) for query in ("单家", "sjxx", "修鞋", "xiuxie")] == [[], [], [], []]
    assert [found(query) for query in ("陈记", "cjlf", "理发", "剪头")] == [["陈记理发"]] * 4


def test_who_is_forgotten_is_found_by_no_holder(stage: Stage) -> None:
    vendor = make_vendor(stage.community, stage.staff, "单家修鞋", holder="欧阳某", phone="13811112222")
    service.forget_vendor(vendor, by=stage.staff, at=clock.now())
    db.session.flush()
    assert service.search_register(stage.community, "欧阳某") == []
    assert "欧阳" not in vendor.found_by
    assert "ouyang" not in vendor.found_by


@both_engines
def test_every_key_is_the_one_that_its_row_makes(stage: Stage) -> None:
    fill(stage, random.Random(3), 20)
    for vendor in service.register(stage.community):
        db.session.refresh(vendor, ["found_by"])
        made = key_of(vendor.trading_name, vendor.holder, vendor.goods, vendor.category)
        assert Key.of_text(vendor.found_by) == made


@both_engines
def test_another_table_of_words_makes_all_keys_anew_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(stage, random.Random(4), 5)
    everybody = db.session.scalar(sa.select(sa.func.count(Vendor.id)))
    assert service.renew_keys() == 0
    monkeypatch.setattr(found_by, "edition", lambda: "another")
    monkeypatch.setattr("market.vendors.service.search.edition", lambda: "another")
    assert service.renew_keys() == everybody
    assert service.renew_keys() == 0
    keys = db.session.scalars(sa.select(Vendor.found_by))
    assert all(Key.of_text(key).made_with == "another" for key in keys)


# ── what residents ask ────────────────────────────────────────────────────────────────────────────────────


def asked_by_residents() -> list[Wish]:
    """The wishes of the table of questions, those of the names here, and whatever else may come."""
    said = [
        *(question.text for question in questions()),
        *NAMES,
        *THINGS,
        "danjia",
        "djxx",
        "100%豆",
        "a",
        "%",
    ]
    return [wish for text in said for wish in wishes(text)]


@both_engines
def test_who_surely_has_something_is_among_those_who_are_read(stage: Stage) -> None:
    fill(stage, random.Random(5), 60)
    for row in records.vendors():
        facts = draft(row.trading_name, phone=row.phone, goods=row.goods, category=row.category)
        service.register_vendor(stage.community, facts, by=stage.staff, at=clock.now())
    everybody, left_out = service.register(stage.community), 0
    for wish in asked_by_residents():
        read = set(db.session.scalars(sa.select(Vendor.id).where(may_have(wish))))
        some = [vendor for vendor in everybody if vendor.id in read]
        assert sure(wish, some) == sure(wish, everybody), wish
        left_out += len(everybody) - len(some)
    assert left_out > 0.8 * len(everybody) * len(asked_by_residents())


def sure(wish: Wish, vendors: list[Vendor]) -> list[int]:
    offers = [Offer("", v.trading_name, v.goods, v.category.value) for v in vendors]
    return [vendors[place].id for place in find(wish, offers).sure]
