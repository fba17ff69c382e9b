"""What rights, events and states are called."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.outbox.rules import Fault
from market.outbox.words import STATE_WORDS
from market.programs.models import HookDelivery, Webhook
from market.programs.rules import DISABLED_AFTER, Event, KeyState, Right

RIGHT_WORDS: dict[Right, Any] = {
    Right.READ: _("读：工作人员看得到的"),
    Right.VENDORS: _("登记商户、改商户资料"),
    Right.APPLICATIONS: _("替商户报名"),
    Right.TAKINGS: _("记营业额"),
    Right.COUNTS: _("记进场人数"),
    Right.DAYS: _("起草集市、改草稿"),
}

REGION_READ = _("读：下面各社区的数")

EVENT_WORDS: dict[Event, Any] = {
    Event.MARKET_PUBLISHED: _("一场集市公布了摊位"),
    Event.MARKET_MOVED: _("一场集市改了日子、时间或场地"),
    Event.MARKET_CANCELLED: _("一场集市取消或延期了"),
    Event.MARKET_SETTLED: _("一场集市入账了"),
    Event.CONTRIBUTION_CONFIRMED: _("反哺款到了基金"),
    Event.NOTICE_PUBLISHED: _("季度公告公布了"),
    Event.TEST: _("测试"),
}

KEY_WORDS: dict[KeyState, tuple[str, Any]] = {
    KeyState.IN_FORCE: ("go", _("能用")),
    KeyState.REVOKED: ("stop", _("收回了")),
    KeyState.EXPIRED: ("", _("过期了")),
    KeyState.DEAD: ("stop", _("做它的人不管这里了")),
}
"""Look and word."""

FAULT_WORDS: dict[Fault, Any] = {
    Fault.UNREACHABLE: _("连不上对方的服务器"),
    Fault.BUSY: _("对方说出错了"),
    Fault.REFUSED: _("对方不收"),
    Fault.NOT_ALLOWED: _("这个地址通到内部网络，不送"),
    Fault.LOCKED_OUT: _("签名的密钥读不出来了，请重新订阅"),
}


def row_word(row: HookDelivery) -> tuple[str, str]:
    """Look and word of what was to be told."""
    look, word = STATE_WORDS[row.state]
    return look, str(word)


def hook_word(hook: Webhook) -> tuple[str, str]:
    """Look and word of a subscription."""
    if hook.ended_at is not None:
        return "", gettext("停了")
    if hook.disabled_at is not None:
        return "stop", gettext("连着 %(n)s 次没送到，先不送了", n=DISABLED_AFTER)
    return (
        ("wait", gettext("最近 %(n)s 次没送到", n=hook.failures))
        if hook.failures
        else ("go", gettext("在送"))
    )
