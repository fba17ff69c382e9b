"""What uses, votes, states and entries are called."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext, lazy_gettext as _

from market.fund.due import Due, Standing
from market.fund.matching import Difference, SumFault
from market.fund.models import CharityNotice, Partner
from market.fund.published import JointLine
from market.fund.rules import Basis, Choice, GoodsWay, ProposalState, Rhythm, Source, Unclear, UseType
from market.ledger.chart import N_
from market.ledger.rules import EntryKind
from market.ledger.spans import Span
from market.money import short_yuan, yuan
from market.settlement.models import Settlement
from market.typed_text import without_persons

STATE_WORDS = {
    ProposalState.PROPOSED: _("等待表决"),
    ProposalState.APPROVED: _("已通过，等待付款"),
    ProposalState.REJECTED: _("没有通过"),
    ProposalState.PAID: _("已付款"),
    ProposalState.WITHDRAWN: _("已撤回"),
}

USE_WORDS = {
    UseType.VISITS: _("慰问走访"),
    UseType.REPAIRS: _("修缮改造（井盖、路灯、绿化）"),
    UseType.SERVICES: _("服务项目（老人、妇女、儿童）"),
    UseType.ACTIVITIES: _("活动开展"),
}

CHOICE_WORDS = {Choice.YES: _("同意"), Choice.NO: _("不同意"), Choice.RECUSE: _("回避（与我有关）")}

ENTRY_WORDS = {
    EntryKind.CONTRIBUTION: _("集市反哺"),
    EntryKind.REMITTANCE: _("慈善组织确认到账"),
    EntryKind.SPENDING: _("用款"),
    EntryKind.REVERSAL: _("冲销"),
    EntryKind.RECLASSIFICATION: _("重新归类"),
    EntryKind.REFUND: _("退还"),
    EntryKind.UNSPENT: _("没用完的退回"),
    EntryKind.SUPPORT: _("协议捐款到账"),
    EntryKind.GIFT: _("捐款到账"),
    EntryKind.INTEREST: _("利息"),
    EntryKind.MATCHING: _("配捐"),
    EntryKind.FEE: _("管理费"),
    EntryKind.GOODS: _("物资折价，不是钱"),
}

SOURCE_WORDS = {
    Source.SPACE: _("空间换服务"),
    Source.WORKSHOP: _("社区微业"),
    Source.PERSON: _("个人捐赠"),
    Source.FIRM: _("企业、单位捐赠"),
    Source.MATCHING: _("配捐、政府资助"),
    Source.INTEREST: _("利息"),
    Source.FEE: _("慈善组织收的管理费"),
}

PAGES = {
    "partners": (Source.SPACE,),
    "workshops": (Source.WORKSHOP,),
    "gifts": (Source.PERSON, Source.FIRM, Source.MATCHING),
    "interest": (Source.INTEREST,),
    "fee": (Source.FEE,),
}
"""The public pages of the sources, by what stands in their address."""
PAGE_OF = {source: name for name, sources in PAGES.items() for source in sources}

PAGE_WORDS = {
    "partners": _("空间换服务：合伙人"),
    "workshops": _("社区微业：工坊"),
    "gifts": _("捐款和配捐"),
    "interest": _("利息"),
    "fee": _("慈善组织的管理费"),
}
PAGE_LEDES = {
    "partners": _("社区给地方，合伙人给居民办服务，再把一部分收入捐给社区发展基金。"),
    "workshops": _("在家门口干活挣钱，工坊每年再捐一笔给社区发展基金。"),
    "gifts": _("个人、企业和单位捐的钱，直接进慈善组织的账户，按它的通知登记。"),
    "interest": _("钱存在慈善组织，它分给本基金的利息。"),
    "fee": _("慈善组织按协议收取的管理费，从本基金里扣。"),
}

RHYTHM_WORDS = {
    Rhythm.MONTH: _("每月"),
    Rhythm.QUARTER: _("每季"),
    Rhythm.YEAR: _("每年"),
}

OUTGOING_WORDS = {
    GoodsWay.GIVEN: _("发给人了"),
    GoodsWay.SPOILED: _("坏了、过期了，处理掉"),
    GoodsWay.RETURNED: _("退回给捐的人"),
}

BASIS_WORDS = {
    Basis.INVOICE: _("发票"),
    Basis.AGREEMENT: _("捐赠协议"),
    Basis.PRICES: _("价目表或三家报价"),
}

UNNAMED = {
    Source.PERSON: _("爱心人士"),
    Source.FIRM: _("爱心单位"),
    Source.MATCHING: _("爱心单位"),
}

UNCLEAR_WORDS = {
    Unclear.INCOME: _("收入：我们的账比对账单多"),
    Unclear.SPENT: _("支出：我们的账比对账单多"),
    Unclear.BALANCE: _("余额：我们的账比对账单多"),
    Unclear.IN_TRANSIT: _("期末还在路上，等慈善组织确认"),
    Unclear.OWED: _("期末多收了还没有退"),
}

DIFFERENCE_WORDS = {
    Difference.AMOUNT: _("号一样，数不一样"),
    Difference.TWICE: _("对账单上同一个号有两笔"),
    Difference.NOT_IN_BOOK: _("对账单有，我们的账没有"),
    Difference.NOT_ON_STATEMENT: _("我们的账有，对账单没有"),
    Difference.OTHER_NUMBER: _("数和日子对得上，凭证号不一样"),
    Difference.OTHER_PERIOD: _("我们记在了别的时候"),
    Difference.UNSURE: _("我们有几笔都像，不知道是哪一笔"),
}

TO_DO_WORDS = {
    Difference.AMOUNT: _("看看凭证，是哪一边写错了。我们错了就冲销重记；慈善组织错了请它更正。"),
    Difference.TWICE: _("请慈善组织看看是不是重复记了。"),
    Difference.NOT_IN_BOOK: _("是这个基金的，就登记到账或付款；不是的，请慈善组织改。"),
    Difference.NOT_ON_STATEMENT: _("问问慈善组织收到没有、付出没有。记错了的，请另一位同事冲销。"),
    Difference.OTHER_NUMBER: _("核对一下凭证上的号。"),
    Difference.OTHER_PERIOD: _("两边的日子隔着期末，写一句就行。"),
    Difference.UNSURE: _("问问慈善组织是哪一笔，写一句。以后请它在对账单上写凭证号。"),
}

SUM_WORDS = {
    SumFault.ADDED_UP: _("期初加上每一笔，不等于期末：可能少了一行，或者多了一行"),
    SumFault.RUNNING: _("第 %(n)s 行的余额，不等于上一行加这一笔"),
    SumFault.OPENING: _("期初余额和我们的账不一样，请先对上一期"),
}

SEAT_WORDS = {"chair": _("主任"), "member": _("委员"), "supervisor": _("监督员")}

PROFILE_WORDS = {
    "charity": _("慈善组织全称"),
    "given_name": _("本基金叫什么"),
    "name": _("基金全称"),
    "licence_no": _("慈善组织的证号"),
    "agreement_no": _("协议编号"),
    "signed_on": _("签订日期"),
    "purpose": _("资金用途"),
    "fee_clause": _("管理费怎么约定的"),
}

LATE_AFTER_DAYS = 3
"""From then on money on its way is late: the charity should have it within three days of the close."""


def days_on_its_way(closed: Settlement, at: datetime) -> int:
    """Whole days since a market was settled."""
    return max(0, (at - closed.settled_at).days)


def giver_word(notice: CharityNotice) -> str:
    """Who gave, as everybody may read it: named only who agreed to it."""
    if notice.partner is not None:
        return notice.partner.name
    if notice.may_name:
        return notice.donor
    return str(UNNAMED.get(notice.source, SOURCE_WORDS[notice.source]))


def who_gave(notice: CharityNotice) -> str:
    """Who gave, as it stands on the charity's paper; for those who compare it."""
    if notice.partner is not None:
        return notice.partner.name
    return notice.donor or str(SOURCE_WORDS[notice.source])


def first_gift_word(notice: CharityNotice) -> str:
    """By what somebody who gave before is told apart from others of that name."""
    return gettext(
        "就是 %(date)s 捐 %(amount)s 元的那位",
        date=notice.received_on.isoformat(),
        amount=yuan(notice.amount_fen),
    )


def wage_range(partner: Partner) -> str:
    """80–200."""
    ends = dict.fromkeys((partner.wage_low_fen, partner.wage_high_fen))
    return "–".join(short_yuan(fen) for fen in ends)


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


def due_word(due: Due) -> str:
    """What the clock says: 还有 12 天, 晚了 3 天, 按时公布."""
    facts = {"date": short_date_word(due.due_on), "n": abs(due.days)}
    match due.standing:
        case Standing.RUNNING:
            return gettext("还没有过完，%(date)s以前公布", **facts)
        case Standing.DUE:
            return gettext("%(date)s以前公布，还有 %(n)s 天", **facts)
        case Standing.LATE:
            return gettext("应在%(date)s以前公布，已经晚了 %(n)s 天", **facts)
        case Standing.PUBLISHED_LATE:
            return gettext("晚了 %(n)s 天公布", **facts)
    return gettext("按时公布")


def short_date_word(day: date) -> str:
    return gettext("%(year)s 年 %(month)s 月 %(day)s 日", year=day.year, month=day.month, day=day.day)


def earlier_word(earlier: str) -> str:
    """`2026-2`: to which quarter a wrong voucher belongs."""
    year, number = earlier.split("-")
    return gettext("属于 %(year)s 年第 %(n)s 季度", year=year, n=number)


def decided_word(state: str) -> str:
    """What the committee said of a matter: 通过, 没有通过."""
    return gettext("没有通过") if state == ProposalState.REJECTED else gettext("通过")


DUE_WORDS = {
    Standing.RUNNING: _("没过完"),
    Standing.DUE: _("等公布"),
    Standing.LATE: _("晚了"),
    Standing.IN_TIME: _("已公布"),
    Standing.PUBLISHED_LATE: _("公布晚了"),
}
DUE_KINDS = {
    Standing.RUNNING: "info",
    Standing.DUE: "wait",
    Standing.LATE: "stop",
    Standing.IN_TIME: "go",
    Standing.PUBLISHED_LATE: "wait",
}


def month_word(day: date) -> str:
    """2026 年 6 月."""
    return gettext("%(year)s 年 %(month)s 月", year=day.year, month=day.month)
