"""What states, steps, permits and findings of a market day are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_date, get_locale, lazy_gettext as _

from market import clock
from market.calendar.holidays import Festival, Mark, MarkKind
from market.calendar.models import MarketDay
from market.calendar.rules import DayPermitKind, DayState, Finding, PublicStatus, Severity, Stage, Step
from market.calendar.series import Rhythm

STATE_WORDS: dict[DayState, Any] = {
    DayState.DRAFT: _("草稿"),
    DayState.PREPARED: _("准备好了"),
    DayState.OPEN_FOR_APPLICATION: _("报名中"),
    DayState.REVIEWING: _("审核报名"),
    DayState.ALLOCATED: _("摊位排好了"),
    DayState.PUBLISHED: _("已发布"),
    DayState.SETTING_UP: _("进场布置"),
    DayState.OPEN: _("正在开市"),
    DayState.CLOSED: _("已收市"),
    DayState.SETTLING: _("对账中"),
    DayState.SETTLED: _("已入账"),
    DayState.ARCHIVED: _("已归档"),
    DayState.POSTPONED: _("延期"),
    DayState.CANCELLED: _("取消"),
}

STEP_VERBS: dict[Step, Any] = {
    Step.PREPARE: _("准备好了"),
    Step.OPEN_APPLICATIONS: _("开始报名"),
    Step.CLOSE_APPLICATIONS: _("结束报名，开始审核"),
    Step.ALLOCATE: _("排摊位"),
    Step.REOPEN_PLAN: _("重新审核报名"),
    Step.PUBLISH: _("发布并打印"),
    Step.SET_UP: _("让商户进场"),
    Step.OPEN: _("开市"),
    Step.CLOSE: _("收市"),
    Step.START_SETTLING: _("开始对账"),
    Step.SETTLE: _("入账"),
    Step.ARCHIVE: _("归档"),
    Step.POSTPONE: _("延期"),
    Step.RESCHEDULE: _("定新日子"),
    Step.CANCEL: _("取消"),
}

STATUS_WORDS: dict[PublicStatus, tuple[str, Any]] = {
    PublicStatus.PLANNED: ("info", _("正在筹备")),
    PublicStatus.ON: ("go", _("如期举行")),
    PublicStatus.RUNNING: ("go", _("正在开市")),
    PublicStatus.OVER: ("", _("已结束")),
    PublicStatus.CLOSED_EARLY: ("wait", _("提前收市")),
    PublicStatus.POSTPONED: ("wait", _("延期")),
    PublicStatus.CANCELLED: ("stop", _("取消")),
}
"""Kind of the tag and its word."""

STAGE_WORDS: dict[Stage, Any] = {
    Stage.PLAN: _("筹备"),
    Stage.APPLY: _("报名"),
    Stage.REVIEW: _("审核"),
    Stage.PLACE: _("排摊位"),
    Stage.PUBLISH: _("发布"),
    Stage.HOLD: _("开市"),
    Stage.SETTLE: _("入账"),
}

PERMIT_WORDS: dict[DayPermitKind, Any] = {
    DayPermitKind.REGULATOR_REPORT: _("向市场监管所报备"),
    DayPermitKind.POLICE_LICENCE: _("公安机关安全许可"),
    DayPermitKind.SAFETY_PLAN: _("安全工作方案"),
    DayPermitKind.FUNDRAISING_PLAN: _("公开募捐方案备案"),
}

SEVERITY_KINDS = {
    Severity.BLOCK: "stop",
    Severity.OVERRIDABLE: "stop",
    Severity.WARN: "wait",
    Severity.INFO: "info",
}
"""Which look a finding has."""

_FINDINGS: dict[str, Any] = {
    "road_permit": _("场地是道路，还没有占道许可（M03）。"),
    "owners_consent": _("场地是业主共有的，还没有业主同意的决定（M01）。"),
    "designation": _("还没有登记政府指定场所和时段的文件（M02）。"),
    "crowd_licence": _(
        "预计 %(visitors)s 人，到 %(limit)s 人要有公安机关的安全许可（M05），提前 %(days)s 天申请。"
    ),
    "crowd_near_limit": _("预计 %(visitors)s 人，接近 %(limit)s 人。到了 %(limit)s 人就要先申请安全许可。"),
    "safety_plan": _("预计 %(visitors)s 人，还没有写安全工作方案（M06）。"),
    "regulator_report": _("有 %(stalls)s 个食品摊，还没有向市场监管所报备（M04）。"),
    "check_scale": _("公平秤还没有登记检定（M07）。"),
    "fire_lane": _("摊位图上还没有画消防通道。"),
    "donation_box": _("要设捐款箱，但没有公开募捐方案备案（M08）。请补上备案，或不设捐款箱。"),
}

_PERSONS: dict[str, Any] = {
    "road_permit": _("找市政和交警"),
    "owners_consent": _("找业委会或物业"),
    "designation": _("找街道"),
    "crowd_licence": _("找公安机关"),
    "crowd_near_limit": _("社区工作人员"),
    "safety_plan": _("社区工作人员"),
    "regulator_report": _("找市场监管所"),
    "check_scale": _("找市场监管所"),
    "fire_lane": _("社区工作人员"),
    "donation_box": _("找慈善总会"),
}

DRAFT_SENTENCES: dict[str, Any] = {
    "no_theme": _("请给这场集市起个主题，比如：金秋生活集市。"),
    "theme_too_long": _("主题最多 30 个字。"),
    "date_past": _("这一天已经过去了，请选今天或以后的日子。"),
    "date_too_far": _("这一天太远了，请选两年以内的日子。"),
    "closes_before_opens": _("收市要晚于开市，请看看两个时间是不是填反了。"),
    "arrives_after_opening": _("商户进场要在开市以前，请把进场时间改早一点。"),
    "window_empty": _("报名截止要晚于报名开始。"),
    "window_too_late": _("报名要在开市以前截止。"),
    "bad_visitors": _("预计人次请填 0 到 100,000 之间的整数。"),
    "bad_stall_limit": _("摊位数请填 1 到 500 之间的整数。"),
    "more_than_stalls": _("这个场地没有这么多摊位。请改小，或者先到“场地与摊位”里添上。"),
    "theme_personal": _("主题会写进账本，一直公开，请不要写手机号或身份证号。"),
}
"""What is wrong with a day that somebody writes down; the codes come from `rules.draft_faults`."""


RHYTHM_WORDS: dict[Rhythm, Any] = {
    Rhythm.WEEKLY: _("每周"),
    Rhythm.FORTNIGHTLY: _("每两周"),
    Rhythm.FIRST: _("每月第一个"),
    Rhythm.SECOND: _("每月第二个"),
    Rhythm.THIRD: _("每月第三个"),
    Rhythm.FOURTH: _("每月第四个"),
    Rhythm.LAST: _("每月最后一个"),
}

WEEKDAY_WORDS = (
    _("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"),
)  # fmt: skip

FESTIVAL_WORDS: dict[Festival, Any] = {
    Festival.NEW_YEAR: _("元旦"),
    Festival.LABA: _("腊八节"),
    Festival.SPRING_EVE: _("除夕"),
    Festival.SPRING: _("春节"),
    Festival.LANTERN: _("元宵节"),
    Festival.QINGMING: _("清明节"),
    Festival.LABOUR: _("劳动节"),
    Festival.DRAGON_BOAT: _("端午节"),
    Festival.QIXI: _("七夕"),
    Festival.MID_AUTUMN: _("中秋节"),
    Festival.DOUBLE_NINTH: _("重阳节"),
    Festival.NATIONAL: _("国庆节"),
}


def mark_words(mark: Mark) -> tuple[str, str]:
    """Look and word of what a date is to people."""
    if mark.kind is MarkKind.WORKDAY:
        return "wait", str(_("调休上班日"))
    festival = str(FESTIVAL_WORDS[mark.festival]) if mark.festival else ""
    if mark.kind is MarkKind.DAY_OFF:
        return "info", str(_("%(festival)s放假", festival=festival))
    return "", festival


def state_word(state: DayState) -> Any:
    """What a state is called."""
    return STATE_WORDS[state]


def step_verb(step: Step) -> Any:
    """What the button of a step says."""
    return STEP_VERBS[step]


def knows(finding: Finding) -> bool:
    """Whether this room made the finding."""
    return finding.code in _FINDINGS


def finding_sentence(finding: Finding) -> str:
    """One thing a place or a date lacks, in the reader's language."""
    return str(_FINDINGS[finding.code]) % dict(finding.params)


def finding_person(finding: Finding) -> str:
    """Who can mend it."""
    return str(_PERSONS[finding.code])


# ── what people are told ──────────────────────────────────────────────────────────────────────────────────


def notice_facts(day: MarketDay) -> dict[str, str]:
    """What a notice keeps of its day, so that it can be read later, in any language."""
    moments = {"opens": day.open_at, "closes": day.close_at, "arrive": day.arrive_by}
    venue = day.venue
    place = {
        "theme": day.theme, "place": venue.name, "address": venue.address, "entrance": venue.entrances,
        "zone": day.community.zone,
    }  # fmt: skip
    return place | {name: moment.isoformat() for name, moment in moments.items()}


def said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same as people say it: 11 月 28 日 星期六, 8:00–11:30, 7:40."""
    walls = {
        name: clock.local(datetime.fromisoformat(facts[name]), facts["zone"])
        for name in ("opens", "closes", "arrive", "until")
        if name in facts
    }
    hours = {name: f"{wall.hour}:{wall.minute:02d}" for name, wall in walls.items()}
    spoken = {
        **facts,
        **hours,
        "hours": clock.span_text(walls["opens"], walls["closes"]),
        "day": _day(walls["opens"]),
    }
    if "until" in walls:
        spoken["until"] = f"{_day(walls['until'], short=True)} {hours['until']}"
    return spoken


def _day(wall: datetime, *, short: bool = False) -> str:
    if str(get_locale()).startswith("zh"):
        return format_date(wall.date(), "M 月 d 日" if short else "M 月 d 日 EEEE")
    return format_date(wall.date(), "d MMM" if short else "EEE d MMM")
