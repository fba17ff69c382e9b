"""What stall types, states and ways are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from market.demand.models import Wish
from market.demand.rules import PaperKind, Way, WishState
from market.demand.stall_types import TYPES

TYPE_WORDS: dict[str, Any] = {
    "haircut": _("理发"),
    "knives": _("磨刀"),
    "shoes": _("修鞋"),
    "keys": _("配钥匙"),
    "sewing": _("缝补"),
    "umbrellas": _("修伞"),
    "bicycles": _("修车"),
    "appliances": _("修家电"),
    "phone_film": _("手机贴膜"),
    "outreach": _("测血压"),
    "care": _("养老托育"),
    "produce": _("蔬菜水果"),
    "farm": _("源头直供"),
    "grain": _("粮油调味"),
    "meat": _("肉蛋水产"),
    "cooked": _("熟食小吃"),
    "bakery": _("糕点饮品"),
    "daily": _("日用百货"),
    "craft": _("手作文创"),
    "secondhand": _("旧书旧物"),
    "plants": _("花卉绿植"),
    "kids": _("亲子游戏"),
    "public": _("公益服务"),
}
"""What each of `TYPES` is called."""

STATE_WORDS: dict[WishState, tuple[str, Any]] = {
    WishState.NEW: ("", _("还没答复")),
    WishState.LOOKING: ("info", _("在找")),
    WishState.HERE: ("go", _("这次有了")),
    WishState.NOT_FOUND: ("wait", _("没找到")),
    WishState.UNFIT: ("stop", _("不合适")),
}
"""Look and word of what the community last said."""

KIND_WORDS: dict[PaperKind, Any] = {PaperKind.PAPER: _("纸票"), PaperKind.WALK: _("走访")}

WAY_WORDS: dict[Way, Any] = {
    Way.PAGE: _("网页"),
    Way.POSTER: _("海报"),
    Way.MARKET: _("集市的页面"),
    Way.SEARCH: _("搜索"),
}


def wish_word(wish: Wish) -> str:
    """A stall type in the reader's language, a word of somebody's own as it was typed."""
    return str(TYPE_WORDS.get(wish.type_code, wish.word))


def offered_types() -> list[tuple[str, str, str]]:
    """(code, what is sent, what the reader reads) of everything that can be asked for in one tap."""
    return [(one.code, one.chinese, str(TYPE_WORDS[one.code])) for one in TYPES]
