"""Opening a fund, the charity's confirmations, proposals, votes and payments."""

from __future__ import annotations

from market.fund.service.arrivals import (
    agree_refund,
    ask_refund,
    confirm_remittance,
    find_refund,
    in_transit,
    open_refunds,
    owed,
    refunds,
    remittances,
    withdraw_refund,
)
from market.fund.service.decisions import (
    awaiting,
    find_proposal,
    is_related,
    proposals,
    propose,
    text_holds,
    vote,
    withdraw_proposal,
)
from market.fund.service.funds import (
    MAX_DETAIL,
    committee,
    committee_lacks,
    fund_of,
    open_fund,
    require_fund,
    spendable,
)
from market.fund.service.payments import record_payment
from market.fund.service.periods import (
    close_month,
    close_quarter,
    closed_quarters,
    confirm_quarter,
    months,
    next_month,
    quarters,
    withdraw_quarter,
)

__all__ = [
    "MAX_DETAIL",
    "agree_refund",
    "ask_refund",
    "awaiting",
    "close_month",
    "close_quarter",
    "closed_quarters",
    "committee",
    "committee_lacks",
    "confirm_quarter",
    "confirm_remittance",
    "find_proposal",
    "find_refund",
    "fund_of",
    "in_transit",
    "is_related",
    "months",
    "next_month",
    "open_fund",
    "open_refunds",
    "owed",
    "proposals",
    "propose",
    "quarters",
    "record_payment",
    "refunds",
    "remittances",
    "require_fund",
    "spendable",
    "text_holds",
    "vote",
    "withdraw_proposal",
    "withdraw_quarter",
    "withdraw_refund",
]
