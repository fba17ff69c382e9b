"""Settling a market: takings, the close, corrections; what the pages and other rooms ask."""

from __future__ import annotations

from market.settlement.service.additions import Addition, add_counts, add_goods, added, check_adding, may_add
from market.settlement.service.arrivals import admit_from_paper
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
from market.settlement.service.plausibility import Habits, ask_when_doubtful, doubt_sentence
from market.settlement.service.postings import entries_of_market, restate
from market.settlement.service.queries import (
    agreed_for,
    find_assignment,
    find_goods,
    goods,
    latest_report,
    newest_terms,
    public_totals,
    recompute,
    report_before,
    reports,
    revisions,
    settlement_of,
    settlements,
    terms_at,
    terms_history,
    undecided,
)
from market.settlement.service.restating import restate_community
from market.settlement.service.takings import (
    TAKINGS_STATES,
    agree_terms,
    check_reporting,
    give_in_kind,
    report_takings,
    void_in_kind,
)

__all__ = [
    "CLOSE_STATES", "TAKINGS_STATES", "Addition", "CloseRow", "CloseView", "Habits", "add_counts",
    "add_goods", "added", "admit_from_paper", "agree_terms", "agreed_for", "ask_when_doubtful",
    "check_adding", "check_reporting", "close_day", "close_view", "correct_takings", "doubt_sentence",
    "entries_of_market", "find_assignment", "find_goods", "give_in_kind", "goods", "latest_report",
    "mark_absent", "may_add", "newest_terms", "public_totals", "recompute", "report_before",
    "report_takings", "reports", "restate", "restate_community", "revisions", "settlement_of",
    "settlements", "terms_at", "terms_history", "undecided", "undo_absent", "void_in_kind", "waive_fault",
]  # fmt: skip
