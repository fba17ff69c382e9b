"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.feedback.marks import forget_marks
from market.feedback.service.complaints import (
    Case,
    ComplaintDraft,
    acknowledge,
    answer,
    answered,
    answered_cases,
    case_of,
    complain,
    complaints_about,
    days_to_complain_of,
    find_by_receipt,
    find_complaint,
    forget_old,
    forget_phone,
    forget_texts,
    is_off,
    open_cases,
    phone_of_complaint,
    public_cases,
    rule_of,
    say_not_settled,
    side_of,
    sides_of,
    tell_side,
    waiting,
)
from market.feedback.service.praise import (
    Praised,
    find_praise,
    give_praise,
    praise_of_vendor,
    praise_waiting,
    public_praise,
    say_of_praise,
)
from market.feedback.service.street import (
    answer_from_street,
    answered_by_street,
    due_of_street,
    find_passed_up,
    take_over,
    waiting_for_street,
)
from market.feedback.service.voices import (
    SheetDraft,
    add_sheet,
    answer_day,
    days_spoken_of,
    find_sheet,
    is_public,
    may_answer,
    networks_aside,
    result_of,
    results_of,
    rule_of as feedback_rule_of,
    said_by,
    say_of_network,
    sheets_of,
    take_back,
    undo_sheet,
)

__all__ = [
    "Case", "ComplaintDraft", "Praised", "SheetDraft", "acknowledge", "add_sheet", "answer",
    "answer_day", "answer_from_street", "answered", "answered_by_street", "answered_cases",
    "case_of", "complain", "complaints_about", "days_spoken_of", "days_to_complain_of",
    "due_of_street", "feedback_rule_of", "find_by_receipt", "find_complaint", "find_passed_up",
    "find_praise", "find_sheet", "forget_marks", "forget_old", "forget_phone", "forget_texts",
    "give_praise", "is_off", "is_public", "may_answer", "networks_aside", "open_cases",
    "phone_of_complaint", "praise_of_vendor", "praise_waiting", "public_cases", "public_praise",
    "result_of", "results_of", "rule_of", "said_by", "say_not_settled", "say_of_network",
    "say_of_praise", "sheets_of", "side_of", "sides_of", "take_back", "take_over", "tell_side",
    "undo_sheet", "waiting", "waiting_for_street",
]  # fmt: skip
