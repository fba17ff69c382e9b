"""What people are told, to be read, to be read out, or for a chat group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from flask_babel import get_locale, gettext, lazy_gettext as _

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.calendar.words import notice_facts, said
from market.communities.models import Community
from market.notices.rules import Channel
from market.spreadsheet import cell_text
from market.stalls import service as stalls
from market.stalls.advice import METHOD_WORDS

_NEW_PASS = _("旧的摊位证不能用了，新的%(where)s。")

NOTICES: dict[str, tuple[str, Any]] = {
    "calendar.postponed": (
        "stop",
        _("%(day)s的集市延期了，那天先别来。新日子定了再告诉您。原因是：%(note)s"),
    ),
    "calendar.cancelled": ("stop", _("%(day)s的集市取消了，不用来了。原因是：%(note)s")),
    "calendar.rescheduled": (
        "wait",
        _("集市定了新日子：%(day)s %(hours)s，在%(place)s。您的报名还算数；来不了，请早点说。"),
    ),
    "notices.date_placed": (
        "wait",
        _("集市改了日子：%(day)s %(hours)s，在%(place)s。您还在 %(stall)s 号摊位，请 %(arrive)s 前到。"),
    ),
    "notices.date": ("wait", _("集市改了日子：%(day)s %(hours)s，在%(place)s。")),
    "notices.replanned": (
        "wait",
        _("%(day)s的集市重新排摊位，您的报名还算数。摊位排好以后，再告诉您站哪里。"),
    ),
    "vendors.approved": ("go", _("社区同意您来 %(day)s的集市。摊位排好以后，再告诉您站哪里。")),
    "vendors.needs_more": ("wait", _("您报的 %(day)s的集市还差一点。社区说：%(note)s")),
    "vendors.rejected": ("stop", _("您报的 %(day)s的集市这次不行。社区说：%(note)s")),
    "vendors.withdrawn": (
        "stop",
        _("您已经退出 %(day)s的集市，那天不用来了。要是弄错了，请赶快打电话。"),
    ),
    "gate.no_show": (
        "stop",
        _("%(day)s的集市，没等到您，%(stall)s 号摊位先让出来了。还想来，请先打电话问问有没有空位。"),
    ),
    "gate.placed": (
        "go",
        _("%(day)s的集市，您在 %(stall)s 号摊位。请 %(arrive)s 前到%(place)s。摊位证%(where)s。"),
    ),
    "stalls.placed": (
        "go",
        _("排到摊位了：%(day)s的集市，您在 %(stall)s 号。请 %(arrive)s 前到%(place)s。摊位证%(where)s。"),
    ),
    "stalls.placed_now": (
        "go",
        _("排到摊位了：%(day)s的集市，您在 %(stall)s 号，现在就可以来%(place)s。摊位证%(where)s。"),
    ),
    "stalls.shut": (
        "stop",
        _(
            "%(day)s的集市，您的 %(stall)s 号摊位不开：%(shut)s。"
            "先别过去，社区给您换一个，换好了再告诉您；着急就打电话。"
        ),
    ),
    "stalls.open_again": ("go", _("%(day)s的集市，您的 %(stall)s 号摊位又能开了，照原来说的来。")),
    "stalls.offered": (
        "wait",
        _("%(day)s的集市空出一个摊位，%(stall)s 号，给您留到 %(until)s。来还是不来，请回个话：%(reply)s。"),
    ),
    "stalls.taken_back": (
        "stop",
        _("%(day)s的集市，您的 %(stall)s 号摊位要调整，您先在候补里。有空位马上问您；有疑问请打电话。"),
    ),
    "gate.waiting": (
        "wait",
        _("%(day)s的集市，这次还没排上摊位，您是候补第 %(position)s 位。有摊位空出来，就按次序问您。"),
    ),
    "stalls.offer_over": (
        "wait",
        _("%(day)s的集市，%(stall)s 号摊位没等到您回话，已经问下一位了。您还在候补里，有空位再问您。"),
    ),
    "stalls.offer_gone": (
        "wait",
        _("%(day)s的集市，%(stall)s 号摊位另有安排了，不用再回话。您还在候补里，有空位再问您。"),
    ),
    "stalls.swapped": (
        "wait",
        _(
            "%(day)s的集市，您和%(other)s对调了摊位：您从 %(old)s 号换到 %(stall)s 号。"
            "旧的摊位证不能用了，新的%(where)s。"
        ),
    ),
    "stalls.moved": (
        "wait",
        _("%(day)s的集市，您的摊位从 %(old)s 号换到 %(stall)s 号。旧的摊位证不能用了，新的%(where)s。"),
    ),
    "notices.hours_placed": (
        "wait",
        _("%(day)s的集市改了时间：%(hours)s，请 %(arrive)s 前到，您还在 %(stall)s 号摊位。"),
    ),
    "notices.hours": ("wait", _("%(day)s的集市改了时间：%(hours)s。")),
    "notices.arrive": ("wait", _("%(day)s的集市改了进场时间：请 %(arrive)s 前到，您还在 %(stall)s 号摊位。")),
    "notices.place": ("wait", _("%(day)s的集市换了地方：在%(place)s，%(address)s。")),
    "notices.address": ("wait", _("%(day)s的集市，地址是%(address)s。")),
    "notices.entrance": ("wait", _("%(day)s的集市，请从%(entrance)s进。")),
    "notices.theme": ("wait", _("%(day)s的集市改了主题：「%(theme)s」。")),
    "notices.method": ("wait", _("%(day)s的集市，摊位改用「%(method)s」来分。")),
    "gate.pass_withdrawn": (
        "stop",
        _("%(day)s的集市，您 %(stall)s 号摊位的摊位证收回了，凭它进不了场。请给社区打电话。"),
    ),
    "notices.new_pass": (
        "wait",
        _("%(day)s的集市，%(stall)s 号摊位换了新的摊位证，旧的不能用了。新的%(where)s。"),
    ),
}
"""Look and sentence of every kind (`sayings.SAYINGS`)."""

ALSO: dict[str, Any] = {
    "notices.hours_placed": _("时间改成 %(hours)s，请 %(arrive)s 前到。"),
    "notices.hours": _("时间改成 %(hours)s。"),
    "notices.arrive": _("进场改在 %(arrive)s 以前。"),
    "notices.place": _("地方换到%(place)s，%(address)s。"),
    "notices.address": _("地址是%(address)s。"),
    "notices.entrance": _("请从%(entrance)s进。"),
    "notices.theme": _("主题改成「%(theme)s」。"),
    "notices.method": _("摊位改用「%(method)s」来分。"),
    "notices.new_pass": _NEW_PASS,
    "stalls.shut": _("不过这个摊位那天不开：%(shut)s。先别过去，社区给您换一个，换好了再告诉您。"),
}
"""The same behind another sentence, which has said already of which day it is."""

OF_OLD: dict[str, tuple[str, Any]] = {
    "gate.new_pass": NOTICES["notices.new_pass"],
    "gate.new_hours": (
        "wait",
        _(
            "%(day)s的集市改了时间：%(hours)s，请 %(arrive)s 前到，您还在 %(stall)s 号摊位。"
            "旧的摊位证不能用了，新的%(where)s。"
        ),
    ),
}
"""What was told under these names before the sentences were worked out, and can still be read."""

IN_THE_APP = {"where": _("手机上有，纸的找社区拿"), "reply": _("手机上点一下，或者打电话")}
BY_TELEPHONE = {"where": _("找社区拿"), "reply": _("打电话就行")}
"""Where the pass is, and how to answer: not everybody has an account."""

CHANNEL_WORDS: dict[Channel, Any] = {
    Channel.APP: _("手机上看过"),
    Channel.CALL: _("工作人员告诉"),
    Channel.POSTED: _("手机上有"),
    Channel.EMAIL: _("邮件"),
    Channel.SMS: _("短信"),
}


class Said(Protocol):
    """A message, or what was told once."""

    @property
    def kinds(self) -> Sequence[str]: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def can_read(self) -> bool: ...


class Words(NamedTuple):
    """What is told, as people read it."""

    look: str
    sentence: str
    day: str
    theme: str


def words_of(message: Said) -> Words:
    """A message in the reader's language."""
    facts = said(message.params) | (IN_THE_APP if message.can_read else BY_TELEPHONE)
    facts["method"] = METHOD_WORDS.get(facts.get("method", ""), "")
    sentences = [_ended(str(text) % facts) for text in _texts(message.kinds)]
    between = "" if str(get_locale()).startswith("zh") else " "
    return Words(_look(message.kinds[0]), between.join(sentences), facts["day"], facts["theme"])


def _look(kind: str) -> str:
    return {**NOTICES, **OF_OLD}[kind][0]


def _texts(kinds: Sequence[str]) -> list[Any]:
    """The first sentence names the day; those behind it need not."""
    known = {**NOTICES, **OF_OLD}
    first, *more = kinds
    return [known[first][1], *(ALSO.get(kind, known[kind][1]) for kind in more)]


def _ended(sentence: str) -> str:
    """What somebody typed at its end may lack its full stop."""
    return sentence if sentence.endswith(("。", "！", "？", ".", "!", "?")) else sentence + gettext("。")


def letter_of(message: Said, vendor: str, community: Community) -> str:
    """The same to be read out, or sent to one person. Copied texts land in spreadsheets too."""
    letter = gettext(
        "%(vendor)s您好：%(sentence)s有事请打 %(phone)s。%(community)s",
        vendor=vendor,
        community=community.name,
        sentence=words_of(message).sentence,
        phone=community.phone,
    )
    return cell_text(letter)


def group_text(day: MarketDay) -> str:
    """One message for the vendors' chat group: who stands where, or that the market does not take place.

    Trading names only: what stands in a group is read by everybody.
    """
    if day.state in (DayState.POSTPONED, DayState.CANCELLED):
        _look, sentence = NOTICES[f"calendar.{day.state.value}"]
        told = str(sentence) % said({**notice_facts(day), "note": day.public_note})
        return _safe_lines(gettext("【%(theme)s】", theme=day.theme) + told)
    return _safe_lines("\n".join(_plan_lines(day))) if day.state in GATE_STATES else ""


def _safe_lines(text: str) -> str:
    """Each line becomes a cell where it is pasted into a spreadsheet, and none of them a formula."""
    return "\n".join(cell_text(line) for line in text.splitlines())


def _plan_lines(day: MarketDay) -> list[str]:
    facts = said(notice_facts(day))
    lines = [
        gettext("【%(theme)s】%(day)s %(hours)s，%(place)s。请 %(arrive)s 前到。", **facts),
        *(f"{held.label} {held.vendor.trading_name}" for held in stalls.assignments(day)),
    ]
    waiting = [application.vendor.trading_name for application in stalls.waiting_list(day)]
    if waiting:
        row = " ".join(f"{position}. {name}" for position, name in enumerate(waiting, 1))
        lines.append(gettext("候补：%(row)s。有空位就按次序打电话。", row=row))
    lines.append(gettext("有事请打 %(phone)s。", phone=day.community.phone))
    return lines
