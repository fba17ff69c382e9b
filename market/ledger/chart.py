"""The chart of accounts as data: what each amount of a community fund can be called."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The five sorts of account; the first two and the fifth grow by debit, the others by credit."""

    ASSET = "asset"
    LIABILITY = "liability"
    NET = "net"
    INCOME = "income"
    EXPENSE = "expense"


class Code(StrEnum):
    """Names for the account codes, so that a caller reads as a sentence; the values are what is stored."""

    AT_CHARITY = "1001"
    CASH_IN_TRANSIT = "1002"
    TRANSFER_PENDING = "1003"
    GOODS = "1201"
    ADVANCES = "1301"
    UNCONFIRMED = "2001"
    REFUNDABLE = "2002"
    HELD_FOR_OTHERS = "2003"
    NET_COMMUNITY = "3001"
    NET_DESIGNATED = "3002"
    FROM_MARKETS = "4101"
    FROM_SPACE = "4102"
    FROM_WORKSHOPS = "4103"
    FROM_PEOPLE = "4104"
    FROM_FIRMS = "4105"
    FROM_GOODS = "4106"
    FROM_SERVICES = "4107"
    INTEREST = "4108"
    MATCHING = "4109"
    OTHER_INCOME = "4199"
    EVENTS = "5101"
    REPAIRS = "5102"
    VISITS = "5103"
    SERVICE_PROJECTS = "5104"
    WORKSHOP_SUPPORT = "5105"
    EMERGENCY_AID = "5106"
    GOODS_GIVEN = "5107"
    MANAGEMENT_FEE = "5201"
    BANK_FEE = "5202"
    GOODS_LOST = "5901"


class Account(NamedTuple):
    """One account; the name is the Chinese one that the books and the exports print."""

    code: Code
    name: str
    kind: Kind


def N_(message: str) -> str:  # noqa: N802 - the name that the message extractor knows
    """Marks a name for the catalogue without translating it: the books keep the Chinese one."""
    return message


_ACCOUNTS = (
    Account(Code.AT_CHARITY, N_("存于慈善组织"), Kind.ASSET),
    Account(Code.CASH_IN_TRANSIT, N_("社区代收在途现金"), Kind.ASSET),
    Account(Code.TRANSFER_PENDING, N_("转账待对账"), Kind.ASSET),
    Account(Code.GOODS, N_("受赠物资"), Kind.ASSET),
    Account(Code.ADVANCES, N_("已拨未核销"), Kind.ASSET),
    Account(Code.UNCONFIRMED, N_("待确认款"), Kind.LIABILITY),
    Account(Code.REFUNDABLE, N_("应退款"), Kind.LIABILITY),
    Account(Code.HELD_FOR_OTHERS, N_("受托代理负债"), Kind.LIABILITY),
    Account(Code.NET_COMMUNITY, N_("限定性净资产—本社区"), Kind.NET),
    Account(Code.NET_DESIGNATED, N_("限定性净资产—指定项目"), Kind.NET),
    Account(Code.FROM_MARKETS, N_("集市反哺"), Kind.INCOME),
    Account(Code.FROM_SPACE, N_("空间换服务"), Kind.INCOME),
    Account(Code.FROM_WORKSHOPS, N_("社区微业"), Kind.INCOME),
    Account(Code.FROM_PEOPLE, N_("个人捐赠"), Kind.INCOME),
    Account(Code.FROM_FIRMS, N_("企业/商户定向捐赠"), Kind.INCOME),
    Account(Code.FROM_GOODS, N_("物资捐赠"), Kind.INCOME),
    Account(Code.FROM_SERVICES, N_("服务捐赠"), Kind.INCOME),
    Account(Code.INTEREST, N_("利息"), Kind.INCOME),
    Account(Code.MATCHING, N_("配捐/政府资助"), Kind.INCOME),
    Account(Code.OTHER_INCOME, N_("其他收入"), Kind.INCOME),
    Account(Code.EVENTS, N_("活动开展"), Kind.EXPENSE),
    Account(Code.REPAIRS, N_("修缮改造"), Kind.EXPENSE),
    Account(Code.VISITS, N_("慰问走访"), Kind.EXPENSE),
    Account(Code.SERVICE_PROJECTS, N_("服务项目"), Kind.EXPENSE),
    Account(Code.WORKSHOP_SUPPORT, N_("微业培育"), Kind.EXPENSE),
    Account(Code.EMERGENCY_AID, N_("应急救助"), Kind.EXPENSE),
    Account(Code.GOODS_GIVEN, N_("物资发放"), Kind.EXPENSE),
    Account(Code.MANAGEMENT_FEE, N_("管理费"), Kind.EXPENSE),
    Account(Code.BANK_FEE, N_("手续费"), Kind.EXPENSE),
    Account(Code.GOODS_LOST, N_("物资损耗/核销"), Kind.EXPENSE),
)

CHART: dict[str, Account] = {account.code.value: account for account in _ACCOUNTS}

IN_KIND = frozenset({Code.GOODS, Code.FROM_GOODS, Code.GOODS_GIVEN, Code.GOODS_LOST})
"""Accounts of valued goods: in the book, and in no sum of money."""
