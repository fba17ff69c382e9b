"""Why there can be no plan, said so that somebody can mend it; the codes come from `clash.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from market.allocation.rules import Blame
from market.stalls.words import with_category_words

_BLAMES: dict[str, Any] = {
    "clash_min": _("%(category)s至少要 %(least)s 家（报名 %(there)s 家）"),
    "clash_max": _("%(category)s最多 %(most)s 家"),
    "clash_pin": _("%(vendor)s固定在 %(stall)s 号"),
    "clash_circuit": _("%(circuit)s 最多 %(capacity_w)s 瓦"),
    "clash_limit": _("当天只开 %(limit)s 个摊位"),
    "clash_apart": _("%(category)s和%(other)s不宜相邻"),
    "clash_no_power": _("用电的摊主只能在有电位的摊位（%(have)s 个）"),
    "clash_not_enough_power": _("用电 %(need_w)s 瓦的只能在电够的摊位（%(have)s 个）"),
    "clash_no_water": _("用水的摊主只能在有水的摊位（%(have)s 个）"),
    "clash_no_vehicle": _("要车位的摊主只能在能停车的摊位（%(have)s 个）"),
    "clash_too_narrow": _("摊位要够宽（%(have)s 个）"),
    "clash_too_shallow": _("摊位要够深（%(have)s 个）"),
    "clash_reserved": _("爱心和公益摊位只给名单里的摊主"),
    "clash_kept_free": _("工作人员留空的摊位不排人"),
    "clash_closed": _("不开放的摊位不排人"),
    "clash_not_possible": _("分数表里写明不可能的摊位不排人"),
    "turns_miss_minimum": _("按这个次序只排得下 %(placed)s 家%(category)s，至少要 %(least)s 家"),
    "turns_miss_pin": _("按这个次序，%(vendor)s固定的 %(stall)s 号排不下"),
}

_TOO_FEW: dict[str, Any] = {
    "clash_no_power": _("%(least)s 家%(category)s需要用电，电位只有 %(have)s 个。"),
    "clash_not_enough_power": _("%(least)s 家%(category)s要用电，电够的摊位只有 %(have)s 个。"),
    "clash_no_water": _("%(least)s 家%(category)s需要用水，有水的摊位只有 %(have)s 个。"),
    "clash_no_vehicle": _("%(least)s 家%(category)s需要车位，能停车的摊位只有 %(have)s 个。"),
    "clash_too_narrow": _("%(least)s 家%(category)s要排下，够宽的摊位只有 %(have)s 个。"),
    "clash_too_shallow": _("%(least)s 家%(category)s要排下，够深的摊位只有 %(have)s 个。"),
    "clash_reserved": _("%(least)s 家%(category)s要排下，除了爱心和公益摊位，能用的只有 %(have)s 个。"),
    "clash_kept_free": _("%(least)s 家%(category)s要排下，除了留空的摊位，能用的只有 %(have)s 个。"),
    "clash_closed": _("%(least)s 家%(category)s要排下，开放的摊位只有 %(have)s 个。"),
}
"""One minimum against one need."""

_PINNED_AMISS: dict[str, Any] = {
    "clash_no_power": _("%(vendor)s固定在 %(stall)s 号，要用 %(need_w)s 瓦，那里没有电。"),
    "clash_not_enough_power": _("%(vendor)s固定在 %(stall)s 号，要用 %(need_w)s 瓦，那里只有 %(has_w)s 瓦。"),
    "clash_no_water": _("%(vendor)s固定在 %(stall)s 号，要用水，那里没有水。"),
    "clash_no_vehicle": _("%(vendor)s固定在 %(stall)s 号，要车位，那里不能停车。"),
    "clash_too_narrow": _("%(vendor)s固定在 %(stall)s 号，那里不够宽。"),
    "clash_too_shallow": _("%(vendor)s固定在 %(stall)s 号，那里不够深。"),
    "clash_reserved": _("%(vendor)s固定在 %(stall)s 号，那是爱心或公益摊位，名单里没有这家。"),
    "clash_kept_free": _("%(vendor)s固定在 %(stall)s 号，那里当天留空。"),
    "clash_closed": _("%(vendor)s固定在 %(stall)s 号，那里当天不开放。"),
}
"""One fixed stall against one need."""


def blame_sentence(blame: Blame) -> str:
    """One rule of a contradiction, as a part of a sentence."""
    return str(_BLAMES[blame.code]) % with_category_words(blame.params)


def clash_sentence(clash: Sequence[Blame]) -> str:
    """Why there can be no plan: the rules that cannot hold together, and what to do."""
    said = _short(clash)
    if said is None:
        parts = str(_("；")).join(_parts(clash))
        said = str(_("这几条不能同时做到：%(parts)s。") if len(clash) > 1 else _("%(parts)s，做不到。"))
        said %= {"parts": parts}
    advice = _("请放宽其中一条，再排一次。") if len(clash) > 1 else _("请改一改，再排一次。")
    return said + str(advice)


def _short(clash: Sequence[Blame]) -> str | None:
    """One plain sentence for the contradictions that are usual; None for the others."""
    found = _minimum(clash) or _pins(clash)
    return None if found is None else str(found[0]) % with_category_words(found[1])


def _minimum(clash: Sequence[Blame]) -> tuple[Any, Mapping[str, Any]] | None:
    """Minimums against one rule, where plain counting shows that it cannot be."""
    minimums = [blame.params for blame in clash if blame.code == "clash_min"]
    others = [blame for blame in clash if blame.code != "clash_min"]
    kinds = {blame.code for blame in others}
    if not minimums or len(kinds) > 1:
        return None
    least = sum(int(params["least"]) for params in minimums)
    told: dict[str, Any] = {**minimums[0], **(others[0].params if others else {}), "least": least}
    if len(minimums) > 1:
        words = (with_category_words(params)["category"] for params in minimums)
        told["category"] = str(_("、")).join(words)
    if kinds == {"clash_limit"}:
        return (_MORE_THAN_THE_DAY, told) if least > told["limit"] else None
    if not others and len(minimums) > 1:
        return (_MORE_THAN_THERE_ARE, told) if least > told["stalls"] else None
    if not others and least > told["there"]:
        return _ONLY_SO_MANY_APPLIED, told
    if not others:
        return (_ONLY_SO_MANY_STALLS, told) if least > told["stalls"] else None
    if kinds == {"clash_max"}:
        return (_MORE_THAN_THE_MOST, told) if len(minimums) == 1 else None
    if kinds == {"clash_circuit"}:
        told |= _lines(others)
        return (_TOO_FEW_WATTS, told) if told["need_w"] > told["capacity_w"] else None
    code = others[0].code
    return (_TOO_FEW[code], told) if code in _TOO_FEW and least > told["have"] else None


def _pins(clash: Sequence[Blame]) -> tuple[Any, Mapping[str, Any]] | None:
    pins = [blame.params for blame in clash if blame.code == "clash_pin"]
    codes = [blame.code for blame in clash if blame.code != "clash_pin"]
    if len(pins) == 1 and len(codes) == 1 and codes[0] in _PINNED_AMISS:
        return _PINNED_AMISS[codes[0]], pins[0]
    if len(pins) != 2:
        return None
    both = {**pins[0], "by": pins[1]["vendor"], "beside": pins[1]["stall"]}
    if not codes and both["stall"] == both["beside"]:
        return _PINNED_TWICE, both
    return (_PINNED_BESIDE, both) if codes == ["clash_apart"] else None


def _parts(clash: Sequence[Blame]) -> list[str]:
    """Each rule; the lines as one."""
    lines = [blame for blame in clash if blame.code == "clash_circuit"]
    if len(lines) < 2:
        return [blame_sentence(blame) for blame in clash]
    rest = [blame_sentence(blame) for blame in clash if blame.code != "clash_circuit"]
    return [*rest, str(_("%(circuits)s 这几条线路一共 %(capacity_w)s 瓦")) % _lines(lines)]


def _lines(blames: Sequence[Blame]) -> dict[str, Any]:
    return {
        "circuits": str(_("、")).join(
            sorted((str(blame.params["circuit"]) for blame in blames), key=_numbered)
        ),
        "capacity_w": sum(int(blame.params["capacity_w"]) for blame in blames),
        "need_w": blames[0].params["need_w"],
    }


def _numbered(name: str) -> tuple[int, str]:
    """L9 before L10."""
    return len(name), name


_ONLY_SO_MANY_APPLIED = _("%(category)s至少要 %(least)s 家，只有 %(there)s 家报名。")
_ONLY_SO_MANY_STALLS = _("%(category)s至少要 %(least)s 家，场地只有 %(stalls)s 个摊位。")
_MORE_THAN_THE_MOST = _("%(category)s至少要 %(least)s 家，又最多 %(most)s 家。")
_MORE_THAN_THERE_ARE = _("各类「至少」加起来要 %(least)s 家，场地只有 %(stalls)s 个摊位。")
_MORE_THAN_THE_DAY = _("各类「至少」加起来要 %(least)s 家，当天只开 %(limit)s 个摊位。")
_TOO_FEW_WATTS = _(
    "%(least)s 家%(category)s至少要用 %(need_w)s 瓦，%(circuits)s 一共只有 %(capacity_w)s 瓦。"
)
_PINNED_TWICE = _("%(vendor)s和%(by)s都固定在 %(stall)s 号，一个摊位只能给一家。")
_PINNED_BESIDE = _("%(vendor)s固定在 %(stall)s 号，%(by)s固定在 %(beside)s 号，挨在一起，两个品类不宜相邻。")
