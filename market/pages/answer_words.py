"""Answers in words, as a neighbour would give them: who, which stall, until when; or that nobody has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from market import clock
from market.calendar.rules import PublicStatus
from market.layout import filters
from market.pages.answer import Answer, DayAnswer
from market.stalls.service.sellers import Seller

STALLS_SAID = 3
"""Stalls that a sentence names; the list has all of them."""


def headline(answer: Answer) -> str:
    """The answer in one sentence: 来。理发在 B03，8:00–11:30."""
    first = answer.first
    if first is not None and first.sure:
        return _there(answer, first)
    if first is None:
        return _nothing_coming(answer)
    return _not_there(answer)


def _there(answer: Answer, first: DayAnswer) -> str:
    told = {"what": name_of(answer, first), "where": where(first.sure), "hours": hours(first)}
    if first.shown.over:
        return _("来过。%(what)s在 %(where)s。", **told)
    if first.shown.status is PublicStatus.RUNNING:
        return _("在。%(what)s在 %(where)s，%(hours)s。", **told)
    if first is not answer.days[0]:
        return _("%(day)s来。%(what)s在 %(where)s，%(hours)s。", day=when(first.day.open_at), **told)
    return _("来。%(what)s在 %(where)s，%(hours)s。", **told)


def name_of(answer: Answer, first: DayAnswer) -> str:
    """What the sentence speaks of: the thing, or the vendor whose name was asked for."""
    names = {seller.name for seller in first.sure}
    is_name = answer.what == answer.asked and len(names) == 1
    return names.pop() if is_name and not _is_said(answer, first.sure[0]) else answer.what


def _is_said(answer: Answer, seller: Seller) -> bool:
    return answer.asked in seller.goods


def where(sellers: Sequence[Seller]) -> str:
    """B03、B04; 还有 4 家."""
    named = _("、").join(seller.label for seller in sellers[:STALLS_SAID])
    more = len(sellers) - STALLS_SAID
    return _("%(stalls)s，还有 %(n)s 家", stalls=named, n=more) if more > 0 else named


def hours(answer: DayAnswer) -> str:
    """8:00–11:30."""
    return filters.hours_text(answer.day.open_at, answer.day.close_at)


def _not_there(answer: Answer) -> str:
    if answer.first is not None and answer.first.shown.over:
        return _("这一场没有%(what)s。", what=answer.what)
    if answer.last is not None:
        return _("这次没有%(what)s。上次 %(day)s有。", what=answer.what, day=when(answer.last))
    return _("这次没有%(what)s。", what=answer.what)


def _nothing_coming(answer: Answer) -> str:
    told = {"what": answer.what, "day": when(answer.last) if answer.last is not None else ""}
    if answer.later is not None:
        told["next"] = when(answer.later.day.open_at)
        if answer.last is not None:
            return _("%(next)s谁来还没定。%(what)s上次 %(day)s有。", **told)
        return _("%(next)s谁来还没定，有没有%(what)s还不知道。", **told)
    if answer.last is not None:
        return _("下一场还没定。%(what)s上次 %(day)s有。", **told)
    return _("下一场还没定，有没有%(what)s还不知道。", **told)


def when(moment: datetime) -> str:
    """5 月 18 日, with its year when that is another one."""
    day = filters.wall(moment)
    text = filters.short_day_text(moment)
    return text if day.year == clock.today(filters.zone()).year else f"{filters.year_text(moment)} {text}"


def perhaps_sentence(answer: Answer) -> str:
    """Whom one can ask where nobody says that they have it."""
    first = answer.first
    if first is None or first.sure or not first.perhaps:
        return ""
    return _("没有写着卖%(what)s的，这几家卖差不多的，可以去问问。", what=answer.what)


def guess_sentence(answer: Answer) -> str:
    """As what something was understood that was not written so."""
    if not answer.guessed or answer.what == answer.asked:
        return ""
    return _("您写的是“%(asked)s”，按“%(what)s”找的。", asked=answer.asked, what=answer.what)


def title(answers: Sequence[Answer]) -> str:
    """What a shared answer is called: the thing, and whether it is there."""
    return " ".join(headline(answer) for answer in answers)
