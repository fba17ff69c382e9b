"""One text for the vendors' group, and where its code leads, for every state of a day from the call on."""

from __future__ import annotations

from flask_babel import gettext as _

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.calendar.words import notice_facts, said
from market.config import settings
from market.notices.words import group_text
from market.outbox.rules import cut_lines
from market.spreadsheet import cell_text
from market.vendors import service as vendors
from market.vendors.rules import LIVE

S = DayState

CALL, WAIT, PLAN, OVER, BOOKED = "call", "wait", "plan", "over", "booked"

_STATES: dict[DayState, str] = {
    S.OPEN_FOR_APPLICATION: CALL,
    S.REVIEWING: WAIT,
    S.ALLOCATED: WAIT,
    **dict.fromkeys(GATE_STATES, PLAN),
    S.CLOSED: OVER,
    S.SETTLING: OVER,
    S.SETTLED: BOOKED,
    S.ARCHIVED: BOOKED,
    S.POSTPONED: S.POSTPONED.value,
    S.CANCELLED: S.CANCELLED.value,
}


def group_state(day: MarketDay) -> str:
    """What the group is told of a day, in one word; empty: nothing yet, nobody has applied."""
    if day.state in (S.POSTPONED, S.CANCELLED) and not vendors.applications(day):
        return ""
    return _STATES.get(day.state, "")


def group_message(day: MarketDay) -> str:
    """The text; whole for who copies it."""
    told = group_text(day)
    if told:
        return told
    lines = {CALL: _call, WAIT: _wait, OVER: _over, BOOKED: _booked}.get(group_state(day))
    return "\n".join(cell_text(line) for line in lines(day)) if lines else ""


def robot_message(day: MarketDay) -> str:
    """The same for a robot, which takes so many bytes: the rest stands on the market's page."""
    return cut_lines(group_message(day), _("全部名单：%(link)s", link=group_address(day)))


def group_address(day: MarketDay) -> str:
    """Where the code beside the text leads: to the stall's own page while one applies, else to the market."""
    slug = day.community.slug
    home, market = f"/vendor/{slug}/", f"/c/{slug}/markets/{day.ref}"
    booked = f"/c/{slug}/fund"
    path = {CALL: home, WAIT: market, PLAN: market, OVER: home, BOOKED: booked}.get(group_state(day), market)
    return f"{settings().public_url}{path}"


def _facts(day: MarketDay) -> dict[str, str]:
    until = day.apply_until.isoformat()
    return {**said({**notice_facts(day), "until": until}), "phone": day.community.phone}


def _call(day: MarketDay) -> list[str]:
    facts = _facts(day)
    return [
        _("【%(theme)s】开始报名：%(day)s %(hours)s，%(place)s。", **facts),
        _("报名到 %(until)s 为止，摊位一共 %(n)s 个。", n=day.stall_limit, **facts),
        _("报名点这里：%(link)s", link=group_address(day)),
        _("不会用手机的，打 %(phone)s，工作人员替您报。", **facts),
    ]


def _wait(day: MarketDay) -> list[str]:
    facts = _facts(day)
    count = sum(application.state in LIVE for application in vendors.applications(day))
    return [
        _("【%(theme)s】报名截止了，%(n)s 家报了名。", n=count, **facts),
        _("集市在 %(day)s %(hours)s，%(place)s。", **facts),
        _("正在看报名、排摊位，排好了在群里说。有事请打 %(phone)s。", **facts),
    ]


def _over(day: MarketDay) -> list[str]:
    facts = _facts(day)
    return [
        _("【%(theme)s】收市了，大家辛苦了。", **facts),
        _("还没报营业额的，请报一下：%(link)s，或者打 %(phone)s。", link=group_address(day), **facts),
    ]


def _booked(day: MarketDay) -> list[str]:
    facts = _facts(day)
    return [
        _("【%(theme)s】账目公布了：%(link)s", link=group_address(day), **facts),
        _("有疑问请打 %(phone)s。", **facts),
    ]
