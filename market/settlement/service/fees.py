"""What a community charges for a stall, from when on, and what a market was charged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.settlement.agreement import recipient_of
from market.settlement.fee import Fee, fee_fault
from market.settlement.models import StallFee

_SENTENCES: dict[str, Any] = {
    "fee_range": _("每场的摊位费要在 0 和 1000 元之间，请看看是不是打错了。"),
    "fee_incomplete": _("请写明摊位费交给谁、根据什么收的。"),
    "fee_to_charity": _("摊位费不是捐款，不能交给接收捐款的慈善组织或基金。请填另外的收款单位。"),
    "fee_for_giving": _("摊位费不能和捐款连在一起：捐了不少收，不捐不多收。请把说到捐款的话去掉。"),
}


def fee_history(community: Community) -> list[StallFee]:
    """Every fee that a community set, the newest first."""
    query = sa.select(StallFee).where(StallFee.community_id == community.id)
    return list(db.session.scalars(query.order_by(StallFee.id.desc())))


def current_fee(community: Community) -> StallFee | None:
    """What is charged for markets that open from now on; None when nothing."""
    newest = next(iter(fee_history(community)), None)
    return newest if newest is not None and newest.fee.amount_fen else None


def fee_for(day: MarketDay) -> StallFee | None:
    """What a market is charged: what was set before it opened, so that nobody is asked for it afterwards."""
    opening = calendar.actual_opening(day)
    query = sa.select(StallFee).where(StallFee.community_id == day.community_id, StallFee.set_at <= opening)
    newest = db.session.scalar(query.order_by(StallFee.id.desc()).limit(1))
    return newest if newest is not None and newest.fee.amount_fen else None


def set_stall_fee(community: Community, fee: Fee, *, by: User, at: datetime) -> StallFee | None:
    """From the next opening on this is charged; 0 ends it. The same again changes nothing.

    Refuses what would make giving its condition, or the receiver of gifts its payee.
    """
    to = recipient_of(community)
    fault = fee_fault(fee, (to.charity, to.fund) if to is not None else ())
    if fault is not None:
        raise Refusal(f"settlement.{fault}", _SENTENCES[fault], 422)
    lock_row(community)
    newest = next(iter(fee_history(community)), None)
    if newest.fee == fee if newest is not None else not fee.amount_fen:
        return newest
    charged = StallFee(community_id=community.id, fee=fee, person=by, set_at=at)
    db.session.add(charged)
    db.session.flush()
    audit.record(
        "settlement.set_stall_fee", charged, by=by, at=at, amount_fen=fee.amount_fen, payee=fee.payee,
        basis=fee.basis,
    )  # fmt: skip
    return charged
