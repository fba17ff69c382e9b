"""What comes next for a market day: the one thing to do now, and what may be done beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from market import clock
from market.calendar import service, words
from market.calendar.models import MarketDay
from market.calendar.rules import DAY_OF_STEPS, DayState, Step
from market.layout.filters import day_text, stamp_text
from market.vendors.rules import ApplicationState

S = DayState


@dataclass(frozen=True)
class Act:
    """The next thing to do: a page to open, or a step to take."""

    label: str
    href: str = ""
    step: Step | None = None
    question: str = ""
    asks_reason: bool = False
    publishes: bool = False


def undecided(counts: Counter[ApplicationState]) -> int:
    return counts[ApplicationState.SUBMITTED] + counts[ApplicationState.NEEDS_MORE]


def next_act(day: MarketDay, counts: Counter[ApplicationState], blocked: bool, at: datetime) -> Act:
    """The one thing to do now."""
    if day.state in (S.DRAFT, S.PREPARED):
        return _preparing_act(day, at)
    if day.state is S.REVIEWING:
        return _reviewing_act(day, counts)
    if day.state is S.ALLOCATED:
        return _publishing_act(day, blocked)
    if day.state in (S.PUBLISHED, S.SETTING_UP, S.OPEN):
        return _market_act(day, at)
    links = {
        S.OPEN_FOR_APPLICATION: (_("看报名"), "pages.applications"),
        S.CLOSED: (_("对账入账"), "settlement.close"),
        S.SETTLING: (_("接着对账"), "settlement.close"),
        S.POSTPONED: (_("定新日子"), "pages.edit_day"),
    }
    if day.state in links:
        label, endpoint = links[day.state]
        return Act(label, url_for(endpoint, ref=day.ref))
    return Act(_("照样再办一场"), url_for("pages.new_day", like=day.ref))


def _step_act(step: Step, question: str = "", *, asks_reason: bool = False) -> Act:
    return Act(str(words.step_verb(step)), step=step, question=question, asks_reason=asks_reason)


def _preparing_act(day: MarketDay, at: datetime) -> Act:
    if day.state is S.DRAFT:
        return _step_act(Step.PREPARE)
    if at >= day.apply_until:
        return Act(_("改报名时间"), url_for("pages.edit_day", ref=day.ref) + "#apply_until")
    until = stamp_text(day.apply_until)
    question = _("居民马上看得到日子和地点，商户可以报名到 %(until)s。", until=until)
    return _step_act(Step.OPEN_APPLICATIONS, question)


def _reviewing_act(day: MarketDay, counts: Counter[ApplicationState]) -> Act:
    waiting = undecided(counts)
    if waiting:
        return Act(_("审核 %(n)s 家报名", n=waiting), url_for("pages.applications", ref=day.ref))
    return Act(_("排摊位"), url_for("stalls.plan", ref=day.ref))


def _publishing_act(day: MarketDay, blocked: bool) -> Act:
    if blocked:
        return Act(_("先补齐再发布"), url_for("pages.day", ref=day.ref) + "#lacks")
    question = _(
        "居民马上看得到谁来、在哪个摊位，商户马上收到摊位证。%(day)s的日子和场地从此不再改。",
        day=day_text(day.open_at),
    )
    return Act(str(words.step_verb(Step.PUBLISH)), question=question, publishes=True)


def _market_act(day: MarketDay, at: datetime) -> Act:
    if day.state is S.OPEN:
        early = service.closes_early(day, at)
        question = (
            _("还没到收市时间。写一句为什么提前收市，居民会看到。") if early else _("收市以后不再扫码进场。")
        )
        return _step_act(Step.CLOSE, question, asks_reason=early)
    step = Step.SET_UP if day.state is S.PUBLISHED else Step.OPEN
    if too_early(day, step, at):
        return Act(_("打印摊位证"), url_for("gate.pass_list", ref=day.ref))
    return _step_act(step)


def too_early(day: MarketDay, step: Step, at: datetime) -> bool:
    """Whether a step belongs to the day itself, and that day has not come."""
    return step in DAY_OF_STEPS and clock.local(at, day.community.zone).date() < service.local_date(day)


def side_steps(day: MarketDay) -> list[tuple[Step, str, str]]:
    """(step, label, question) of what may also be done now, beside the next act."""
    known = {
        S.OPEN_FOR_APPLICATION: [
            (
                Step.CLOSE_APPLICATIONS,
                _("提前结束报名"),
                _("结束以后商户不能再自己报名，工作人员还可以代报名。"),
            )
        ],
        S.REVIEWING: [(Step.OPEN_APPLICATIONS, _("再开放报名"), _("商户又可以报名，到报名截止时间为止。"))],
        S.ALLOCATED: [(Step.REOPEN_PLAN, _("退回审核"), _("排好的摊位先留着，重新排的时候会换掉。"))],
        S.SETTLED: [(Step.ARCHIVE, _("归档"), _("归档以后只能看，不能改。"))],
    }
    return known.get(day.state, [])
