"""The fund of a community and its committee."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local, today
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.fund.models import Fund, Proposal
from market.fund.profile_rows import CommitteeTerm
from market.fund.rules import ProposalState, committee_fault
from market.ledger import service as ledger
from market.ledger.rules import Code, check_text
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.settlement.agreement import Recipient

MAX_DETAIL = 500

COMMITTEE_SENTENCES = {
    "too_small": _("管委会不足 %(least)s 人，还不能表决。请先在“人员”里补齐委员。"),
    "even": _("管委会人数要是单数，现在是双数，还不能表决。请增减一位委员。"),
    "unsupervised": _("还没有监督员，不能表决。请先在“人员”里指定一位监督员列席。"),
}


def open_fund(
    community: Community,
    name: str,
    *,
    charity: str,
    agreement_no: str,
    signed_on: date,
    purpose: str,
    by: User,
    at: datetime,
) -> Fund:
    """Records the agreement with the charity and opens the shadow book; once a community."""
    lock_row(community)
    fund = fund_of(community)
    if fund is not None:
        raise Refusal("fund.exists", _("这个社区已经有基金了：%(name)s。", name=fund.name))
    if signed_on > local(at, community.zone).date():
        raise Refusal("fund.signed_in_future", _("签订日期还没有到，请看看是不是选错了。"), 422)
    if check_text(purpose.replace("\n", " "), MAX_DETAIL) is not None:
        raise Refusal("fund.unfit_purpose", _("请写清资金用途；会公开，请不要写手机号或身份证号。"), 422)
    book = ledger.open_book(community, name, by=by, at=at)
    fund = Fund(
        community=community,
        book=book,
        name=name.strip(),
        charity=charity.strip(),
        agreement_no=agreement_no.strip(),
        signed_on=signed_on,
        purpose=purpose.strip(),
    )
    db.session.add(fund)
    db.session.flush()
    audit.record("fund.open_fund", fund, by=by, at=at, agreement_no=fund.agreement_no)
    return fund


def fund_of(community: Community) -> Fund | None:
    """The community's fund, None before it is opened."""
    return db.session.scalar(sa.select(Fund).where(Fund.community_id == community.id))


def recipient_of(community: Community) -> Recipient | None:
    """Whom vendors give to, for the text of their agreement."""
    fund = fund_of(community)
    return Recipient(fund.charity, fund.name, fund.purpose.rstrip("。")) if fund is not None else None


def require_fund(community: Community) -> Fund:
    """The community's fund, or a refusal that says how to get one."""
    fund = fund_of(community)
    if fund is None:
        raise NotFound("fund.none", _("这个社区还没有开设基金。签好协议后，由工作人员在“社区基金”里登记。"))
    return fund


def committee(fund: Fund, on: date | None = None) -> list[User]:
    """Who decides on spending on a day, which is today where none is named.

    Whose term has not begun or is over is no member that day; who has no term is one without an end.
    """
    day = on or today(fund.community.zone)
    terms = newest_terms(fund)
    members = people.members(fund.community, Role.COMMITTEE)
    return [one for one in members if one.id not in terms or terms[one.id].holds_on(day)]


def refuse_onlooker(fund: Fund, by: User) -> None:
    """A supervisor reads everything, asks, and changes nothing."""
    may = (*people.members(fund.community, Role.STAFF), *committee(fund))
    if by.id not in {one.id for one in may}:
        sentence = _("监督员只看、只问，不改。这一步由工作人员或管委会委员来办。")
        raise Refusal("fund.onlooker", sentence, 403)


def newest_terms(fund: Fund) -> dict[int, CommitteeTerm]:
    """The term of each member that counts, which is the last that was written down, by account."""
    query = sa.select(CommitteeTerm).where(CommitteeTerm.fund_id == fund.id).order_by(CommitteeTerm.id)
    return {term.user_id: term for term in db.session.scalars(query)}


def committee_lacks(fund: Fund) -> tuple[str, str] | None:
    """(code, sentence) of why the committee may not decide now, as its region demands; None when it may."""
    rule = profile_of(fund.community).committee
    supervisors = people.members(fund.community, Role.SUPERVISOR)
    fault = committee_fault(len(committee(fund)), len(supervisors), rule)
    return (fault, str(COMMITTEE_SENTENCES[fault]) % {"least": rule.least}) if fault else None


def spendable(fund: Fund) -> int:
    """What may still be proposed, in fen, never below zero: whatever the committee approves can be paid.

    It is what lies at the charity, less what is owed back and what other proposals ask for.
    """
    promised = sa.select(sa.func.sum(Proposal.amount_fen)).where(
        Proposal.fund_id == fund.id, Proposal.state.in_((ProposalState.PROPOSED, ProposalState.APPROVED))
    )
    held, owed = (ledger.balance(fund.book, code) for code in (Code.AT_CHARITY, Code.REFUNDABLE))
    return max(0, held + owed - int(db.session.scalar(promised) or 0))
