"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.vendors.rules import VendorDraft
from market.vendors.service.application import (
    application_of,
    applications,
    apply,
    approve,
    approve_complete,
    ask_for_papers,
    find_application,
    history,
    of_day,
    reject,
    withdraw,
)
from market.vendors.service.conduct import (
    COUNTED_MARKETS,
    conduct_of,
    conduct_points,
    counted_markets,
    note_conduct,
    unnote_conduct,
    who_earned,
)
from market.vendors.service.forgetting import forget_inactive, forget_vendor
from market.vendors.service.papers import (
    agreements_missing,
    check_document,
    document_facts,
    findings_by_vendor,
    paper_readiness,
    sign_agreements,
)
from market.vendors.service.registration import (
    change_number,
    edit_vendor,
    find_vendor,
    let_use_reserved,
    open_account,
    phone_taken,
    register,
    register_vendor,
    vendor_by_phone,
    vendor_of,
)
from market.vendors.service.stallmates import (
    add_helper,
    find_helper,
    invite_helper,
    remove_helper,
)

__all__ = [
    "COUNTED_MARKETS",
    "VendorDraft",
    "add_helper",
    "agreements_missing",
    "application_of",
    "applications",
    "apply",
    "approve",
    "approve_complete",
    "ask_for_papers",
    "change_number",
    "check_document",
    "conduct_of",
    "conduct_points",
    "counted_markets",
    "document_facts",
    "edit_vendor",
    "find_application",
    "find_helper",
    "find_vendor",
    "findings_by_vendor",
    "forget_inactive",
    "forget_vendor",
    "history",
    "invite_helper",
    "let_use_reserved",
    "note_conduct",
    "of_day",
    "open_account",
    "paper_readiness",
    "phone_taken",
    "register",
    "register_vendor",
    "reject",
    "remove_helper",
    "sign_agreements",
    "unnote_conduct",
    "vendor_by_phone",
    "vendor_of",
    "who_earned",
    "withdraw",
]
