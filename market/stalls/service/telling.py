"""Telling vendors what changes after publication: offered, placed, moved, taken back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from market.calendar.rules import GATE_STATES
from market.db import db
from market.notices import service as notices
from market.people.models import User
from market.stalls.models import Assignment, StallOffer
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.vendors.service.telling import tell


def tell_placed(held: Assignment, *, by: User, at: datetime) -> None:
    """Where the vendor stands now; and whoever was offered the same stall hears that it is gone."""
    if held.day.state not in GATE_STATES:
        return
    left = _left_for(held)
    kind = "placed" if at < held.day.arrive_by else "placed_now"
    if left is not None:
        kind = "swapped" if held.reason_code == "swapped" else "moved"
    facts = {"stall": held.label, "old": left.label if left else "", "other": held.reason_params.get("other")}
    tell(held.application, f"stalls.{kind}", f"placed:{held.ref}", by=by, at=at, **facts)
    for offer in _offers_gone(held, at):
        tell(
            offer.application, "stalls.offer_gone", f"offer-gone:{offer.ref}", by=by, at=at,
            stall=offer.stall.label,
        )  # fmt: skip


def _left_for(held: Assignment) -> Assignment | None:
    """The stall that the vendor gave up in the same act."""
    query = sa.select(Assignment).where(
        Assignment.application_id == held.application_id,
        Assignment.release_reason == ReleaseReason.MOVED,
        Assignment.released_at == held.assigned_at,
    )
    return db.session.scalar(query.order_by(Assignment.id.desc()).limit(1))


def _offers_gone(held: Assignment, at: datetime) -> list[StallOffer]:
    query = sa.select(StallOffer).where(
        StallOffer.day_id == held.day_id,
        StallOffer.stall_id.in_([held.stall_id, held.second_stall_id]),
        StallOffer.application_id != held.application_id,
        StallOffer.answer == OfferAnswer.WITHDRAWN,
        StallOffer.answered_at == at,
    )
    return list(db.session.scalars(query))


def tell_lost(held: Assignment, reason: ReleaseReason, *, by: User, at: datetime) -> None:
    """The stall is no longer the vendor's; what the gate or a call-off takes away is told there."""
    source = f"lost:{held.ref}"
    if reason is ReleaseReason.WITHDRAWN:
        tell(held.application, "vendors.withdrawn", source, by=by, at=at)
    elif reason is ReleaseReason.REPLANNED and held.day.state in GATE_STATES:
        tell(held.application, "stalls.taken_back", source, by=by, at=at, stall=held.label)


def tell_offer(offer: StallOffer, label: str, *, by: User, at: datetime) -> None:
    """A stall is kept for the vendor for a while."""
    until = offer.until.isoformat()
    tell(offer.application, "stalls.offered", f"offer:{offer.ref}", by=by, at=at, stall=label, until=until)


def tell_passed_on(offer: StallOffer, *, by: User, at: datetime) -> None:
    """Nobody answered in time; who declined knows it, whether here or on the telephone."""
    if offer.answer is OfferAnswer.DECLINED:
        notices.answered(f"offer:{offer.ref}", by=by, at=at)
        return
    tell(
        offer.application, "stalls.offer_over", f"offer-over:{offer.ref}", by=by, at=at,
        stall=offer.stall.label,
    )  # fmt: skip
