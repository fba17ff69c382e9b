"""How long somebody at the gate stays signed in: as long as the market that the session was made for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.db import db
from market.gate.rules import DUTY_AFTER_CLOSING, Duty, duty_of
from market.people.models import Membership, UserSession
from market.people.rules import Role

DUTY_STATES = (*GATE_STATES, DayState.CLOSED, DayState.SETTLING)


def on_duty(session: UserSession, at: datetime) -> bool:
    """Whether the market that a session was made for is not over; other hours of the day count at once."""
    return any(
        duty is not None and duty.holds(at)
        for duty in (duty_of(session.created_at, duties) for duties in _duties(session).values())
    )


def _duties(session: UserSession) -> dict[int, list[Duty]]:
    """The markets of each community whose gate this person minds, from the making of the session on."""
    where = [m.community_id for m in session.user.memberships if _minds_a_gate(m, session.community_id)]
    query = sa.select(MarketDay.community_id, MarketDay.open_at, MarketDay.close_at).where(
        MarketDay.community_id.in_(where),
        MarketDay.state.in_(DUTY_STATES),
        MarketDay.close_at >= session.created_at - DUTY_AFTER_CLOSING,
    )
    found: dict[int, list[Duty]] = {}
    for community_id, open_at, close_at in db.session.execute(query.order_by(MarketDay.open_at)):
        found.setdefault(community_id, []).append(Duty(open_at, close_at))
    return found


def _minds_a_gate(membership: Membership, kept_to: int | None) -> bool:
    return (
        membership.until is None
        and membership.role in (Role.GATE, Role.STAFF)
        and kept_to in (None, membership.community_id)
    )
