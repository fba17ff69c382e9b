"""Versions: whoever is given another stall once passes could be printed has an old pass in hand.

A version gets its short code when a pass can show it: when the day is published, and at once from then on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.db import db, race_point
from market.stalls.models import Assignment, PassVersion
from market.stalls.short_code import CODES, code_of


def number(new: Sequence[Assignment]) -> None:
    """Each new assignment has the version after the last that its vendor could show on that day."""
    shown = _shown(new[0].day, new) if new else {}
    for one in new:
        one.version = shown.get(one.vendor.id, 0) + 1


def raise_version(assignment: Assignment, *, at: datetime) -> None:
    """The vendor keeps the stall, but no pass printed before counts any more."""
    number([assignment])
    race_point("stalls.raise_version")
    db.session.flush()
    give_codes([assignment], at=at)


def give_codes(assignments: Sequence[Assignment], *, at: datetime) -> None:
    """From now on a pass can show these versions, if the day is published; what has a code keeps it."""
    if not assignments or assignments[0].day.state not in GATE_STATES:
        return
    day = assignments[0].day
    given = _given(day)
    new = [one for one in assignments if (one.id, one.version) not in given]
    facts = {"day_id": day.id, "open_at": day.open_at, "close_at": day.close_at, "given_at": at}
    rows = [
        {**facts, "assignment_id": one.id, "version": one.version, "short_code": code}
        for one, code in zip(new, _free_codes(len(new), set(given.values())), strict=True)
    ]
    if rows:
        db.session.execute(sa.insert(PassVersion), rows)


def _given(day: MarketDay) -> dict[tuple[int, int], str]:
    """The codes of a day, by assignment and version."""
    query = sa.select(PassVersion.assignment_id, PassVersion.version, PassVersion.short_code)
    rows = db.session.execute(query.where(PassVersion.day_id == day.id))
    return {(assignment_id, version): code for assignment_id, version, code in rows}


def _shown(day: MarketDay, of: Sequence[Assignment]) -> dict[int, int]:
    """The last version that each vendor could show on a day."""
    query = sa.select(Assignment.vendor_id, sa.func.max(PassVersion.version)).join(PassVersion.assignment)
    query = query.where(PassVersion.day_id == day.id, Assignment.vendor_id.in_([one.vendor.id for one in of]))
    return dict(db.session.execute(query.group_by(Assignment.vendor_id)).all())


def _free_codes(count: int, taken: set[str]) -> list[str]:
    """Codes that no pass of the day has had; random, so that who hears one cannot guess another."""
    free: set[str] = set()
    while len(free) < count:
        free |= {code_of(secrets.randbelow(CODES))} - taken
    return list(free)
