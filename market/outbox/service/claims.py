"""Who brings what: a claim with a lease, so that a host may die at any moment and nothing is lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from market.db import db, guards, new_ref, race_point
from market.outbox.models import Leased, Outgoing, SendRule
from market.outbox.rules import (
    AT_ONCE,
    LEASE,
    PERSONAL,
    ROBOT_PACE,
    SPREAD_S,
    Fault,
    SendState,
    Way,
    next_try,
)


def free(kind: type[Leased], at: datetime) -> sa.ColumnElement[bool]:
    """What anybody may claim: what is due, and what a host began and never ended."""
    due = sa.and_(kind.state == SendState.DUE, kind.not_before <= at)
    left = sa.and_(kind.state == SendState.SENDING, kind.claimed_until <= at)
    return sa.or_(due, left)


def claim_some(at: datetime, without: Collection[Way] = ()) -> tuple[str, list[int]]:
    """Claims some rows to persons for a host: the name of the claim, and which."""
    ways = [way for way in PERSONAL if way not in without]
    ours = sa.and_(Outgoing.way.in_(ways), free(Outgoing, at))
    return claim_rows(Outgoing, ours, at) if ways else ("", [])


def robots_due(at: datetime) -> list[int]:
    """The communities whose robot has something to say."""
    query = sa.select(Outgoing.community_id).where(Outgoing.way == Way.ROBOT, free(Outgoing, at)).distinct()
    return list(db.session.scalars(query))


def claim_for_robot(community_id: int, at: datetime) -> tuple[str, list[int]]:
    """Claims what a robot has to say, if it may speak again: one message in three seconds, of all hosts."""
    rests = sa.or_(SendRule.robot_free_at.is_(None), SendRule.robot_free_at <= at)
    speak = sa.update(SendRule).where(SendRule.community_id == community_id, rests)
    if not _count(speak.values(robot_free_at=at + ROBOT_PACE)):
        return "", []
    ours = sa.and_(Outgoing.way == Way.ROBOT, Outgoing.community_id == community_id, free(Outgoing, at))
    return claim_rows(Outgoing, ours, at)


def claim_rows(kind: type[Leased], which: sa.ColumnElement[bool], at: datetime) -> tuple[str, list[int]]:
    """Claims some of these rows for a host. Of two hosts that looked at once, the second finds the condition
    untrue when it writes."""
    look = sa.select(kind.id).where(which).order_by(kind.not_before, kind.id).limit(AT_ONCE)
    seen = list(db.session.scalars(look.with_for_update(skip_locked=True) if guards.on else look))
    race_point("outbox.claim")
    if not seen:
        return "", []
    claim = new_ref()
    still = which if guards.on else sa.true()
    again = sa.case((kind.state == SendState.SENDING, 1), else_=0)
    db.session.execute(
        sa.update(kind)
        .where(kind.id.in_(seen), still)
        .values(
            state=SendState.SENDING,
            claim=claim,
            claimed_until=at + LEASE,
            attempts=kind.attempts + 1,
            unsure=kind.unsure + again,
        )
        .execution_options(synchronize_session=False)
    )
    mine = sa.select(kind.id).where(kind.claim == claim).order_by(kind.id)
    return claim, list(db.session.scalars(mine))


def release(
    ids: Sequence[int],
    claim: str,
    until: datetime,
    *,
    fault: Fault | None = None,
    kind: type[Leased] = Outgoing,
) -> None:
    """Gives back what was not tried: somebody else, or later; it counts as no attempt."""
    if not ids:
        return
    values: dict[str, Any] = {"state": SendState.DUE, "claim": "", "claimed_until": None, "not_before": until}
    values["attempts"] = kind.attempts - 1
    if fault is not None:
        values |= {"fault": fault, "detail": ""}
    _count(sa.update(kind).where(kind.id.in_(ids), kind.claim == claim).values(**values))


def end(row_id: int, state: SendState, at: datetime, *, kind: type[Leased] = Outgoing, **values: Any) -> None:
    """What became of a row, whoever had it last: what was delivered was delivered."""
    ended = {"state": state, "claim": "", "claimed_until": None, "ended_at": at, **values}
    _count(sa.update(kind).where(kind.id == row_id).values(**ended))


def fail(row: Leased, claim: str, fault: Fault, detail: str, *, for_good: bool, at: datetime) -> bool:
    """It was not delivered: later again, or a person must look. Nothing where another host has it by now;
    whether it was this one's still."""
    again, kind = None if for_good else next_try(row.attempts, at), type(row)
    values: dict[str, Any] = {"fault": fault, "detail": detail, "claim": "", "claimed_until": None}
    if again is None:
        values |= {"state": SendState.FAILED, "ended_at": at}
    else:
        spread = timedelta(seconds=row.id % SPREAD_S)
        values |= {"state": SendState.DUE, "not_before": again + spread}
    return _count(sa.update(kind).where(kind.id == row.id, kind.claim == claim).values(**values)) > 0


def _count(statement: sa.Update) -> int:
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
