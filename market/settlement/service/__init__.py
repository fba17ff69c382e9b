"""Settling a market: takings, the close, corrections; what the pages and other rooms ask."""

from __future__ import annotations

from market.settlement.service.additions import Addition, add_counts, add_goods, added, check_adding, may_add
from market.settlement.service.arrivals import admit_from_paper
from market.settlement.service.automatic import (
    CloseNews,
    close_news,
    close_rule,
    days_to_settle,
    set_close_rule,
    settle_when_due,
)
from market.settlement.service.close import close_day
from market.settlement.service.comparison import (
    CLOSE_STATES,
    CloseRow,
    CloseView,
    close_view,
    mark_absent,
    undo_absent,
    waive_fault,
)
from market.settlement.service.corrections import correct_takings
from market.settlement.service.fees import current_fee, fee_for, fee_history, set_stall_fee
from market.settlement.service.links import (
    is_spent,
    linked_stall,
    links_to_send,
    report_by_link,
    spent_sentence,
    takings_url,
)
from market.settlement.service.plausibility import (
    Habits,
    ask_when_doubtful,
    ask_when_gift_doubtful,
    discreet_sentence,
    doubt_sentence,
    refuse_when_told_since,
)
from market.settlement.service.postings import entries_of_market, entries_of_markets, restate
from market.settlement.service.queries import (
    agreed_for,
    count_settled,
    find_assignment,
    find_goods,
    goods,
    latest_report,
    newest_settled,
    newest_terms,
    public_totals,
    recompute,
    report_before,
    reports,
    revisions,
    settled,
    settlement_of,
    settlements,
    terms_history,
    told_by,
    undecided,
)
from market.settlement.service.receipts import (
    ask_receipt,
    find_receipt,
    given_by,
    number_receipt,
    receipt_of,
    receipt_requests,
)
from market.settlement.service.restating import restate_community
from market.settlement.service.suggested import (
    current_suggestion,
    rehearse_suggestion,
    rehearsed_markets,
    suggest_terms,
    suggestion_history,
)
from market.settlement.service.takings import (
    TAKINGS_STATES,
    agree_terms,
    check_holder,
    check_reporting,
    forget_texts,
    give_in_kind,
    report_takings,
    void_in_kind,
)

__all__ = [
    "CLOSE_STATES", "TAKINGS_STATES", "Addition", "CloseNews", "CloseRow", "CloseView", "Habits",
    "add_counts", "add_goods", "added", "admit_from_paper", "agree_terms", "agreed_for", "ask_receipt",
    "ask_when_doubtful", "ask_when_gift_doubtful", "check_adding", "check_holder", "check_reporting",
    "close_day", "close_news", "close_rule", "close_view", "correct_takings", "count_settled",
    "current_fee", "current_suggestion", "days_to_settle", "discreet_sentence", "doubt_sentence",
    "entries_of_market", "entries_of_markets", "fee_for", "fee_history", "find_assignment",
    "find_goods", "find_receipt", "forget_texts", "give_in_kind", "given_by", "goods", "is_spent",
    "latest_report", "linked_stall", "links_to_send", "mark_absent", "may_add", "newest_settled",
    "newest_terms", "number_receipt", "public_totals", "receipt_of", "receipt_requests", "recompute",
    "refuse_when_told_since", "rehearse_suggestion", "rehearsed_markets", "report_before",
    "report_by_link", "report_takings", "reports", "restate", "restate_community", "revisions",
    "set_close_rule", "set_stall_fee", "settle_when_due", "settled", "settlement_of", "settlements",
    "spent_sentence", "suggest_terms", "suggestion_history", "takings_url", "terms_history", "told_by",
    "undecided", "undo_absent", "void_in_kind", "waive_fault",
]  # fmt: skip
