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

__all__ = [
    "MAX_DETAIL",
    "agree_refund",
    "ask_refund",
    "awaiting",
    "committee",
    "committee_lacks",
    "confirm_remittance",
    "find_proposal",
    "find_refund",
    "fund_of",
    "in_transit",
    "is_related",
    "open_fund",
    "open_refunds",
    "owed",
    "proposals",
    "propose",
    "record_payment",
    "refunds",
    "remittances",
    "require_fund",
    "spendable",
    "text_holds",
    "vote",
    "withdraw_proposal",
    "withdraw_refund",
]
