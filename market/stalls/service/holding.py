"""Which stalls are held now, as the database guards them."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from market.db import db
from market.stalls.models import Assignment, StallHold


def hold(assignments: Iterable[Assignment]) -> None:
    """Adds new assignments; their stalls are taken, and whoever comes second fails on the unique key."""
    added = list(assignments)
    db.session.add_all(added)
    db.session.flush()
    db.session.add_all(
        StallHold(day_id=one.day_id, stall_id=stall_id, assignment_id=one.id)
        for one in added
        for stall_id in (one.stall_id, one.second_stall_id)
        if stall_id is not None
    )
    db.session.flush()


def let_go(assignments: Iterable[Assignment]) -> None:
    """The stalls of released assignments are free again."""
    released = [one.id for one in assignments]
    db.session.execute(sa.delete(StallHold).where(StallHold.assignment_id.in_(released)))
