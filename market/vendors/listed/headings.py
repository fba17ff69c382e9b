"""A table of vendors: which column is which by its heading, and what a row then says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from market.tables.rows import ReadTable, TableRow
from market.typed_text import one_line, plain, search_key
from market.vendors.listed.entry import Entry, Listed, Odd, Passed, PassedLine
from market.vendors.listed.values import YES, category_of, phones_in, says_yes, watts_of


class Column(StrEnum):
    """What a column of a list holds."""

    NAME = "trading_name"
    HOLDER = "holder"
    PHONE = "phone"
    CATEGORY = "category"
    GOODS = "goods"
    POWER = "power"
    WATER = "water"
    FLAME = "flame"
    TENT = "tent"
    PLATE = "plate"
    PRICE = "price_range"
    NOTE = "note"
    NOT_USED = "not_used"


C = Column

HEADINGS: Mapping[Column, tuple[str, ...]] = {
    C.NAME: (
        "摊名", "招牌", "招牌名", "摊位名", "摊位名称", "摊位招牌", "商户", "商户名称", "店名", "商家",
        "商户/摊主名称", "名称", "品牌", "vendor", "stall name",
    ),
    C.HOLDER: ("摊主", "姓名", "经营人", "经营者", "负责人", "联系人", "称呼", "摊主姓名", "name", "holder"),
    C.PHONE: (
        "电话", "手机", "手机号", "手机号码", "联系电话", "电话号码", "联系方式", "号码", "tel", "phone",
        "mobile",
    ),
    C.CATEGORY: ("品类", "类别", "类型", "经营品类", "分类", "摊位类型", "category"),
    C.GOODS: (
        "卖什么", "做什么", "卖什么、做什么", "商品", "主要商品", "经营内容", "经营项目", "经营范围", "产品",
        "主营", "货品", "卖", "goods",
    ),
    C.POWER: ("用电", "需要电", "是否用电", "电", "用电量", "功率", "需电", "要电", "用电需求", "power"),
    C.WATER: ("用水", "需要水", "是否用水", "要水", "water"),
    C.FLAME: ("明火", "是否明火", "用明火", "open flame"),
    C.TENT: ("帐篷", "自带帐篷", "自带棚", "own tent"),
    C.PLATE: ("车牌", "车牌号", "车辆", "plate"),
    C.PRICE: ("价格区间", "价格", "价位", "price range", "prices"),
    C.NOTE: ("备注", "说明", "其他", "要求", "特殊要求", "note", "notes", "remark"),
}  # fmt: skip
"""How the columns may be headed; our own lists come back as they were printed."""

LABELS: Mapping[str, Column] = {
    word: column for column, words in HEADINGS.items() for word in words if not word.isascii()
}
"""The same words before a colon."""

KNOWN = {search_key(word): column for column, words in HEADINGS.items() for word in words}
LOOKED_AT = 15
"""A heading stands among the first rows, below a title at most."""
TOTALS = ("合计", "总计", "小计", "共计", "制表人", "审核人", "填表说明", "备注:", "注:", "说明:")
"""How rows of a list begin that are no vendor's."""


# ── which column is which ─────────────────────────────────────────────────────────────────────────────────


def heading_of(table: ReadTable) -> tuple[int, dict[int, Column]] | None:
    """After which row the vendors begin, and what each column holds; None for a table without headings."""
    rows = [row.cells for row in table.rows[:LOOKED_AT]]
    candidates = [(index, index + 1, row) for index, row in enumerate(rows)]
    candidates += [(index, index + 2, _over(rows[index], rows[index + 1])) for index in range(len(rows) - 1)]
    scored = [(_columns(row), -first, below) for first, below, row in candidates]
    best = max(scored, key=lambda one: (len(one[0]), one[1], -one[2]), default=None)
    if best is None or not _is_heading(best[0]):
        return None
    return best[2], best[0]


def _over(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """A heading of two rows: what stands lower says more; figures there are no heading."""
    if any(phones_in(cell) for cell in lower):
        return []
    width = max(len(upper), len(lower))
    above, below = ([*row, *[""] * (width - len(row))] for row in (upper, lower))
    return [one or other for one, other in zip(below, above, strict=True)]


def _columns(row: Sequence[str]) -> dict[int, Column]:
    found: dict[int, Column] = {}
    for index, cell in enumerate(row):
        column = column_of(cell)
        if column is not None and column not in found.values():
            found[index] = column
    return found


def column_of(heading: str) -> Column | None:
    """What a column holds by its heading; what stands in brackets only explains it."""
    bare = re.split(r"[(（\[【\n]", heading.strip("*＊ "))[0]
    return KNOWN.get(search_key(bare).replace(" ", "")) or KNOWN.get(search_key(bare))


def _is_heading(columns: Mapping[int, Column]) -> bool:
    found = set(columns.values())
    return len(found) > 1 and bool(found & {C.PHONE, C.NAME, C.HOLDER})


def columns_by_look(table: ReadTable) -> dict[int, Column]:
    """Without a heading: the column of numbers, then a name, then what is sold."""
    rows = [row.cells for row in table.rows if any(row.cells)]
    width = max((len(row) for row in rows), default=0)
    counts = [sum(index < len(row) and bool(phones_in(row[index])) for row in rows) for index in range(width)]
    if not counts or max(counts) * 2 < len(rows):
        return {}
    found = {counts.index(max(counts)): C.PHONE}
    words = [index for index in range(width) if index not in found and _is_wordy(rows, index)]
    return found | dict(zip(words, (C.NAME, C.GOODS, C.NOTE), strict=False))


def _is_wordy(rows: Sequence[Sequence[str]], index: int) -> bool:
    cells = [row[index] for row in rows if index < len(row) and row[index]]
    return bool(cells) and sum(not plain(cell).replace(".", "").isdigit() for cell in cells) * 2 > len(cells)


# ── what a row says ───────────────────────────────────────────────────────────────────────────────────────


def read_rows(table: ReadTable, start: int, columns: Mapping[int, Column]) -> Listed:
    """The rows below the heading, each with its number in the spreadsheet."""
    found = Listed()
    found.passed += [
        PassedLine(row.number, _shown(row), Passed.HEADING) for row in table.rows[:start] if any(row.cells)
    ]
    used = {index: column for index, column in columns.items() if column is not C.NOT_USED}
    for row in table.rows[start:]:
        if (
            not any(cell for index, cell in enumerate(row.cells) if index not in row.merged)
            and not row.uncounted
        ):
            continue
        if _is_total(row, used) or _columns(row.cells) == dict(used):
            found.passed.append(PassedLine(row.number, _shown(row), Passed.TOTAL))
        else:
            found.entries.append(_entry(row, used))
    return found


def _shown(row: TableRow) -> str:
    return one_line(" ".join(cell for cell in row.cells if cell))[:200]


def _is_total(row: TableRow, columns: Mapping[int, Column]) -> bool:
    first = plain(next((cell for cell in row.cells if cell), ""))
    phone = next((index for index, column in columns.items() if column is C.PHONE), None)
    told = phone is not None and phone < len(row.cells) and phones_in(row.cells[phone])
    return first.startswith(TOTALS) and not told


def _entry(row: TableRow, columns: Mapping[int, Column]) -> Entry:
    cells = {column: row.cells[index] for index, column in columns.items() if index < len(row.cells)}
    entry = entry_of_cells(row.number, cells)
    return replace(entry, text=_shown(row), odd=(*_row_odds(row, columns), *entry.odd))


def _row_odds(row: TableRow, columns: Mapping[int, Column]) -> tuple[Odd, ...]:
    places = {column: index for index, column in columns.items()}
    names = {places[column] for column in (C.NAME, C.HOLDER, C.PHONE) if column in places}
    wordy = names | {places[column] for column in (C.GOODS, C.CATEGORY) if column in places}
    written = {index for index in names if index < len(row.cells) and row.cells[index]}
    formula = row.uncounted & set(columns) or any(
        row.cells[index].startswith("=") for index in columns if index < len(row.cells)
    )
    return tuple(
        odd
        for odd, holds in (
            (Odd.CONTINUED, bool(written) and written <= row.merged),
            (Odd.HIDDEN, row.hidden),
            (Odd.FORMULA, bool(formula)),
            (Odd.DATE, bool(row.dates & wordy)),
        )
        if holds
    )


def entry_of_cells(number: int, cells: Mapping[Column, str]) -> Entry:
    """A row by its columns."""
    told = {column: one_line(text) for column, text in cells.items()}
    name, holder = told.get(C.NAME, ""), told.get(C.HOLDER, "")
    phone, odd = _phone(told.get(C.PHONE, ""))
    goods = told.get(C.GOODS, "")
    said = category_of(told.get(C.CATEGORY, ""))
    category = said or category_of(goods) or category_of(name)
    power, unsaid = _power(told.get(C.POWER, ""))
    return Entry(
        number, "", trading_name=(name or holder)[:60], holder=(holder or name)[:60], phone=phone,
        category=category, says_category=said is not None,
        goods=(goods or told.get(C.CATEGORY, "") or name)[:120], power_w=power,
        needs_water=says_yes(told.get(C.WATER, "")), open_flame=says_yes(told.get(C.FLAME, "")),
        own_tent=says_yes(told.get(C.TENT, "")), plate=told.get(C.PLATE, ""),
        price_range=told.get(C.PRICE, "")[:40], note=told.get(C.NOTE, "")[:200], odd=(*odd, *unsaid),
    )  # fmt: skip


_SHORTENED = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)


def _phone(text: str) -> tuple[str, tuple[Odd, ...]]:
    if not text:
        return "", ()
    if _SHORTENED.fullmatch(plain(text)):
        return text, (Odd.ROUNDED,)
    phones = phones_in(text)
    if not phones:
        return text, (Odd.BAD_PHONE,)
    two = (Odd.TWO_PHONES,) if len({phone.number for phone in phones}) > 1 else ()
    return phones[0].number, two if phones[0].good else (Odd.BAD_PHONE,)


def _power(text: str) -> tuple[int | None, tuple[Odd, ...]]:
    if not text:
        return None, ()
    if plain(text).casefold() in YES - {"1"}:
        return None, (Odd.POWER_UNSAID,)
    if not says_yes(text):
        return 0, ()
    watts = watts_of(text)
    return watts, () if watts is not None else (Odd.POWER_UNSAID,)
