"""What is said of the fund itself, changed by staff with its history; for how long members were elected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.fund.models import Fund, Proposal, Vote
from market.fund.profile_rows import CommitteeTerm, ProfileChange
from market.fund.rules import Choice, Seat, fund_name
from market.fund.service.funds import MAX_DETAIL, newest_terms, refuse_onlooker
from market.ledger.rules import check_text
from market.people import service as people
from market.people.models import User
from market.people.rules import Role

LONGEST_TERM = 5 * 366
"""Days; a residents' committee is elected for five years."""


LONGEST_NAME = 120
"""Of charity and fund together, as it is stored and printed."""


@dataclass(frozen=True)
class ProfileDraft:
    """What is typed of the fund."""

    charity: str
    given_name: str
    """Empty: the name stays as it was typed when the fund was opened."""
    licence_no: str
    agreement_no: str
    signed_on: date
    purpose: str
    fee_clause: str


def edit_profile(
    fund: Fund, draft: ProfileDraft, seen: int, *, by: User, at: datetime
) -> list[ProfileChange]:
    """Says it anew, and keeps what stood there before. `seen` is how many changes the page knew: when there
    are more, somebody changed it meanwhile (`fund.profile_changed`). The same again changes nothing."""
    refuse_onlooker(fund, by)
    _check_draft(fund, draft, at)
    lock_row(fund)
    said = _said(fund, draft)
    before = {field: _text(getattr(fund, field)) for field in said}
    changed = {field: value for field, value in said.items() if before[field] != _text(value)}
    if not changed:
        return []
    if seen != len(history(fund)):
        sentence = _("您填的时候，别人改过了。请看看现在写的，再改一次。")
        raise Refusal("fund.profile_changed", sentence)
    race_point("fund.edit_profile")
    rows = [_change(fund, field, before[field], value, by, at) for field, value in changed.items()]
    db.session.add_all(rows)
    db.session.flush()
    audit.record(
        "fund.edit_profile", fund, by=by, at=at, community=fund.community, fields=" ".join(sorted(changed))
    )
    return rows


def _change(fund: Fund, field: str, before: str, value: object, by: User, at: datetime) -> ProfileChange:
    setattr(fund, field, value)
    return ProfileChange(
        fund=fund, field=field, before=before, after=_text(value), changed_by=by.id, changed_at=at
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _said(fund: Fund, draft: ProfileDraft) -> dict[str, object]:
    """The fields as they are stored; the name follows from charity and given name."""
    given = draft.given_name.strip()
    return {
        "charity": draft.charity.strip(),
        "given_name": given,
        "name": fund_name(draft.charity, given) if given else fund.name,
        "licence_no": draft.licence_no.strip(),
        "agreement_no": draft.agreement_no.strip(),
        "signed_on": draft.signed_on,
        "purpose": draft.purpose.strip(),
        "fee_clause": draft.fee_clause.strip(),
    }


def _check_draft(fund: Fund, draft: ProfileDraft, at: datetime) -> None:
    if draft.signed_on > local(at, fund.community.zone).date():
        raise Refusal("fund.signed_in_future", _("签订日期还没有到，请看看是不是选错了。"), 422)
    if draft.given_name.strip() and len(fund_name(draft.charity, draft.given_name)) > LONGEST_NAME:
        sentence = _(
            "基金全称太长了，最多 %(n)s 个字。请把慈善组织全称或本基金的叫法写短一点。", n=LONGEST_NAME
        )
        raise Refusal("fund.long_name", sentence, 422)
    # A credit code has as many signs as an identity number, and is no person's.
    needed = (draft.charity, draft.agreement_no, draft.purpose.replace("\n", " "))
    texts = (*needed, draft.given_name or "-", draft.fee_clause or "-")
    if any(check_text(text, MAX_DETAIL) is not None for text in texts):
        raise Refusal("fund.unfit_profile", _("请写清楚；会公开，请不要写手机号或身份证号。"), 422)


def history(fund: Fund) -> list[ProfileChange]:
    """What was changed, the newest first."""
    query = (
        sa.select(ProfileChange)
        .where(ProfileChange.fund_id == fund.id)
        .options(joinedload(ProfileChange.changer))
        .order_by(ProfileChange.id.desc())
    )
    return list(db.session.scalars(query))


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


def set_term(
    fund: Fund, member: User, seat: Seat, first_on: date, last_on: date, *, by: User, at: datetime
) -> CommitteeTerm:
    """Says from when until when a member sits in the committee, and as what; the last word counts.

    There is one chair on any day (`fund.two_chairs`). The same again is the same.
    """
    refuse_onlooker(fund, by)
    if not first_on <= last_on or (last_on - first_on).days > LONGEST_TERM:
        raise Refusal("fund.term_wrong", _("任期的日期前后不对，或者长过五年，请看看。"), 422)
    if member.id not in {one.id for one in people.members(fund.community, Role.COMMITTEE)}:
        raise Refusal("fund.no_such_member", _("请选一位管委会委员。先在“人员”里添加。"), 422)
    lock_row(fund)
    terms = newest_terms(fund)
    known = terms.get(member.id)
    if known is not None and (known.seat, known.first_on, known.last_on) == (seat, first_on, last_on):
        return known
    _refuse_second_chair(terms, member, seat, first_on, last_on)
    race_point("fund.set_term")
    term = CommitteeTerm(
        fund=fund,
        user=member,
        seat=seat,
        first_on=first_on,
        last_on=last_on,
        entered_by=by.id,
        entered_at=at,
    )
    db.session.add(term)
    db.session.flush()
    audit.record("fund.set_term", term, by=by, at=at, community=fund.community, last_on=last_on.isoformat())
    return term


def _refuse_second_chair(
    terms: dict[int, CommitteeTerm], member: User, seat: Seat, first_on: date, last_on: date
) -> None:
    others = (term for term in terms.values() if term.user_id != member.id and term.seat is Seat.CHAIR)
    if seat is Seat.CHAIR and any(one.first_on <= last_on and first_on <= one.last_on for one in others):
        raise Refusal("fund.two_chairs", _("这段时间已经有一位主任了。先改他的任期或身份。"))


@dataclass(frozen=True)
class MemberFacts:
    """A member of the committee as everybody may read of them."""

    user: User
    term: CommitteeTerm | None
    votes: int
    recused: list[Proposal]
    """From which matters they stayed away."""

    def sits_on(self, day: date) -> bool:
        return self.term is None or self.term.holds_on(day)


def member_facts(fund: Fund) -> list[MemberFacts]:
    """Everybody who has a seat now or had one by a term, with what they stayed away from; the chair first."""
    votes: dict[int, list[Vote]] = {}
    query = sa.select(Vote).join(Vote.proposal).where(Proposal.fund_id == fund.id)
    for vote in db.session.scalars(query.options(joinedload(Vote.proposal)).order_by(Vote.id)):
        votes.setdefault(vote.user_id, []).append(vote)
    terms = newest_terms(fund)
    members = people.members(fund.community, Role.COMMITTEE)
    found = [_facts(user, terms.get(user.id), votes.get(user.id, [])) for user in members]
    return sorted(found, key=lambda one: one.term is None or one.term.seat is not Seat.CHAIR)


def _facts(user: User, term: CommitteeTerm | None, votes: list[Vote]) -> MemberFacts:
    stayed_away = [vote.proposal for vote in votes if vote.choice is Choice.RECUSE]
    return MemberFacts(user, term, len(votes) - len(stayed_away), stayed_away)
