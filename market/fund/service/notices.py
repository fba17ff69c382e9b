"""What the charity writes of money that came beside the markets: typed by one person, posted by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.clock import local
from market.db import db, lock_row, race_point, still_there
from market.errors import NotFound, Refusal
from market.fund.models import CharityNotice, Fund, Partner, Remittance
from market.fund.rules import Source, is_nobodys_name, notice_lines, same_name
from market.fund.service.funds import committee
from market.ledger import service as ledger
from market.ledger.chart import N_
from market.ledger.rules import check_text
from market.people import service as people
from market.people.models import User
from market.people.rules import Role

MAX_DONOR = 60
MAX_PURPOSE = 120

MEMOS = {
    Source.SPACE: N_("%(name)s 空间换服务捐款到账"),
    Source.WORKSHOP: N_("%(name)s 社区微业捐款到账"),
    Source.PERSON: N_("个人捐赠到账"),
    Source.FIRM: N_("单位捐赠到账"),
    Source.INTEREST: N_("利息到账"),
    Source.MATCHING: N_("配捐到账"),
    Source.FEE: N_("慈善组织收取管理费"),
}
"""What the book says of each; it never names who gave, for nobody could take the name out again."""


@dataclass(frozen=True)
class NoticeDraft:
    """What is typed from the charity's paper."""

    source: Source
    amount_fen: int
    received_on: date
    reference: str
    partner: Partner | None = None
    donor: str = ""
    may_name: bool = False
    purpose: str = ""
    whose: int | None = None
    """Where others of that name gave before: which of them it is (`namesakes`), …"""
    is_another: bool = False
    """… or that it is none of them."""


def enter_notice(fund: Fund, draft: NoticeDraft, *, by: User, at: datetime) -> CharityNotice:
    """Types a notice of the charity; it counts when another person has compared it. Again is the same."""
    _check_draft(fund, draft, local(at, fund.community.zone).date())
    lock_row(fund)
    earlier = notice_by_reference(fund, draft.reference.strip())
    if earlier is not None:
        return _the_same(earlier, draft)
    if _is_of_a_market(fund, draft.reference.strip()):
        raise _reference_taken()
    namesake = _namesake(fund, draft)
    race_point("fund.enter_notice")
    notice = CharityNotice(
        fund=fund,
        source=draft.source,
        partner=draft.partner,
        amount_fen=draft.amount_fen,
        received_on=draft.received_on,
        reference=draft.reference.strip(),
        donor=draft.donor.strip() if draft.source.has_donor else "",
        namesake=namesake,
        may_name=draft.may_name and draft.source.has_donor,
        purpose=draft.purpose.strip(),
        noted_by=by.id,
        noted_at=at,
    )
    db.session.add(notice)
    db.session.flush()
    audit.record("fund.enter_notice", notice, by=by, at=at, community=fund.community, fen=draft.amount_fen)
    return notice


def _check_draft(fund: Fund, draft: NoticeDraft, today: date) -> None:
    if draft.amount_fen <= 0:
        raise Refusal("fund.no_amount", _("请填金额，要大于 0。"), 422)
    if not draft.reference.strip():
        raise Refusal("fund.no_reference", _("请填慈善组织的凭证号。"), 422)
    if draft.received_on > today:
        raise Refusal("fund.received_in_future", _("到账日期还没有到，请看看是不是选错了。"), 422)
    if draft.received_on < fund.signed_on:
        sentence = _("到账日期比基金签订还早，请看看年月日是不是选错了。")
        raise Refusal("fund.received_before", sentence, 422)
    _check_partner(fund, draft)
    _check_words(draft)


def _check_partner(fund: Fund, draft: NoticeDraft) -> None:
    partner = draft.partner
    if not draft.source.is_agreed:
        if partner is not None:
            raise Refusal("fund.partner_of_gift", _("捐款、利息和管理费不记在合伙人名下。"), 422)
        return
    if partner is None or partner.source is not draft.source or partner.fund_id != fund.id:
        raise Refusal("fund.no_partner", _("请选是哪家合伙人或微业给的。"), 422)
    if draft.received_on < partner.starts_on:
        raise Refusal("fund.before_agreement", _("到账比协议开始还早。协议要在捐款以前签。"), 422)


def _check_words(draft: NoticeDraft) -> None:
    if draft.source.has_donor and not draft.donor.strip():
        raise Refusal("fund.no_donor", _("请填是谁给的；不愿留名的，写“爱心人士”。"), 422)
    for text, most in ((draft.donor, MAX_DONOR), (draft.purpose, MAX_PURPOSE)):
        if text.strip() and check_text(text, most) is not None:
            raise Refusal("fund.unfit_text", _("请不要写手机号或身份证号。"), 422)


def namesakes(fund: Fund, name: str) -> dict[int, CharityNotice]:
    """Who of this name gave before, by number, with the first gift of each."""
    query = _notices(fund).where(CharityNotice.donor != "")
    found: dict[int, CharityNotice] = {}
    for one in db.session.scalars(query):
        if same_name(one.donor, name):
            found.setdefault(one.namesake, one)
    return found


def _namesake(fund: Fund, draft: NoticeDraft) -> int:
    """Whose gift it is: a link shows one donor everything, so a name that is known has to be asked about."""
    known = namesakes(fund, draft.donor) if draft.source.has_donor else {}
    typed = db.session.scalars(_notices(fund).where(CharityNotice.reference == draft.reference)).all()
    before: CharityNotice | None = next((one for one in typed if same_name(one.donor, draft.donor)), None)
    if before is not None:
        return before.namesake  # it was reversed, and is typed anew
    if draft.is_another or not known or is_nobodys_name(draft.donor):
        return max(known, default=-1) + 1
    if draft.whose not in known:
        sentence = _("以前也有叫这个名字的捐过。请选是不是同一位，再交。")
        raise Refusal("fund.which_donor", sentence, 422)
    return draft.whose


def _the_same(earlier: CharityNotice, draft: NoticeDraft) -> CharityNotice:
    said = (earlier.source, earlier.amount_fen, earlier.partner_id)
    if said != (draft.source, draft.amount_fen, draft.partner.id if draft.partner else None):
        raise _reference_taken()
    return earlier


def _reference_taken() -> Refusal:
    return Refusal("fund.reference_taken", _("这个凭证号已经登记过别的到账了，请核对。"))


def notice_by_reference(fund: Fund, reference: str) -> CharityNotice | None:
    """The notice that has this number of the charity and counts, or may come to."""
    query = sa.select(CharityNotice).where(
        CharityNotice.fund_id == fund.id,
        CharityNotice.reference == reference,
        CharityNotice.undone_at.is_(None),
    )
    return db.session.scalar(query)


def _is_of_a_market(fund: Fund, reference: str) -> bool:
    query = sa.select(Remittance.id).where(Remittance.fund_id == fund.id, Remittance.reference == reference)
    return db.session.scalar(query) is not None


def confirm_notice(notice: CharityNotice, *, by: User, at: datetime) -> CharityNotice:
    """Another person compared it with the charity's paper: it is posted. Twice is once.

    Refuses `fund.second_person` to whoever typed it, and `fund.may_not_confirm` to who only looks on.
    """
    fund = notice.fund
    _lock(notice)
    if notice.entry_id is not None:
        return notice
    _refuse_onlooker(fund, by)
    if notice.noted_by == by.id:
        sentence = _("这一笔是您填的，要由另一位同事或一位委员看过凭证来确认。")
        raise Refusal("fund.second_person", sentence, 403)
    race_point("fund.confirm_notice")
    booked_on = ledger.booking_date(fund.book, notice.received_on, at)
    notice.entry = ledger.post(
        fund.book,
        f"notice:{notice.ref}",
        notice.source.kind,
        notice_lines(notice.source, notice.amount_fen),
        happened_on=booked_on,
        memo=_memo(notice, booked_on),
        by=by,
        at=at,
    )
    notice.confirmed_by, notice.confirmed_at = by.id, at
    db.session.flush()
    audit.record("fund.confirm_notice", notice, by=by, at=at, community=fund.community, fen=notice.amount_fen)
    return notice


def _lock(notice: CharityNotice) -> None:
    """Nobody else acts on the fund; refuses `fund.no_notice` when the notice was taken back meanwhile."""
    lock_row(notice.fund)
    if not still_there(notice):
        raise _no_notice()


def _no_notice() -> NotFound:
    return NotFound("fund.no_notice", _("没有这笔到账登记，可能撤回了。"))


def _memo(notice: CharityNotice, booked_on: date) -> str:
    """What is posted late counts now, and says when it came."""
    memo = MEMOS[notice.source] % {"name": notice.partner.name if notice.partner else ""}
    if booked_on == notice.received_on:
        return memo
    return N_("%(memo)s（%(date)s 到账，属于前期）") % {"memo": memo, "date": notice.received_on.isoformat()}


def _refuse_onlooker(fund: Fund, by: User) -> None:
    """A supervisor reads everything and changes nothing."""
    may = (*people.members(fund.community, Role.STAFF), *committee(fund))
    if by.id not in {one.id for one in may}:
        raise Refusal("fund.may_not_confirm", _("到账由工作人员或管委会委员确认。"), 403)


def withdraw_notice(notice: CharityNotice, *, by: User, at: datetime) -> None:
    """Takes back what was typed and not posted."""
    _lock(notice)
    if notice.entry_id is not None:
        raise Refusal("fund.notice_posted", _("这一笔已经入账，不能撤回。错了请冲销。"))
    race_point("fund.withdraw_notice")
    audit.record("fund.withdraw_notice", notice, by=by, at=at, community=notice.fund.community)
    db.session.delete(notice)
    db.session.flush()


def reverse_notice(notice: CharityNotice, reason: str, *, by: User, at: datetime) -> CharityNotice:
    """It was posted wrong: undone in full by another person than who posted it; then it is typed anew."""
    fund = notice.fund
    _lock(notice)
    if notice.entry is None:
        raise Refusal("fund.not_posted", _("这一笔还没有入账，撤回就行，不用冲销。"))
    _refuse_onlooker(fund, by)
    race_point("fund.reverse_notice")
    ledger.reverse(notice.entry, reason=reason, by=by, at=at)
    if notice.undone_at is None:
        notice.undone_at = at
        audit.record("fund.reverse_notice", notice, by=by, at=at, community=fund.community)
    return notice


def set_naming(notice: CharityNotice, may_name: bool, *, by: User, at: datetime) -> None:
    """The donor changed their mind about being named in public."""
    _lock(notice)
    if not notice.source.has_donor:
        raise Refusal("fund.names_nobody", _("这一笔没有捐赠人。"))
    if notice.may_name is not may_name:
        race_point("fund.set_naming")
        notice.may_name = may_name
        audit.record("fund.set_naming", notice, by=by, at=at, community=notice.fund.community, may=may_name)


def find_notice(fund: Fund, ref: str) -> CharityNotice:
    """A notice of this fund."""
    query = sa.select(CharityNotice).where(CharityNotice.fund_id == fund.id, CharityNotice.ref == ref)
    notice = db.session.scalar(query)
    if notice is None:
        raise _no_notice()
    return notice


def waiting_notices(fund: Fund) -> list[CharityNotice]:
    """What waits for a second person, the oldest first."""
    return list(db.session.scalars(_notices(fund).where(CharityNotice.entry_id.is_(None))))


def posted_notices(
    fund: Fund, *, sources: tuple[Source, ...] = (), partner: Partner | None = None, limit: int | None = None
) -> list[CharityNotice]:
    """What was posted, also what was undone since, the newest first."""
    query = _notices(fund).where(CharityNotice.entry_id.is_not(None)).order_by(None)
    if sources:
        query = query.where(CharityNotice.source.in_(sources))
    if partner is not None:
        query = query.where(CharityNotice.partner_id == partner.id)
    newest = query.order_by(CharityNotice.received_on.desc(), CharityNotice.id.desc())
    return list(db.session.scalars(newest.limit(limit)))


def by_year(fund: Fund, sources: tuple[Source, ...], partner: Partner | None = None) -> list[tuple[int, int]]:
    """What counts of some sources, or of one partner, in each year; the newest first."""
    year = sa.extract("year", CharityNotice.received_on)
    query = sa.select(year, sa.func.sum(CharityNotice.amount_fen)).where(
        CharityNotice.fund_id == fund.id,
        CharityNotice.source.in_(sources),
        CharityNotice.entry_id.is_not(None),
        CharityNotice.undone_at.is_(None),
    )
    if partner is not None:
        query = query.where(CharityNotice.partner_id == partner.id)
    found = db.session.execute(query.group_by(year).order_by(year.desc()))
    return [(int(number), int(fen)) for number, fen in found]


def _notices(fund: Fund) -> sa.Select[Any]:
    return (
        sa.select(CharityNotice)
        .where(CharityNotice.fund_id == fund.id)
        .options(joinedload(CharityNotice.partner), joinedload(CharityNotice.entry))
        .order_by(CharityNotice.id)
    )
