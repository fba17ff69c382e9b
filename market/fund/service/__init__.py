"""Opening a fund, the charity's confirmations, proposals, votes and payments."""

from __future__ import annotations

from market.fund.service.arrivals import confirm_remittance, in_transit, remittances
from market.fund.service.decisions import (
    awaiting,
    find_proposal,
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
    "awaiting",
    "committee",
    "committee_lacks",
    "confirm_remittance",
    "find_proposal",
    "fund_of",
    "in_transit",
    "open_fund",
    "proposals",
    "propose",
    "record_payment",
    "remittances",
    "require_fund",
    "spendable",
    "text_holds",
    "vote",
    "withdraw_proposal",
]
