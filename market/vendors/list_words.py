"""What is said of a list: why a row waits, what would change, what was left out."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.vendors.listed.entry import Odd, Passed
from market.vendors.listed.headings import Column
from market.vendors.listed.verdict import Change, Doubt, Verdict, power_of
from market.vendors.rules import Category
from market.vendors.words import category_word

DOUBT_WORDS: dict[Doubt, Any] = {
    Doubt.HIDDEN: _("这一行在表格里是隐藏的。"),
    Doubt.CALLED_OFF: _("这一行写着不来。"),
    Doubt.FORMULA: _("有一格是公式，表格里没有存下算好的字。请照着改一改。"),
    Doubt.DATE: _("有一格被表格当成了日期，请看看对不对。"),
    Doubt.ROUNDED: _("电话被表格缩成了「%(detail)s」，后几位没有了，请填全。"),
    Doubt.TWO_PHONES: _("写了两个电话，先按第一个 %(phone)s。"),
    Doubt.BAD_PHONE: _("「%(detail)s」不像电话：手机号是 11 位，座机带区号。"),
    Doubt.CONTINUED: _("和上面一行是一家（合并的格子）。"),
    Doubt.NO_PHONE: _("没看到手机号。"),
    Doubt.NO_NAME: _("没看到名字。"),
    Doubt.NO_CATEGORY: _("没看出做哪一类，请选一类。"),
    Doubt.BANNED: "%(detail)s",
    Doubt.WHICH: _("没写全手机号，是登记过的这一家吗？"),
    Doubt.OTHER_NAME: _("这个手机号登记的是别的名字，是同一家吗？"),
    Doubt.NEW_NUMBER: _("这个名字登记过，手机号不一样。是换了号码，还是另一家？"),
    Doubt.TURNED_DOWN: _("这一场您回绝过这一家。"),
    Doubt.TWICE: _("和第 %(row)s 行是同一家。"),
    Doubt.TWICE_OTHERWISE: _("手机号和第 %(row)s 行一样，名字不一样。"),
    Doubt.BY_HAND: _("您说跳过。"),
}

CORRECTABLE = frozenset(Doubt) - {Doubt.CONTINUED, Doubt.TWICE, Doubt.TURNED_DOWN, Doubt.CALLED_OFF}
"""What a correction by hand can mend."""
USABLE: dict[Doubt, Any] = {
    Doubt.HIDDEN: _("也登记"),
    Doubt.CALLED_OFF: _("还是来"),
    Doubt.DATE: _("没有错"),
    Doubt.TWO_PHONES: _("就用这个"),
    Doubt.TURNED_DOWN: _("再报上"),
}
"""What may be right as it stands, and the word on its button."""
NEW_WORDS: dict[Doubt, Any] = {Doubt.WHICH: _("是新的一家"), Doubt.NEW_NUMBER: _("是另一家")}

PASSED_WORDS: dict[Passed, Any] = {
    Passed.HEADING: _("开头的话"),
    Passed.EXAMPLE: _("例子"),
    Passed.EMPTY_NUMBER: _("空的号"),
    Passed.CHAT: _("聊天记录"),
    Passed.TOTAL: _("合计、说明"),
}

COLUMN_WORDS: dict[Column, Any] = {
    Column.NAME: _("招牌"),
    Column.HOLDER: _("经营人"),
    Column.PHONE: _("手机号"),
    Column.CATEGORY: _("类别"),
    Column.GOODS: _("卖什么"),
    Column.POWER: _("用电"),
    Column.WATER: _("用水"),
    Column.FLAME: _("明火"),
    Column.TENT: _("自带帐篷"),
    Column.PLATE: _("车牌"),
    Column.PRICE: _("价格区间"),
    Column.NOTE: _("备注"),
    Column.NOT_USED: _("不用"),
}

FACT_WORDS: dict[str, Any] = {
    "trading_name": _("招牌"),
    "holder": _("经营人"),
    "phone": _("手机号"),
    "category": _("类别"),
    "goods": _("卖什么"),
    "power_w": _("用电"),
    "needs_water": _("用水"),
    "needs_vehicle": _("车停摊位边"),
    "price_range": _("价格区间"),
    "open_flame": _("明火"),
    "own_tent": _("自带帐篷"),
    "plate": _("车牌"),
}


def doubt_sentence(verdict: Verdict) -> str:
    """Why a row waits or is left out."""
    if verdict.doubt is None:
        return ""
    return str(DOUBT_WORDS[verdict.doubt]) % {
        "detail": verdict.detail or verdict.entry.phone,
        "phone": verdict.entry.phone,
        "row": verdict.with_row,
    }


def change_words(change: Change) -> tuple[str, str, str]:
    """What, how it was, how it will be."""
    return str(FACT_WORDS[change.name]), _value(change.name, change.old), _value(change.name, change.new)


def said_otherwise(verdict: Verdict) -> str:
    """What a list says otherwise and is not taken over, in one line."""
    told = (change_words(change) for change in verdict.changes)
    return gettext("、").join(f"{name} {new}" for name, _old, new in told)


def _value(name: str, value: str) -> str:
    if name == "category":
        return str(category_word(Category(value)))
    if name == "power_w":
        return gettext("%(kw)s 千瓦", kw=f"{int(value) / 1000:g}")
    if name == "phone":
        return gettext("尾号 %(tail)s", tail=value[-4:])
    if value in ("True", "False"):
        return gettext("要") if value == "True" else gettext("不要")
    return value or gettext("（没写）")


def remarks(verdict: Verdict) -> list[str]:
    """What else is to know about a row that counts."""
    entry = verdict.entry
    said = []
    if Odd.POWER_UNSAID in entry.odd and verdict.counts:
        power = verdict.draft.power_w if verdict.draft else power_of(entry)
        said.append(gettext("要用电，没写多少，先按 %(kw)s 千瓦。", kw=f"{(power or 0) / 1000:g}"))
    if entry.note:
        said.append(gettext("备注：%(note)s", note=entry.note))
    return said
