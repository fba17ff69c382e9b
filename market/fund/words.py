"""What uses, votes, states and entries are called."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext, lazy_gettext as _

from market.fund.published import JointLine
from market.fund.rules import Choice, ProposalState, Unclear, UseType
from market.ledger.chart import N_
from market.ledger.rules import EntryKind
from market.ledger.spans import Span
from market.typed_text import without_persons

USE_WORDS = {
    UseType.VISITS: _("慰问走访"),
    UseType.REPAIRS: _("修缮改造（井盖、路灯、绿化）"),
    UseType.SERVICES: _("服务项目（老人、妇女、儿童）"),
    UseType.ACTIVITIES: _("活动开展"),
}

CHOICE_WORDS = {Choice.YES: _("同意"), Choice.NO: _("不同意"), Choice.RECUSE: _("回避（与我有关）")}

STATE_WORDS = {
    ProposalState.PROPOSED: _("等待表决"),
    ProposalState.APPROVED: _("已通过，等待付款"),
    ProposalState.REJECTED: _("没有通过"),
    ProposalState.PAID: _("已付款"),
    ProposalState.WITHDRAWN: _("已撤回"),
}

STATE_KINDS = {
    ProposalState.PROPOSED: "info",
    ProposalState.APPROVED: "wait",
    ProposalState.REJECTED: "stop",
    ProposalState.PAID: "go",
    ProposalState.WITHDRAWN: "",
}

ENTRY_WORDS = {
    EntryKind.CONTRIBUTION: _("集市反哺"),
    EntryKind.REMITTANCE: _("慈善组织确认到账"),
    EntryKind.SPENDING: _("用款"),
    EntryKind.REVERSAL: _("冲销"),
    EntryKind.RECLASSIFICATION: _("重新归类"),
    EntryKind.REFUND: _("退还"),
}

UNCLEAR_WORDS = {
    Unclear.INCOME: _("收入：我们的账比对账单多"),
    Unclear.SPENT: _("支出：我们的账比对账单多"),
    Unclear.BALANCE: _("余额：我们的账比对账单多"),
    Unclear.IN_TRANSIT: _("期末还在路上，等慈善组织确认"),
    Unclear.OWED: _("期末多收了还没有退"),
}


def joint_memo(line: JointLine) -> str:
    """The memo of a sum of several markets, as the book would have it."""
    names = str(_("、")).join(without_persons(day.theme) for day in line.days)
    facts = {"n": line.entries, "names": names}
    if line.kind is EntryKind.CONTRIBUTION:
        return N_("%(n)s 笔合在一起：%(names)s，反哺和更正") % facts
    return N_("%(n)s 笔合在一起：%(names)s，到账和退还") % facts


def quarter_word(span: Span) -> str:
    """2026 年第 2 季度."""
    return gettext("%(year)s 年第 %(n)s 季度", year=span.last.year, n=span.quarter)


def month_word(day: date) -> str:
    """2026 年 6 月."""
    return gettext("%(year)s 年 %(month)s 月", year=day.year, month=day.month)
