"""What categories, documents, states and lacks are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale, gettext, lazy_gettext as _

from market.calendar.day_facts import hours_of
from market.calendar.models import MarketDay
from market.calendar.rules import Finding
from market.calendar.words import SEVERITY_KINDS
from market.communities.profile import Goods, Profile
from market.communities.rules import Mender
from market.vendors.eligibility import by_name
from market.vendors.models import Application, Vendor
from market.vendors.papers import Due, DuePaper, PaperState
from market.vendors.rules import ApplicationState, Category, Conduct, DocumentKind, DocumentState, WhyPhone

C, D, A = Category, DocumentKind, ApplicationState

CHINESE = "zh_Hans_CN"

SIZE_SENTENCE = _("摊子的宽和深请填 0.5 到 10 米，比如 2.5。多大的摊位都行，就空着。")
PLATE_SENTENCE = _("车牌请写成“鲁C12345”这样。电动三轮没有牌照的，不用填。")

WHY_PHONE_WORDS: dict[WhyPhone, Any] = {
    WhyPhone.CALL: _("用座机或别的手机打给他"),
    WhyPhone.CHECK: _("核对登记的资料"),
    WhyPhone.ASKED: _("本人来问、要改号码"),
    WhyPhone.OTHER: _("别的原因"),
}

CATEGORY_WORDS: dict[Category, Any] = {
    C.PRODUCE: _("蔬菜水果"),
    C.GRAIN_SEASONING: _("粮油调味"),
    C.MEAT_EGG_AQUATIC: _("肉蛋水产"),
    C.COOKED_FOOD: _("熟食小吃"),
    C.BAKERY_DRINKS: _("糕点饮品"),
    C.FARM_DIRECT: _("源头直供"),
    C.DAILY_GOODS: _("日用百货"),
    C.CRAFT: _("手作文创"),
    C.SECONDHAND: _("旧书旧物"),
    C.PLANTS_FLOWERS: _("花卉绿植"),
    C.REPAIR_SERVICE: _("修理缝补"),
    C.HAIRCUT: _("理发"),
    C.CARE_EDUCATION: _("养老托育"),
    C.KIDS_PLAY: _("亲子游戏"),
    C.HEALTH_OUTREACH: _("义诊"),
    C.PUBLIC_SERVICE: _("公益服务"),
}

CATEGORY_HINTS: dict[Category, Any] = {
    C.PRODUCE: _("菌菇也算"),
    C.GRAIN_SEASONING: _("只卖预包装的"),
    C.COOKED_FOOD: _("现做现卖"),
    C.FARM_DIRECT: _("农户、合作社"),
    C.DAILY_GOODS: _("衣服鞋帽也算"),
    C.SECONDHAND: _("旧书、玩具、置换"),
    C.REPAIR_SERVICE: _("修鞋、磨刀、配钥匙"),
    C.CARE_EDUCATION: _("咨询、课程体验"),
    C.HEALTH_OUTREACH: _("测血压，不卖药"),
    C.PUBLIC_SERVICE: _("反诈、代办、招聘"),
}

GROUPS: tuple[tuple[Any, tuple[Category, ...]], ...] = (
    (
        _("吃的"),
        (
            C.PRODUCE,
            C.GRAIN_SEASONING,
            C.MEAT_EGG_AQUATIC,
            C.COOKED_FOOD,
            C.BAKERY_DRINKS,
            C.FARM_DIRECT,
        ),
    ),
    (_("用的"), (C.DAILY_GOODS, C.CRAFT, C.SECONDHAND, C.PLANTS_FLOWERS)),
    (_("服务"), (C.REPAIR_SERVICE, C.HAIRCUT, C.CARE_EDUCATION, C.KIDS_PLAY)),
    (_("公益"), (C.HEALTH_OUTREACH, C.PUBLIC_SERVICE)),
)
"""The categories in the order in which people look for theirs."""

DOCUMENT_WORDS: dict[DocumentKind, Any] = {
    D.BUSINESS_LICENCE: _("营业执照"),
    D.FOOD_LICENCE: _("食品经营许可证"),
    D.SMALL_EATERY: _("小餐饮登记证"),
    D.SMALL_WORKSHOP: _("食品小作坊登记证"),
    D.FOOD_STALL_CARD: _("食品摊点信息公示卡"),
    D.PREPACKED_FILING: _("仅销售预包装食品备案"),
    D.HEALTH_CERT: _("健康证"),
    D.AGRI_CERT: _("承诺达标合格证"),
    D.QUARANTINE_CERT: _("动物检疫合格证"),
    D.SCALE: _("电子秤检定证书"),
    D.GAS_SAFETY: _("燃气罐和报警器的合格证"),
    D.POWER_SAFETY: _("用电设备的合格证"),
    D.OUTREACH_FILING: _("义诊备案"),
    D.ENTRY_AGREEMENT: _("入场经营协议"),
    D.FOOD_UNDERTAKING: _("食品安全承诺书"),
    D.PRIVACY_CONSENT: _("个人信息告知同意书"),
    D.GUARDIAN_CONSENT: _("监护人同意书"),
}

STATE_WORDS: dict[ApplicationState, tuple[str, Any]] = {
    A.SUBMITTED: ("info", _("等社区答复")),
    A.NEEDS_MORE: ("wait", _("要补证照")),
    A.APPROVED: ("go", _("同意参加")),
    A.REJECTED: ("stop", _("这次不行")),
    A.WAITLISTED: ("wait", _("候补")),
    A.ALLOCATED: ("go", _("排好摊位")),
    A.WITHDRAWN: ("", _("已退出")),
}
"""Look and word of a state."""

DOCUMENT_STATE_WORDS: dict[DocumentState, tuple[str, Any]] = {
    DocumentState.COMPLETE: ("go", _("证照齐全")),
    DocumentState.SOON: ("wait", _("要留意")),
    DocumentState.LACKING: ("stop", _("还缺证照")),
}
"""Look and word of the state of a vendor's documents."""

PAPER_STATE_WORDS: dict[PaperState, tuple[str, Any]] = {
    PaperState.WAITING: ("wait", _("等社区看")),
    PaperState.REFUSED: ("stop", _("要重新拍")),
    PaperState.MISSING: ("stop", _("还没有")),
    PaperState.EXPIRED: ("stop", _("那天已经过期")),
    PaperState.SOON: ("wait", _("快到期")),
    PaperState.GOOD: ("go", _("原件已核")),
}
"""Look and word of how it stands with one paper."""

DUE_WORDS: dict[Due | None, tuple[str, Any]] = {
    Due.EXPIRED: ("stop", _("过期了")),
    Due.WEEK: ("stop", _("7 天内到期")),
    Due.MONTH: ("wait", _("30 天内到期")),
    None: ("go", _("还早")),
}

CONDUCT_WORDS: dict[Conduct, Any] = {
    Conduct.CAME_IN_TIME: _("按时到场"),
    Conduct.LEFT_CLEAN: _("收摊干净"),
    Conduct.REPORTED_IN_TIME: _("按时报数"),
    Conduct.COMPLAINT: _("投诉属实"),
}
"""What earns a point."""

_FINDINGS = {
    "missing": _("%(vendor)s没有%(need)s。"),
    "expired": _("%(vendor)s的%(need)s %(date)s 已到期。"),
    "expires_soon": _("%(vendor)s的%(need)s %(date)s 到期，该换新的了。"),
    "to_bring": _("%(vendor)s那天要带%(need)s，随货来，看过才能进场。"),
    "person": _("%(vendor)s的%(person)s没有有效的%(need)s，不能碰吃的。"),
    "excluded": _("%(vendor)s先不能来：%(why)s"),
    "banned": _("%(vendor)s写了卖%(item)s：%(reason)s。"),
    "elsewhere": _("%(vendor)s写了卖%(item)s，报的却是%(category)s，证照要求不一样。请问清楚，改对品类。"),
    "open_flame": _("%(vendor)s用明火，这里不让用。请改用电。"),
    "flame_not_here": _("%(vendor)s用明火或燃气罐，这个场地不让用。请改用电，或到别的场地。"),
    "gas_unsafe": _("%(vendor)s用燃气罐，还没说带燃气报警器和灭火器。带上了，请在资料里打勾。"),
}
_OWN_FINDINGS = {
    "missing": _("还没有%(need)s。"),
    "expired": _("%(need)s %(date)s 已到期。"),
    "expires_soon": _("%(need)s %(date)s 到期，记得换新的。"),
    "to_bring": _("那天要带%(need)s，随货来，看过才能进场。"),
    "person": _("%(person)s没有有效的%(need)s，不能碰吃的。"),
    "excluded": _("先不能来：%(why)s"),
    "banned": _("写了卖%(item)s：%(reason)s。"),
    "elsewhere": _("写了卖%(item)s，报的却是%(category)s，证照要求不一样。请把品类改对。"),
    "open_flame": _("用明火，这里不让用。请改用电。"),
    "flame_not_here": _("用明火或燃气罐，这个场地不让用。请改用电，或到别的场地。"),
    "gas_unsafe": _("用燃气罐，还没说带燃气报警器和灭火器。带上了，请在资料里打勾。"),
}
_MENDERS: dict[Mender, Any] = {Mender.VENDOR: _("商户本人"), Mender.STAFF: _("社区工作人员")}

_DOCUMENT_ENDINGS = ("missing", "expired", "expires_soon", "to_bring", "person")
_STAND = "stand_"
"""How findings begin that are not about a document."""


def category_word(category: Category) -> Any:
    """What a category is called."""
    return CATEGORY_WORDS[category]


def document_word(kind: DocumentKind) -> Any:
    """What a document is called."""
    return DOCUMENT_WORDS[kind]


def document_state_word(state: DocumentState) -> tuple[str, Any]:
    """The look and the word of the state of a vendor's documents."""
    return DOCUMENT_STATE_WORDS[state]


def due_sentence(paper: DuePaper, today: date) -> str:
    """What a vendor is reminded of."""
    left = (paper.ends - today).days
    told = {"paper": str(document_word(paper.kind)), "n": left}
    if left < 0:
        return str(_("%(paper)s已经过期，请换新的，拍照交给社区。")) % told
    if left == 0:
        return str(_("%(paper)s今天到期，请换新的，拍照交给社区。")) % told
    return str(_("%(paper)s还有 %(n)s 天到期，请早点换新的。")) % told


def state_word(state: ApplicationState) -> tuple[str, Any]:
    """The look and the word of an application's state."""
    return STATE_WORDS[state]


def _ending(finding: Finding) -> str:
    """Which sentence a finding has; empty when another room made it."""
    told = dict(finding.params)
    if finding.code.startswith(_STAND):
        return finding.code.removeprefix(_STAND)
    return next((end for end in _DOCUMENT_ENDINGS if "need" in told and finding.code.endswith(f"_{end}")), "")


def knows(finding: Finding) -> bool:
    """Whether this room made the finding."""
    return _ending(finding) != ""


def _told(finding: Finding) -> dict[str, str]:
    """What fills the sentence, in the reader's language: the profile's words come in both."""
    told = dict(finding.params)
    for name in ("need", "item", "reason"):
        if name in told:
            told[name] = in_language(told[name], told[f"{name}_en"])
    if "category" in told:
        told["category"] = str(CATEGORY_WORDS[Category(told["category"])])
    return told


def in_language(chinese: str, english: str) -> str:
    """The words of a profile for whoever reads."""
    return english if str(get_locale() or "").startswith("en") else chinese


def finding_sentence(finding: Finding) -> str:
    """What a vendor lacks, for the staff."""
    return str(_FINDINGS[_ending(finding)]) % _told(finding)


def own_finding_sentence(finding: Finding) -> str:
    """The same without the name: for the vendor itself, or beside it."""
    return str(_OWN_FINDINGS[_ending(finding)]) % _told(finding)


def need_word(finding: Finding) -> str:
    """Which document it is about."""
    return _told(finding)["need"]


def finding_person(finding: Finding) -> str:
    """Who can mend it."""
    return str(_MENDERS[finding.mender])


def kind_of(finding: Finding) -> str:
    """The look of a finding: green is no finding at all."""
    return "wait" if finding.waived else SEVERITY_KINDS[finding.severity]


def mending(finding: Finding, day: str) -> str:
    """The law a finding rests on, by when it must be mended, and who can."""
    told = {"person": finding_person(finding), "day": day}
    by_when = str(_("最晚 %(day)s · %(person)s")) % told
    return f"{finding.law} · {by_when}" if finding.law else by_when


def waived_word(subject: str, profile: Profile) -> str:
    """What a named person overrode, by what was stored of it."""
    about = subject.partition(":")[2]
    duties = {duty.code: duty.name for duty in profile.duties}
    name = {**duties, **{goods.code: goods.name for goods in profile.goods}}.get(about)
    if name is not None:
        return in_language(name.zh, name.en)
    return str(_("暂停出摊")) if about == "excluded" else about


def missing_words(findings: list[Finding]) -> str:
    """What to ask a vendor for; empty when nothing must be brought."""
    needs = [_told(f)["need"] for f in findings if f.blocks and not f.code.startswith(_STAND)]
    return str(_("请补：%(needs)s。")) % {"needs": in_a_row(needs)} if needs else ""


def lacks_sentence(findings: Iterable[Finding]) -> str:
    """Everything that stops a vendor, one sentence after the other."""
    return "".join(own_finding_sentence(finding) for finding in findings)


def barred_sentence(name: str, findings: Sequence[Finding]) -> str:
    """Why somebody may not stand, and what can be done about it."""
    if by_name(findings):
        told = _("%(name)s还不能出摊：%(lacks)s请商户补齐；确实要放行，请在报名审核里写明原因，由您负责。")
    elif any(finding.code.startswith(_STAND) for finding in findings):
        told = _("%(name)s还不能出摊：%(lacks)s这一条谁都不能放行，请先改好。")
    else:
        told = _("%(name)s还不能出摊：%(lacks)s请商户补齐，看过原件登记好再来办。")
    return str(told) % {"name": name, "lacks": lacks_sentence(findings)}


def banned_sentence(goods: Goods) -> str:
    """Why something cannot be sold here, as it is typed."""
    reason = goods.reason or goods.name
    told = {"item": in_language(goods.name.zh, goods.name.en), "reason": in_language(reason.zh, reason.en)}
    return str(_("%(item)s不能在集市上卖：%(reason)s。请从“卖什么”里去掉。")) % told


def elsewhere_sentence(goods: Goods, category: Category) -> str:
    """That goods and category contradict each other, as they are typed."""
    told = {"item": in_language(goods.name.zh, goods.name.en), "category": str(CATEGORY_WORDS[category])}
    return str(_OWN_FINDINGS["elsewhere"]) % told


def not_sold(goods: Iterable[Goods]) -> str:
    """What nobody may sell here, in one row for the field where goods are typed."""
    names = [in_language(one.name.zh, one.name.en) for one in goods if one.banned is not None]
    return str(_("这些不能卖：%(names)s。")) % {"names": in_a_row(names)} if names else ""


def goods_advice(goods: Goods) -> str:
    """What whoever sells this should bring; empty when nothing."""
    if goods.reason is None or goods.banned is not None:
        return ""
    told = {
        "item": in_language(goods.name.zh, goods.name.en),
        "reason": in_language(goods.reason.zh, goods.reason.en),
    }
    return str(_("卖%(item)s：%(reason)s。")) % told


def in_a_row(words: Sequence[str]) -> str:
    """Several things in one sentence, in the reader's language: a、b和c / a, b, and c."""
    return format_list(words, locale=get_locale() or CHINESE)


def stand_words(vendor: Vendor, *, needs: bool = True) -> list[str]:
    """What a stand is like and, with `needs`, what it needs besides power, as far as it was told."""
    told = (
        (needs and vendor.needs_water, _("用水")),
        (needs and vendor.needs_vehicle, _("停车")),
        (vendor.open_flame, _("明火")),
        (vendor.gas_bottle, _("燃气罐")),
        (vendor.own_tent, _("自带帐篷")),
    )
    return [*_size_words(vendor), *(str(word) for known, word in told if known)]


def _size_words(vendor: Vendor) -> list[str]:
    width, depth = (f"{dm / 10:g}" for dm in (vendor.width_dm, vendor.depth_dm))
    if vendor.width_dm and vendor.depth_dm:
        return [str(_("宽 %(width)s 米、深 %(depth)s 米")) % {"width": width, "depth": depth}]
    if vendor.width_dm:
        return [str(_("宽 %(width)s 米")) % {"width": width}]
    return [str(_("深 %(depth)s 米")) % {"depth": depth}] if vendor.depth_dm else []


def overlap_for_staff(other: Application, day: MarketDay) -> str:
    """That somebody means to be elsewhere at the same hours; another community's market is not named."""
    hours = hours_of(other.day)
    if other.community_id != day.community_id:
        return gettext("同一时间还报了别的社区的一场（%(hours)s），请问清楚去哪边。", hours=hours)
    return gettext(
        "同一时间还报了「%(theme)s」（%(hours)s，%(venue)s），请问清楚去哪边。",
        theme=other.day.theme,
        hours=hours,
        venue=other.day.venue.name,
    )


def overlap_for_vendor(other: Application) -> str:
    """The same for the person who applied to both."""
    return gettext(
        "您同一时间还报了%(community)s的「%(theme)s」（%(hours)s），两边赶不及。去哪一边，请早点退出另一边。",
        community=other.day.community.name,
        theme=other.day.theme,
        hours=hours_of(other.day),
    )
