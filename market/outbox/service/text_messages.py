"""How many text messages each number got lately: gateways refuse a flood, and bill it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from market.db import db
from market.outbox.models import Outgoing
from market.outbox.rules import SMS_LIMITS, SendState, Way, sms_free_at
from market.vendors.models import Vendor

_NUMBER = sa.case((Outgoing.vendor_id.is_(None), Outgoing.address), else_=Vendor.phone)


class TextMessages:
    """What these numbers got, of any community; and what they are getting now, from other hosts."""

    def __init__(self, numbers: Collection[str], claim: str, at: datetime) -> None:
        self.at = at
        self._sent: dict[str, list[datetime]] = defaultdict(list)
        self._under_way: dict[str, list[int]] = defaultdict(list)
        if numbers:
            self._look(numbers, claim, at)

    def _look(self, numbers: Collection[str], claim: str, at: datetime) -> None:
        lately = sa.and_(Outgoing.state == SendState.SENT, Outgoing.ended_at > at - _longest())
        others = sa.and_(
            Outgoing.state == SendState.SENDING, Outgoing.claimed_until > at, Outgoing.claim != claim
        )
        query = (
            sa.select(Outgoing.id, _NUMBER, Outgoing.state, Outgoing.ended_at)
            .outerjoin(Vendor, Vendor.id == Outgoing.vendor_id)
            .where(Outgoing.way == Way.SMS, sa.or_(lately, others), _NUMBER.in_(set(numbers)))
        )
        for row_id, number, state, ended_at in db.session.execute(query):
            self._add(row_id, number, ended_at if state is SendState.SENT else None)

    def _add(self, row_id: int, number: str, ended_at: datetime | None) -> None:
        if ended_at is None:
            self._under_way[number].append(row_id)
        else:
            self._sent[number].append(ended_at)

    def free_at(self, row: Outgoing, number: str) -> datetime:
        """When this row may go to this number; now: it is on its way from here on.

        Of two that different hosts have in hand the older one goes first, so that not both wait."""
        before = [self.at for other in self._under_way[number] if other < row.id]
        free = sms_free_at([*self._sent[number], *before], self.at)
        if free <= self.at:
            self._sent[number].append(self.at)
        return free


def _longest() -> timedelta:
    return max(span for span, _most in SMS_LIMITS)
