"""Money arriving at the charity."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.clock import local
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.fund.models import Fund, Remittance
from market.fund.service.funds import require_fund
from market.ledger import service as ledger
from market.ledger.rules import Code, EntryKind, credit, debit
from market.people.models import User
from market.settlement import service as settlement
from market.typed_text import without_persons


def in_transit(day: MarketDay) -> int:
    """What the market contributed and the charity has not confirmed, in fen; negative when it holds more."""
    closed = settlement.settlement_of(day)
    contributed = closed.contribution_fen if closed is not None else 0
    return contributed - sum(remittance.amount_fen for remittance in remittances(day))


def remittances(day: MarketDay) -> list[Remittance]:
    """The charity's confirmations for one market day, oldest first."""
    query = sa.select(Remittance).where(Remittance.day_id == day.id).order_by(Remittance.id)
    return list(db.session.scalars(query))


def confirm_remittance(day: MarketDay, reference: str, *, by: User, at: datetime) -> Remittance:
    """Records the charity's word that everything in transit from a market has arrived.

    The same reference again is the same confirmation. Refuses `fund.nothing_in_transit`.
    """
    fund = require_fund(day.community)
    lock_row(day)
    reference = reference.strip()
    if not reference:
        raise Refusal("fund.no_reference", _("请填慈善组织的到账凭证号。"), 422)
    earlier = _remittance_by_reference(fund, reference)
    if earlier is not None:
        return _same_day(earlier, day)
    amount = in_transit(day)
    if amount <= 0:
        raise Refusal("fund.nothing_in_transit", _("这一场没有在途的钱，不用再登记到账。"))
    race_point("fund.remit")
    entry = ledger.post(
        fund.book,
        f"remittance:{day.ref}:{len(remittances(day)) + 1}",
        EntryKind.REMITTANCE,
        [debit(Code.AT_CHARITY, amount), credit(Code.TRANSFER_PENDING, amount)],
        happened_on=local(at, day.community.zone).date(),
        memo=f"{without_persons(day.theme)}反哺到账",
        by=by,
        at=at,
    )
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


def _remittance_by_reference(fund: Fund, reference: str) -> Remittance | None:
    query = sa.select(Remittance).where(Remittance.fund_id == fund.id, Remittance.reference == reference)
    return db.session.scalar(query)


def _same_day(remittance: Remittance, day: MarketDay) -> Remittance:
    if remittance.day_id != day.id:
        raise Refusal("fund.reference_taken", _("这个凭证号已经登记在别的场次上了，请核对。"))
    return remittance
