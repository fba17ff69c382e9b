"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.vendors.rules import VendorDraft
from market.vendors.service.application import (
    application_of,
    applications,
    apply,
    approve,
    approve_complete,
    ask_for_documents,
    expected_food,
    find_application,
    history,
    of_day,
    reject,
    turn_away,
    withdraw,
)
from market.vendors.service.coming import (
    announced_days,
    apply_for_announced,
    say_means_to,
    say_sure,
    take_word_back,
    ticked_days,
    words_of,
)
from market.vendors.service.conduct import (
    COUNTED_MARKETS,
    conduct_of,
    conduct_points,
    counted_markets,
    note_arrival,
    note_conduct,
    take_back_conduct,
    who_earned,
)
from market.vendors.service.documents import agreements_missing, check_document, sign_agreements
from market.vendors.service.eligibility import (
    answer_for,
    answered_for,
    answered_on,
    barred,
    document_readiness,
    findings_by_vendor,
    refuse_barred,
    replaced_documents,
    stand_findings,
)
from market.vendors.service.elsewhere import applied_elsewhere, engaged_elsewhere
from market.vendors.service.erasure import forget_inactive, forget_vendor
from market.vendors.service.exclusions import exclude_vendor, exclusion_of, readmit_vendor
from market.vendors.service.goods_changes import (
    agree_change,
    changed_vendors,
    open_change,
    undo_change,
    waiting_changes,
)
from market.vendors.service.list_entry import Entered, enter_list, entered, refuse_standing, undo_list
from market.vendors.service.lists import (
    Reading,
    answer_row,
    bring_list,
    find_list,
    purge_lists,
    read_list,
    recent_lists,
    set_columns,
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
    take_contacts,
    vendor_by_phone,
    vendor_of,
)
from market.vendors.service.stallmates import add_helper, find_helper, helped, invite_helper, remove_helper

__all__ = [
    "COUNTED_MARKETS", "Entered", "Reading", "VendorDraft", "add_helper", "agree_change",
    "agreements_missing", "announced_days", "answer_for", "answer_row", "answered_for", "answered_on",
    "application_of", "applications", "applied_elsewhere", "apply", "apply_for_announced", "approve",
    "approve_complete", "ask_for_documents", "barred", "bring_list", "change_number", "changed_vendors",
    "check_document", "conduct_of", "conduct_points", "counted_markets", "document_readiness",
    "edit_vendor", "engaged_elsewhere", "enter_list", "entered", "exclude_vendor", "exclusion_of",
    "expected_food", "find_application", "find_helper", "find_list", "find_vendor",
    "findings_by_vendor", "forget_inactive", "forget_vendor", "helped", "history", "invite_helper",
    "let_use_reserved", "note_arrival", "note_conduct", "of_day", "open_account", "open_change",
    "phone_taken", "purge_lists", "read_list", "readmit_vendor", "recent_lists", "refuse_barred",
    "refuse_standing", "register", "register_vendor", "reject", "remove_helper", "replaced_documents",
    "say_means_to", "say_sure", "set_columns", "sign_agreements", "stand_findings", "take_back_conduct",
    "take_contacts", "take_word_back", "ticked_days", "turn_away", "undo_change", "undo_list",
    "vendor_by_phone", "vendor_of", "waiting_changes", "who_earned", "withdraw", "words_of",
]  # fmt: skip
