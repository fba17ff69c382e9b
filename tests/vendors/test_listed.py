"""Lists as people paste and send them: what each row says, what is odd about it, what it comes to."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from market.tables.reading import table_of
from market.tables.rows import ReadTable, TableRow
from market.typed_text import one_line
from market.vendors.listed.entry import Entry, Listed, Odd, Passed
from market.vendors.listed.headings import Column, columns_by_look, heading_of, read_rows
from market.vendors.listed.pasted import read_text
from market.vendors.listed.values import category_of, watts_of
from market.vendors.listed.verdict import (
    Choice,
    Doubt,
    Known,
    Outcome,
    Terms,
    Verdict,
    added,
    digest_of,
    judge,
)
from market.vendors.rules import ApplicationState, Category, VendorDraft

C, D = Category, Doubt

# ── lines ─────────────────────────────────────────────────────────────────────────────────────────────────


def only(text: str) -> Entry:
    (entry,) = read_text(text).entries
    return entry


@pytest.mark.parametrize(
    "row",
    [
        "老张修鞋\t13800000001\t修鞋",
        "1. 老张修鞋，138 0000 0001，修鞋",
        "（3）老张修鞋 13800000001 修鞋",
        "12、老张修鞋；+86 138-0000-0001；修鞋",
        "老张修鞋，１３８０００００００１，修鞋",
        "13800000001 老张修鞋 修鞋",
        "７．老张修鞋 修鞋 13800000001",
        "⑦老张修鞋 修鞋 13800000001",
        "8️⃣ 老张修鞋 修鞋 电话13800000001",
        "老张修鞋-修鞋-13800000001",
        "老张修鞋 卖修鞋 \u202d13800000001\u202c",
        "3-2-501 老张修鞋 修鞋 13800000001",
        "我报名，老张修鞋，修鞋，13800000001，+1",
        "摊名：老张修鞋 电话：13800000001 做什么：修鞋",
    ],
)
def test_a_line_is_understood_in_every_spelling(row: str) -> None:
    entry = only(row)
    assert (entry.trading_name, entry.phone, entry.category, entry.goods, entry.odd) == (
        "老张修鞋", "13800000001", C.REPAIR_SERVICE, "修鞋", (),
    )  # fmt: skip


@pytest.mark.parametrize(
    "row, power, odd",
    [
        ("王姐凉糕 凉糕 13900003308 要电1.5千瓦", 1500, ()),
        ("王姐凉糕 凉糕 13900003308 用电500W", 500, ()),
        ("王姐凉糕 凉糕 13900003308 不用电", 0, ()),
        ("王姐凉糕 凉糕 13900003308 需要用电", None, (Odd.POWER_UNSAID,)),
        ("王姐凉糕 凉糕 13900003308", None, ()),
        ("修电动车 修电动车 13900003308", None, ()),
        ("王姐凉糕 不来了 13900003308", None, (Odd.CALLED_OFF,)),
        ("王姐凉糕 凉糕 1390000330", None, (Odd.BAD_PHONE,)),
        ("王姐凉糕 凉糕 13900003308 13900003309", None, (Odd.TWO_PHONES,)),
    ],
)
def test_power_and_what_is_odd(row: str, power: int | None, odd: tuple[Odd, ...]) -> None:
    entry = only(row)
    assert (entry.power_w, entry.odd) == (power, odd)


CHAIN = """#接龙
12 月 19 日邻里便民集，摆摊的接一下：
摊名、卖什么、电话
例 老王水果 水果 13800000000

1. 周记鲜蔬 当季蔬菜 13800000421
2. 老李 菜 7730
3. 麦田烘焙-面包桃酥-5526
4、绿豆凉糕 王姐 凉糕 13900003308
5. 张记卤味，卤味，13900009014（换新号了）
6. 修鞋 配钥匙
7.
8. 李婶袜子
百货 13511112222"""


def test_a_chain_has_its_title_its_example_and_its_people() -> None:
    read = read_text(CHAIN)
    assert [
        (e.number, e.trading_name, e.holder, e.phone or e.tail, e.goods, e.note) for e in read.entries
    ] == [
        (6, "周记鲜蔬", "周记鲜蔬", "13800000421", "当季蔬菜", ""),
        (7, "老李", "老李", "7730", "菜", ""),
        (8, "麦田烘焙", "麦田烘焙", "5526", "面包桃酥", ""),
        (9, "绿豆凉糕", "王姐", "13900003308", "凉糕", ""),
        (10, "张记卤味", "张记卤味", "13900009014", "卤味", "换新号了"),
        (11, "修鞋", "修鞋", "", "配钥匙", ""),
        (13, "李婶袜子", "李婶袜子", "13511112222", "百货", ""),
    ]
    assert [(line.number, line.why) for line in read.passed] == [
        (1, Passed.HEADING), (2, Passed.HEADING), (3, Passed.HEADING), (4, Passed.EXAMPLE),
        (12, Passed.EMPTY_NUMBER),
    ]  # fmt: skip


CHAT = """—————  2026-11-20  —————
王芳  18:03
我报名，王姐凉糕，卖凉糕 13900003308

老李 2026/11/20 18:05
卖菜 13877307730
[图片]
周姐: 周记鲜蔬 当季蔬菜 13800000421 不用电
老顾  昨天 18:09:22
理发
13800001187"""


def test_a_chat_names_who_wrote_it() -> None:
    read = read_text(CHAT)
    assert [(e.trading_name, e.holder, e.phone, e.goods) for e in read.entries] == [
        ("王姐凉糕", "王芳", "13900003308", "凉糕"),
        ("老李", "老李", "13877307730", "菜"),
        ("周记鲜蔬", "周姐", "13800000421", "当季蔬菜"),
        ("老顾", "老顾", "13800001187", "理发"),
    ]


def test_fields_with_their_names_one_a_line() -> None:
    read = read_text("姓名：李四\n电话：13800000002\n品类：修鞋\n姓名：王五\n电话：13800000003\n品类：理发\n")
    assert [(e.trading_name, e.phone, e.category) for e in read.entries] == [
        ("李四", "13800000002", C.REPAIR_SERVICE),
        ("王五", "13800000003", C.HAIRCUT),
    ]


LINE = st.text(
    st.sampled_from(
        "接龙例1234567890.、：:，, -#（）()老张修鞋电话摊名卖菜要用水\t①８｜\u202d\ufe0f\u20e3取消"
    ),
    max_size=40,
)


@given(st.lists(LINE, max_size=12))
def test_every_line_is_somebodys_or_said_to_be_nobodys(rows: list[str]) -> None:
    read = read_text("\n".join(rows))
    said = [entry.text for entry in read.entries] + [line.text for line in read.passed]
    for row in rows:
        assert any(one_line(row) in text for text in said) or not one_line(row)
    assert len({entry.number for entry in read.entries}) == len(read.entries)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read(text: str) -> None:
    for entry in read_text(text).entries:
        assert len(entry.trading_name) <= 60
        assert len(entry.goods) <= 120


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("蔬菜", C.PRODUCE), ("土鸡蛋", C.MEAT_EGG_AQUATIC), ("豆浆油条", C.COOKED_FOOD),
        ("剪头发", C.HAIRCUT), ("量血压", C.HEALTH_OUTREACH), ("旧书", C.SECONDHAND),
        ("日用百货", C.DAILY_GOODS), ("饼干", C.BAKERY_DRINKS), ("？", None),
    ],
)  # fmt: skip
def test_the_category_is_read_from_what_people_write(text: str, category: Category | None) -> None:
    assert category_of(text) is category


@pytest.mark.parametrize(
    ("text", "watts"),
    [("2", 2000), ("1.5kW", 1500), ("500", 500), ("500瓦", 500), ("０．８", 800), ("很多", None)],
)
def test_power_in_a_table(text: str, watts: int | None) -> None:
    assert watts_of(text) == watts


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


def read(table: ReadTable) -> Listed:
    start, columns = heading_of(table) or (0, columns_by_look(table))
    return read_rows(table, start, columns)


@pytest.mark.parametrize(
    "heading",
    [
        "摊名\t经营人\t电话\t卖什么\t用电",
        "招牌\t姓名\t手机号\t主要商品\t需要电",
        "商户名称\t摊主\t联系电话（必填）\t经营项目\t是否用电(kW)",
    ],
)
def test_columns_are_found_by_their_headings(heading: str) -> None:
    table = table_of(f"集市报名表\n{heading}\n老张豆浆\t张师傅\t138 0000 0001\t豆浆\t1.5\n合计\t\t\t\t\n")
    (entry,) = read(table).entries
    assert (entry.number, entry.trading_name, entry.holder, entry.phone, entry.goods, entry.power_w) == (
        3, "老张豆浆", "张师傅", "13800000001", "豆浆", 1500,
    )  # fmt: skip
    assert [(line.number, line.why) for line in read(table).passed] == [
        (1, Passed.HEADING), (2, Passed.HEADING), (4, Passed.TOTAL),
    ]  # fmt: skip


def test_a_heading_of_two_rows_and_a_table_without_one() -> None:
    two = table_of("摊主\t\t联系方式\t\n姓名\t品类\t电话\t微信\n老张\t修鞋\t13800000001\tzhang\n")
    assert heading_of(two) == (2, {0: Column.HOLDER, 1: Column.CATEGORY, 2: Column.PHONE})
    bare = table_of("1\t老张修鞋\t13800000001\t修鞋\n2\t老李理发\t13800000002\t理发\n")
    assert heading_of(bare) is None
    assert [(e.trading_name, e.phone, e.goods) for e in read(bare).entries] == [
        ("老张修鞋", "13800000001", "修鞋"),
        ("老李理发", "13800000002", "理发"),
    ]


def row(number: int, *cells: str, **more: object) -> TableRow:
    return TableRow(number, list(cells), **more)  # type: ignore[arg-type]  # plain keyword values


@pytest.mark.parametrize(
    ("strange", "odd"),
    [
        (row(2, "老张", "13800000001", "修鞋", hidden=True), (Odd.HIDDEN,)),
        (row(2, "老张", "13800000001", "修鞋", merged=frozenset({0, 1})), (Odd.CONTINUED,)),
        (row(2, "老张", "", "修鞋", uncounted=frozenset({1})), (Odd.FORMULA,)),
        (row(2, "=A1", "13800000001", "修鞋"), (Odd.FORMULA,)),
        (row(2, "老张", "13800000001", "2026-03-05", dates=frozenset({2})), (Odd.DATE,)),
        (row(2, "老张", "1.38E+10", "修鞋"), (Odd.ROUNDED,)),
        (row(2, "老张", "1380000", "修鞋"), (Odd.BAD_PHONE,)),
        (row(2, "老张", "13800000001 / 13800000002", "修鞋"), (Odd.TWO_PHONES,)),
        (row(2, "老张", "13800000001", "修鞋", merged=frozenset({2})), ()),
    ],
)
def test_what_is_odd_about_a_row(strange: TableRow, odd: tuple[Odd, ...]) -> None:
    table = ReadTable([row(1, "摊名", "电话", "卖什么"), strange])
    (entry,) = read(table).entries
    assert entry.odd == odd


# ── beside the register ───────────────────────────────────────────────────────────────────────────────────


def draft(name: str, phone: str, **facts: object) -> VendorDraft:
    return VendorDraft(name, name, phone, C.REPAIR_SERVICE, "修鞋", **facts)  # type: ignore[arg-type]  # plain values


REGISTER = (
    Known("aaa", draft("老张修鞋", "13800000001")),
    Known("bbb", draft("老李修伞", "13800007730")),
    Known("ccc", draft("老王修车", "13800000003"), ApplicationState.APPROVED),
    Known("ddd", draft("老赵修锁", "13800000004"), ApplicationState.REJECTED),
)


def terms(*, for_market: bool = True, takes: bool = True) -> Terms:
    return Terms(for_market, takes, lambda goods: "烟花不能卖" if "烟花" in goods else "")


def entry(name: str = "", phone: str = "", goods: str = "修鞋", number: int = 1, **more: object) -> Entry:
    facts = {"holder": name, "category": category_of(goods), **more}
    return Entry(number, name, trading_name=name, phone=phone, goods=goods, **facts)  # type: ignore[arg-type]


def verdict(one: Entry, choice: Choice | None = None, **how: bool) -> Verdict:
    return judge([one], REGISTER, {one.number: choice} if choice else {}, terms(**how))[0]


@pytest.mark.parametrize(
    ("one", "outcome", "doubt"),
    [
        (entry("新来的", "13900000009"), Outcome.NEW, None),
        (entry("老张修鞋", "13800000001"), Outcome.SAME, None),
        (entry("老张", "13800000001"), Outcome.UPDATE, None),
        (entry("老张修鞋", "13800000001", "修鞋、补鞋"), Outcome.UPDATE, None),
        (entry("老李", "", "修伞", tail="7730"), Outcome.UPDATE, None),
        (entry("王大妈", "", "修伞", tail="7730"), Outcome.ASK, D.WHICH),
        (entry("老张修鞋"), Outcome.ASK, D.WHICH),
        (entry("谁也不是"), Outcome.ASK, D.NO_PHONE),
        (entry("", "13900000009"), Outcome.ASK, D.NO_NAME),
        (entry("新来的", "13900000009", "不知道"), Outcome.ASK, D.NO_CATEGORY),
        (entry("新来的", "13900000009", "修鞋、烟花"), Outcome.ASK, D.BANNED),
        (entry("老张修鞋", "13800000001", "修鞋、烟花"), Outcome.ASK, D.BANNED),
        (entry("王大妈", "13800000001"), Outcome.ASK, D.OTHER_NAME),
        (entry("老张修鞋", "13900000009"), Outcome.ASK, D.NEW_NUMBER),
        (entry("老赵修锁", "13800000004"), Outcome.ASK, D.TURNED_DOWN),
        (entry("老张", "13900000009", odd=(Odd.HIDDEN,)), Outcome.ASK, D.HIDDEN),
        (entry("老张", "1390000", odd=(Odd.BAD_PHONE,)), Outcome.ASK, D.BAD_PHONE),
        (entry("老张", "13900000009", odd=(Odd.CONTINUED,)), Outcome.LEFT, D.CONTINUED),
    ],
)
def test_what_a_row_comes_to(one: Entry, outcome: Outcome, doubt: Doubt | None) -> None:
    found = verdict(one)
    assert (found.outcome, found.doubt) == (outcome, doubt)


def test_what_somebody_says_of_a_row_counts() -> None:
    strange = entry("王大妈", "13800000001")
    assert verdict(strange, Choice(use=True)).outcome is Outcome.UPDATE
    assert verdict(strange, Choice(leave=True)).doubt is D.BY_HAND
    renamed = verdict(entry("老张修鞋", "13900000009"), Choice(vendor="aaa", use=True))
    assert [(change.name, change.new) for change in renamed.changes] == [("phone", "13900000009")]
    other = verdict(entry("老张修鞋", "13900000009"), Choice(is_new=True))
    assert (other.outcome, other.known) == (Outcome.NEW, None)
    typed = {
        "trading_name": "老孙",
        "holder": "",
        "phone": "138 0000 0044",
        "category": "haircut",
        "goods": "理发",
    }
    mended = verdict(entry("老孙", "138", odd=(Odd.BAD_PHONE,)), Choice(typed=typed))
    assert mended.outcome is Outcome.NEW
    assert mended.draft is not None
    assert (mended.draft.phone, mended.draft.category, mended.draft.holder) == (
        "13800000044",
        C.HAIRCUT,
        "老孙",
    )


@pytest.mark.parametrize(
    ("before", "said", "together"),
    [
        (Choice(use=True), Choice(is_new=True), Choice(use=True, is_new=True)),
        (Choice(use=True), Choice(vendor="aaa"), Choice(use=True, vendor="aaa")),
        (Choice(is_new=True), Choice(vendor="aaa"), Choice(vendor="aaa")),
        (Choice(vendor="aaa"), Choice(is_new=True), Choice(is_new=True)),
        (Choice(typed={"goods": "修鞋"}), Choice(take=False), Choice(typed={"goods": "修鞋"}, take=False)),
        (Choice(leave=True), Choice(use=True), Choice(use=True)),
    ],
)
def test_a_second_answer_takes_none_away(before: Choice, said: Choice, together: Choice) -> None:
    assert added(before, said) == together


def test_a_chain_changes_nothing_of_whom_it_names_until_somebody_says_so() -> None:
    chain = entry("老张修鞋", "13800000001", "补鞋", power_w=500)
    kept = verdict(chain, takes=False)
    assert (kept.outcome, [change.name for change in kept.changes]) == (Outcome.SAME, ["goods", "power_w"])
    assert kept.draft == REGISTER[0].facts
    assert verdict(chain, Choice(take=True), takes=False).outcome is Outcome.UPDATE


def test_who_is_in_already_is_not_entered_again() -> None:
    assert [verdict(entry(one.facts.trading_name, one.phone)).applies for one in REGISTER[:3]] == [
        True,
        True,
        False,
    ]
    assert not verdict(entry("老张修鞋", "13800000001"), for_market=False).counts


def test_a_number_counts_once() -> None:
    rows = [
        entry("新来的", "13900000009", number=1),
        entry("新来的", "13900000009", number=2),
        entry("别人", "13900000009", number=3),
    ]
    found = judge(rows, REGISTER, {}, terms())
    assert [(one.outcome, one.doubt, one.with_row) for one in found] == [
        (Outcome.NEW, None, ""), (Outcome.LEFT, D.TWICE, "1"), (Outcome.ASK, D.TWICE_OTHERWISE, "1"),
    ]  # fmt: skip


def test_what_was_shown_has_a_digest_that_follows_the_register() -> None:
    rows = [entry("老张", "13800000001"), entry("新来的", "13900000009", number=2)]
    shown = digest_of(judge(rows, REGISTER, {}, terms()))
    assert shown == digest_of(judge(rows, REGISTER, {}, terms()))
    others = (Known("aaa", draft("老张修鞋", "13800000001", power_w=500)), *REGISTER[1:])
    assert shown != digest_of(judge(rows, others, {}, terms()))
    assert shown != digest_of(judge(rows, REGISTER, {2: Choice(leave=True)}, terms()))


FEW = st.sampled_from(["", "老张修鞋", "老李", "新来的"])
NUMBERS = st.sampled_from(["", "13800000001", "13800007730", "13900000009"])
ROWS = st.lists(st.tuples(FEW, NUMBERS, st.sampled_from(["修鞋", "烟花", "x"]), st.booleans()), max_size=8)


@given(ROWS)
def test_nothing_is_done_twice_and_nobody_without_a_number(rows: list[tuple[str, str, str, bool]]) -> None:
    entries = [
        entry(name, phone, goods, number, odd=(Odd.HIDDEN,) if hidden else ())
        for number, (name, phone, goods, hidden) in enumerate(rows, 1)
    ]
    found = judge(entries, REGISTER, {}, terms())
    assert [one.entry.number for one in found] == [one.number for one in entries]
    done = [one.draft.phone for one in found if one.counts and one.draft]
    assert len(done) == len(set(done))
    assert all(done)
    assert all(one.doubt is not None for one in found if one.outcome in (Outcome.ASK, Outcome.LEFT))
