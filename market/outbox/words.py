"""What ways, states and faults are called; the texts that are the room's own."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import gettext, lazy_gettext as _

from market.communities.models import Community
from market.notices.rules import Channel
from market.notices.words import CHANNEL_WORDS
from market.outbox.models import Outgoing
from market.outbox.rules import OPEN, PERSONAL, Errand, Fault, SendState, Way
from market.spreadsheet import cell_text
from market.vendors.models import Vendor
from market.vendors.rules import FOOD_CATEGORIES

WAY_WORDS: dict[Way, Any] = {
    **{way: CHANNEL_WORDS[Channel(way.value)] for way in PERSONAL},
    Way.ROBOT: _("群机器人"),
}

ERRAND_WORDS: dict[Errand, Any] = {
    Errand.NEWS: _("集市消息"),
    Errand.REMINDER: _("前一天提醒"),
    Errand.LETTER: _("自己写的消息"),
    Errand.PAPER: _("证照到期提醒"),
    Errand.GROUP: _("群里的消息"),
    Errand.TEST: _("测试消息"),
}

STATE_WORDS: dict[SendState, tuple[str, Any]] = {
    SendState.DUE: ("wait", _("等着送")),
    SendState.SENDING: ("wait", _("正在送")),
    SendState.SENT: ("go", _("送出去了")),
    SendState.OVERTAKEN: ("", _("不用送了")),
    SendState.FAILED: ("stop", _("没送到")),
}
"""Look and word."""

FAULT_WORDS: dict[Fault, Any] = {
    Fault.UNREACHABLE: _("连不上对方的服务器"),
    Fault.BUSY: _("对方说现在忙，过会儿再试"),
    Fault.LOCKED_OUT: _("对方不认平台的密码，请告诉平台管理员"),
    Fault.BAD_ADDRESS: _("地址或号码不对，请核对"),
    Fault.REFUSED: _("对方不收这条消息"),
    Fault.NOT_ALLOWED: _("平台没有开通，请告诉平台管理员"),
    Fault.NO_WAY: _("没有地址了，或者不让用了"),
    Fault.TOO_MANY: _("这个号码收的短信太多了，再发会被拦下来。到时候会自己送，着急请打电话"),
}

PAPER_TITLE = _("证照快到期了")
ADDRESS_FAULT = _("邮箱不对，比如 zhang@example.com。")
ROBOT_FAULT = _("这不是群机器人的地址。在企业微信群里，点机器人，复制 Webhook 地址，整个贴过来。")


def way_word(way: Way) -> str:
    """What a way is called."""
    return str(WAY_WORDS[way])


def state_word(row: Outgoing) -> tuple[str, str]:
    """Look and word of a row; one that failed before and is tried again says so, and so does a held one."""
    look, word = STATE_WORDS[row.state]
    if row.state is SendState.DUE and row.fault is Fault.TOO_MANY:
        return look, gettext("先压着")
    if row.state in OPEN and row.fault is not None:
        return look, gettext("第 %(n)s 次没送到，还会再试", n=row.attempts)
    return look, str(word)


def to_bring(vendor: Vendor) -> str:
    """What somebody takes along to a market."""
    things = [gettext("摊位证"), gettext("证照原件")]
    if vendor.category in FOOD_CATEGORIES:
        things.append(gettext("当天的进货凭证"))
    if vendor.burns:
        things.append(gettext("灭火器"))
    if vendor.own_tent:
        things.append(gettext("压帐篷的重物"))
    return gettext("、").join([*things, gettext("垃圾袋")])


ENDS = ("Po", "Sm")
"""Unicode's categories of what a sentence may end with: marks, and the tilde of a friendly one."""


def letter_text(text: str, vendor: str, community: Community) -> str:
    """What staff wrote, as it reaches one person."""
    full = gettext(
        "%(vendor)s您好：%(text)s有事请打 %(phone)s。%(community)s",
        vendor=vendor,
        text=_ended(text),
        phone=community.phone,
        community=community.name,
    )
    return cell_text(full)


def _ended(text: str) -> str:
    """With a full stop where the writer left it out: another sentence follows."""
    if unicodedata.category(text[-1:] or ".") in ENDS:
        return text
    return text + ("." if text.isascii() else gettext("。"))
