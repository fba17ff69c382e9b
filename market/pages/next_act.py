"""What comes next for a market day: the one thing to do now, and what may be done beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import LazyString, gettext, lazy_gettext as _

from market import clock
from market.calendar import service, words
from market.calendar.models import MarketDay
from market.calendar.rules import SIDE_STEPS, Step
from market.gate import service as gate
from market.layout.filters import day_text, stamp_text, thousands
from market.pages.rules import DayFacts, Next, next_for_staff
from market.stalls import service as stalls
from market.vendors.rules import ApplicationState


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


PAGES: dict[Next, tuple[LazyString, str, str | None]] = {
    Next.CHANGE_TERM: (_("改报名时间"), "pages.edit_day", "apply_until"),
    Next.SEE_APPLICATIONS: (_("看报名"), "pages.applications", None),
    Next.PLACE: (_("排摊位"), "stalls.plan", None),
    Next.MEND: (_("先补齐再发布"), "pages.day", "lacks"),
    Next.PRINT_PASSES: (_("打印摊位证"), "gate.pass_list", None),
    Next.SETTLE: (_("对账入账"), "settlement.close", None),
    Next.GO_ON_SETTLING: (_("接着对账"), "settlement.close", None),
    Next.FIND_NEW_DATE: (_("定新日子"), "pages.edit_day", None),
}
"""What is done on a page of its own: label, page, place on it."""

STEPS = {
    Next.PREPARE: Step.PREPARE,
    Next.OPEN_APPLICATIONS: Step.OPEN_APPLICATIONS,
    Next.SET_UP: Step.SET_UP,
    Next.OPEN: Step.OPEN,
    Next.CLOSE: Step.CLOSE,
}
"""What is a step of the day, taken where one stands."""


def next_act(day: MarketDay, counts: Counter[ApplicationState], blocked: bool, at: datetime) -> Act:
    """The one thing to do now."""
    waiting = undecided(counts)
    following = next_for_staff(
        DayFacts(
            state=day.state,
            term_is_over=at >= day.apply_until,
            undecided=waiting,
            blocked=blocked,
            has_come=clock.local(at, day.community.zone).date() >= service.local_date(day),
        )
    )
    if following in STEPS:
        return _step_act(day, STEPS[following], at)
    if following is Next.PUBLISH:
        return _publishing_act(day)
    return Act(*_page_to_open(following, day, waiting))


def _page_to_open(following: Next, day: MarketDay, waiting: int) -> tuple[str, str]:
    """Label and address."""
    if following is Next.REVIEW:
        return gettext("审核 %(n)s 家报名", n=waiting), url_for("pages.applications", ref=day.ref)
    if following is Next.REPEAT:
        return gettext("照样再办一场"), url_for("pages.new_day", like=day.ref)
    label, endpoint, anchor = PAGES[following]
    return str(label), url_for(endpoint, ref=day.ref, _anchor=anchor)


def _step_act(day: MarketDay, step: Step, at: datetime) -> Act:
    asks_reason = step is Step.CLOSE and service.closes_early(day, at)
    return Act(
        str(words.step_verb(step)),
        step=step,
        question=_question(day, step, asks_reason=asks_reason),
        asks_reason=asks_reason,
    )


def _question(day: MarketDay, step: Step, *, asks_reason: bool) -> str:
    """What is asked once more before a step that many people notice."""
    if step is Step.OPEN_APPLICATIONS:
        until = stamp_text(day.apply_until)
        return gettext("居民马上看得到日子和地点，商户可以报名到 %(until)s。", until=until)
    if asks_reason:
        return (
            f"{gettext('还没到收市时间。')}{_what_counts(day)}{gettext('写一句为什么提前收市，居民会看到。')}"
        )
    return gettext("收市以后不再扫码进场。") if step is Step.CLOSE else ""


def _what_counts(day: MarketDay) -> str:
    """What stays of a market that ends early: half a market is one."""
    held, came = len(stalls.assignments(day)), len(gate.attendance(day))
    counted = gettext("已经进场的 %(came)s 家都算数，照样报数、入账。", came=came)
    visits = gate.visits(day)
    seen = (
        gettext("数到的 %(visits)s 人次也算数。", visits=thousands(visits))
        if visits
        else gettext("还没有数人，收市以后还可以补。")
    )
    missing = gettext("还有 %(n)s 家没到，不用再等了。", n=held - came) if held > came else ""
    return counted + seen + missing


def _publishing_act(day: MarketDay) -> Act:
    question = gettext(
        "居民马上看得到谁来、在哪个摊位，商户马上收到摊位证。%(day)s的日子和场地以后再改，大家都会看到。",
        day=day_text(day.open_at),
    )
    return Act(str(words.step_verb(Step.PUBLISH)), question=question, publishes=True)


SIDE_WORDS = {
    Step.CLOSE_APPLICATIONS: (
        _("提前结束报名"),
        _("结束以后商户不能再自己报名，工作人员还可以代报名。"),
    ),
    Step.OPEN_APPLICATIONS: (_("再开放报名"), _("商户又可以报名，到报名截止时间为止。")),
    Step.REOPEN_PLAN: (_("退回审核"), _("排好的摊位先留着，重新排的时候会换掉。")),
    Step.ARCHIVE: (_("归档"), _("归档以后只能看，不能改。")),
}
"""Label and question of what may also be done."""


def side_steps(day: MarketDay) -> list[tuple[Step, str, str]]:
    """(step, label, question) of what may also be done now, beside the next act."""
    step = SIDE_STEPS.get(day.state)
    if step is None:
        return []
    label, question = SIDE_WORDS[step]
    return [(step, str(label), str(question))]
