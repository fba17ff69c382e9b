"""What the pages and the other rooms ask of this room."""

from __future__ import annotations

from market.spending.service.accounts import (
    AccountDraft,
    VoucherDraft,
    add_photo,
    add_voucher,
    check_account,
    find_photo,
    find_voucher,
    reopen_account,
    void_voucher,
    write_account,
)
from market.spending.service.applications import apply, note_answer
from market.spending.service.appraisals import AppraisalDraft, appraise
from market.spending.service.cases import Story, rule_of, sits_in_committee, stories, story_of
from market.spending.service.consultations import (
    answer_remark,
    close_consultation,
    consult,
    find_remark,
    say,
    type_remark,
)
from market.spending.service.overview import Standing, standings
from market.spending.service.payments import record_payment
from market.spending.service.sittings import (
    MeetingDraft,
    call_meeting,
    close_meeting,
    find_meeting,
    meeting_mark,
    meetings,
    open_meeting,
)
from market.spending.service.votes import (
    Need,
    Wording,
    amend,
    awaiting,
    declare_interest,
    is_related,
    propose,
    vote,
    withdraw_proposal,
)

__all__ = [
    "AccountDraft", "AppraisalDraft", "MeetingDraft", "Need", "Standing", "Story", "VoucherDraft", "Wording",
    "add_photo", "add_voucher", "amend", "answer_remark", "apply", "appraise", "awaiting", "call_meeting",
    "check_account", "close_consultation", "close_meeting", "consult", "declare_interest", "find_meeting",
    "find_photo", "find_remark", "find_voucher", "is_related", "meeting_mark", "meetings", "note_answer",
    "open_meeting", "propose", "record_payment", "reopen_account", "rule_of", "say", "sits_in_committee",
    "standings", "stories", "story_of", "type_remark", "void_voucher", "vote", "withdraw_proposal",
    "write_account",
]  # fmt: skip
