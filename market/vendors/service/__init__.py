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
    live_days,
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
    SAID,
    WRITTEN,
    answer_for,
    answered_for,
    answered_on,
    barred,
    barred_by,
    document_readiness,
    findings_by_vendor,
    read_facts,
    refuse_barred,
    replaced_documents,
    stand_findings,
    with_written,
)
from market.vendors.service.elsewhere import applied_elsewhere, engaged_elsewhere
from market.vendors.service.ending import due_in_register
from market.vendors.service.erasure import (
    ask_to_be_forgotten,
    forget_inactive,
    forget_leaving,
    forget_refused,
    forget_vendor,
    leaves_at,
    stay,
)
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
    facts_of_vendor,
    find_list,
    purge_lists,
    read_list,
    recent_lists,
    set_columns,
)
from market.vendors.service.papers import (
    VendorPaperDue,
    due_papers,
    ending_papers,
    find_handed,
    find_own_handed,
    hand_in,
    handed_papers,
    has_open_papers,
    needs,
    page_date,
    picture_of,
    purge_pictures,
    refuse_paper,
    see_original,
    take_back_paper,
    waiting_papers,
)
from market.vendors.service.registration import (
    change_number,
    count_register,
    edit_vendor,
    find_vendor,
    is_long_silent,
    known_names,
    let_use_reserved,
    open_account,
    phone_taken,
    register,
    register_page,
    register_vendor,
    take_contacts,
    vendor_by_phone,
    vendor_of,
)
from market.vendors.service.search import Hit, renew_keys, search_register, vendors_of
from market.vendors.service.stall_people import add_person, find_person, person_names, remove_person
from market.vendors.service.stallmates import add_helper, find_helper, helped, invite_helper, remove_helper
from market.vendors.service.whole_numbers import Look, looks_of, looks_since, see_phone

__all__ = [
    "COUNTED_MARKETS", "SAID", "WRITTEN", "Entered", "Hit", "Look", "Reading", "VendorDraft",
    "VendorPaperDue", "add_helper", "add_person", "agree_change", "agreements_missing",
    "announced_days", "answer_for", "answer_row", "answered_for", "answered_on", "application_of",
    "applications", "applied_elsewhere", "apply", "apply_for_announced", "approve",
    "approve_complete", "ask_for_documents", "ask_to_be_forgotten", "barred", "barred_by",
    "bring_list", "change_number", "changed_vendors", "check_document", "conduct_of",
    "conduct_points", "count_register", "counted_markets", "document_readiness", "due_in_register",
    "due_papers", "edit_vendor", "ending_papers", "engaged_elsewhere", "enter_list", "entered",
    "exclude_vendor", "exclusion_of", "expected_food", "facts_of_vendor", "find_application",
    "find_handed", "find_helper", "find_list", "find_own_handed", "find_person", "find_vendor",
    "findings_by_vendor", "forget_inactive", "forget_leaving", "forget_refused", "forget_vendor",
    "hand_in", "handed_papers", "has_open_papers", "helped", "history", "invite_helper",
    "is_long_silent", "known_names", "leaves_at", "let_use_reserved", "live_days", "looks_of",
    "looks_since", "needs", "note_arrival", "note_conduct", "of_day", "open_account", "open_change",
    "page_date", "person_names", "phone_taken", "picture_of", "purge_lists", "purge_pictures",
    "read_facts", "read_list", "readmit_vendor", "recent_lists", "refuse_barred", "refuse_paper",
    "refuse_standing", "register", "register_page", "register_vendor", "reject", "remove_helper",
    "remove_person", "renew_keys", "replaced_documents", "say_means_to", "say_sure",
    "search_register", "see_original", "see_phone", "set_columns", "sign_agreements",
    "stand_findings", "stay", "take_back_conduct", "take_back_paper", "take_contacts",
    "take_word_back", "ticked_days", "turn_away", "undo_change", "undo_list", "vendor_by_phone",
    "vendor_of", "vendors_of", "waiting_changes", "waiting_papers", "who_earned", "with_written",
    "withdraw", "words_of",
]  # fmt: skip
