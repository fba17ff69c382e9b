"""Which tables a community takes along when it takes everything, what is masked, and what stays here.

A table that is in neither list stops a test: whoever adds one decides.
"""

from __future__ import annotations

from typing import NamedTuple


class Export(NamedTuple):
    """One table as a file."""

    via: str = ""
    """The column that leads to the community; empty: the first of `WAYS` that it has."""
    masked: tuple[str, ...] = ()
    """Numbers of persons and papers: masked unless somebody asked for them with a reason."""
    without: tuple[str, ...] = ()
    """Columns that nobody takes along: secrets, and what only a program of ours can read."""


WAYS = ("community_id", "day_id", "vendor_id", "venue_id", "book_id", "fund_id", "entry_id", "proposal_id")
"""Columns that lead to a community, the shortest way first."""

EXPORTS: dict[str, Export] = {
    # the community, its people, its places
    "community": Export("id"),
    "user_account": Export("id", masked=("login",), without=("password_hash",)),
    "membership": Export(),
    "venue": Export(),
    "venue_paper": Export(masked=("number",)),
    "circuit": Export(),
    "lane": Export(),
    "stall": Export(),
    # vendors
    "vendor": Export(masked=("phone", "plate"), without=("pinyin", "found_by")),
    "vendor_helper": Export(),
    "stall_person": Export(),
    "vendor_ways": Export(masked=("email",)),
    "document": Export(masked=("number",)),
    "handed_paper": Export(),
    "exclusion": Export(),
    "goods_change": Export(),
    "terms": Export(),
    # markets
    "market_day": Export(),
    "day_step": Export(),
    "day_paper": Export(masked=("number",)),
    "plan_text": Export(),
    "waiver": Export(),
    "application": Export(),
    "coming_word": Export(),
    "quota": Export(),
    "zone_duty": Export(),
    "wish": Export(without=("key",)),
    "wish_listing": Export("wish_id"),
    "wish_voice": Export("wish_id", without=("phone", "network")),
    "wish_votes": Export("wish_id"),
    "wish_merge": Export("wish_id"),
    "wish_answer": Export("wish_id"),
    "day_voice": Export("day_id", without=("phone", "network")),
    "day_sheet": Export(),
    "praise": Export("vendor_id", without=("phone", "network")),
    "praise_verdict": Export("praise_id"),
    "complaint": Export(without=("phone", "network", "receipt")),
    "complaint_step": Export("complaint_id"),
    "vendor_side": Export("complaint_id"),
    "plan_method": Export(),
    "draw": Export(),
    "assignment": Export(without=("reason_code", "reason_params")),
    "stall_offer": Export(),
    "shut_stall": Export(),
    # the day itself
    "arrival": Export(),
    "scan": Export(without=("client_id", "phone_id", "phone_at", "pass_id")),
    "scan_undo": Export(),
    "footfall_count": Export(),
    "volunteer_work": Export(),
    "footfall_sample": Export(without=("client_id", "phone_id")),
    "spot_check": Export(without=("client_id",)),
    "inspection_finding": Export("check_id"),
    "finding_follow_up": Export("finding_id"),
    "incident": Export(without=("client_id",)),
    "conduct_point": Export(),
    # what was sold and given
    "suggested_terms": Export(),
    "stall_fee": Export(),
    "takings_report": Export(),
    "in_kind_item": Export(),
    "close_waiver": Export(),
    "close_rule": Export(),
    "settlement": Export(),
    "settlement_line": Export("settlement_id", without=("salt",)),
    "receipt_request": Export(masked=("number",)),
    # the fund and its book
    "fund": Export(),
    "book": Export(),
    "entry": Export(without=("salt",)),
    "posting": Export(),
    "period": Export(),
    "charity_statement": Export("period_id"),
    "remittance": Export("fund_id"),
    "refund": Export("fund_id"),
    "partner": Export("fund_id"),
    "partner_service": Export("partner_id"),
    "job_count": Export("partner_id"),
    "charity_notice": Export("fund_id"),
    "account_statement": Export("fund_id"),
    "statement_line": Export("statement_id"),
    "statement_remark": Export("statement_id"),
    "goods_lot": Export(),
    "goods_out": Export("lot_id"),
    "goods_valuation": Export("lot_id"),
    "fund_profile_change": Export("fund_id"),
    "committee_term": Export("fund_id"),
    "quarter_notice": Export("fund_id"),
    "fund_question": Export("fund_id", without=("phone", "network")),
    "donor_link": Export("fund_id", without=("secret_hash",)),
    "proposal": Export(),
    "vote": Export(),
    "payment": Export("proposal_id"),
    "spending_case": Export("proposal_id"),
    "appraisal": Export("proposal_id"),
    "budget_line": Export("appraisal_id"),
    "consultation": Export("proposal_id"),
    "resident_remark": Export("consultation_id", without=("network",)),
    "committee_meeting": Export("fund_id"),
    "agenda_item": Export("meeting_id"),
    "attendance": Export("meeting_id"),
    "declared_interest": Export("proposal_id"),
    "charity_application": Export("proposal_id"),
    "spending_voucher": Export("proposal_id"),
    "final_account": Export("proposal_id"),
    # who did what, and who was told
    "letter": Export(),
    "letter_copy": Export("letter_id"),
    "telling": Export(without=("params", "snapshot", "batch")),
    "audit_row": Export(without=("salt", "facts", "said")),
}
"""Every table that is taken along, in the order of the files."""

STAYS: dict[str, str] = {
    "region": "belongs to no community",
    "journal": "the ends of the chains of hashes; the lines are taken along",
    "kept_sum": "added up from the postings",
    "page_revision": "counts what was written, for pages that are kept",
    "allocation_weights": "how a plan weighs; made anew in a minute",
    "plan_run": "how a plan came about; who stood where is taken along",
    "plan_pin": "a step on the way to a plan",
    "kept_free": "a step on the way to a plan",
    "stall_hold": "follows from who stands where",
    "vendor_list": "how a list was read; whom it entered is in the register",
    "listed_vendor": "how a list was read; whom it entered is in the register",
    "footfall_tap": "each press by itself; what they come to is taken along",
    "gate_phone": "which phone minded a gate",
    "wish_salt": "a secret that lives one week",
    "feedback_salt": "a secret that lives some days",
    "complaint_phone": "numbers of people who complained, deleted soon",
    "day_network_verdict": "of networks that nobody can tell",
    "network_verdict": "of networks that nobody can tell",
    "held_scan": "waits for a person; what counts is a scan",
    "held_count": "waits for a person; what counts is a count",
    "paper_picture": "pictures of papers; deleted when their time is over",
    "send_rule": "how messages leave the house; holds the address of a robot, a secret",
    "outgoing": "what is on its way; what was said is taken along",
    "inspector_link": "opens pages: a secret",
    "inspector_link_opening": "of links that are secrets",
    "spending_photo": "pictures; what the vouchers say is taken along",
    "resident_group": "how to join a group; public, and its code ends soon",
    "finding_photo": "pictures of people and stalls; deleted after a month",
    "pass_key": "signs passes: a secret",
    "pass_version": "short codes of passes open the gate: a secret",
    "pass_revocation": "of passes, which stay here",
    "sign_in_link": "opens accounts: a secret",
    "sign_in_failure": "forgotten within the hour",
    "user_session": "opens accounts: a secret",
    "setup_token": "a secret",
    "form_use": "forgotten after a month",
    "program_key": "opens the interface for programs: a secret",
    "call_share": "how much was asked in a minute; forgotten within the hour",
    "kept_answer": "answers to programs; forgotten after a week",
    "webhook": "holds what its messages are signed with: a secret",
    "hook_delivery": "what was told to servers; worked out from what is taken along",
}
"""Tables that are not taken along, and why."""
