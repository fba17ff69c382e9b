"""What levels of regions are called, and what a region demands."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale, lazy_gettext as _

from market.communities.profile import CheckItem, Duty, Goods, Profile, Text, Value, differences
from market.communities.rules import RegionLevel, Severity

LEVEL_WORDS: dict[RegionLevel, Any] = {
    RegionLevel.CITY: _("市"),
    RegionLevel.DISTRICT: _("区县"),
    RegionLevel.STREET: _("街道、镇"),
}

SEVERITY_WORDS: dict[Severity, Any] = {
    Severity.BLOCK: _("必须有，谁都不能放行"),
    Severity.OVERRIDABLE: _("必须有，可以具名放行"),
    Severity.WARN: _("提醒"),
    Severity.INFO: _("知道一下"),
}

DEMAND_WORDS: dict[str, Any] = {
    "committee.least": _("管委会至少几人"),
    "committee.odd": _("管委会要单数"),
    "committee.supervisor": _("要有监督员列席"),
    "crowd.warn": _("多少人次起提醒"),
    "crowd.licence": _("多少人次起要安全许可"),
    "crowd.apply_days": _("安全许可提前几天申请"),
    "filing.remind_days": _("食品报备提前几天催"),
    "filing.due_days": _("食品报备最晚提前几天"),
    "filing.early": _("还没报备"),
    "filing.late": _("过了期限还没报备"),
    "place.road_permit": _("占道许可"),
    "place.owners_consent": _("业主同意"),
    "place.designation": _("指定场所和时段"),
    "place.crowd_near_limit": _("接近人数上限"),
    "place.crowd_licence": _("公安安全许可"),
    "place.safety_plan": _("安全工作方案"),
    "place.check_scale": _("公平秤"),
    "place.fire_lane": _("消防通道"),
    "place.donation_box": _("募捐备案"),
    "disclosure.objection_days": _("公示期几天"),
    "disclosure.publish_days": _("季度过完几天内公示"),
    "disclosure.smallest_group": _("合计里至少几家才公布"),
    "feedback.least_answers": _("满意度至少几份才公布"),
    "feedback.window_days": _("集市过后几天内可以评价"),
    "complaints.window_days": _("集市过后几天内可以投诉"),
    "complaints.acknowledge_days": _("投诉几天内告诉对方收到了"),
    "complaints.first_days": _("社区工作人员几天内答复"),
    "complaints.second_days": _("社区负责人几天内答复"),
    "complaints.third_days": _("街道几天内答复"),
    "complaints.working_days": _("投诉的期限按工作日算"),
    "complaints.again_days": _("答复以后几天内可以说没解决"),
    "complaints.keep_phone_days": _("投诉办完几天后删掉电话"),
    "spending.simple_fen": _("多少分以内走简易程序（100 分是 1 元）"),
    "spending.split_days": _("同一收款人或同一件事，几天内的合在一起算"),
    "spending.simple_appraisal": _("简易程序也要论证"),
    "spending.simple_consultation": _("简易程序也要征求意见"),
    "spending.simple_meeting": _("简易程序也要开会"),
    "spending.simple_application": _("简易程序也要向慈善组织申请"),
    "spending.consult_days": _("征求居民意见几天"),
    "spending.quorum_percent": _("开会至少到百分之几的委员"),
    "spending.account_days": _("付款后几天内核销"),
    "documents.warn_days": _("证照到期前几天提醒"),
    "documents.batch_days": _("随货的证明看过以后几天内有效"),
    "stand.excluded": _("暂停出摊的商户"),
    "stand.open_flame": _("用明火"),
    "stand.flame_not_here": _("场地不让用明火，却要用"),
    "stand.gas_unsafe": _("用燃气罐，没带报警器和灭火器"),
    "stand.goods_elsewhere": _("卖的东西和品类对不上"),
}
"""What a profile says in numbers and weights."""


def in_language(text: Text) -> str:
    """The words of a profile for whoever reads."""
    return text.en if str(get_locale() or "").startswith("en") else text.zh


def changes(one: Profile, other: Profile) -> list[tuple[str, str, str]]:
    """(what, before, after) of what changes from one profile to another, as people read it."""
    return [
        (_subject(key, before or after), _said(before), _said(after))
        for key, before, after in _ordered(one, other)
    ]


def _ordered(one: Profile, other: Profile) -> list[tuple[str, Value, Value]]:
    found = differences(one, other)
    return sorted(found, key=lambda change: change[0].split(".")[0] in ("duty", "goods", "check"))


def _subject(key: str, entry: Value) -> str:
    if isinstance(entry, Duty):
        return str(_("证照"))
    if isinstance(entry, Goods):
        return str(_("商品")) + f" · {in_language(entry.name)}"
    if isinstance(entry, CheckItem):
        return str(_("巡查")) + f" · {in_language(entry.name)}"
    return str(DEMAND_WORDS[key])


def _said(value: Value) -> str:
    if isinstance(value, Duty):
        told = f"{value.law}{_('；')}{SEVERITY_WORDS[value.severity]}"
        return in_language(value.name) + str(_("（%(text)s）", text=told))
    if isinstance(value, Goods):
        banned = str(_("不能卖")) if value.banned is not None else str(_("可以卖，另有要求"))
        return banned + str(_("（%(text)s）", text=value.law)) if value.law else banned
    if isinstance(value, CheckItem):
        return str(_("要看，%(law)s", law=value.law)) if value.law else str(_("要看"))
    if isinstance(value, Severity):
        return str(SEVERITY_WORDS[value])
    if isinstance(value, bool):
        return str(_("要")) if value else str(_("不要"))
    return str(_("没有这一条")) if value is None else str(value)
