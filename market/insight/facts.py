"""What counts: every kind of fact that was decided or counted, and the columns that its digest covers.

A table that is not here is in `NOT_FACTS` with the reason; a test asks for one or the other.
"""

from __future__ import annotations

from market.calendar.models import DayStep
from market.db import Model
from market.fund.goods_rows import GoodsLot, GoodsOut, GoodsValuation
from market.fund.models import (
    CharityNotice,
    CharityStatement,
    Fund,
    JobCount,
    Partner,
    PartnerService,
    Payment,
    Proposal,
    Refund,
    Remittance,
    Vote,
)
from market.gate.models import FootfallCount, FootfallSample, FootfallTap, Scan, ScanUndo, VolunteerWork
from market.inspection.models import Finding, FollowUp, Incident, InspectorLink, LinkOpening, SpotCheck
from market.journal.kinds import Kind
from market.ledger.models import Entry, Period
from market.people.models import Membership, SignInLink
from market.settlement.models import (
    AgreedTerms,
    CloseWaiver,
    InKindItem,
    ReceiptRequest,
    Settlement,
    SettlementLine,
    StallFee,
    SuggestedTerms,
    TakingsReport,
)
from market.spending.models import (
    AgendaItem,
    Appraisal,
    Attendance,
    BudgetLine,
    CharityApplication,
    CommitteeMeeting,
    Consultation,
    DeclaredInterest,
    FinalAccount,
    SpendingCase,
    SpendingVoucher,
)
from market.stalls.models import Assignment


def _all_of(model: type[Model], *without: str) -> tuple[str, ...]:
    return tuple(column.name for column in model.__table__.columns if column.name not in without)


FACTS = (
    # who was there
    Kind(Assignment, ("id", "ref", "day_id", "vendor_id", "released_at")),
    Kind(Scan, _all_of(Scan)),
    Kind(ScanUndo, _all_of(ScanUndo)),
    Kind(FootfallCount, _all_of(FootfallCount)),
    Kind(FootfallTap, _all_of(FootfallTap)),
    Kind(FootfallSample, _all_of(FootfallSample)),
    Kind(VolunteerWork, _all_of(VolunteerWork)),
    Kind(DayStep, _all_of(DayStep)),
    # what an inspection found, without the words, which are erased one day
    Kind(SpotCheck, _all_of(SpotCheck, "inspector")),
    Kind(Finding, _all_of(Finding, "note")),
    Kind(FollowUp, _all_of(FollowUp, "note")),
    Kind(Incident, _all_of(Incident, "place", "what", "told", "done")),
    Kind(InspectorLink, _all_of(InspectorLink, "secret_hash")),
    Kind(LinkOpening, _all_of(LinkOpening)),
    # what was agreed, sold, given
    Kind(SuggestedTerms, _all_of(SuggestedTerms)),
    Kind(StallFee, _all_of(StallFee)),
    Kind(AgreedTerms, _all_of(AgreedTerms, "text")),  # it names a person; its hash counts
    Kind(TakingsReport, _all_of(TakingsReport)),
    Kind(InKindItem, _all_of(InKindItem)),
    Kind(CloseWaiver, _all_of(CloseWaiver)),
    Kind(Settlement, _all_of(Settlement), parts=(SettlementLine, "settlement_id", _all_of(SettlementLine))),
    # the money
    Kind(Entry, ("sequence", "hash"), public=True),
    Kind(Period, _all_of(Period)),
    Kind(CharityStatement, _all_of(CharityStatement)),
    Kind(ReceiptRequest, _all_of(ReceiptRequest)),
    Kind(Fund, _all_of(Fund)),
    Kind(Remittance, _all_of(Remittance)),
    Kind(Refund, _all_of(Refund)),
    Kind(Partner, _all_of(Partner), parts=(PartnerService, "partner_id", _all_of(PartnerService))),
    Kind(JobCount, _all_of(JobCount)),
    Kind(CharityNotice, _all_of(CharityNotice)),
    Kind(GoodsLot, _all_of(GoodsLot)),
    Kind(GoodsOut, _all_of(GoodsOut)),
    Kind(GoodsValuation, _all_of(GoodsValuation)),
    Kind(Proposal, _all_of(Proposal)),
    Kind(Vote, _all_of(Vote)),
    Kind(Payment, _all_of(Payment)),
    Kind(SpendingCase, _all_of(SpendingCase)),
    Kind(Appraisal, _all_of(Appraisal), parts=(BudgetLine, "appraisal_id", _all_of(BudgetLine))),
    Kind(Consultation, _all_of(Consultation)),
    Kind(CommitteeMeeting, _all_of(CommitteeMeeting)),
    Kind(AgendaItem, _all_of(AgendaItem)),
    Kind(Attendance, _all_of(Attendance)),
    Kind(DeclaredInterest, _all_of(DeclaredInterest)),
    Kind(CharityApplication, _all_of(CharityApplication)),
    Kind(SpendingVoucher, _all_of(SpendingVoucher)),
    Kind(FinalAccount, _all_of(FinalAccount)),
    # who may decide, and who let them in
    Kind(Membership, _all_of(Membership)),
    Kind(SignInLink, _all_of(SignInLink, "secret_hash")),
)

NOT_FACTS = {
    "audit_row": "the lines of the journal themselves",
    "journal": "the ends of its chains, compared with the lines",
    "book": "its chain is checked by itself",
    "posting": "part of an entry, under the entry's hash",
    "settlement_line": "part of a settlement",
    "partner_service": "part of an agreement with a partner",
    "budget_line": "part of an appraisal",
    "resident_remark": "without a name, and a machine could fill the journal",
    "spending_photo": "a picture; the voucher that it shows counts",
    # what was said after a market
    "day_voice": "without a name, and a machine could fill the journal",
    "day_sheet": "what stood on a form of paper; taken back as a whole",
    "day_network_verdict": "whether a network's answers are counted; says nothing of money",
    "feedback_salt": "makes the marks of networks unreadable, and is thrown away",
    "praise": "words of residents, shown or not",
    "praise_verdict": "whether praise is shown",
    "complaint": "words of residents; what follows from it is a point of conduct, which has its line",
    "complaint_step": "who did what with a complaint; each is an act with its own line",
    "complaint_phone": "a number that is erased on its day",
    "vendor_side": "what a vendor said to a complaint",
    "account_statement": "what the charity sent; compared with the book whenever somebody asks",
    "statement_line": "part of a statement",
    "statement_remark": "says why a line differs; changes nothing",
    "kept_sum": "derived from the postings; verify adds them up again",
    # who and where; what changes is in the detail of its line
    "region": "named, not counted",
    "community": "named, not counted",
    "user_account": "names are erased when somebody is forgotten (PIPL 19)",
    "market_day": "dates and words that may be edited; its steps count",
    "resident_group": "how to join a group; changes nothing, and each change is an act with its line",
    "venue": "a place may be drawn anew",
    "stall": "a place may be drawn anew",
    "lane": "a place may be drawn anew",
    "circuit": "a place may be drawn anew",
    "vendor": "name and number are erased when somebody is forgotten; what it agreed to counts",
    "vendor_helper": "erased with the vendor",
    # papers and permissions: they let somebody in, they are not money
    "venue_paper": "a paper, not money",
    "day_paper": "a paper, not money",
    "document": "a paper, not money",
    "plan_text": "words of a safety plan, not money; no row is ever changed",
    "handed_paper": "a paper, not money",
    "paper_picture": "deleted when its time is over",
    "stall_person": "a name, erased when the vendor is forgotten",
    "waiver": "lets somebody in, is not money",
    "exclusion": "its reason is erased when somebody is forgotten",
    "goods_change": "what is sold, not for how much",
    "conduct_point": "a point, not money",
    # the fund: what is said of it and asked about it; its money is in the book
    "fund_profile_change": "what is said of the fund; who changed it stands in its line",
    "committee_term": "a term, not money; the last word counts",
    "quarter_notice": "added up from the book; its hash stands in its line",
    "fund_question": "may be without a name, and a machine could fill the journal",
    "donor_link": "opens a page and changes nothing",
    # the plan: who really stood where is the assignment
    "application": "a wish; who got a stall counts",
    "vendor_list": "how a list was read; whom it entered stands in the register",
    "listed_vendor": "what a list changed, kept for a month so that it can be undone",
    "coming_word": "a word beforehand; who came is the scan",
    "arrival": "the hour of driving in; who was let in is the scan",
    "allocation_weights": "rules of a plan",
    "kept_free": "rules of a plan",
    "plan_method": "rules of a plan",
    "plan_pin": "rules of a plan",
    "quota": "rules of a plan",
    "wish": "a wish; who stood at the market is the assignment",
    "wish_listing": "a wish; who said so stands in its line",
    "wish_voice": "without a name, and a machine could fill the journal",
    "wish_votes": "a wish; who noted it stands in its line",
    "wish_merge": "a wish; who said so stands in its line",
    "wish_answer": "a wish; who said so stands in its line",
    "network_verdict": "a wish; who said so stands in its line",
    "wish_salt": "deleted when the week is over",
    "zone_duty": "rules of a plan",
    "plan_run": "how a plan came about",
    "draw": "its record is public and can be drawn again",
    "gate_phone": "which phone minds a gate; what it scanned is the scan",
    "held_scan": "waits for a person; once it counts it is a scan",
    "held_count": "waits for a person; once it counts it is a press or a sample",
    "shut_stall": "which stalls do not open; who was let in is the scan",
    "close_rule": "when markets settle by themselves; what was settled counts",
    "stall_hold": "follows from the assignment",
    "stall_offer": "an offer; who took the stall counts",
    # what is worked out, or forgotten by itself
    "page_revision": "counts what was written, for the pages that are kept",
    "pass_version": "follows from the assignment; who showed it is the scan",
    "pass_key": "wrapped with the installation's secret",
    "pass_revocation": "a paper, not money",
    "telling": "deleted after a year",
    "letter": "what staff wrote to vendors; deleted after a year",
    "letter_copy": "whom it reached; deleted after a year",
    "outgoing": "what left the house and whether it arrived; deleted after a year",
    "send_rule": "by which channels messages leave; who set it stands in its line",
    "vendor_ways": "an address is erased when somebody is forgotten (PIPL 19)",
    "form_use": "forgotten after a month",
    "program_key": "opens an interface; who made it and took it back stands in its lines",
    "call_share": "how much was asked in a minute; forgotten within the hour",
    "kept_answer": "an answer that may be asked for again; forgotten after a week",
    "webhook": "who is told; who subscribed stands in its line",
    "hook_delivery": "what was told; deleted after 90 days",
    "user_session": "deleted on signing out",
    "sign_in_failure": "forgotten within the hour",
    "setup_token": "used once",
    "finding_photo": "deleted when the matter is long settled",
}
"""Tables without a digest, and why."""
