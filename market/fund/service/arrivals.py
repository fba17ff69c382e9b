"""Money arriving at the charity."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.clock import local
from market.db import db, lock_row, race_point, still_there
from market.errors import NotFound, Refusal
from market.fund.models import CharityNotice, Fund, Refund, Remittance
from market.fund.service.funds import committee, require_fund
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.ledger.rules import Code, EntryKind, credit, debit
from market.people.models import User
from market.settlement import service as settlement
from market.typed_text import without_persons


def in_transit(day: MarketDay) -> int:
    """What the market contributed and the charity has not confirmed, in fen."""
    return max(0, _missing(day))


def owed(day: MarketDay) -> int:
    """What the charity received beyond the market's contribution and has not given back, in fen."""
    return max(0, -_missing(day))


def _missing(day: MarketDay) -> int:
    closed = settlement.settlement_of(day)
    contributed = closed.contribution_fen if closed is not None else 0
    arrived = sum(remittance.amount_fen for remittance in remittances(day))
    returned = sum(refund.amount_fen for refund in refunds(day) if refund.entry_id is not None)
    return contributed - arrived + returned


def remittances(day: MarketDay) -> list[Remittance]:
    """The charity's confirmations for one market day, oldest first."""
    query = sa.select(Remittance).where(Remittance.day_id == day.id).order_by(Remittance.id)
    return list(db.session.scalars(query))


def refunds(day: MarketDay) -> list[Refund]:
    """What was or shall be given back of one market day, oldest first."""
    return list(db.session.scalars(sa.select(Refund).where(Refund.day_id == day.id).order_by(Refund.id)))


def confirm_remittance(day: MarketDay, reference: str, *, by: User, at: datetime) -> Remittance:
    """Records the charity's word that everything in transit from a market has arrived.

    The same reference again is the same confirmation. Refuses `fund.nothing_in_transit` and, to whoever
    settled the market, `fund.settled_by_you`.
    """
    fund = require_fund(day.community)
    lock_row(day)
    reference = reference.strip()
    if not reference:
        raise Refusal("fund.no_reference", _("请填慈善组织的到账凭证号。"), 422)
    earlier = _remittance_by_reference(fund, reference)
    if earlier is not None:
        return _same_day(earlier, day)
    _refuse_taken(fund, reference)
    _refuse_settler(day, by)
    amount = in_transit(day)
    if amount <= 0:
        raise Refusal("fund.nothing_in_transit", _("这一场没有在途的钱，不用再登记到账。"))
    race_point("fund.remit")
    settlement.restate(day, by=by, at=at)  # books of older versions: contributions were income at the close
    entry = _post_arrival(fund, day, amount, by=by, at=at)
    remittance = Remittance(
        fund_id=fund.id,
        day=day,
        amount_fen=amount,
        reference=reference,
        entry=entry,
        confirmed_by=by.id,
        confirmed_at=at,
    )
    db.session.add(remittance)
    db.session.flush()
    audit.record("fund.confirm_remittance", remittance, by=by, at=at, community=day.community, fen=amount)
    return remittance


def _post_arrival(fund: Fund, day: MarketDay, amount: int, *, by: User, at: datetime) -> Entry:
    """What was on its way is at the charity, and is income from now on."""
    return ledger.post(
        fund.book,
        f"remittance:{day.ref}:{len(remittances(day)) + 1}",
        EntryKind.REMITTANCE,
        [
            debit(Code.AT_CHARITY, amount),
            credit(Code.TRANSFER_PENDING, amount),
            debit(Code.UNCONFIRMED, amount),
            credit(Code.FROM_MARKETS, amount),
        ],
        happened_on=ledger.booking_date(fund.book, local(at, day.community.zone).date(), at),
        memo=f"{without_persons(day.theme)}反哺到账",
        by=by,
        at=at,
    )


def _refuse_settler(day: MarketDay, by: User) -> None:
    """Whoever settled the market may not confirm that its money arrived."""
    if any(closed.settled_by == by.id for closed in settlement.revisions(day)):
        sentence = _("这一场是您结算的，到账要由另一位同事或一位委员来登记。")
        raise Refusal("fund.settled_by_you", sentence, 403)


def _refuse_taken(fund: Fund, reference: str) -> None:
    """One number of the charity is one arrival: not also that of a partner or a donor."""
    query = sa.select(CharityNotice.id).where(
        CharityNotice.fund_id == fund.id,
        CharityNotice.reference == reference,
        CharityNotice.undone_at.is_(None),
    )
    if db.session.scalar(query) is not None:
        raise Refusal("fund.reference_taken", _("这个凭证号已经登记在别的到账上了，请核对。"))


def _remittance_by_reference(fund: Fund, reference: str) -> Remittance | None:
    query = sa.select(Remittance).where(Remittance.fund_id == fund.id, Remittance.reference == reference)
    return db.session.scalar(query)


def _same_day(remittance: Remittance, day: MarketDay) -> Remittance:
    if remittance.day_id != day.id:
        raise Refusal("fund.reference_taken", _("这个凭证号已经登记在别的场次上了，请核对。"))
    return remittance


# ── giving back what came too much ────────────────────────────────────────────────────────────────────────


def ask_refund(day: MarketDay, reference: str, *, by: User, at: datetime) -> Refund:
    """Staff say that the charity gives back what it received too much; a committee member then agrees.

    `reference` is the charity's number of the payment. Asking again changes nothing.
    Refuses `fund.nothing_owed`.
    """
    fund = require_fund(day.community)
    lock_row(day)
    waiting = [refund for refund in refunds(day) if refund.entry_id is None]
    if waiting:
        return waiting[0]
    amount = owed(day)
    if amount == 0:
        raise Refusal("fund.nothing_owed", _("这一场没有要退还的钱。"))
    if not reference.strip():
        raise Refusal("fund.no_reference", _("请填慈善组织的退款凭证号。"), 422)
    race_point("fund.ask_refund")
    refund = Refund(
        fund_id=fund.id, day=day, amount_fen=amount, reference=reference.strip(), asked_by=by.id, asked_at=at
    )
    db.session.add(refund)
    db.session.flush()
    audit.record("fund.ask_refund", refund, by=by, at=at, community=day.community, fen=amount)
    return refund


def agree_refund(refund: Refund, *, by: User, at: datetime) -> Refund:
    """A committee member who did not ask for it agrees, and the refund is posted; twice is once.

    Money that is spent cannot be given back before other money came (`ledger.not_enough`): it stays owed.
    """
    _lock(refund)
    if refund.entry_id is not None:
        return refund
    fund, day = require_fund(refund.day.community), refund.day
    if by.id not in {member.id for member in committee(fund)}:
        raise Refusal("fund.not_a_member", _("只有管委会委员才能同意退款。"), 403)
    if by.id == refund.asked_by:
        raise Refusal("fund.second_person", _("退款要由登记人以外的另一位来同意。"), 403)
    if refund.amount_fen != owed(day):
        raise Refusal("fund.refund_changed", _("要退的数已经变了，请让工作人员重新登记。"))
    race_point("fund.agree_refund")
    refund.entry = ledger.post(
        fund.book,
        f"refund:{day.ref}:{len(refunds(day))}",
        EntryKind.REFUND,
        [debit(Code.REFUNDABLE, refund.amount_fen), credit(Code.AT_CHARITY, refund.amount_fen)],
        happened_on=ledger.booking_date(fund.book, local(at, day.community.zone).date(), at),
        memo=f"{without_persons(day.theme)}更正后退还",
        by=by,
        at=at,
    )
    refund.agreed_by, refund.agreed_at = by.id, at
    db.session.flush()
    audit.record("fund.agree_refund", refund, by=by, at=at, community=day.community, fen=refund.amount_fen)
    return refund


def withdraw_refund(refund: Refund, *, by: User, at: datetime) -> None:
    """Takes back what was not agreed to yet."""
    _lock(refund)
    if refund.entry_id is not None:
        raise Refusal("fund.refunded", _("这笔退款已经记账了，不能撤回。"))
    race_point("fund.withdraw_refund")
    audit.record("fund.withdraw_refund", refund, by=by, at=at, community=refund.day.community)
    db.session.delete(refund)
    db.session.flush()


def _lock(refund: Refund) -> None:
    """Nobody else acts on the market; refuses `fund.no_refund` when it was taken back meanwhile."""
    lock_row(refund.day)
    if not still_there(refund):
        raise _no_refund()


def find_refund(fund: Fund, ref: str) -> Refund:
    """A refund of this fund."""
    refund = db.session.scalar(sa.select(Refund).where(Refund.fund_id == fund.id, Refund.ref == ref))
    if refund is None:
        raise _no_refund()
    return refund


def _no_refund() -> NotFound:
    return NotFound("fund.no_refund", _("没有这笔退款，可能撤回了。"))


def open_refunds(fund: Fund) -> list[Refund]:
    """What waits for a committee member's word."""
    query = sa.select(Refund).where(Refund.fund_id == fund.id, Refund.entry_id.is_(None))
    return list(db.session.scalars(query.order_by(Refund.id)))
