"""Sentences for allocation reasons and plan conflicts; the codes come from the rules."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from market.allocation.rules import PUBLISHED_WEIGHTS, Conflict, Reason
from market.calendar.rules import Finding
from market.stalls.rule_words import RULE_WORDS
from market.stalls.rules import Standing
from market.vendors.words import CATEGORY_WORDS

WEIGHT_WORDS: dict[str, Any] = {
    "zone": _("摊位所在分区与品类相符"),
    "wanted_stall": _("正是摊主想要的摊位"),
    "last_stall": _("与上一场是同一个摊位"),
    "shade": _("便民服务摊有遮阴"),
    "placed": _("有摊位可以出摊"),
    "target": _("居民点名想要的品类"),
    "missed": _("近几场报了名没排上，每场"),
    "appeared": _("近几场已经出过摊，每场"),
    "same_neighbour": _("与同品类紧挨着，每处"),
    "earlier": _("比别人晚报名，每晚一位"),
    "points": _("出勤、保洁、按时报数的积分，每分"),
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
    "placed_pinned": _("工作人员已把您固定在 %(stall)s 号摊位。"),
    "waiting_quota": _("%(category)s当天最多 %(most)s 家，已经排满，您是候补第 %(position)s 位。"),
    "waiting_full_optimum": _("当天 %(room)s 个摊位已排满，您是候补第 %(position)s 位。"),
    "waiting_full_draw": _("当天 %(room)s 个摊位已按抽签次序排满，您是候补第 %(position)s 位。"),
    "waiting_full_rotation": _(
        "当天 %(room)s 个摊位已先排给近几场出摊较少的摊主，您是候补第 %(position)s 位。"
    ),
    "waiting_full_fixed": _(
        "当天 %(room)s 个摊位先留给固定摊主，其余按报名先后，已经排满，您是候补第 %(position)s 位。"
    ),
    "waiting_score": _("按公布的分数，空着的摊位排给您不会让全场更好，您是候补第 %(position)s 位。"),
    "waiting_pair": _(
        "没有两个相邻的空摊位能一起给您，您是候补第 %(position)s 位。若一个摊位够用，请告诉工作人员。"
    ),
    "waiting_apart": _("空着的 %(stall)s 号紧挨%(by)s，两个品类不宜相邻，您是候补第 %(position)s 位。"),
    "waiting_stalls_taken": _("满足您需要的 %(fitting)s 个摊位已排满，您是候补第 %(position)s 位。"),
    "waiting_barred": _("还不能出摊，所以没有排：%(lacks)s"),
    "placed_reserved": _("%(stall)s 号是爱心或公益摊位，您在名单里。"),
    "taken_out": _("工作人员把您从 %(stall)s 号调了出来，您是候补第 %(position)s 位。"),
    "placed_fits": _("%(stall)s 号摊位满足您的需要。"),
}


_FIRST: dict[str, Any] = {
    "target": _("居民点名想要的品类先排。"),
    "missed": _("近几场报了名没排上的先排。"),
    "appeared": _("近几场出摊少的先排。"),
    "points": _("出勤、保洁、按时报数积分高的先排。"),
    "earlier": _("先报名的先排。"),
    "together": _("这样排，全场的总分最高。"),
    "lot": _("先抽到的先排。"),
    "fixed": _("固定摊主先排，其余按报名先后。"),
}
"""Why others stand where somebody waits."""


_FINDINGS: dict[str, Any] = {
    "plan_empty": _("还没有一家排上摊位。"),
    "plan_line_nearly_full": _(
        "%(circuit)s 已用 %(load_w)s 瓦，快到上限 %(capacity_w)s 瓦，不要再加用电的摊主。"
    ),
    "plan_elsewhere": _("%(vendor)s同一时间还报了另一场（%(hours)s），请问清楚去哪边。"),
    "plan_stall_for_waiting": _("%(stall)s 号空着，候补的%(vendor)s用得上，可以请来补位。"),
}


STANDING_WORDS: dict[Standing, tuple[str, Any]] = {
    Standing.UNPLANNED: ("go", _("同意参加")),
    Standing.PLACED: ("go", _("排好摊位")),
    Standing.WAITING: ("wait", _("候补")),
    Standing.ABSENT: ("stop", _("没来")),
}
"""Look and word of how it is with somebody who may come."""


def knows(finding: Finding) -> bool:
    """Whether this room made the finding."""
    return finding.code.startswith("plan_")


def finding_sentence(finding: Finding) -> str:
    """One thing a plan lacks, in the reader's language."""
    sentence = _FINDINGS.get(finding.code) or RULE_WORDS[finding.code.removeprefix("plan_")].conflict
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
        params["obstacle"] = str(_nowhere(str(params["need"])))
    parts = [_REASONS[reason.code]]
    if "first" in params:
        parts.append(_FIRST[str(params["first"])])
    if "empty_because" in params:
        parts.append(RULE_WORDS[str(params["empty_because"])].held_back)
    if "wanted_because" in params:
        parts.append(_missed(str(params["wanted_because"])))
    if "misses" in params:
        parts.insert(1, _("您近几场有 %(misses)s 场没排上，这次先排。"))
    return "".join(str(part) for part in parts) % with_category_words(params)


_BETTER_TOGETHER = _("您想要的 %(wanted)s 号没有排给您，这样全场的安排总分更高。")


def _missed(because: str) -> Any:
    return _BETTER_TOGETHER if because == "better_together" else RULE_WORDS[because].missed


def _nowhere(need: str) -> Any:
    return RULE_WORDS[need].nowhere if need in RULE_WORDS else ""


def conflict_sentence(conflict: Conflict) -> str:
    return str(RULE_WORDS[conflict.code].conflict) % with_category_words(conflict.params)


def with_category_words(params: Mapping[str, Any]) -> dict[str, Any]:
    """Categories as people call them; a category of a file that we do not know keeps its own word."""
    words = {category.value: word for category, word in CATEGORY_WORDS.items()}
    named = {key: words.get(value, value) for key, value in params.items() if key in ("category", "other")}
    return {**params, **{key: str(word) for key, word in named.items()}}


def published_weights(weights: Mapping[str, int] = PUBLISHED_WEIGHTS) -> list[tuple[str, int]]:
    """The weights as the public and the vendors read them: the heaviest first, added or taken away."""
    ordered = sorted(weights.items(), key=lambda item: -abs(item[1]))
    return [(str(WEIGHT_WORDS[name]), weight) for name, weight in ordered]
