"""What the page of a day says is left to do: who still knows something old, which passes are old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.notices import service
from market.notices.rules import changes
from market.notices.service import Message
from market.outbox import service as outbox
from market.passes import service as passes

WHEN, WHERE = {"hours", "arrive"}, {"place", "address", "entrance"}


class ToDo(NamedTuple):
    """One sentence, and where it is done."""

    sentence: str
    href: str
    label: str


def left_to_tell(day: MarketDay, at: datetime) -> list[ToDo]:
    """Nothing once everybody knows what holds, and carries a pass that says it."""
    messages = service.messages([day], at=at)
    calls, label = url_for("pages.calls"), _("去告诉")
    found = [ToDo(sentence, calls, label) for sentence in _sentences(day, messages, at)]
    old = len(passes.outdated(day)) if day.state in GATE_STATES else 0
    if old:
        sentence = _("%(n)s 张摊位证是旧的（改过时间或换过密钥），要换发、重印。", n=old)
        found.append(ToDo(sentence, url_for("gate.pass_list", ref=day.ref), _("去换证")))
    return found


def _sentences(day: MarketDay, messages: Sequence[Message], at: datetime) -> list[str]:
    """Everybody is counted once, with what weighs most; then how many of them are on the telephone list."""
    counted = {"on": 0, "where": 0, "when": 0, "else": 0}
    for message in messages:
        counted[_weightiest(changes(message.person.known, message.person.now))] += 1
    sentences = {
        "on": _("%(n)s 家还只知道原来的日子。", n=counted["on"]),
        "where": _("%(n)s 家还只知道原来的地方。", n=counted["where"]),
        "when": _("%(n)s 家还只知道原来的时间。", n=counted["when"]),
        "else": _("%(n)s 家还有消息没告诉到。", n=counted["else"]),
    }
    found = [sentence for key, sentence in sentences.items() if counted[key]]
    if not found:
        return []
    called = service.to_call(messages, at=at, carried=outbox.carried(day.community, messages))
    return [*found, _by_telephone(len(messages), len(called))]


def _by_telephone(people: int, calls: int) -> str:
    if calls == people:
        return _("都要打电话告诉。")
    if not calls:
        return _("打开手机就看得到，现在不用打电话；临近了还没看的，再来打。")
    return _("其中 %(n)s 家要打电话，别的打开手机就看得到。", n=calls)


def _weightiest(changed: frozenset[str]) -> str:
    if changed & {"held", "on"}:
        return "on"
    if changed & WHERE:
        return "where"
    return "when" if changed & WHEN else "else"
