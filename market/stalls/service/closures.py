"""Part of a market does not take place: these stalls do not open (water on half of the plaza, a burst pipe).

Kept is only that. Who stands there keeps the stall until somebody gives them another; that it does not open,
the plan, the gate, whoever has to be told, and the public page ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls.models import ShutStall, StallOffer
from market.stalls.rules import OfferAnswer
from market.stalls.service.guards import refuse_persons, refuse_wrong_state


def shut_stalls(day: MarketDay) -> dict[int, ShutStall]:
    """The stalls that do not open on the date and at the place that the market has now, by id."""
    query = sa.select(ShutStall).where(
        ShutStall.day_id == day.id, ShutStall.shut_for == local_date(day), ShutStall.reopened_at.is_(None),
        ShutStall.stall.has(venue_id=day.venue_id),
    )  # fmt: skip
    return {row.stall_id: row for row in db.session.scalars(query.order_by(ShutStall.id))}


def shut(day: MarketDay, stalls: Iterable[Stall], reason: str, *, by: User, at: datetime) -> list[ShutStall]:
    """These stalls do not open; what was offered there is offered no more. Twice is once.

    Refuses `stalls.wrong_state`, `stalls.shut_reason`, `stalls.personal_data` and `stalls.no_stall`.
    """
    lock_row(day)
    refuse_wrong_state(day)
    reason, chosen = reason.strip()[:60], list(stalls)
    if not reason or not chosen:
        raise Refusal("stalls.shut_reason", _("请选摊位，并写一句为什么不开，商户和居民都会看到。"), 422)
    refuse_persons(reason)
    if any(stall.venue_id != day.venue_id for stall in chosen):
        raise NotFound("stalls.no_stall", _("这场集市没有这个摊位。"))
    known, on = shut_stalls(day), local_date(day)
    new = [
        ShutStall(day_id=day.id, stall=stall, shut_for=on, reason=reason, shut_by=by.id, shut_at=at)
        for stall in chosen
        if stall.id not in known
    ]
    db.session.add_all(new)
    _withdraw_offers(day, [row.stall.id for row in new], at)
    for row in new:
        audit.record("stalls.shut", day, by=by, at=at, stall=row.stall.label, reason=reason)
    return new


def _withdraw_offers(day: MarketDay, stalls: list[int], at: datetime) -> None:
    query = sa.select(StallOffer).where(
        StallOffer.day_id == day.id, StallOffer.stall_id.in_(stalls), StallOffer.answer == OfferAnswer.OPEN
    )
    for offer in db.session.scalars(query).all():
        offer.answer, offer.answered_at = OfferAnswer.WITHDRAWN, at
    db.session.flush()


def open_again(day: MarketDay, stall: Stall, *, by: User, at: datetime) -> None:
    """The stall opens after all; whoever stands there is told. Twice is once."""
    lock_row(day)
    row = shut_stalls(day).get(stall.id)
    if row is not None:
        row.reopened_by, row.reopened_at = by.id, at
        db.session.flush()
        audit.record("stalls.open_again", day, by=by, at=at, stall=stall.label)
