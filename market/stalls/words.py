"""Sentences for allocation reasons and plan conflicts; the codes come from the rules."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from market.calendar.rules import Finding
from market.stalls.rules import ALLOCATION_WEIGHTS, Conflict, Reason

WEIGHT_WORDS: dict[str, Any] = {
    "zone": _("摊位所在分区与品类相符"),
    "wanted_stall": _("正是摊主想要的摊位"),
    "last_stall": _("与上一场是同一个摊位"),
    "shade": _("便民服务摊有遮阴"),
}

_REASONS: dict[str, Any] = {
    "placed_wanted": _("您想要的 %(stall)s 号摊位，给您留下了。"),
    "placed_last": _("还是上一场的 %(stall)s 号摊位，老顾客好找。"),
    "placed_only_fit": _("全场只有 %(stall)s 号摊位满足您的用电、用水等需要。"),
    "placed_zone": _("%(stall)s 号摊位在 %(zone)s 区，与您的品类相符。"),
    "placed_remaining": _("您品类所在的分区没有合适的空摊位了，%(stall)s 号摊位满足您的需要。"),
    "staff": _("工作人员安排您在 %(stall)s 号摊位。"),
    "swapped": _("工作人员让您与%(other)s对调，您到 %(stall)s 号摊位。"),
    "promoted": _("有摊位空出来了，您是候补里第一位合适的，排到 %(stall)s 号摊位。"),
    "waiting_full": _("当天 %(room)s 个摊位已按报名先后排满，您是候补第 %(position)s 位。"),
    "waiting_no_fit": _("%(obstacle)s您是候补第 %(position)s 位；需要有变化，请告诉工作人员。"),
    "waiting_stalls": _("满足您需要的 %(fitting)s 个摊位已排给先报名的摊主，您是候补第 %(position)s 位。"),
    "waiting_circuit": _(
        "线路只剩 %(left_w)s 瓦，您需要 %(need_w)s 瓦，您是候补第 %(position)s 位。"
        "若能少用电，请告诉工作人员。"
    ),
    "waiting_more_placed": _(
        "您需要 %(need_w)s 瓦；同样的电能让更多摊主出摊，所以先排了他们。您是候补第 %(position)s 位。"
    ),
}

_OBSTACLES: dict[str, Any] = {
    "no_power": _("场地没有带电的摊位。"),
    "not_enough_power": _("没有一个摊位的电够您用。"),
    "no_water": _("没有同时带水并满足您其他需要的摊位。"),
    "no_vehicle": _("没有能停车并满足您其他需要的摊位。"),
    "closed": _("能用的摊位当天都不开放。"),
}

_MISSED_WISHES: dict[str, Any] = {
    "taken": _("您想要的 %(wanted)s 号已有别的摊主。"),
    "closed": _("您想要的 %(wanted)s 号当天不开放。"),
    "no_power": _("您想要的 %(wanted)s 号没有电。"),
    "not_enough_power": _("您想要的 %(wanted)s 号电不够。"),
    "no_water": _("您想要的 %(wanted)s 号没有水。"),
    "no_vehicle": _("您想要的 %(wanted)s 号不能停车。"),
    "circuit_full": _("您想要的 %(wanted)s 号所在线路的电已用满。"),
    "better_together": _("您想要的 %(wanted)s 号没有排给您，这样全场的安排总分更高。"),
}

_CONFLICTS: dict[str, Any] = {
    "closed": _("%(stall)s 号当天不开放，请换一个摊位。"),
    "no_power": _("%(stall)s 号没有电，%(vendor)s需要 %(need_w)s 瓦。请换一个带电的摊位。"),
    "not_enough_power": _(
        "%(stall)s 号只有 %(has_w)s 瓦，%(vendor)s需要 %(need_w)s 瓦。请换一个电更足的摊位。"
    ),
    "no_water": _("%(stall)s 号没有水，%(vendor)s需要用水。请换一个有水的摊位。"),
    "no_vehicle": _("%(stall)s 号不能停车，%(vendor)s需要车位。请换一个能停车的摊位。"),
    "taken": _("%(stall)s 号已经排给%(by)s。可以选择对调，或换一个空摊位。"),
    "circuit_full": _(
        "%(circuit)s 会用到 %(load_w)s 瓦，超过 %(capacity_w)s 瓦。"
        "请换到另一条线路的摊位，或先移走一家用电的。"
    ),
    "limit_reached": _("当天只开 %(limit)s 个摊位，已经排满。请先空出一个摊位。"),
}


_FINDINGS: dict[str, Any] = {
    "plan_empty": _("还没有一家排上摊位。"),
    "plan_line_nearly_full": _(
        "%(circuit)s 已用 %(load_w)s 瓦，快到上限 %(capacity_w)s 瓦，不要再加用电的摊主。"
    ),
    "plan_stall_for_waiting": _("%(stall)s 号空着，候补的%(vendor)s用得上，可以请来补位。"),
}


def knows(finding: Finding) -> bool:
    """Whether this room made the finding."""
    return finding.code.startswith("plan_")


def finding_sentence(finding: Finding) -> str:
    """One thing a plan lacks, in the reader's language."""
    sentence = _FINDINGS.get(finding.code) or _CONFLICTS[finding.code.removeprefix("plan_")]
    return str(sentence) % dict(finding.params)


def finding_person(finding: Finding) -> str:
    """Who can mend it."""
    return str(_("社区工作人员"))


def assignment_sentence(code: str, params: Mapping[str, Any]) -> str:
    """Why a vendor has this stall, from what was stored with the assignment."""
    return reason_sentence(Reason(code if code in _REASONS else "staff", params))


def reason_sentence(reason: Reason) -> str:
    """Why this vendor stands here or waits, in the reader's language."""
    params = dict(reason.params)
    if "need" in params:
        params["obstacle"] = str(_OBSTACLES.get(str(params["need"]), ""))
    sentence = str(_REASONS[reason.code]) % params
    if "wanted_because" not in params:
        return sentence
    return sentence + str(_MISSED_WISHES[str(params["wanted_because"])]) % params


def conflict_sentence(conflict: Conflict) -> str:
    return str(_CONFLICTS[conflict.code]) % dict(conflict.params)


def published_weights() -> list[tuple[str, int]]:
    """The weights as the public and the vendors read them, the heaviest first."""
    return [(str(WEIGHT_WORDS[name]), weight) for name, weight in ALLOCATION_WEIGHTS.items()]
