"""What every hard rule of the allocation is called: one entry a rule, by its code in `allocation/rules`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class RuleWords(NamedTuple):
    """The sentences of one hard rule; empty where nobody can meet it in that way."""

    conflict: Any = ""
    """A plan, or a step by hand, breaks it."""
    missed: Any = ""
    """Why somebody did not get the stall they asked for."""
    nowhere: Any = ""
    """No stall will do because of it."""
    held_back: Any = ""
    """A free stall would do, were it not for this."""
    in_conflict: Any = ""
    """A part of a sentence: one of the rules that cannot hold together."""
    too_few: Any = ""
    """A minimum asks for more than there are stalls that meet it."""
    pinned_amiss: Any = ""
    """A fixed stall does not meet it."""


RULE_WORDS: Mapping[str, RuleWords] = {
    "closed": RuleWords(
        conflict=_("%(stall)s 号当天不开放，请换一个摊位。"),
        missed=_("您想要的 %(wanted)s 号当天不开放。"),
        nowhere=_("能用的摊位当天都不开放。"),
        in_conflict=_("不开放的摊位不排人"),
        too_few=_("%(least)s 家%(category)s要排下，开放的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，那里当天不开放。"),
    ),
    "kept_free": RuleWords(
        conflict=_("%(stall)s 号由工作人员留空。请换一个摊位，或先取消留空。"),
        missed=_("您想要的 %(wanted)s 号当天由工作人员留空。"),
        nowhere=_("合适的摊位当天由工作人员留空。"),
        held_back=_("空着的 %(empty)s 号当天由工作人员留空。"),
        in_conflict=_("工作人员留空的摊位不排人"),
        too_few=_("%(least)s 家%(category)s要排下，除了留空的摊位，能用的只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，那里当天留空。"),
    ),
    "reserved": RuleWords(
        conflict=_("%(stall)s 号是爱心或公益摊位，%(vendor)s不在名单里。请换一个摊位。"),
        missed=_("您想要的 %(wanted)s 号是爱心或公益摊位。"),
        nowhere=_("合适的摊位是爱心或公益摊位，专门留出。"),
        held_back=_("空着的 %(empty)s 号是爱心或公益摊位，专门留出。"),
        in_conflict=_("爱心和公益摊位只给名单里的摊主"),
        too_few=_("%(least)s 家%(category)s要排下，除了爱心和公益摊位，能用的只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，那是爱心或公益摊位，名单里没有这家。"),
    ),
    "no_power": RuleWords(
        conflict=_("%(stall)s 号没有电，%(vendor)s需要 %(need_w)s 瓦。请换一个带电的摊位。"),
        missed=_("您想要的 %(wanted)s 号没有电。"),
        nowhere=_("场地没有带电的摊位。"),
        in_conflict=_("用电的摊主只能在有电位的摊位（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s需要用电，电位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，要用 %(need_w)s 瓦，那里没有电。"),
    ),
    "not_enough_power": RuleWords(
        conflict=_("%(stall)s 号只有 %(has_w)s 瓦，%(vendor)s需要 %(need_w)s 瓦。请换一个电更足的摊位。"),
        missed=_("您想要的 %(wanted)s 号电不够。"),
        nowhere=_("没有一个摊位的电够您用。"),
        in_conflict=_("用电 %(need_w)s 瓦的只能在电够的摊位（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s要用电，电够的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，要用 %(need_w)s 瓦，那里只有 %(has_w)s 瓦。"),
    ),
    "no_water": RuleWords(
        conflict=_("%(stall)s 号没有水，%(vendor)s需要用水。请换一个有水的摊位。"),
        missed=_("您想要的 %(wanted)s 号没有水。"),
        nowhere=_("没有同时带水并满足您其他需要的摊位。"),
        in_conflict=_("用水的摊主只能在有水的摊位（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s需要用水，有水的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，要用水，那里没有水。"),
    ),
    "no_vehicle": RuleWords(
        conflict=_("%(stall)s 号不能停车，%(vendor)s需要车位。请换一个能停车的摊位。"),
        missed=_("您想要的 %(wanted)s 号不能停车。"),
        nowhere=_("没有能停车并满足您其他需要的摊位。"),
        in_conflict=_("要车位的摊主只能在能停车的摊位（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s需要车位，能停车的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，要车位，那里不能停车。"),
    ),
    "no_flame": RuleWords(
        conflict=_("%(stall)s 号不能用明火，%(vendor)s用明火或燃气罐。请换一个能用的摊位。"),
        missed=_("您想要的 %(wanted)s 号不能用明火。"),
        nowhere=_("没有能用明火并满足您其他需要的摊位。"),
        in_conflict=_("用明火的摊主只能在能用明火的摊位（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s要用明火，能用明火的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，要用明火，那里不能用。"),
    ),
    "too_narrow": RuleWords(
        conflict=_("%(stall)s 号不够宽，放不下%(vendor)s的摊。请换一个更宽的摊位。"),
        missed=_("您想要的 %(wanted)s 号不够宽。"),
        nowhere=_("没有一个摊位宽度够您用。"),
        in_conflict=_("摊位要够宽（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s要排下，够宽的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，那里不够宽。"),
    ),
    "too_shallow": RuleWords(
        conflict=_("%(stall)s 号不够深，放不下%(vendor)s的摊。请换一个更深的摊位。"),
        missed=_("您想要的 %(wanted)s 号不够深。"),
        nowhere=_("没有一个摊位深度够您用。"),
        in_conflict=_("摊位要够深（%(have)s 个）"),
        too_few=_("%(least)s 家%(category)s要排下，够深的摊位只有 %(have)s 个。"),
        pinned_amiss=_("%(vendor)s固定在 %(stall)s 号，那里不够深。"),
    ),
    "not_possible": RuleWords(
        in_conflict=_("分数表里写明不可能的摊位不排人"),
    ),
    "taken": RuleWords(
        conflict=_("%(stall)s 号已经排给%(by)s。可以选择对调，或换一个空摊位。"),
        missed=_("您想要的 %(wanted)s 号已有别的摊主。"),
    ),
    "circuit_full": RuleWords(
        conflict=_(
            "%(circuit)s 会用到 %(load_w)s 瓦，超过 %(capacity_w)s 瓦。"
            "请换到另一条线路的摊位，或先移走一家用电的。"
        ),
        missed=_("您想要的 %(wanted)s 号所在线路的电已用满。"),
        in_conflict=_("%(circuit)s 最多 %(capacity_w)s 瓦"),
    ),
    "limit_reached": RuleWords(
        conflict=_("当天只开 %(limit)s 个摊位，已经排满。请先空出一个摊位。"),
        missed=_("当天开放的摊位已满，所以没有排 %(wanted)s 号。"),
        in_conflict=_("当天只开 %(limit)s 个摊位"),
    ),
    "pinned": RuleWords(
        conflict=_("%(vendor)s已固定在 %(pinned)s 号，不能放到 %(stall)s 号。请先取消固定。"),
        missed=_("工作人员已给您固定了别的摊位，所以没有排 %(wanted)s 号。"),
        in_conflict=_("%(vendor)s固定在 %(stall)s 号"),
    ),
    "not_double": RuleWords(
        conflict=_("%(vendor)s要两个相邻的摊位，%(stall)s 号旁边没有一起给出。请换一处相邻的两个空摊位。"),
        missed=_("您想要的 %(wanted)s 号旁边没有空摊位可以一起给您。"),
    ),
    "category_full": RuleWords(
        conflict=_("%(category)s当天最多 %(most)s 家，这样会有 %(placed)s 家。请先移走一家。"),
        missed=_("您的品类当天家数已满，所以没有排 %(wanted)s 号。"),
        in_conflict=_("%(category)s最多 %(most)s 家"),
    ),
    "apart": RuleWords(
        conflict=_(
            "%(vendor)s在 %(stall)s 号，紧挨 %(beside)s 号的%(by)s，两个品类不宜相邻。请把其中一家换开。"
        ),
        missed=_("您想要的 %(wanted)s 号旁边的品类与您的不宜相邻。"),
        in_conflict=_("%(category)s和%(other)s不宜相邻"),
    ),
    "minimum": RuleWords(
        in_conflict=_("%(category)s至少要 %(least)s 家（报名 %(there)s 家）"),
    ),
}
KINDS = {
    "pin": "pinned",
    "min": "minimum",
    "max": "category_full",
    "circuit": "circuit_full",
    "limit": "limit_reached",
}
"""Rules that a contradiction calls by the kind of their row; the others are called by their code."""


def conflicting_words(code: str) -> RuleWords:
    """The words of a rule that a contradiction names: `clash_no_water`, `clash_pin`."""
    name = code.removeprefix("clash_")
    return RULE_WORDS[KINDS.get(name, name)]
