"""A notice in the words of the room that made it, to be read, to be read out, or for a chat group."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext, lazy_gettext as _

from market.calendar import words as calendar_words
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.calendar.words import notice_facts, said
from market.communities.models import Community
from market.gate import words as gate_words
from market.notices.models import Notice
from market.passes import words as pass_words
from market.stalls import service as stalls, words as stall_words
from market.vendors import words as vendor_words

NOTICES = {
    **calendar_words.NOTICES, **vendor_words.NOTICES, **stall_words.NOTICES, **pass_words.NOTICES,
    **gate_words.NOTICES,
}  # fmt: skip
"""Look and sentence of every kind; which room's it is, its name says."""

IN_THE_APP = {"where": _("手机上有，纸的找社区拿"), "reply": _("手机上点一下，或者打电话")}
BY_TELEPHONE = {"where": _("找社区拿"), "reply": _("打电话就行")}
"""Where the pass is, and how to answer: not everybody has an account."""


class Words(NamedTuple):
    """A notice as people read it."""

    look: str
    sentence: str
    day: str
    theme: str
    vendor: str


def words_of(notice: Notice) -> Words:
    """A notice in the reader's language."""
    look, sentence = NOTICES[notice.kind]
    facts = said(notice.params) | (BY_TELEPHONE if notice.user_id is None else IN_THE_APP)
    return Words(look, _ended(str(sentence) % facts), facts["day"], facts["theme"], facts["vendor"])


def _ended(sentence: str) -> str:
    """What somebody typed at its end may lack its full stop."""
    return sentence if sentence.endswith(("。", "！", "？", ".", "!", "?")) else sentence + gettext("。")


def letter_of(notice: Notice, community: Community) -> str:
    """The same to be read out, or sent to one person."""
    words = words_of(notice)
    return gettext(
        "%(vendor)s您好：%(sentence)s有事请打 %(phone)s。%(community)s",
        vendor=words.vendor,
        community=community.name,
        sentence=words.sentence,
        phone=community.phone,
    )


def group_text(day: MarketDay) -> str:
    """One message for the vendors' chat group: who stands where, or that the market does not take place.

    Trading names only: what stands in a group is read by everybody.
    """
    if day.state in (DayState.POSTPONED, DayState.CANCELLED):
        _look, sentence = calendar_words.NOTICES[f"calendar.{day.state.value}"]
        return f"【{day.theme}】" + str(sentence) % said({**notice_facts(day), "note": day.public_note})
    return "\n".join(_plan_lines(day)) if day.state in GATE_STATES else ""


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
